import { loadConfig } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import { type SmokeFailure, type SmokeReport } from '../../shared/contracts/reports/smoke-report.js';
import { guardedLookup, resolveBy, type Resolve } from '../../shared/http/connect/addresses.js';
import { createHttpClient, type HttpClientOptions } from '../../shared/http/client.js';
import type { HttpClient } from '../../shared/http/types.js';
import { loadJsonPath } from '../../shared/probes/evaluators/json-path.js';
import { loadJsonSchema } from '../../shared/probes/evaluators/json-schema.js';
import { loadMarkup } from '../../shared/probes/evaluators/markup.js';
import { loadOpenApi, type OpenApi } from '../../shared/probes/evaluators/openapi.js';
import { createProbe, type ProbeTools } from '../../shared/probes/registry.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction, type Outcome } from '../../shared/runner/define-action.js';
import type { Host } from '../../shared/runner/host.js';
import { formatDuration } from '../../shared/time/duration.js';
import { credentialsIn } from './request/probe.js';
import { harOf } from './report/har.js';
import { inputs, outputs, variablesFile, type Inputs, type Outputs } from './inputs.js';
import { junitOf } from './report/junit.js';
import { loadSuite } from './suite/load.js';
import type { LoadedSuite } from './suite/loaded-suite.js';
import { createEvaluators, enginesOf, type Engines } from './plan/evaluators.js';
import { planSuite } from './plan/plan.js';
import type { Plan } from './plan/planned.js';
import { tellInLines, type Tell } from './run/progress.js';
import { paced } from './run/paced.js';
import { render } from './render.js';
import { pageOf } from './report/page.js';
import { buildReport } from './report/report.js';
import { tapOf } from './report/tap.js';
import { loadResources, type Resources } from './suite/resources.js';
import { runPlan } from './run/run.js';
import type { FlowResult } from './run/flow.js';
import { makeSeed, seededRandom } from './values/seeded-random.js';
import { createVault } from './run/vault.js';

export const action = defineAction({
  name: 'smoke-test',
  title: 'Smoke test',
  description:
    'Is this deployment answering as it should? Runs a suite of flows (HTTP, TCP, TLS, DNS, SQL, gRPC, commands) against it, strict and never falsely green.',
  branding: { icon: 'check-circle', color: 'green' },
  inputs,
  outputs,
  run: (given, host) => runSmokeTest(given, host),
  render,
});

export default action;

/** Limit of a suite for which neither it nor the workflow says one, in milliseconds. */
const defaultTimeoutMs = 300_000;

/**
 * Reads the suite, checks it whole, then runs it. Throws ConfigurationError, with every problem, before anything is
 * sent. `tell` hears of each step as it goes; without it, that is written for debugging.
 */
export async function runSmokeTest(
  given: Inputs,
  host: Host,
  connect: (options: HttpClientOptions) => HttpClient = createHttpClient,
  tools: Partial<ProbeTools> = {},
  tell?: Tell,
): Promise<Outcome<Outputs, SmokeReport>> {
  const vault = createVault((secret) => host.mask(secret));
  [...Object.values(given.secrets ?? {}), ...credentialsIn(given.proxy ?? '')].forEach(vault.remember);
  const { plan, ca, resolve } = await readPlan(given, host, vault.redact);
  const client = connect({
    userAgent: 'devops-actions-smoke-test',
    ...(ca.length > 0 ? { ca } : {}),
    ...(resolve ? { resolve } : {}),
    ...(given.proxy === undefined ? {} : { proxy: { url: given.proxy } }),
  });
  const seed = given.seed ?? makeSeed(host.random);
  const startedAt = host.clock.now();
  try {
    const ports = {
      probe: paced(
        createProbe({ client, lookup: guardedLookup(resolve), cwd: host.context.workspace, ...tools }),
        host.clock,
        given.rate,
      ),
      clock: host.clock,
      random: host.random,
      dataOf: (flow: string) => seededRandom(`${seed} ${flow}`),
      vault,
      keepExchanges: given.har,
      debug: (text: string) => host.log.debug(text),
    };
    const timeoutMs = given.timeout ?? plan.timeoutMs ?? defaultTimeoutMs;
    const limits = { timeoutMs, concurrency: given.concurrency, signal: host.signal };
    const told = tell ?? tellInLines((line) => host.log.debug(oneLine(line, vault.redact)));
    const run = await runPlan(plan, { ...ports, tell: told }, limits, (flow) =>
      host.log.info(oneLine(progress(flow), vault.redact)),
    );
    const times = { startedAt, endedAt: host.clock.now(), interrupted: host.signal.aborted };
    const report = buildReport(plan, run, times, seed, vault.redact);
    const har = given.har ? harOf(run.flows, vault.redact) : undefined;
    return outcomeOf(report, given, har);
  } finally {
    client.close();
  }
}

/** What is run, whom http steps trust besides the usual, and the suite's own name service. */
interface Prepared {
  plan: Plan;
  ca: readonly string[];
  resolve: Resolve | undefined;
}

async function readPlan(given: Inputs, host: Host, redact: (text: string) => string): Promise<Prepared> {
  const suite = await loadSuite(host.context.workspace, given.suite);
  const { schemas, files, ca, openApi } = await loadResources(host.context.workspace, suite);
  const evaluators = createEvaluators(await loadEngines(suite, openApi), schemas);
  const { workspace } = host.context;
  const file = given['vars-file'];
  const shared =
    file === undefined ? {} : (await loadConfig(workspace, file, 'vars-file', variablesFile)).value;
  const settings = {
    baseUrl: given['base-url'],
    variables: { ...shared, ...given.variables },
    fileVariables: Object.keys(shared).filter((name) => !Object.hasOwn(given.variables ?? {}, name)),
    only: given.only,
    environment: given.environment ?? [],
    secrets: given.secrets ?? {},
    expectVersion: given['expect-version'],
  };
  const variable = (name: string) => host.variable(name);
  const planned = planSuite(suite, settings, { variable, evaluators, files, redact });
  if (!planned.ok) throw new ConfigurationError(planned.problems);
  return { plan: planned.plan, ca, resolve: suite.value.resolve && resolveBy(suite.value.resolve) };
}

async function loadEngines(suite: LoadedSuite, openApi: Resources['openApi']): Promise<Engines> {
  const needs = enginesOf(suite);
  return {
    ...(needs.openApi && openApi ? { openApi: await readOpenApi(openApi) } : {}),
    ...(needs.jsonPath ? { jsonPath: await loadJsonPath() } : {}),
    ...(needs.markup ? { markup: await loadMarkup() } : {}),
    ...(needs.jsonSchema ? { jsonSchema: await loadJsonSchema() } : {}),
  };
}

async function readOpenApi({ text, file }: NonNullable<Resources['openApi']>): Promise<OpenApi> {
  const read = (await loadOpenApi())(text, file);
  if (!read.ok) throw new ConfigurationError(read.problems);
  return read.api;
}

/** Blanks that are not one space: most texts have none. */
const breaks = /\s{2,}|[^\S ]/g;

/**
 * A line of the log. Lines that begin with :: and texts with ##[ are commands to the runner, and what is quoted comes
 * from elsewhere. A secret with such a text in it is taken out before it is another.
 */
function oneLine(text: string, redact: (text: string) => string): string {
  const line = text.replace(breaks, ' ');
  return line.includes('##[') ? redact(text).replace(breaks, ' ').replaceAll('##[', '## [') : line;
}

function progress({ planned, steps, durationMs }: FlowResult): string {
  const failed = steps.find((step) => step.failures.length > 0)?.failures[0];
  const took = `(${steps.length} steps, ${formatDuration(durationMs)})`;
  if (failed)
    return `✗ ${planned.name} › ${failed.step}: ${failed.check} expected ${failed.expected}, got ${failed.got} ${took}`;
  const left = steps.filter((step) => step.result === 'not-run').length;
  return left > 0 ? `- ${planned.name}: ${left} steps not run ${took}` : `✓ ${planned.name} ${took}`;
}

function outcomeOf(
  report: SmokeReport,
  given: Inputs,
  har: string | undefined,
): Outcome<Outputs, SmokeReport> {
  const { result, passed, failed, p95Ms, isolation } = report;
  return {
    ok: result === 'pass',
    message: report.message,
    outputs: {
      result,
      passed,
      failed,
      ...(p95Ms === null ? {} : { 'p95-ms': Math.round(p95Ms) }),
      ...(isolation ? { isolation: isolation.result } : {}),
    },
    report,
    files: {
      junit: { name: 'junit.xml', text: junitOf(report) },
      ...(har === undefined ? {} : { har: { name: 'failed-steps.har', text: har } }),
      ...(given.html ? { html: { name: 'smoke-report.html', text: pageOf(report) } } : {}),
      ...(given.tap ? { tap: { name: 'smoke.tap', text: tapOf(report) } } : {}),
    },
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
