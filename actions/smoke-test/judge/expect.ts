import type { Observation } from '../../../shared/probes/registry.js';
import { judgeConsole, judgeDns, judgeExit, judgeServing, judgeSql, judgeTcp, judgeTls } from './facts.js';
import { judgeCookies, judgeHash, judgeHeaders, judgeOrigin, judgeStatus, judgeVersion } from './http.js';
import { judgeJson, judgeJsonSchema } from './json.js';
import { judgeMarkup } from './markup.js';
import { judgeOpenApi } from './openapi.js';
import type { Expectations, PlainExpectations } from '../suite/schema/expect-schema.js';
import { judgeBody, judgeLatency, judgeSize, judgeText } from './text.js';
import { told, type Finding, type Judged } from './finding.js';
import type { Judging } from './judging.js';

export type { Judging } from './judging.js';

/** Every expectation that does not hold for an answer; an empty list means the step passed. Throws UnresolvedError. */
export function judge(expected: Expectations, answer: Observation, judging: Judging): Finding[] {
  const { not } = expected;
  const all = judgeAll(withDefault(expected, not, answer), answer, judging);
  if (not) all.push(...judgeAll(not, answer, judging).map(negate));
  return all
    .filter(({ verdict }) => verdict !== 'holds')
    .map(({ verdict, expected, got, ...where }) => ({
      ...where,
      expected: told(expected),
      got: told(got),
      ...(verdict === 'undecided' ? { undecided: true } : {}),
    }));
}

function judgeAll(expected: PlainExpectations, answer: Observation, judging: Judging): Judged[] {
  return [
    ...judgeProbe(expected, answer, judging),
    ...(expected.json ? judgeJson(expected.json, answer, judging) : []),
    ...(expected['json-schema'] ? judgeJsonSchema(expected['json-schema'], answer, judging) : []),
    ...(expected.body ? judgeBody(expected.body, answer, judging) : []),
    ...(expected.size ? [judgeSize(expected.size, answer)] : []),
    ...(expected.latency === undefined ? [] : [judgeLatency(expected.latency, answer)]),
  ];
}

function judgeProbe(expected: PlainExpectations, answer: Observation, judging: Judging): Judged[] {
  switch (answer.probe) {
    case 'http':
      return [
        ...judgeStatus(expected, answer, judging),
        ...(expected.headers ? judgeHeaders(expected.headers, answer, judging) : []),
        ...(expected.cookies ? judgeCookies(expected.cookies, answer, judging) : []),
        ...judgeOrigin(expected, answer, judging),
        ...(expected['http-version'] === undefined ? [] : [judgeVersion(expected['http-version'], answer)]),
        ...(expected.sha256 === undefined ? [] : [judgeHash('sha256', expected.sha256, answer)]),
        ...(expected.md5 === undefined ? [] : [judgeHash('md5', expected.md5, answer)]),
        ...(expected.openapi === undefined ? [] : [judgeOpenApi(expected.openapi, answer, judging)]),
        ...judgeMarkup(expected.xpath ?? [], expected.css ?? [], answer, judging),
      ];
    case 'tcp':
      return judgeTcp(expected, answer, judging);
    case 'tls':
      return expected.tls ? judgeTls(expected.tls, answer, judging) : [];
    case 'dns':
      return expected.dns ? judgeDns(expected.dns, answer, judging) : [];
    case 'sql':
      return expected.sql ? judgeSql(expected.sql, answer, judging) : [];
    // What came is judged as a body; that nothing did is a fault.
    case 'websocket':
    case 'sse':
      return [];
    case 'browser':
      return [
        ...judgeStatus(expected, answer, judging),
        ...(expected.console === undefined ? [] : [judgeConsole(expected.console, answer, judging)]),
        ...judgeMarkup(expected.xpath ?? [], expected.css ?? [], answer, judging),
      ];
    case 'grpc':
      return judgeServing(expected.serving, answer);
    case 'command':
      return [
        ...judgeExit(expected.exit, answer, judging),
        ...(expected.stderr ? judgeText('stderr', ['stderr'], expected.stderr, answer.stderr, judging) : []),
      ];
  }
}

/** What is not named is expected to be a success, unless it is named among what must not be. */
function withDefault(
  expected: PlainExpectations,
  not: PlainExpectations = {},
  { probe }: Observation,
): PlainExpectations {
  const named = (...keys: (keyof PlainExpectations)[]) =>
    keys.some((key) => expected[key] !== undefined || not[key] !== undefined);
  if (probe === 'http') return named('status', 'status-in') ? expected : { ...expected, 'status-in': [] };
  if (probe === 'browser')
    return {
      ...expected,
      ...(named('status', 'status-in') ? {} : { 'status-in': [] }),
      ...(named('console') ? {} : { console: 'clean' }),
    };
  if (probe === 'tcp') return named('connects') ? expected : { ...expected, connects: true };
  if (probe === 'grpc') return named('serving') ? expected : { ...expected, serving: 'SERVING' };
  if (probe === 'command') return named('exit') ? expected : { ...expected, exit: 0 };
  if (probe === 'dns') {
    const counted = [expected.dns, not.dns].some(
      (dns) => dns?.exists !== undefined || dns?.count !== undefined,
    );
    return counted ? expected : { ...expected, dns: { ...expected.dns, exists: true } };
  }
  return expected;
}

/** The opposite of an expectation; what could not be decided, or holds of a part, stays so. */
function negate(finding: Judged): Judged {
  const [, ...path] = finding.path;
  const { verdict } = finding;
  return {
    ...finding,
    verdict: verdict === 'holds' ? 'broken' : verdict === 'broken' ? 'holds' : verdict,
    check: `not ${finding.check}`,
    path: ['expect', 'not', ...path],
    expected: () => `not ${told(finding.expected)}`,
  };
}
