import type { Observation } from '../../../shared/probes/registry.js';
import { cookiesOf } from '../judge/http.js';
import { jsonText, type Finding } from '../judge/finding.js';
import { isBlank } from '../judge/markup.js';
import { isInexact } from '../judge/json-values.js';
import type { Judging, Page } from '../judge/judging.js';
import { fillPattern } from '../judge/match-text.js';
import type { CaptureRule } from '../suite/schema/schema.js';

/** Captured values by name, and the captures that found nothing or more than one thing. */
export interface Captured {
  values: { name: string; value: unknown; secret: boolean }[];
  findings: Finding[];
  /** What secret captures found that is not the one value they want, and is secret all the same. */
  secrets: unknown[];
}

/** Takes the values a step captures out of its answer; only exactly one value counts. */
export function captureFrom(
  rules: Readonly<Record<string, CaptureRule>>,
  answer: Observation,
  judging: Judging,
): Captured {
  const captured: Captured = { values: [], findings: [], secrets: [] };
  for (const [name, rule] of Object.entries(rules)) {
    const { value, expected, problem, found = [] } = capturePart(rule, answer, judging);
    if (problem === undefined) captured.values.push({ name, value, secret: rule.secret });
    else if (rule.secret) captured.secrets.push(...found);
    if (problem !== undefined) captured.findings.push(findingOf(name, expected, problem));
  }
  return captured;
}

function findingOf(name: string, expected: string, got: string): Finding {
  return { kind: 'expectation', check: `capture ${name}`, path: ['capture', name], expected, got };
}

interface Taken {
  value?: unknown;
  expected: string;
  problem?: string;
  /** All there is, where that is not one value. */
  found?: readonly unknown[];
}

/** A captured value, or the part of its text that a pattern finds. */
function capturePart(rule: CaptureRule, answer: Observation, judging: Judging): Taken {
  const { regex, ...whole } = rule;
  if (regex === undefined || sources.every((key) => whole[key] === undefined))
    return captureOne(rule, answer, judging);
  const taken = captureOne(whole, answer, judging);
  if (taken.problem !== undefined) return taken;
  const text = typeof taken.value === 'string' ? taken.value : jsonText(taken.value);
  const part = findIn(text, regex, judging);
  // What was found is no less secret than the part that was wanted.
  return part.problem === undefined
    ? part
    : { ...part, expected: `${part.expected} in ${taken.expected}`, found: [text] };
}

const sources = ['json', 'header', 'cookie', 'xpath', 'css'] as const;

function captureOne(rule: CaptureRule, answer: Observation, judging: Judging): Taken {
  if (rule.json !== undefined) return captureJson(rule.json, answer, judging);
  if (rule.regex !== undefined) return captureText(rule.regex, answer, judging);
  if (answer.probe === 'browser') return captureNode(rule, answer, judging);
  if (answer.probe !== 'http') return { expected: 'an HTTP answer', problem: `an answer of ${answer.probe}` };
  if (rule.header !== undefined)
    return once(`the header ${rule.header}`, answer.headers[rule.header.toLowerCase()]);
  if (rule.cookie !== undefined) {
    const set = cookiesOf(answer).filter(({ name, deleted }) => name === rule.cookie && !deleted);
    return once(
      `the cookie ${rule.cookie}`,
      set.map(({ value }) => value),
    );
  }
  return captureNode(rule, answer, judging);
}

function once(what: string, values: readonly string[] = []): Taken {
  const expected = `${what} once`;
  return values.length === 1
    ? { expected, value: values[0] }
    : { expected, problem: `it ${values.length} times`, found: values };
}

function captureJson(source: string, answer: Observation, { pathOf }: Judging): Taken {
  const expected = `one node at ${source}`;
  const document = answer.json();
  if (!document.ok) return { expected, problem: document.reason };
  const found = pathOf(source).values(document.value);
  if (!found.ok) return { expected, problem: found.reason };
  const [value, ...others] = found.value;
  if (value === undefined || others.length > 0)
    return { expected, problem: `${found.value.length} nodes`, found: found.value };
  if (isInexact(value))
    return { expected, problem: 'a number beyond 2^53, whose last digits are lost (capture it by regex)' };
  return { expected, value };
}

function captureNode({ xpath, css, attribute }: CaptureRule, answer: Page, judging: Judging): Taken {
  const expected = `one node at ${xpath ?? css}`;
  const read = judging.markupOf(answer);
  if (!read.ok) return { expected, problem: read.reason };
  const query = xpath === undefined ? judging.selectorOf(css ?? '', attribute) : judging.xpathOf(xpath);
  const found = query.find(read.document);
  if (!found.ok) return { expected, problem: found.reason };
  const { texts } = found.value;
  if (isBlank(found.value))
    return { expected, problem: `${jsonText(texts[0])}, as of a path that finds nothing` };
  return texts.length === 1
    ? { expected, value: texts[0] }
    : { expected, problem: `${texts.length} nodes`, found: texts };
}

function captureText(source: string, answer: Observation, judging: Judging): Taken {
  const doubt = answer.doubt?.();
  if (doubt !== undefined) return { expected: 'a body whose text is certain', problem: doubt };
  return findIn(answer.text(), source, judging);
}

function findIn(text: string, source: string, { lookup }: Judging): Taken {
  const { pattern, compiled } = fillPattern(source, lookup);
  const match = compiled.ok ? compiled.pattern.find(text) : compiled;
  const expected = `text that matches /${pattern}/`;
  if (!match.ok) return { expected, problem: match.reason };
  if (!match.value) return { expected, problem: 'none' };
  const { text: whole, groups } = match.value;
  const value = groups.length > 0 ? groups[0] : whole;
  return value === undefined ? { expected, problem: 'a match without its first group' } : { expected, value };
}
