import { withBudget } from '../../../shared/probes/evaluators/bounded.js';
import type { Probe, Probed, ProbeFault } from '../../../shared/probes/probe.js';
import type { Observation, ProbeRequest } from '../../../shared/probes/registry.js';
import type { SmokeFailure } from '../../../shared/contracts/reports/smoke-report.js';
import type { Clock } from '../../../shared/time/clock.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { curlOf } from '../request/curl.js';
import { buildProbe, probeLine, secretsIn } from '../request/probe.js';
import { provingSecrets } from '../request/http.js';
import { captureFrom, type Captured } from './capture.js';
import { stopFinding } from './deadline.js';
import { judge, type Judging } from '../judge/expect.js';
import { judgeGraphql } from '../judge/graphql.js';
import type { Finding } from '../judge/finding.js';
import { UnresolvedError } from '../values/interpolate.js';
import { givesAway } from './isolation-verdict.js';
import { judgingMs } from '../judge/judging.js';
import type { Plan, PlannedStep } from '../plan/planned.js';
import { timeoutOf } from '../suite/schema/probe-schema.js';
import type { Tell } from './progress.js';
import type { AttemptResult, Exchange, StepResult } from './results.js';
import { attemptTimeout, nextAttempt } from './retry.js';
import type { Scope } from '../values/scope.js';
import type { SuiteStep, UntilPolicy } from '../suite/schema/schema.js';
import type { Vault } from './vault.js';

/** What steps run with. */
export interface Ports {
  probe: Probe<ProbeRequest, Observation>;
  clock: Clock;
  /** Uniform in [0, 1). */
  random: () => number;
  vault: Vault;
  /** Whether failed steps keep what was sent and what came, for a HAR file. */
  keepExchanges?: boolean;
  tell?: Tell;
  /** Where the stack of a fault of our own goes. */
  debug?: (text: string) => void;
}

/** Where a step stands: its plan, the values it sees, and the name of its flow. */
export interface StepSurroundings {
  plan: Plan;
  scope: Scope;
  flow?: string;
}

/** Runs a step with its further attempts; what it captures goes into the scope when it passes. */
export async function runStep(
  planned: PlannedStep,
  { plan, scope, flow = '' }: StepSurroundings,
  ports: Ports,
  signal: AbortSignal,
): Promise<StepResult> {
  const startedAt = ports.clock.now();
  const attempts: AttemptResult[] = [];
  let asked = '';
  let exchange: Exchange | undefined;
  const again = (findings: readonly Finding[]) => {
    const curl =
      findings.length === 0 || asked === '' ? undefined : curlOf(planned.step, plan, scope, ports.vault);
    return curl === undefined ? {} : { curl };
  };
  const end = (findings: readonly Finding[]): StepResult => {
    const line = ports.vault.excerpt(asked);
    return {
      planned,
      result: findings.length === 0 ? 'passed' : 'failed',
      request: line,
      durationMs: ports.clock.now() - startedAt,
      attempts,
      failures: findings.map((finding) =>
        failureOf(finding, planned, { request: line, ...again(findings) }, ports),
      ),
      ...(givesAway(findings, attempts.at(-1), planned.step) ? { givesAway: true } : {}),
      ...(ports.keepExchanges && findings.length > 0 && exchange ? { exchange } : {}),
    };
  };
  const missing = planned.step.todo?.map(todoFinding);
  if (missing) return end(missing);
  try {
    const { http } = planned.step;
    for (const secret of http ? provingSecrets(http, scope.lookup) : []) ports.vault.remember(secret);
    const request = buildProbe(planned.step, plan, scope);
    for (const secret of secretsIn(request)) ports.vault.remember(secret);
    asked = probeLine(request);
    for (let number = 1; ; number++) {
      const { attempt, findings, answer } = await attemptOnce(planned, { plan, scope }, ports, {
        request,
        stepStartedAt: startedAt,
        signal,
      });
      attempts.push(attempt);
      if (request.probe === 'http') exchange = answer?.probe === 'http' ? { request, answer } : { request };
      if (findings.length === 0) return end([]);
      const next = nextAttempt(planned.step, number, ports.clock.now() - startedAt, findings, ports.random);
      if (!next.again && !signal.aborted)
        return end(findings.map((finding) => late(finding, planned.step.until)));
      if (next.again) {
        ports.tell?.({ what: 'attempt', flow, step: planned.name, number, attempt });
        await ports.clock.sleep(next.afterMs, signal);
      }
      if (signal.aborted) return end([stopFinding(signal, attempt.fault ?? saw(attempt))]);
    }
  } catch (error) {
    return end([thrown(error, ports, ['name'])]);
  }
}

async function attemptOnce(
  { step }: PlannedStep,
  { plan, scope }: StepSurroundings,
  ports: Ports,
  { request, stepStartedAt, signal }: { request: ProbeRequest; stepStartedAt: number; signal: AbortSignal },
): Promise<{ attempt: AttemptResult; findings: Finding[]; answer?: Observation }> {
  const { probe, clock, vault } = ports;
  const startedAt = clock.now();
  const timeoutMs = attemptTimeout(step, timeoutOf(step), startedAt - stepStartedAt);
  let probed: Probed<Observation>;
  try {
    probed = await probe.observe(request, { timeoutMs, signal });
  } catch (error) {
    probed = { ok: false, fault: faultOf(error, ports) };
  }
  if (!probed.ok) {
    const fault = vault.excerpt(`${probed.fault.kind}: ${probed.fault.message}`);
    const finding: Finding = {
      kind: 'network',
      check: 'network',
      path: [request.probe],
      expected: 'an answer',
      got: fault,
    };
    return {
      attempt: { startedAt, durationMs: clock.now() - startedAt, status: null, fault },
      findings: [finding],
    };
  }
  const answer = probed.observation;
  const status = 'status' in answer ? answer.status : null;
  const attempt = { startedAt, durationMs: answer.durationMs, status, fault: null };
  const judging = { ...plan.evaluators, lookup: scope.lookup, excerpt: vault.excerpt };
  const { values, findings } = withBudget(judgingMs, () => examine(step, answer, judging, ports));
  if (findings.length === 0) for (const { name, value } of values) scope.capture(name, value);
  return { attempt, findings, answer };
}

function examine(step: SuiteStep, answer: Observation, judging: Judging, ports: Ports): Captured {
  try {
    const captured = captureFrom(step.capture ?? {}, answer, judging);
    // Before anything of the answer is quoted.
    for (const { value, secret } of captured.values) if (secret) ports.vault.remember(value);
    captured.secrets.forEach(ports.vault.remember);
    const broken = [
      ...judgeGraphql(step.http?.graphql, answer, judging),
      ...judge(step.expect, answer, judging),
    ];
    return broken.length > 0 ? { values: [], findings: broken, secrets: [] } : captured;
  } catch (error) {
    return { values: [], findings: [thrown(error, ports, ['expect'])], secrets: [] };
  }
}

/** What is not complete is never sent: without its other half it could mean something else. */
function todoFinding(text: string, index: number): Finding {
  const expected = 'a step that is complete';
  return { kind: 'suite', check: 'todo', path: ['todo', index], expected, got: text, undecided: true };
}

function saw({ status }: AttemptResult): string {
  return status === null ? 'the last answer was not as expected' : `status ${status}`;
}

function late(finding: Finding, until: UntilPolicy | undefined): Finding {
  return until
    ? { ...finding, expected: `${finding.expected}, within ${formatDuration(until.within)}` }
    : finding;
}

/**
 * What was thrown as a failure of the step, so that the others go on and everything is cleaned up; a fault of our own
 * keeps its stack for debugging.
 */
function thrown(error: unknown, ports: Ports, path: readonly PropertyKey[]): Finding {
  if (error instanceof UnresolvedError) {
    const expected = 'a value for every reference, fit for its place';
    return { kind: 'suite', check: 'references', path: ['name'], expected, got: error.message };
  }
  // A body nested a hundred thousand deep.
  if (/^RangeError: Maximum call stack/.test(String(error))) {
    const got = 'a body nested too deeply to be judged';
    return { kind: 'expectation', check: 'body', path, expected: 'an ordinary body', got };
  }
  const { kind, message } = faultOf(error, ports);
  const expected = 'a step that can be carried out';
  return {
    kind: 'expectation',
    check: kind,
    path,
    expected,
    got: ports.vault.excerpt(message),
    undecided: true,
  };
}

function faultOf(error: unknown, { debug, vault }: Ports): ProbeFault {
  debug?.(vault.redact((error instanceof Error && error.stack) || String(error)));
  return { kind: 'fault of the smoke test', message: String(error) };
}

function failureOf(
  finding: Finding,
  { name, file, lineOf, writtenAt }: PlannedStep,
  sent: Pick<SmokeFailure, 'request' | 'curl'>,
  { vault }: Ports,
): StepResult['failures'][number] {
  const { path, undecided: _undecided, ...rest } = finding;
  const line = lineOf(path);
  const written = writtenAt(path);
  return {
    step: name,
    ...rest,
    ...(written === undefined ? {} : { written: vault.excerpt(written) }),
    ...sent,
    file,
    ...(line === undefined ? {} : { line }),
  };
}
