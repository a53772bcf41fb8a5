/** What a workflow file is made of, as YAML nodes that keep their comments. */
import {
  isScalar,
  isSeq,
  parseDocument,
  visit,
  type Document,
  type Pair,
  type Scalar,
  type YAMLMap,
} from 'yaml';

export interface Job {
  key: string;
  node: YAMLMap;
}

/** Reads a workflow file; anchors are written out. */
export const read = (text: string): Document => {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw document.errors[0]!;
  // Anchors are not known to every Server, and a part that is rewritten must be nobody else's.
  visit(document, {
    Alias: (_, alias) => {
      const target = alias.resolve(document)!.clone() as YAMLMap;
      delete target.anchor;
      return target;
    },
  });
  visit(document, { Node: (_, node) => void ('anchor' in node && delete node.anchor) });
  return document;
};

/** The jobs of a workflow in their order. */
export function jobsOf(document: Document): Job[] {
  const jobs = document.get('jobs') as YAMLMap;
  return jobs.items.map((pair) => ({ key: keyOf(pair), node: pair.value as YAMLMap }));
}

export const keyOf = ({ key }: Pair): string => String(isScalar(key) ? key.value : key);
export const isText = (node: unknown): node is Scalar<string> =>
  isScalar(node) && typeof node.value === 'string';

export function textAt(node: YAMLMap, key: string): string | undefined {
  const value = node.get(key);
  return value === undefined ? undefined : String(value);
}

export function listAt(node: YAMLMap, key: string): string[] {
  const value = node.get(key);
  return isSeq(value) ? (value.toJSON() as string[]) : value === undefined ? [] : [String(value)];
}

export const flow = (items: readonly string[]) => parseDocument(`[${items.join(', ')}]`).contents!;

/** A job of the caller itself: it waits for every job of what it waited for, and may look at all of them at once. */
export function waitFor(key: string, node: YAMLMap, madeOf: ReadonlyMap<string, string[]>): YAMLMap {
  const single = [...madeOf.keys()].find((call) => JSON.stringify(node).includes(`needs.${call}.`));
  if (single !== undefined)
    throw new Error(
      `the job ${key} of the caller looks at needs.${single}: write toJSON(needs), which has an equal`,
    );
  const needs = listAt(node, 'needs').flatMap((need) => madeOf.get(need) ?? [need]);
  if (needs.length > 0) node.set('needs', flow(needs));
  return node;
}
