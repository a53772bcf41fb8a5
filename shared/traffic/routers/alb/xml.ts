/** An element of an XML document. Attributes (namespaces only, in what is read here) are not kept. */
export interface XmlElement {
  name: string;
  children: readonly XmlElement[];
  /** Its own character data, without that of its children. */
  text: string;
}

/** Deeper than any answer of a service. */
const maxDepth = 64;

const token =
  /<!--[\s\S]*?-->|<\?xml\s[^?]*\?>|<(\/?)([A-Za-z_][\w.:-]*)((?:\s+[A-Za-z_][\w.:-]*\s*=\s*(?:"[^"<]*"|'[^'<]*'))*)\s*(\/?)>|[^<]+/y;

const entities: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

/** Reads an XML document strictly: elements, text, comments and the five entities; anything else (DOCTYPE, entity definitions, CDATA, other instructions) makes it undefined. */
export function parseXml(text: string): XmlElement | undefined {
  interface Open {
    name: string;
    children: XmlElement[];
    text: string;
  }
  const top: Open = { name: '', children: [], text: '' };
  const stack: Open[] = [top];
  const source = text.replace(/^\uFEFF/, '');
  token.lastIndex = 0;
  while (token.lastIndex < source.length) {
    const at = token.lastIndex;
    const match = token.exec(source);
    if (!match) return undefined;
    const [whole, closing, name, , empty] = match;
    const parent = stack.at(-1)!;
    if (name === undefined) {
      if (whole.startsWith('<?xml') && at !== 0) return undefined;
      if (whole.startsWith('<')) continue;
      const data = characters(whole);
      if (data === undefined || (parent === top && data.trim() !== '')) return undefined;
      parent.text += data;
    } else if (closing) {
      if (stack.length === 1 || parent.name !== name || empty) return undefined;
      stack.pop();
    } else {
      const element: Open = { name, children: [], text: '' };
      parent.children.push(element);
      if (!empty) stack.push(element);
      if (stack.length > maxDepth) return undefined;
    }
  }
  return stack.length === 1 && top.children.length === 1 ? top.children[0] : undefined;
}

/** Text with its references resolved; undefined when one is not among those that XML itself defines. */
function characters(raw: string): string | undefined {
  let known = true;
  const text = raw.replace(/&([^;&\s]{0,10});?/g, (whole, name: string) => {
    const [, hex, decimal] = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(name) ?? [];
    const code = hex ? parseInt(hex, 16) : decimal ? Number(decimal) : undefined;
    const meant =
      code === undefined
        ? entities[name]
        : code > 0 && code <= 0x10ffff
          ? String.fromCodePoint(code)
          : undefined;
    if (meant === undefined || !whole.endsWith(';')) known = false;
    return meant ?? '';
  });
  return known ? text : undefined;
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
