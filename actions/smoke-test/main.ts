import { loadConfig } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { smokeReport, type SmokeFailure, type SmokeReport } from '../../shared/contracts/smoke-report.js';
import { createHttpClient, type HttpClientOptions } from '../../shared/http/client.js';
import type { HttpClient } from '../../shared/http/types.js';
import { loadJsonPath, type CompiledPath } from '../../shared/probes/evaluators/json-path.js';
import { httpProbe } from '../../shared/probes/http.js';
import { defineAction, type Annotation, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { formatDuration } from '../../shared/time/duration.js';
import { inputs, outputs, type Inputs, type Outputs } from './inputs.js';
import { planSuite, usesJsonPath, type Plan } from './plan.js';
import { render } from './render.js';
import { buildReport } from './report.js';
import { runPlan } from './run.js';
import type { FlowResult } from './run-flow.js';
import { suiteSchema } from './suite-schema.js';
import { createVault } from './vault.js';

export const action = defineAction({
  name: 'smoke-test',
  title: 'Smoke test',
  description:
    'Is this deployment answering as it should? Runs a suite of HTTP flows against it, strict and never falsely green.',
  branding: { icon: 'check-circle', color: 'green' },
  inputs,
  outputs,
  report: smokeReport,
  run: (given, host) => runSmokeTest(given, host),
  render,
});

export default action;

/** Reads the suite, checks it whole, then runs it. Throws ConfigurationError, with every problem, before anything is sent. */
export async function runSmokeTest(
  given: Inputs,
  host: Host,
  connect: (options: HttpClientOptions) => HttpClient = createHttpClient,
): Promise<Outcome<Outputs, SmokeReport>> {
  const vault = createVault((secret) => host.mask(secret));
  Object.values(given.secrets ?? {}).forEach(vault.remember);
  const plan = await readPlan(given, host);
  const client = connect({
    userAgent: 'devops-actions-smoke-test',
    ...(given.proxy === undefined ? {} : { proxy: { url: given.proxy } }),
  });
  const startedAt = host.clock.now();
  try {
    const ports = { probe: httpProbe(client), clock: host.clock, random: host.random, vault };
    const limits = { timeoutMs: given.timeout, concurrency: given.concurrency, signal: host.signal };
    const flows = await runPlan(plan, ports, limits, (flow) => host.log.info(progress(flow)));
    const times = { startedAt, endedAt: host.clock.now(), interrupted: host.signal.aborted };
    return outcomeOf(buildReport(plan, flows, times));
  } finally {
    client.close();
  }
}

async function readPlan(given: Inputs, host: Host): Promise<Plan> {
  const suite = await loadConfig(host.context.workspace, given.suite, 'suite', suiteSchema);
  const compilePath = usesJsonPath(suite.value) ? await loadJsonPath() : notLoaded;
  const settings = {
    baseUrl: given['base-url'],
    variables: given.variables ?? {},
    environment: given.environment ?? [],
    secrets: given.secrets ?? {},
    expectVersion: given['expect-version'],
  };
  const planned = planSuite(suite, settings, (name) => host.variable(name), compilePath);
  if (!planned.ok) throw new ConfigurationError(planned.problems);
  return planned.plan;
}

function notLoaded(source: string): CompiledPath {
  return { ok: false, reason: `the engine was not loaded for ${source}` };
}

function progress({ planned, steps, durationMs }: FlowResult): string {
  const failed = steps.find((step) => step.failures.length > 0)?.failures[0];
  const took = `(${steps.length} steps, ${formatDuration(durationMs)})`;
  if (failed)
    return `✗ ${planned.name} › ${failed.step}: ${failed.check} expected ${failed.expected}, got ${failed.got} ${took}`;
  const left = steps.filter((step) => step.result === 'not-run').length;
  return left > 0 ? `- ${planned.name}: ${left} steps not run ${took}` : `✓ ${planned.name} ${took}`;
}

function outcomeOf(report: SmokeReport): Outcome<Outputs, SmokeReport> {
  const { result, passed, failed, p95Ms } = report;
  return {
    ok: result === 'pass',
    said: report.said,
    outputs: { result, passed, failed, ...(p95Ms === null ? {} : { 'p95-ms': Math.round(p95Ms) }) },
    report,
    annotations: report.failures.map(annotationOf),
  };
}

function annotationOf({ flow, step, check, expected, got, request, file, line }: SmokeFailure): Annotation {
  return {
    level: 'error',
    title: `${flow} › ${step}: ${check}`,
    message: [
      `expected: ${expected}`,
      `got: ${got}`,
      ...(request === '' ? [] : [`request: ${request}`]),
    ].join('\n'),
    file,
    ...(line === undefined ? {} : { line }),
  };
}
