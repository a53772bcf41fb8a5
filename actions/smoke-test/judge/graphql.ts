import type { Observation } from '../../../shared/probes/registry.js';
import { jsonText, type Finding } from './finding.js';
import type { HttpStep } from '../suite/schema/http-schema.js';
import type { Judging } from './judging.js';

/** What is wrong with the answer to a GraphQL operation: it says so in its body, mostly with status 200. */
export function judgeGraphql(
  operation: HttpStep['graphql'],
  answer: Observation,
  { excerpt }: Judging,
): Finding[] {
  if (!operation || operation.errors === 'allow') return [];
  const finding = (expected: string, got: string): Finding => ({
    kind: 'expectation',
    check: 'graphql errors',
    path: ['http', 'graphql'],
    expected,
    got,
  });
  const document = answer.json();
  if (!document.ok) return [{ ...finding('a GraphQL answer', document.reason), undecided: true }];
  const { value } = document;
  if (value === null || typeof value !== 'object' || !('data' in value || 'errors' in value))
    return [{ ...finding('a GraphQL answer', excerpt(jsonText(value))), undecided: true }];
  const { errors, data } = value as { errors?: unknown; data?: unknown };
  const isClean = errors === undefined || errors === null || (Array.isArray(errors) && errors.length === 0);
  const isEmpty = data === undefined || data === null;
  if (isClean && !isEmpty) return [];
  const broken = isClean
    ? finding('data, or errors that say why there is none', excerpt(jsonText(value)))
    : finding('no errors', excerpt(jsonText(errors)));
  // Where there is no data, nothing was given away either.
  return [isEmpty ? { ...broken, undecided: true } : broken];
}
