import { bounded, type Bounded } from './bounded.js';
import { namesOf } from './names-of.js';
import { kind, MarkupNode, TreeBuilder } from './markup-tree.js';
import { parseXPath, type XPathLibrary } from './xpath.js';

/** How long reading a document, and one query, may take, in milliseconds, and how many nodes a query may find. */
const parseMs = 1_000;
const queryMs = 250;
const maxNodes = 10_000;

/** A document that queries can be made of. */
export interface MarkupDocument {
  root: MarkupNode;
  isXml: boolean;
}

/**
 * What a query found: the texts of a list of nodes, or one value that is no list. White space is collapsed, as people
 * see it.
 */
export interface Found {
  texts: string[];
  isList: boolean;
}

export interface MarkupQuery {
  /** `ok: false` when a limit was hit or the query has no answer. */
  find(document: MarkupDocument): Bounded<Found>;
}

export type CompiledQuery = { ok: true; query: MarkupQuery } | { ok: false; reason: string };

export interface MarkupEngine {
  /** Reads HTML or XML, told apart by content type and first characters. XML must be well-formed and have no DTD. */
  parse(
    text: string,
    contentType?: string,
  ): { ok: true; document: MarkupDocument } | { ok: false; reason: string };
  xpath(source: string, namespaces?: Readonly<Record<string, string>>): CompiledQuery;
  css(source: string, attribute?: string): CompiledQuery;
}

/** Loads the parsers and query engines; a suite that looks into no HTML or XML does not pay for them. */
export async function loadMarkup(): Promise<MarkupEngine> {
  const [{ Parser }, saxes, selecting, xpathModule] = await Promise.all([
    import('htmlparser2'),
    import('saxes'),
    import('css-select'),
    import('xpath'),
  ]);
  const { SaxesParser } = namesOf(saxes, 'SaxesParser');
  const xpath = namesOf(xpathModule, 'parse' as never) as unknown as XPathLibrary;

  const readHtml = (text: string): MarkupNode => {
    const tree = new TreeBuilder();
    const parser = new Parser({
      onopentag: (name, attributes) =>
        tree.open(
          name,
          Object.entries(attributes).map(([key, value]) => ({ name: key, value })),
        ),
      onclosetag: () => tree.close(),
      ontext: (value) => tree.text(value),
      oncomment: (value) => tree.comment(value),
    });
    parser.end(text);
    return tree.document;
  };

  const readXml = (text: string): MarkupNode => {
    const tree = new TreeBuilder();
    const parser = new SaxesParser({ xmlns: true });
    parser.on('error', (error) => {
      throw error;
    });
    parser.on('doctype', () => {
      throw new Error('it has a DTD, which is refused');
    });
    parser.on('opentag', ({ name, local, uri, prefix, attributes }) =>
      tree.open(name, Object.values(attributes), local, uri, prefix),
    );
    parser.on('closetag', () => tree.close());
    parser.on('text', (value) => tree.text(value));
    parser.on('cdata', (value) => tree.text(value));
    parser.on('comment', (value) => tree.comment(value));
    parser.write(text).close();
    return tree.document;
  };

  const selectAll = (compiled: ReturnType<typeof compileSelector>, { root, isXml }: MarkupDocument) =>
    selecting.selectAll<MarkupNode, MarkupNode>(compiled, root, { adapter, xmlMode: isXml });
  const compileSelector = (source: string, isXml: boolean) => {
    if (source.trim() === '') throw new Error('it is empty');
    const options = { adapter, xmlMode: isXml, relativeSelector: false };
    return selecting.compile<MarkupNode, MarkupNode>(source, options);
  };

  return {
    parse(text, contentType = '') {
      const isXml = /[/+]xml\b/i.test(contentType) || (contentType === '' && /^\s*<\?xml/.test(text));
      if (!isXml && !/^\s*(\uFEFF)?</.test(text))
        return { ok: false, reason: 'a body that is no HTML or XML' };
      const read = bounded(parseMs, () => (isXml ? readXml(text) : readHtml(text)));
      if (!read.ok)
        return {
          ok: false,
          reason: `a body that cannot be read as ${isXml ? 'XML' : 'HTML'} (${read.reason})`,
        };
      if (!read.value.documentElement) return { ok: false, reason: 'a body without any element' };
      return { ok: true, document: { root: read.value, isXml } };
    },
    xpath(source, namespaces = {}) {
      try {
        const expression = parseXPath(xpath, source);
        const evaluate = ({ root, isXml }: MarkupDocument) => {
          const result = expression.evaluate({ node: root, namespaces, isHtml: !isXml });
          const isList = typeof result.toArray === 'function';
          return isList
            ? { texts: textsOf(result.toArray!()), isList }
            : { texts: [result.stringValue()], isList };
        };
        // Unknown functions and prefixes come to light only when something is evaluated.
        evaluate({ root: readXml('<x/>'), isXml: true });
        return { ok: true, query: { find: (document) => bounded(queryMs, () => evaluate(document)) } };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
    css(source, attribute) {
      try {
        const html = compileSelector(source, false);
        const xml = compileSelector(source, true);
        const find = (document: MarkupDocument): Found => {
          const elements = selectAll(document.isXml ? xml : html, document);
          const name = document.isXml ? attribute : attribute?.toLowerCase();
          const nodes =
            name === undefined
              ? elements
              : elements.flatMap(({ attributes }) =>
                  attributes.list.filter(({ nodeName }) => nodeName === name),
                );
          return { texts: textsOf(nodes), isList: true };
        };
        return { ok: true, query: { find: (document) => bounded(queryMs, () => find(document)) } };
      } catch (error) {
        return { ok: false, reason: (error as Error).message };
      }
    },
  };
}

function textsOf(nodes: readonly MarkupNode[]): string[] {
  if (nodes.length > maxNodes) throw new Error(`it finds more than ${maxNodes} nodes`);
  return nodes.map(({ textContent }) => textContent.replace(/\s+/g, ' ').trim());
}

/** How the CSS engine walks our tree. */
const adapter = {
  isTag: (node: MarkupNode): node is MarkupNode => node.nodeType === kind.element,
  getAttributeValue: (element: MarkupNode, name: string) => element.getAttribute(name),
  getChildren: (node: MarkupNode) => node.childNodes,
  getName: (element: MarkupNode) => element.nodeName,
  getParent: (node: MarkupNode) => node.parentNode,
  getSiblings: (node: MarkupNode) => node.parentNode?.childNodes ?? [node],
  prevElementSibling(node: MarkupNode): MarkupNode | null {
    let before = node.previousSibling;
    while (before && before.nodeType !== kind.element) before = before.previousSibling;
    return before;
  },
  getText: (node: MarkupNode) => node.textContent,
  hasAttrib: (element: MarkupNode, name: string) => element.getAttribute(name) !== undefined,
  removeSubsets: (nodes: MarkupNode[]) =>
    nodes.filter((node, index) => {
      if (nodes.indexOf(node) !== index) return false;
      for (let parent = node.parentNode; parent; parent = parent.parentNode)
        if (nodes.includes(parent)) return false;
      return true;
    }),
};
