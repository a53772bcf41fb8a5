import { isAlias, isMap, isScalar, isSeq, type Document, type LineCounter, type Node } from 'yaml';
import type { Place } from '../finding.js';

export type ScalarValue = string | number | boolean | null;

export interface Pair {
  readonly key: string;
  readonly keyPlace: Place;
  readonly value: YamlNode;
}

/** A node of a YAML file with its place. Aliases are followed; what is absent or of another kind reads as empty. */
export class YamlNode {
  private readonly node: Node | null;

  constructor(
    private readonly document: Document,
    private readonly lines: LineCounter,
    node: unknown,
    private readonly fallback: Place = { line: 1, column: 1 },
  ) {
    const resolved = isAlias(node) ? node.resolve(document) : node;
    this.node = (resolved ?? null) as Node | null;
  }

  get place(): Place {
    const start = this.node?.range?.[0];
    return start === undefined ? this.fallback : this.placeAt(start);
  }

  /** Offsets of the text of this node in the file. */
  get range(): readonly [start: number, end: number] | undefined {
    const range = this.node?.range;
    return range ? [range[0], range[1]] : undefined;
  }

  get scalar(): ScalarValue | undefined {
    if (this.node === null) return null;
    return isScalar(this.node) ? (this.node.value as ScalarValue) : undefined;
  }

  /** The value as GitHub's templates read a text; undefined for lists, maps and nothing. */
  get text(): string | undefined {
    const value = this.scalar;
    return value === undefined || value === null ? undefined : String(value);
  }

  get pairs(): readonly Pair[] {
    if (!isMap(this.node)) return [];
    return this.node.items.map(({ key, value }) => {
      const name = this.child(key, this.place);
      return { key: name.text ?? '', keyPlace: name.place, value: this.child(value, name.place) };
    });
  }

  get items(): readonly YamlNode[] {
    return isSeq(this.node) ? this.node.items.map((item) => this.child(item, this.place)) : [];
  }

  get isList(): boolean {
    return isSeq(this.node);
  }

  get isMap(): boolean {
    return isMap(this.node);
  }

  /** The value as plain data. */
  get plain(): unknown {
    return this.node?.toJS(this.document);
  }

  get(key: string): YamlNode | undefined {
    return this.pairs.find((pair) => pair.key === key)?.value;
  }

  private child(node: unknown, fallback: Place): YamlNode {
    return new YamlNode(this.document, this.lines, node, fallback);
  }

  private placeAt(offset: number): Place {
    const { line, col } = this.lines.linePos(offset);
    return { line, column: col };
  }
}
