import type { Job } from './workflow.js';

/** The values of one job of a matrix, by axis. */
export type Combination = Readonly<Record<string, unknown>>;

/** The jobs a matrix makes; `dynamic` if an expression decides, undefined without a matrix. */
export function combinationsOf(job: Job): readonly Combination[] | 'dynamic' | undefined {
  const matrix = job.node.get('strategy')?.get('matrix');
  if (matrix === undefined) return undefined;
  if (!matrix.isMap) return 'dynamic';
  const parts = matrix.pairs.map(({ key, value }) => [key, value.plain] as const);
  if (parts.some(([, value]) => hasExpression(value))) return 'dynamic';
  const axes = parts.filter(([key]) => key !== 'include' && key !== 'exclude');
  const listOf = (name: string) => (parts.find(([key]) => key === name)?.[1] ?? []) as Combination[];
  const product = axes.reduce<Combination[]>(
    (made, [key, values]) =>
      made.flatMap((combination) => asList(values).map((value) => ({ ...combination, [key]: value }))),
    axes.length > 0 ? [{}] : [],
  );
  const kept = product.filter((combination) => !listOf('exclude').some((out) => agrees(combination, out)));
  return include(
    kept,
    listOf('include'),
    axes.map(([key]) => key),
  );
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

function hasExpression(value: unknown): boolean {
  if (typeof value === 'string') return value.includes('${{');
  return typeof value === 'object' && value !== null && Object.values(value).some(hasExpression);
}

const isSame = (a: unknown, b: unknown) => JSON.stringify(a) === JSON.stringify(b);

const agrees = (combination: Combination, part: Combination) =>
  Object.entries(part).every(([key, value]) => isSame(combination[key], value));

/** GitHub's rule: an entry extends every combination whose own axes it leaves alone, else it is one of its own. */
function include(kept: readonly Combination[], entries: readonly Combination[], axes: readonly string[]) {
  const extended = kept.map((combination) => ({ original: combination, now: combination }));
  const added: Combination[] = [];
  for (const entry of entries) {
    const own = Object.fromEntries(Object.entries(entry).filter(([key]) => axes.includes(key)));
    const fitting = extended.filter(({ original }) => agrees(original, own));
    for (const combination of fitting) combination.now = { ...combination.now, ...entry };
    if (fitting.length === 0) added.push(entry);
  }
  return [...extended.map(({ now }) => now), ...added];
}
