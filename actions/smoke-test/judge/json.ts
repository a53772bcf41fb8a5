import type { JsonBody } from '../../../shared/probes/probe.js';
import type { Observation } from '../../../shared/probes/registry.js';
import { jsonText, type Judged } from './finding.js';
import { fillValue } from '../values/interpolate.js';
import { hasInexact, sameJson } from './json-values.js';
import { judged, type Judging } from './judging.js';
import type { JsonMatcher, JsonSchemaMatcher } from '../suite/schema/matcher-schema.js';
import { matchTexts } from './match-text.js';

/** JSON expectations in their order; what is no JSON has no answer to any of them. */
export function judgeJson(matchers: readonly JsonMatcher[], answer: Observation, judging: Judging): Judged[] {
  const document = answer.json();
  if (!document.ok) return [noJson(['json'], document, answer, judging)];
  return matchers.flatMap((matcher, index) => judgeOne(matcher, index, document.value, judging));
}

/** Whether what came is as a JSON Schema says. */
export function judgeJsonSchema(matcher: JsonSchemaMatcher, answer: Observation, judging: Judging): Judged[] {
  const document = answer.json();
  if (!document.ok) return [noJson(['json-schema'], document, answer, judging)];
  const name = matcher.file ?? 'the schema';
  const found = judging.schemaOf(matcher).faults(document.value);
  const expected = `JSON as ${name} says`;
  if (!found.ok)
    return [judged(undefined, 'json-schema', ['json-schema'], expected, `no answer: ${found.reason}`)];
  const faults = found.value;
  const got = faults.length === 0 ? 'valid' : judging.excerpt(faults.join('; '));
  return [judged(faults.length === 0, 'json-schema', ['json-schema'], expected, got)];
}

function noJson(
  path: readonly PropertyKey[],
  document: Extract<JsonBody, { ok: false }>,
  answer: Observation,
  { excerpt }: Judging,
): Judged {
  const body = answer.text();
  const got = body.trim() === '' ? document.reason : `${document.reason}: ${excerpt(body)}`;
  return judged(undefined, 'json', path, 'a JSON body', got);
}

function judgeOne(matcher: JsonMatcher, index: number, document: unknown, judging: Judging): Judged[] {
  const { lookup, excerpt } = judging;
  const found = judging.pathOf(matcher.path).values(document);
  const check = `json ${matcher.path}`;
  if (!found.ok)
    return [
      judged(undefined, check, ['json', index, 'path'], 'an answer of the JSONPath', `none: ${found.reason}`),
    ];
  const nodes = found.value;
  const listed = () => excerpt(describeNodes(nodes));
  const inexact = hasInexact(nodes);
  const result: Judged[] = [];
  const add = (
    holds: Parameters<typeof judged>[0],
    key: keyof JsonMatcher,
    expected: () => string,
    got = listed,
  ) => result.push(judged(holds, check, ['json', index, key], () => excerpt(expected()), got));
  const { exists, count, values, matches } = matcher;
  if (exists !== undefined)
    add(nodes.length > 0 === exists, 'exists', () => (exists ? 'at least one node' : 'no node'));
  if (count !== undefined)
    add(
      nodes.length === count,
      'count',
      () => `${count} nodes`,
      () => `${nodes.length}: ${listed()}`,
    );
  if (Object.hasOwn(matcher, 'equals')) {
    const wanted = fillValue(matcher.equals, lookup);
    const comparable = nodes.length === 1 && !inexact;
    add(
      comparable ? sameJson(nodes[0], wanted) : undefined,
      'equals',
      () => jsonText(wanted),
      inexact ? () => inexactReason(listed()) : listed,
    );
  }
  if (values !== undefined) {
    const wanted = fillValue(values, lookup) as unknown[];
    const nothing = nodes.length === 0 && wanted.length > 0;
    add(
      inexact || nothing ? undefined : sameJson(nodes, wanted),
      'values',
      () => jsonText(wanted),
      inexact ? () => inexactReason(listed()) : listed,
    );
  }
  if (Object.hasOwn(matcher, 'contains-value')) {
    const wanted = fillValue(matcher['contains-value'], lookup);
    const holds = nodes.some((node) => sameJson(node, wanted) && !hasInexact(node));
    const open = !holds && (inexact || nodes.length === 0);
    add(open ? undefined : holds, 'contains-value', () => `a node equal to ${jsonText(wanted)}`);
  }
  if (matches !== undefined) {
    const [node] = nodes;
    const texts = nodes.length === 1 && typeof node === 'string' ? [node] : [];
    const { holds, expected, problem } = matchTexts('matches', matches, texts, lookup);
    add(holds, 'matches', () => `one node, ${expected}`, problem === undefined ? listed : () => problem);
  }
  const { type } = matcher;
  const [node] = nodes;
  if (type !== undefined)
    add(nodes.length === 1 ? isOfType(node, type) : undefined, 'type', () => `one node of type ${type}`);
  for (const [key, { sign, holds }] of Object.entries(comparisons) as [
    keyof typeof comparisons,
    Comparison,
  ][]) {
    const bound = matcher[key];
    if (bound === undefined) continue;
    const comparable = nodes.length === 1 && typeof node === 'number' && !inexact;
    add(
      comparable ? holds(node, bound) : undefined,
      key,
      () => `one number ${sign} ${bound}`,
      inexact ? () => inexactReason(listed()) : listed,
    );
  }
  return result;
}

interface Comparison {
  sign: string;
  holds: (value: number, bound: number) => boolean;
}

const comparisons = {
  gt: { sign: '>', holds: (value, bound) => value > bound },
  gte: { sign: '>=', holds: (value, bound) => value >= bound },
  lt: { sign: '<', holds: (value, bound) => value < bound },
  lte: { sign: '<=', holds: (value, bound) => value <= bound },
} satisfies Partial<Record<keyof JsonMatcher, Comparison>>;

function isOfType(node: unknown, type: NonNullable<JsonMatcher['type']>): boolean {
  if (node === null) return false;
  if (Array.isArray(node)) return type === 'array';
  if (type === 'integer') return Number.isInteger(node);
  return typeof node === type;
}

function inexactReason(listed: string): string {
  return `a number beyond 2^53, which cannot be compared exactly (use body.contains): ${listed}`;
}

/** At most this many nodes are quoted in a message. */
const quotedNodes = 5;

function describeNodes(nodes: readonly unknown[]): string {
  if (nodes.length === 0) return 'no node';
  const quoted = nodes.slice(0, quotedNodes).map(jsonText).join(', ');
  if (nodes.length === 1) return quoted;
  return `${nodes.length} nodes: ${quoted}${nodes.length > quotedNodes ? ', …' : ''}`;
}
