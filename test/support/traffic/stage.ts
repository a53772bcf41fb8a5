import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { action } from '../../../actions/blue-green-switch/main.js';
import { codesIn } from '../../../shared/contracts/refusal-codes.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { readInputs, inputVariable } from '../../../shared/runner/read-inputs.js';
import { systemClock } from '../../../shared/runner/port.js';
import type { Clock } from '../../../shared/time/clock.js';
import { openTrafficControl } from '../../../shared/traffic/open-control.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { longestWord } from '../../../shared/traffic/switch/transaction.js';
import { stage, type Stage } from '../../rehearsal/github/support.js';
import { digestOf, startColour, type Colour } from './colours.js';
import { testHost, type TestHost } from '../runner/host.js';

/** A job of a run, as the stand-in knows it. */
export interface Job {
  runId: number;
  attempt: number;
  jobId: number;
}

export interface StepResult {
  ok: boolean;
  message: string;
  result: string;
  outputs: Record<string, string>;
  report: SwitchReport;
  host: TestHost;
}

/**
 * Two colours behind the embedded router, a GitHub stand-in, and the switch action to run against them. Blue runs 1.0.0
 * and is live.
 */
export interface TrafficStage {
  blue: Colour;
  green: Colour;
  router: Router;
  stand: Stage;
  sha: string;
  workspace: string;
  mapFile: string;
  startRun(): Job;
  /** A further job of the same attempt. */
  startJob(run: Job): Job;
  finishRun(job: Job): void;
  finishJob(job: Job): void;
  verdict(job: Job, changes?: Record<string, unknown>): string;
  step(job: Job, inputs: Record<string, string>, host?: TestHost): Promise<StepResult>;
  reserve(job: Job, changes?: Record<string, string>): Promise<StepResult>;
  /** reserve → deploy 2.0.0 to green → switch. */
  release(job: Job, changes?: Record<string, string>): Promise<StepResult>;
  post(host: TestHost, jobStatus?: string): Promise<StepResult | undefined>;
  control(job: Job): Promise<TrafficControl>;
  deployments(): Promise<DeploymentRecord[]>;
  live(): string;
  /** Weights of the servers, in mode `servers`. */
  weights(): { blue: number; green: number };
  /** Refs of services' states; that of an incident stays while it is open, and is left out. */
  refs(): Promise<string[]>;
  /** Sets an environment variable of every step from now on. */
  setVariable(name: string, value: string): void;
  close(): Promise<void>;
}

/**
 * The router's own health checks: how often it makes them (ms), at which address of green where that is not the shop's
 * own, and `healthy-within`.
 */
export interface Checks {
  every: number;
  greenAt?: string;
  healthyWithin: string;
}

export const newDigest = digestOf('2');

/**
 * The real time, but pauses between two tries are cut to 10 ms. A busy machine has a minute for a write to the ledger;
 * longer waits are kept.
 */
export const hurried: Clock = {
  now: () => systemClock.now(),
  sleep(milliseconds, signal) {
    if (milliseconds === longestWord) return systemClock.sleep(60_000, signal);
    return systemClock.sleep(milliseconds < longestWord ? Math.min(milliseconds, 10) : milliseconds, signal);
  },
};

/** A refusal that nobody can look up fails the test that met it. */
function mustHaveCodes(reasons: readonly string[]): void {
  const bare = reasons.filter((reason) => codesIn([reason]).length === 0);
  if (reasons.length === 0 || bare.length > 0) throw new Error(`refused without a code: ${bare.join('; ')}`);
}

/** Starts everything on free ports of the loopback interface. */
export async function trafficStage(
  entry: Record<string, unknown> = {},
  mode: 'map' | 'servers' = 'map',
  checks?: Checks,
): Promise<TrafficStage> {
  const stand = await stage();
  const [blue, green] = [
    await startColour('1.0.0', digestOf('1')),
    await startColour('0.9.0', digestOf('0')),
  ];
  const workspace = mkdtempSync(join(tmpdir(), 'traffic-stage-'));
  const mapFile = join(workspace, 'live.map');
  writeFileSync(mapFile, `shop ${mode === 'map' ? 'shop_blue' : 'shop_both'}\n`);
  const router = await startRouter({
    listen: '127.0.0.1:0',
    socket: join(workspace, 'router.sock'),
    map: { file: mapFile, key: 'shop', default: 'shop_blue' },
    backends: {
      shop_blue: { servers: { blue1: { address: blue.address } } },
      shop_green: {
        servers: {
          green1: {
            address: checks?.greenAt ?? green.address,
            ...(checks ? { check: checks.every } : {}),
          },
        },
      },
      shop_both: {
        servers: {
          blue1: { address: blue.address, weight: 100 },
          green1: { address: green.address, weight: 0 },
        },
      },
    },
  });
  const traffic = {
    version: 1,
    router: {
      type: 'haproxy',
      nodes: [{ name: 'edge-1', socket: router.socket }],
      ...(checks ? { 'healthy-within': checks.healthyWithin } : {}),
      ...(mode === 'map'
        ? { mode, map: mapFile, key: 'shop', backends: { blue: 'shop_blue', green: 'shop_green' } }
        : { mode, backend: 'shop_both', servers: { blue: ['blue1'], green: ['green1'] } }),
    },
    colours: { blue: { url: blue.url }, green: { url: green.url } },
    health: { timeout: '30s', successes: 1 },
    identity: { path: '/health', version: { json: '$.version' }, digest: { json: '$.digest' } },
    // A connection that a busy machine answers late is no failed one.
    entry: {
      url: `${router.url}/health`,
      connections: 3,
      for: '30ms',
      within: '200ms',
      timeout: '30s',
      ...entry,
    },
  };
  writeFileSync(join(workspace, 'traffic.yml'), stringify(traffic));
  const sha = stand.first.commit;
  const { token } = stand.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  });
  const control = stand.server.control;

  const startJob = ({ runId, attempt }: Pick<Job, 'runId' | 'attempt'>): Job => {
    const { id } = control.addJob(runId, { name: 'production', key: 'production', attempt });
    control.progressJob(id, { status: 'in_progress' });
    return { runId, attempt, jobId: id };
  };
  const variables: Record<string, string> = { 'INPUT_GITHUB-TOKEN': token };
  const hostFor = (job: Job): TestHost =>
    testHost({
      context: {
        sha,
        runId: job.runId,
        attempt: job.attempt,
        apiUrl: stand.server.url,
        workspace,
        temp: workspace,
      },
      clock: hurried,
      random: Math.random,
      variables,
    });
  const common = {
    environment: 'production',
    service: 'shop',
    traffic: 'traffic.yml',
    'github-token': token,
    'lock-timeout': '0',
  };

  const self: TrafficStage = {
    blue,
    green,
    router,
    stand,
    sha,
    workspace,
    mapFile,
    startRun() {
      const spec = {
        owner: 'acme',
        name: 'shop',
        workflowPath: '.github/workflows/cd.yml',
        workflowName: 'CD',
      };
      const run = control.addRun({
        ...spec,
        event: 'push',
        headSha: sha,
        headBranch: 'main',
        actor: 'octocat',
      });
      control.progressRun(run.id, { status: 'in_progress' });
      return startJob({ runId: run.id, attempt: run.attempt });
    },
    startJob,
    finishJob: ({ jobId }) => control.progressJob(jobId, { status: 'completed', conclusion: 'failure' }),
    finishRun({ runId, jobId }) {
      control.progressJob(jobId, { status: 'completed', conclusion: 'failure' });
      control.progressRun(runId, { status: 'completed', conclusion: 'failure' });
    },
    verdict: ({ runId, attempt }, changes = {}) =>
      JSON.stringify({
        schema: 'devops-actions/verdict@1',
        result: 'pass',
        environment: 'production',
        service: 'shop',
        kind: 'release',
        sha,
        digest: newDigest,
        policyCommit: sha,
        runId,
        attempt,
        issuedAt: new Date(Date.now() - 1_000).toISOString(),
        expiresAt: new Date(Date.now() + 600_000).toISOString(),
        gates: ['checks'],
        waivers: [],
        ...changes,
      }),
    async step(job, inputs, host = hostFor(job)) {
      const given: Record<string, string> = { ...common, sha, 'job-id': String(job.jobId), ...inputs };
      const env = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [inputVariable(name), value]),
      );
      const outcome = await action.run(readInputs(action.inputs, env), host);
      const outputs = outcome.outputs as Record<string, string>;
      if (outputs['result'] === 'refused') mustHaveCodes(outcome.report.reasons);
      return {
        ok: outcome.ok,
        message: outcome.message,
        result: outputs['result'] ?? '',
        outputs,
        report: outcome.report,
        host,
      };
    },
    reserve: (job, changes = {}) =>
      self.step(job, {
        mode: 'reserve',
        version: '2.0.0',
        digest: newDigest,
        verdict: self.verdict(job),
        ...changes,
      }),
    async release(job, changes = {}) {
      const reserved = await self.reserve(job);
      if (!reserved.ok) return reserved;
      Object.assign(green, { version: '2.0.0', digest: newDigest });
      return self.step(job, { mode: 'switch', verdict: self.verdict(job), ...changes });
    },
    async post(host, jobStatus = 'success') {
      const outcome = await action.post!({
        ...host,
        variable: (name) => (name === 'INPUT_JOB-STATUS' ? jobStatus : host.variable(name)),
      });
      if (!outcome) return undefined;
      const outputs = outcome.outputs as Record<string, string>;
      return {
        ok: outcome.ok,
        message: outcome.message,
        result: outputs['result'] ?? '',
        outputs,
        report: outcome.report,
        host,
      };
    },
    control: (job) =>
      openTrafficControl(hostFor(job), {
        environment: 'production',
        service: 'shop',
        trafficFile: 'traffic.yml',
        token,
        jobId: job.jobId,
      }),
    async deployments() {
      const opened = await self.control({ runId: 1, attempt: 1, jobId: 1 });
      const { records } = await listDeployments(opened.github, { environments: ['production'] });
      opened.close();
      return records;
    },
    live: () => router.stats().live.replace('shop_', ''),
    weights() {
      const servers = router.stats().backends['shop_both']!;
      return { blue: servers['blue1']!.weight, green: servers['green1']!.weight };
    },
    async refs() {
      return stand
        .git('for-each-ref', '--format=%(refname)', 'refs/devops-actions/')
        .split('\n')
        .filter((line) => line !== '' && !line.startsWith('refs/devops-actions/incidents/'));
    },
    setVariable: (name, value) => void (variables[name] = value),
    async close() {
      await Promise.all([router.close(), blue.close(), green.close(), stand.close()]);
      rmSync(workspace, { recursive: true, force: true });
    },
  };
  return self;
}
