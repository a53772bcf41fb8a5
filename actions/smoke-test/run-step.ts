import type { SmokeFailure } from '../../shared/contracts/smoke-report.js';
import type { HttpObservation, HttpProbeStep } from '../../shared/probes/http.js';
import type { Probe } from '../../shared/probes/probe.js';
import type { Clock } from '../../shared/time/clock.js';
import { formatDuration } from '../../shared/time/duration.js';
import { buildRequest, requestLine } from './build-request.js';
import { captureFrom, type Captured } from './capture.js';
import { stopFinding } from './deadline.js';
import { judge, type Judging } from './expect.js';
import type { Finding } from './finding.js';
import { UnresolvedError } from './interpolate.js';
import type { Plan, PlannedStep } from './plan.js';
import { attemptTimeout, nextAttempt } from './retry.js';
import type { Scope } from './scope.js';
import type { SuiteStep, UntilPolicy } from './suite-schema.js';
import type { Vault } from './vault.js';

/** What steps run with. */
export interface Ports {
  probe: Probe<HttpProbeStep, HttpObservation>;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  vault: Vault;
}

/** One request and what became of it; times in epoch milliseconds. */
export interface AttemptResult {
  startedAt: number;
  durationMs: number;
  status: number | null;
  fault: string | null;
}

export interface StepResult {
  planned: PlannedStep;
  result: 'passed' | 'failed' | 'not-run';
  reason?: string;
  /** Method and address, empty when there was none to make. */
  request: string;
  durationMs: number;
  attempts: AttemptResult[];
  failures: Omit<SmokeFailure, 'flow'>[];
}

/** Runs a step with its further attempts; what it captures goes into the scope when it passes. */
export async function runStep(
  planned: PlannedStep,
  plan: Plan,
  scope: Scope,
  ports: Ports,
  signal: AbortSignal,
): Promise<StepResult> {
  const startedAt = ports.clock.now();
  const attempts: AttemptResult[] = [];
  let request: HttpProbeStep | undefined;
  const end = (findings: readonly Finding[]): StepResult => {
    const line = request ? ports.vault.redact(requestLine(request)) : '';
    return {
      planned,
      result: findings.length === 0 ? 'passed' : 'failed',
      request: line,
      durationMs: ports.clock.now() - startedAt,
      attempts,
      failures: findings.map((finding) => failureOf(finding, planned, line)),
    };
  };
  try {
    request = buildRequest(planned.step.http, plan.baseUrl, scope.lookup);
    for (let number = 1; ; number++) {
      const { attempt, findings } = await attemptOnce(
        planned,
        request,
        startedAt,
        plan,
        scope,
        ports,
        signal,
      );
      attempts.push(attempt);
      if (findings.length === 0) return end([]);
      const next = nextAttempt(planned.step, number, ports.clock.now() - startedAt, findings);
      if (!next.again && !signal.aborted)
        return end(findings.map((finding) => late(finding, planned.step.until)));
      if (next.again) await ports.clock.sleep(next.afterMs, signal);
      if (signal.aborted) return end([stopFinding(signal, attempt.fault ?? `status ${attempt.status}`)]);
    }
  } catch (error) {
    if (error instanceof UnresolvedError) return end([unresolved(error)]);
    throw error;
  }
}

async function attemptOnce(
  { step }: PlannedStep,
  request: HttpProbeStep,
  stepStartedAt: number,
  plan: Plan,
  scope: Scope,
  { probe, clock, vault }: Ports,
  signal: AbortSignal,
): Promise<{ attempt: AttemptResult; findings: Finding[] }> {
  const startedAt = clock.now();
  const timeoutMs = attemptTimeout(step, step.http.timeout, startedAt - stepStartedAt);
  const probed = await probe.observe(request, { timeoutMs, signal });
  if (!probed.ok) {
    const fault = vault.excerpt(`${probed.fault.kind}: ${probed.fault.message}`);
    const finding: Finding = {
      kind: 'network',
      check: 'network',
      path: ['http'],
      expected: 'an answer',
      got: fault,
    };
    return {
      attempt: { startedAt, durationMs: clock.now() - startedAt, status: null, fault },
      findings: [finding],
    };
  }
  const answer = probed.observation;
  const attempt = { startedAt, durationMs: answer.durationMs, status: answer.status, fault: null };
  const { values, findings } = examine(
    step,
    answer,
    { lookup: scope.lookup, pathOf: plan.pathOf, excerpt: vault.excerpt },
    vault,
  );
  if (findings.length === 0) for (const { name, value } of values) scope.capture(name, value);
  return { attempt, findings };
}

function examine(step: SuiteStep, answer: HttpObservation, judging: Judging, vault: Vault): Captured {
  try {
    const captured = captureFrom(step.capture ?? {}, answer, judging);
    // Before anything of the answer is quoted.
    for (const { value, secret } of captured.values) if (secret) vault.remember(value);
    const broken = judge(step.expect, answer, judging);
    return broken.length > 0 ? { values: [], findings: broken } : captured;
  } catch (error) {
    // The stack of a body nested a hundred thousand deep: hostile, but only a failed step.
    if (!(error instanceof RangeError)) throw error;
    const got = 'a body nested too deeply to be judged';
    return {
      values: [],
      findings: [{ kind: 'expectation', check: 'body', path: ['expect'], expected: 'an ordinary body', got }],
    };
  }
}

function late(finding: Finding, until: UntilPolicy | undefined): Finding {
  return until
    ? { ...finding, expected: `${finding.expected}, within ${formatDuration(until.within)}` }
    : finding;
}

function unresolved(error: UnresolvedError): Finding {
  const expected = 'a value for every reference, fit for its place';
  return { kind: 'suite', check: 'references', path: ['name'], expected, got: error.message };
}

function failureOf(
  finding: Finding,
  { name, file, lineOf }: PlannedStep,
  request: string,
): StepResult['failures'][number] {
  const { path, ...rest } = finding;
  const line = lineOf(path);
  return { step: name, ...rest, request, file, ...(line === undefined ? {} : { line }) };
}
