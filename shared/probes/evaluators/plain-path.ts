import type { JsonPath } from './json-path.js';

const segment = /\.([A-Za-z_][A-Za-z0-9_]*)|\[(0|[1-9]\d{0,8})\]/y;

/**
 * The JSONPaths that nearly all are: `$` and then names and indexes (`$.items[0].name`), which lead to one node or none. Undefined for every other text,
 * valid or not: those are for the engine, which costs milliseconds to load.
 */
export function plainPath(source: string): JsonPath | undefined {
  if (!source.startsWith('$')) return undefined;
  const steps: (string | number)[] = [];
  for (segment.lastIndex = 1; segment.lastIndex < source.length;) {
    const found = segment.exec(source);
    if (!found) return undefined;
    steps.push(found[1] ?? Number(found[2]));
  }
  return { values: (document) => ({ ok: true, value: follow(document, steps) }) };
}

function follow(document: unknown, steps: readonly (string | number)[]): unknown[] {
  let node = document;
  for (const step of steps) {
    if (typeof node !== 'object' || node === null) return [];
    if (Array.isArray(node) !== (typeof step === 'number') || !Object.hasOwn(node, step)) return [];
    node = (node as Record<string | number, unknown>)[step];
  }
  return [node];
}
