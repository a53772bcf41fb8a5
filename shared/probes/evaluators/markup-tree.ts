/** Kinds of nodes, numbered as in the DOM. */
export const kind = { element: 1, attribute: 2, text: 3, comment: 8, document: 9 } as const;

/** Limits of a document: what is beyond them is refused, not cut. */
export const treeLimits = { nodes: 200_000, depth: 500 };

/** A node of an HTML or XML document, with the few properties of the DOM that queries look at. */
export class MarkupNode {
  parentNode: MarkupNode | null = null;
  nextSibling: MarkupNode | null = null;
  previousSibling: MarkupNode | null = null;
  childNodes: MarkupNode[] = [];
  attributes: AttributeList = new AttributeList();
  ownerElement: MarkupNode | null = null;
  namespaceURI: string | null = null;
  prefix: string | null = null;
  /** Position in the document. */
  order = 0;

  constructor(
    readonly nodeType: number,
    readonly nodeName: string,
    readonly localName: string,
    public nodeValue: string | null,
    readonly ownerDocument: MarkupNode | null,
  ) {}

  get firstChild(): MarkupNode | null {
    return this.childNodes[0] ?? null;
  }

  get name(): string {
    return this.nodeName;
  }

  get value(): string {
    return this.nodeValue ?? '';
  }

  get data(): string {
    return this.nodeValue ?? '';
  }

  get documentElement(): MarkupNode | null {
    return this.childNodes.find(({ nodeType }) => nodeType === kind.element) ?? null;
  }

  /** All text inside, in document order. */
  get textContent(): string {
    if (this.nodeValue !== null) return this.nodeValue;
    const parts: string[] = [];
    const waiting: MarkupNode[] = [this];
    for (let node = waiting.pop(); node; node = waiting.pop()) {
      if (node.nodeType === kind.text) parts.push(node.nodeValue ?? '');
      for (let i = node.childNodes.length - 1; i >= 0; i--) waiting.push(node.childNodes[i]!);
    }
    return parts.join('');
  }

  getAttribute(name: string): string | undefined {
    return this.attributes.list.find(({ nodeName }) => nodeName === name)?.value;
  }

  /** As in the DOM, for nodes of one document: 2 when the other comes before, 4 when it comes after. */
  compareDocumentPosition(other: MarkupNode): number {
    return other.order < this.order ? 2 : other.order > this.order ? 4 : 0;
  }
}

/** Attributes of an element, in the order in which they are written. */
export class AttributeList {
  readonly list: MarkupNode[] = [];

  get length(): number {
    return this.list.length;
  }

  item(index: number): MarkupNode | null {
    return this.list[index] ?? null;
  }
}

/** An attribute as a parser gives it. */
export interface ReadAttribute {
  name: string;
  value: string;
  prefix?: string;
  local?: string;
  uri?: string;
}

/** Builds a document from the events of a parser; throws when it grows beyond the limits. */
export class TreeBuilder {
  readonly document = new MarkupNode(kind.document, '#document', '#document', null, null);
  #at = this.document;
  #depth = 0;
  #nodes = 0;

  open(name: string, attributes: readonly ReadAttribute[], local = name, uri = '', prefix = ''): void {
    if (++this.#depth > treeLimits.depth)
      throw new Error(`it is nested deeper than ${treeLimits.depth} elements`);
    const element = this.#add(new MarkupNode(kind.element, name, local, null, this.document));
    element.namespaceURI = uri || null;
    element.prefix = prefix || null;
    for (const read of attributes) {
      const attribute = new MarkupNode(
        kind.attribute,
        read.name,
        read.local ?? read.name,
        read.value,
        this.document,
      );
      attribute.namespaceURI = read.uri || null;
      attribute.prefix = read.prefix || null;
      attribute.ownerElement = element;
      attribute.order = this.#count();
      element.attributes.list.push(attribute);
    }
    this.#at = element;
  }

  close(): void {
    this.#depth--;
    this.#at = this.#at.parentNode ?? this.document;
  }

  text(value: string): void {
    const last = this.#at.childNodes.at(-1);
    if (last?.nodeType === kind.text) last.nodeValue += value;
    else if (this.#at !== this.document)
      this.#add(new MarkupNode(kind.text, '#text', '#text', value, this.document));
  }

  comment(value: string): void {
    this.#add(new MarkupNode(kind.comment, '#comment', '#comment', value, this.document));
  }

  #add(node: MarkupNode): MarkupNode {
    const last = this.#at.childNodes.at(-1) ?? null;
    node.order = this.#count();
    node.parentNode = this.#at;
    node.previousSibling = last;
    if (last) last.nextSibling = node;
    this.#at.childNodes.push(node);
    return node;
  }

  #count(): number {
    if (++this.#nodes > treeLimits.nodes) throw new Error(`it has more than ${treeLimits.nodes} nodes`);
    return this.#nodes;
  }
}
