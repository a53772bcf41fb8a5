import type { JsonPath } from '../../shared/probes/evaluators/json-path.js';
import type { HttpObservation } from '../../shared/probes/http.js';
import { formatDuration } from '../../shared/time/duration.js';
import { judgeJson } from './expect-json.js';
import type { BodyMatcher, Expectations, HeaderMatcher } from './expect-schema.js';
import type { Excerpt, Finding } from './finding.js';
import { fillText, type Lookup } from './interpolate.js';
import { matchText } from './match-text.js';

/** What judging needs besides the expectations: values of references, compiled JSONPaths, and how to quote what came. */
export interface Judging {
  lookup: Lookup;
  pathOf(source: string): JsonPath;
  excerpt: Excerpt;
}

/** Every expectation that does not hold for an answer; an empty list means the step passed. Throws UnresolvedError. */
export function judge(expected: Expectations, answer: HttpObservation, judging: Judging): Finding[] {
  return [
    ...judgeStatus(expected, answer, judging),
    ...Object.entries(expected.headers ?? {}).flatMap(([name, matcher]) =>
      judgeHeader(name, matcher, answer, judging),
    ),
    ...(expected.json ? judgeJson(expected.json, answer, judging) : []),
    ...(expected.body ? judgeBody(expected.body, answer, judging) : []),
    ...judgeLatency(expected.latency, answer),
  ];
}

function judgeStatus(
  expected: Expectations,
  { status, headers, text }: HttpObservation,
  { excerpt }: Judging,
): Finding[] {
  const allowed = expected.status !== undefined ? [expected.status] : expected['status-in'];
  if (allowed ? allowed.includes(status) : status >= 200 && status < 300) return [];
  const location = headers['location']?.[0];
  const detail =
    status >= 300 && status < 400 && location
      ? `redirect to ${excerpt(location)}, not followed`
      : excerpt(text());
  return [
    {
      kind: 'status',
      check: 'status',
      path: ['expect', expected['status-in'] ? 'status-in' : 'status'],
      expected: allowed ? allowed.join(' or ') : '2xx (no status is named)',
      got: detail === '' ? `${status}` : `${status}: ${detail}`,
    },
  ];
}

function judgeHeader(
  name: string,
  matcher: HeaderMatcher,
  answer: HttpObservation,
  judging: Judging,
): Finding[] {
  const values = answer.headers[name.toLowerCase()] ?? [];
  const finding = (key: string, expected: string): Finding => ({
    kind: 'expectation',
    check: `header ${name}`,
    path: ['expect', 'headers', name, key],
    expected,
    got: values.length === 0 ? 'no such header' : judging.excerpt(values.join(', ')),
  });
  if (matcher.exists === false) {
    const findings = values.length === 0 ? [] : [finding('exists', 'no such header')];
    return [...findings, ...matchHeader({ ...matcher, exists: undefined }, values, finding, judging)];
  }
  if (values.length === 0) return [finding(Object.keys(matcher)[0]!, 'the header')];
  return matchHeader(matcher, values, finding, judging);
}

function matchHeader(
  matcher: HeaderMatcher,
  values: readonly string[],
  finding: (key: string, expected: string) => Finding,
  { lookup, excerpt }: Judging,
): Finding[] {
  const findings: Finding[] = [];
  if (matcher.equals !== undefined) {
    const wanted = fillText(matcher.equals, lookup);
    if (values.length !== 1 || values[0] !== wanted)
      findings.push(finding('equals', excerpt(JSON.stringify(wanted))));
  }
  for (const key of ['contains', 'not-contains', 'matches'] as const) {
    const source = matcher[key];
    if (source === undefined) continue;
    const verdicts = values.map((value) => matchText(key, source, value, lookup));
    const holds =
      key === 'not-contains'
        ? verdicts.every((verdict) => verdict.holds)
        : verdicts.some((verdict) => verdict.holds);
    const problem = verdicts.find((verdict) => verdict.problem)?.problem;
    if (problem) findings.push({ ...finding(key, excerpt(verdicts[0]!.expected)), got: problem });
    else if (!holds) findings.push(finding(key, excerpt(verdicts[0]?.expected ?? 'the header')));
  }
  return findings;
}

function judgeBody(matcher: BodyMatcher, answer: HttpObservation, { lookup, excerpt }: Judging): Finding[] {
  return (['equals', 'contains', 'not-contains', 'matches'] as const).flatMap((key) => {
    const source = matcher[key];
    if (source === undefined) return [];
    const { holds, expected, problem } = matchText(key, source, answer.text(), lookup);
    if (holds && !problem) return [];
    const got = problem ?? (answer.text() === '' ? 'an empty body' : excerpt(answer.text()));
    return [
      { kind: 'expectation', check: 'body', path: ['expect', 'body', key], expected: excerpt(expected), got },
    ];
  });
}

function judgeLatency(limit: number | undefined, { durationMs }: HttpObservation): Finding[] {
  if (limit === undefined || durationMs < limit) return [];
  return [
    {
      kind: 'expectation',
      check: 'latency',
      path: ['expect', 'latency'],
      expected: `< ${formatDuration(limit)}`,
      got: formatDuration(durationMs),
    },
  ];
}
