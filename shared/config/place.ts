import { isAlias, isMap, isScalar, isSeq, type Document, type Node } from 'yaml';

/**
 * The offset of the value at a path, or of the nearest parent that exists: a missing key is reported at the key of its
 * mapping. With `atKey` it is the offset of the last key itself. An alias leads to what it stands for, since that is
 * the text to change.
 */
export function offsetAt(document: Document, path: readonly PropertyKey[], atKey: boolean): number {
  let node: unknown = document.contents;
  let offset = rangeOf(node) ?? 0;
  for (const [index, key] of path.entries()) {
    const entry = entryOf(isAlias(node) ? node.resolve(document) : node, String(key));
    if (!entry) return offset;
    node = isAlias(entry.value) ? entry.value.resolve(document) : entry.value;
    const value = rangeOf(node);
    const mapping = isMap(node) && !node.flow;
    const useKey = mapping || value === undefined || (atKey && index === path.length - 1);
    offset = (useKey ? entry.key : value) ?? value ?? offset;
  }
  return offset;
}

function entryOf(node: unknown, key: string): { key: number | undefined; value: unknown } | undefined {
  if (isSeq(node)) return key in node.items ? { key: undefined, value: node.items[Number(key)] } : undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === key);
  return pair && { key: rangeOf(pair.key), value: pair.value };
}

function rangeOf(node: unknown): number | undefined {
  return (node as Node | null | undefined)?.range?.[0] ?? undefined;
}
