import { STATUS_CODES } from 'node:http';
import type { Refuse } from '../draft.js';
import { is2xx, type Expected, type Shape } from '../expected.js';
import { pathText, type Segments } from '../json-condition.js';
import type { Value } from './value.js';

const statusWords: Readonly<Record<string, (status: number) => boolean>> = {
  ok: (status) => status === 200,
  info: (status) => status < 200,
  success: is2xx,
  redirection: (status) => status >= 300 && status < 400,
  clientError: (status) => status >= 400 && status < 500,
  serverError: (status) => status >= 500,
  error: (status) => status >= 400,
  accepted: (status) => status === 202,
  badRequest: (status) => status === 400,
  unauthorized: (status) => status === 401,
  unauthorised: (status) => status === 401,
  forbidden: (status) => status === 403,
  notFound: (status) => status === 404,
  rateLimited: (status) => status === 429,
};

/** What the suite expects instead of `pm.response.to…`; refuses what would change its meaning. */
export function expectResponse(
  words: readonly string[],
  operands: readonly (Value | undefined)[],
  expected: Expected,
  refuse: Refuse,
): void {
  const [word = '', ...more] = words;
  const values = operands.flatMap((operand) => (operand?.kind === 'literal' ? [operand.value] : []));
  const [first, second] = values;
  const ofStatus = operands.length === 0 && Object.hasOwn(statusWords, word) ? statusWords[word] : undefined;
  if (more.length > 0 || values.length < operands.length || values.length > 2)
    return refuse('an assertion that has no counterpart');
  if (ofStatus) return expected.status(ofStatus);
  const alone = operands.length === 1;
  if (word === 'status' && !alone) return refuse('a status that is not one');
  if (word === 'status' && typeof first === 'number') return expected.status((status) => status === first);
  if (word === 'status') {
    const [code] = Object.entries(STATUS_CODES).find(([, name]) => name === first) ?? [];
    if (code === undefined) return refuse('a status by a name that is none', 'write its number');
    return expected.status((status) => status === Number(code));
  }
  if (word === 'header' && typeof first === 'string') {
    if (alone) return expected.headerExists(first, true, refuse);
    if (typeof second === 'string') return expected.header(first, 'equals', second, refuse);
  }
  if (word === 'json' && operands.length === 0) return expected.json({ path: '$', exists: true });
  if (word === 'jsonBody' && operands.length === 0) return expected.json({ path: '$', exists: true });
  const segments = word === 'jsonBody' && typeof first === 'string' ? propertyPath(first) : undefined;
  if (segments && alone) return expected.json({ path: pathText(segments), exists: true });
  if (segments && operands.length === 2) return expected.json({ path: pathText(segments), equals: second });
  if (word === 'jsonSchema' && alone && typeof first === 'object' && first !== null)
    return expected.jsonShape([], first as Shape);
  if (word === 'withBody' && operands.length === 0) return expected.body('not-equals', '', refuse);
  if (word === 'body' && alone && typeof first === 'string') return expected.body('equals', first, refuse);
  refuse('an assertion that has no counterpart');
}

/** The names and indexes of a path such as `user.tags[0]`, or undefined. */
function propertyPath(path: string): Segments | undefined {
  if (!/^[\w$-]+(?:\.[\w$-]+|\[\d+\])*$/.test(path)) return undefined;
  return path.split(/\.|(?=\[)/).map((part) => (part.startsWith('[') ? Number(part.slice(1, -1)) : part));
}
