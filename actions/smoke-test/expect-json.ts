import type { HttpObservation } from '../../shared/probes/http.js';
import type { Judging } from './expect.js';
import type { JsonMatcher } from './expect-schema.js';
import { jsonText, type Finding } from './finding.js';
import { fillValue } from './interpolate.js';
import { hasInexact, sameJson } from './json-values.js';
import { matchText } from './match-text.js';

/** Every JSON expectation that does not hold; a body that is no JSON fails all of them as one finding. */
export function judgeJson(
  matchers: readonly JsonMatcher[],
  answer: HttpObservation,
  judging: Judging,
): Finding[] {
  const document = answer.json();
  if (document.ok)
    return matchers.flatMap((matcher, index) => judgeOne(matcher, index, document.value, judging));
  const body = answer.text();
  const got = body.trim() === '' ? document.reason : `${document.reason}: ${judging.excerpt(body)}`;
  return [{ kind: 'expectation', check: 'json', path: ['expect', 'json'], expected: 'a JSON body', got }];
}

function judgeOne(matcher: JsonMatcher, index: number, document: unknown, judging: Judging): Finding[] {
  const { lookup, excerpt } = judging;
  const found = judging.pathOf(matcher.path).values(document);
  const finding = (key: string, expected: string, got: string): Finding => ({
    kind: 'expectation',
    check: `json ${matcher.path}`,
    path: ['expect', 'json', index, key],
    expected,
    got,
  });
  if (!found.ok) return [finding('path', 'an answer of the JSONPath', `none: ${found.reason}`)];
  const nodes = found.value;
  const listed = excerpt(describeNodes(nodes));
  const findings: Finding[] = [];
  const require = (holds: boolean, key: keyof JsonMatcher, expected: string, got = listed) => {
    if (!holds) findings.push(finding(key, excerpt(expected), got));
  };
  if (matcher.exists !== undefined) {
    require(nodes.length > 0 === matcher.exists, 'exists', matcher.exists ? 'at least one node' : 'no node');
  }
  if (matcher.count !== undefined) {
    require(nodes.length === matcher.count, 'count', `${matcher.count} nodes`, `${nodes.length}: ${listed}`);
  }
  if (Object.hasOwn(matcher, 'equals')) {
    const wanted = fillValue(matcher.equals, lookup);
    const inexact = hasInexact(nodes);
    const same = nodes.length === 1 && !inexact && sameJson(nodes[0], wanted);
    require(same, 'equals', jsonText(wanted), inexact ? inexactReason(listed) : listed);
  }
  if (Object.hasOwn(matcher, 'contains-value')) {
    const wanted = fillValue(matcher['contains-value'], lookup);
    const holds = nodes.some((node) => !hasInexact(node) && sameJson(node, wanted));
    require(holds, 'contains-value', `a node equal to ${jsonText(wanted)}`);
  }
  if (matcher.matches !== undefined) {
    const [node] = nodes;
    const text = nodes.length === 1 && typeof node === 'string' ? node : undefined;
    const { holds, expected, problem } = matchText('matches', matcher.matches, text ?? '', lookup);
    require(text !== undefined && holds, 'matches', `one node, ${expected}`, problem ?? listed);
  }
  return findings;
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
