import { SaxesParser } from 'saxes';

/** An element of an XML document. Attributes (namespaces only, in what is read here) are not kept. */
export interface XmlElement {
  name: string;
  children: readonly XmlElement[];
  /** Its own character data, without that of its children. */
  text: string;
}

/** Deeper than any answer of a service. */
const maxDepth = 64;

/**
 * Reads an XML document strictly: elements, text, comments and the references that XML itself defines; anything else
 * (DOCTYPE, CDATA, other instructions) makes it undefined.
 */
export function parseXml(text: string): XmlElement | undefined {
  const top: XmlElement & { children: XmlElement[] } = { name: '', children: [], text: '' };
  const stack = [top];
  const parser = new SaxesParser();
  parser.on('error', refuse);
  for (const event of ['doctype', 'cdata', 'processinginstruction'] as const) parser.on(event, refuse);
  parser.on('opentag', ({ name }) => {
    const element = { name, children: [], text: '' };
    stack.at(-1)!.children.push(element);
    if (stack.push(element) > maxDepth) refuse();
  });
  parser.on('closetag', () => void stack.pop());
  parser.on('text', (data) => void (stack.at(-1)!.text += data));
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof NotRead) return undefined;
    throw error;
  }
  return top.children[0];
}

class NotRead extends Error {}

function refuse(): never {
  throw new NotRead();
}

/** The element that a path of names leads to, taking the first of each. */
export function find(element: XmlElement | undefined, ...path: readonly string[]): XmlElement | undefined {
  return path.reduce<XmlElement | undefined>(
    (at, name) => at?.children.find((child) => child.name === name),
    element,
  );
}

/** The trimmed text at a path; undefined when there is no such element or it is empty. */
export function textAt(element: XmlElement | undefined, ...path: readonly string[]): string | undefined {
  return find(element, ...path)?.text.trim() || undefined;
}

/** The `member` elements of a list, as the AWS query protocol writes it. */
export function members(element: XmlElement | undefined, ...path: readonly string[]): XmlElement[] {
  return (find(element, ...path)?.children ?? []).filter(({ name }) => name === 'member');
}
