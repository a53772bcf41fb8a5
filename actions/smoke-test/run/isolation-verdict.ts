import type { SmokeIsolation } from '../../../shared/contracts/reports/smoke-report.js';
import type { Finding } from '../judge/finding.js';
import type { AttemptResult, StepResult } from './results.js';
import type { SuiteStep } from '../suite/schema/schema.js';

/** What one step of one tenant against another showed. */
export type IsolationCheck = SmokeIsolation['checks'][number];

/**
 * Reads the result of a step that one tenant tried on another's things; the owner's own try must show them, or refusing
 * means nothing. Gives the step as it counts in the report.
 */
export function judgePair(
  tenant: string,
  other: string,
  step: StepResult,
): { check: IsolationCheck; step: StepResult } {
  const shown = step.givesAway === true;
  const message = { tenant, other, step: step.planned.name, request: step.request, status: statusOf(step) };
  if (tenant !== other) {
    const result = step.result === 'passed' ? 'held' : shown ? 'broken' : 'unproven';
    return { check: { ...message, result, evidence: evidenceOf(step) }, step };
  }
  const blind = step.result === 'passed' || (step.result === 'failed' && !shown);
  const counted: StepResult = blind
    ? { ...step, result: 'failed', failures: [blindness(step)] }
    : { ...step, result: step.result === 'failed' ? 'passed' : step.result, failures: [] };
  const result = shown && step.result === 'failed' ? 'held' : 'unproven';
  return { check: { ...message, result, evidence: evidenceOf(counted) }, step: counted };
}

/**
 * Whether an answer that was not as the step expects gave something away: it succeeded, or had in it what it must not
 * have. An error, a redirect and what could not be decided did not.
 */
export function givesAway(
  findings: readonly Finding[],
  last: AttemptResult | undefined,
  step: SuiteStep,
): boolean {
  if (!last || last.fault !== null) return false;
  const succeeded = last.status === null || (last.status >= 200 && last.status < 300);
  return findings.some(
    ({ kind, path, undecided }) =>
      (kind === 'status' || kind === 'expectation') &&
      path.at(-1) !== 'latency' &&
      !undecided &&
      (succeeded || (kind !== 'status' && wantsAbsence(path, step) !== (path[1] === 'not'))),
  );
}

/**
 * Whether what stands at a path of a step wants something not to be there; inside `not`, that is what must be there.
 */
function wantsAbsence(path: readonly PropertyKey[], step: SuiteStep): boolean {
  let wanted: unknown = step;
  for (const key of path)
    wanted = wanted !== null && typeof wanted === 'object' ? wanted[key as never] : undefined;
  switch (path.at(-1)) {
    case 'not-contains':
      return true;
    case 'exists':
      return wanted === false;
    case 'count':
      return wanted === 0;
    case 'values':
      return Array.isArray(wanted) && wanted.length === 0;
    default:
      return false;
  }
}

function statusOf({ attempts }: StepResult): number | null {
  return attempts.at(-1)?.status ?? null;
}

function evidenceOf({ failures: [first], reason, result }: StepResult): string {
  if (first) return `${first.check}: expected ${first.expected}, got ${first.got}`;
  return reason ?? (result === 'passed' ? 'as expected' : '');
}

function blindness({
  planned,
  request,
  attempts,
  failures: [first],
}: StepResult): StepResult['failures'][number] {
  const line = planned.lineOf(['name']);
  const last = attempts.at(-1);
  return {
    step: planned.name,
    kind: 'expectation',
    check: 'isolation',
    expected:
      'an answer to the owner that differs from what others get; otherwise a wrong address would look like isolation',
    got: first ? `${first.check}: ${first.got}` : `the same${last?.status ? ` (status ${last.status})` : ''}`,
    request,
    file: planned.file,
    ...(line === undefined ? {} : { line }),
  };
}

/** The whole verdict: broken by one leak, held only when every look was refused and every owner saw its own. */
export function isolationVerdict(checks: readonly IsolationCheck[]): SmokeIsolation['result'] {
  if (checks.some(({ result }) => result === 'broken')) return 'broken';
  return checks.length > 0 && checks.every(({ result }) => result === 'held') ? 'held' : 'unproven';
}
