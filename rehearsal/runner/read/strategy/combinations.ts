import type { PlainMap, PlainValue } from '../expression/expression-data.js';
import { looselyEqual } from '../expression/expressions.js';

/** What GitHub refuses in a matrix, in its words. */
export class MatrixProblem extends Error {}

/** One combination: `own` are its values of the vectors, `extra` what includes add. */
export interface Combination {
  own: PlainMap;
  extra: PlainMap;
}

/** Of this runner alone: what exclude could still bring down to something sensible. */
const mostBeforeExclude = 100_000;

const isMap = (value: PlainValue | undefined): value is PlainMap =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const shown = (value: PlainValue) => (value === null ? '' : String(value));

function mapOf(value: PlainValue): PlainMap {
  if (Array.isArray(value)) throw new MatrixProblem('A sequence was not expected');
  if (!isMap(value)) throw new MatrixProblem(`Unexpected value '${shown(value)}'`);
  return value;
}

function listOf(value: PlainValue): readonly PlainValue[] {
  if (isMap(value)) throw new MatrixProblem('A mapping was not expected');
  if (!Array.isArray(value)) throw new MatrixProblem(`Unexpected value '${shown(value)}'`);
  return value as readonly PlainValue[];
}

/** Keys are compared without case, as everywhere in expressions. */
const find = (map: PlainMap, key: string): PlainValue | undefined =>
  Object.entries(map).find(([name]) => name.toLowerCase() === key.toLowerCase())?.[1];

/** Whether each leaf of a filter equals the value in the same place, as `==` of an expression compares them. */
function matches(filter: PlainValue, value: PlainValue | undefined): boolean {
  if (Array.isArray(filter)) {
    const items: readonly PlainValue[] = filter;
    return items.every((item, index) =>
      matches(item, Array.isArray(value) ? (value as readonly PlainValue[])[index] : undefined),
    );
  }
  if (isMap(filter)) {
    return Object.entries(filter).every(([key, item]) =>
      matches(item, isMap(value) ? find(value, key) : undefined),
    );
  }
  return looselyEqual(filter, value ?? null);
}

function product(vectors: readonly [name: string, values: readonly PlainValue[]][]): PlainMap[] {
  if (vectors.length === 0) return [];
  const size = vectors.reduce((all, [, values]) => all * values.length, 1);
  if (size > mostBeforeExclude)
    throw new MatrixProblem(`The vectors of the matrix make ${size} combinations before exclude`);
  return vectors.reduce<PlainMap[]>(
    (combinations, [name, values]) =>
      combinations.flatMap((each) => values.map((value) => ({ ...each, [name]: value }))),
    [{}],
  );
}

/**
 * The combinations of a matrix in GitHub's order, as `MatrixBuilder.cs` of actions/runner makes them: the first vector
 * changes slowest; what an `exclude` matches is left out; an `include` adds its other keys to all that its own keys
 * match, a later one winning, and stands by itself at the end when it matches none.
 */
export function combinationsOf(matrix: PlainValue): Combination[] {
  const { include = [], exclude = [], ...rest } = mapOf(matrix);
  const includes = listOf(include).map(mapOf);
  const excludes = listOf(exclude).map(mapOf);
  const vectors = Object.entries(rest).map(([name, values]): [string, readonly PlainValue[]] => {
    const list = listOf(values);
    if (list.length === 0) throw new MatrixProblem(`Matrix vector '${name}' does not contain any values`);
    return [name, list];
  });
  if (vectors.length === 0 && includes.length === 0)
    throw new MatrixProblem('Matrix must define at least one vector');
  const isVector = (key: string) => find(rest, key) !== undefined;
  for (const filter of excludes) {
    if (Object.keys(filter).length === 0) throw new MatrixProblem('Matrix exclude filter must not be empty');
    const unknown = Object.keys(filter).find((key) => !isVector(key));
    if (unknown !== undefined)
      throw new MatrixProblem(`Matrix exclude key '${unknown}' does not match any key within the matrix`);
  }
  const additions = includes.map((item) => {
    const entries = Object.entries(item);
    if (entries.length === 0) throw new MatrixProblem('Matrix include mapping does not contain any values');
    return {
      filter: Object.fromEntries(entries.filter(([key]) => isVector(key))),
      extra: Object.fromEntries(entries.filter(([key]) => !isVector(key))),
      used: false,
    };
  });
  const crossed = product(vectors)
    .filter((own) => !excludes.some((filter) => matches(filter, own)))
    .map((own) => {
      const fitting = additions.filter(({ filter }) => matches(filter, own));
      for (const addition of fitting) addition.used = true;
      return { own, extra: Object.assign({}, ...fitting.map(({ extra }) => extra)) as PlainMap };
    });
  const alone = additions
    .filter(({ used }) => !used)
    .map(({ filter, extra }) => ({ own: { ...filter, ...extra }, extra: {} }));
  return [...crossed, ...alone];
}
