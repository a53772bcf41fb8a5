import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { inputVariable } from '../../../shared/runner/read-inputs.js';
import { openTrafficControl } from '../../../shared/traffic/open-control.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { allTo } from '../../../shared/traffic/router.js';
import type { Mechanism, Running } from '../../../bench/switch/subjects.js';
import { stage, type Stage } from '../../rehearsal/github/support.js';
import { startColour, type Colour } from '../traffic/colours.js';
import { Gate } from './gate.js';
import { fresh, old, reserveGreen, verdictFor } from './ledger.js';
import { startStep, type StepProcess } from './process.js';
import { hookRenames, relayGitHub, relayNode, type GitHubRelay, type Relay } from './relays.js';
import { testHost } from '../runner/host.js';

/** What a started router needs for a stage; the matrix starts real ones, the fault tests the embedded one. */
export type StageRouter = Pick<Running, 'url' | 'section' | 'saved'> & { stop(): Promise<void> };

export interface Job {
  environment: string;
  runId: number;
  jobId: number;
}

/**
 * A router in front of two colours, blue with 1.0.0 and live, green with 2.0.0; a GitHub; and the bundled switch action
 * as processes of their own.
 */
export interface CrashStage {
  gate: Gate;
  stand: Stage;
  github: GitHubRelay;
  router: StageRouter;
  blue: Colour;
  green: Colour;
  /** Puts traffic on blue and reserves green in an environment that is new. */
  reserved(): Promise<Job>;
  /** Runs `mode: switch` of a reserved job. */
  startSwitch(job: Job, inputs?: Record<string, string>): StepProcess;
  startPost(job: Job, state: Readonly<Record<string, string>>): StepProcess;
  /** Runs a mode that needs no verdict. */
  startMode(job: Job, mode: string): StepProcess;
  /** Ends the run of a job and starts a mode in another run. */
  startElsewhere(job: Job, mode: string): StepProcess;
  /** A control of a job in this process, past gate and relays' faults or not. */
  control(job: Job, through?: 'relay'): Promise<TrafficControl>;
  /** A further run in the same environment. */
  anotherRun(job: Job): Job;
  finishRun(job: Job): void;
  deployments(job: Job): Promise<DeploymentRecord[]>;
  locks(job: Job): string[];
  close(): Promise<void>;
}

const writers = { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' } as const;

/** Starts a stage around a router; `tree` is a release tree with its bundle. */
export async function crashStage(
  tree: string,
  startRouter: (folder: string, colours: { blue: string; green: string }) => Promise<StageRouter>,
  entry: Record<string, unknown> = {},
): Promise<CrashStage> {
  const folder = mkdtempSync(join(tmpdir(), 'crash-'));
  const gate = new Gate();
  const stand = await stage();
  const [blue, green] = [
    await startColour(old.version, old.digest),
    await startColour(fresh.version, fresh.digest),
  ];
  const router = await startRouter(folder, { blue: blue.address, green: green.address });
  const github = await relayGitHub(stand.server.url, gate);
  const hook = await hookRenames(folder, gate);
  const relays: Relay[] = [github, hook];
  const nodes = await Promise.all(
    router.section.nodes.map(async (node, index) => {
      const relayed = await relayNode(node, join(folder, `relay-${index}.sock`), gate);
      if (relayed.relay) relays.push(relayed.relay);
      return relayed.node;
    }),
  );
  const traffic = (routerSection: object) =>
    stringify({
      version: 1,
      router: routerSection,
      colours: { blue: { url: blue.url }, green: { url: green.url } },
      health: { timeout: '30s', successes: 1 },
      identity: { path: '/health', version: { json: '$.version' }, digest: { json: '$.digest' } },
      entry: { url: `${router.url}/health`, connections: 3, for: '30ms', within: '500ms', ...entry },
    });
  writeFileSync(join(folder, 'traffic.yml'), traffic({ ...router.section, nodes }));
  writeFileSync(join(folder, 'direct.yml'), traffic(router.section));
  const sha = stand.git('rev-parse', 'HEAD');
  const { token } = stand.server.control.addToken({ actor: 'github-actions[bot]', permissions: writers });

  let count = 0;
  const newRun = (environment: string): Job => {
    const { control } = stand.server;
    const workflow = { workflowPath: '.github/workflows/cd.yml', workflowName: 'CD', event: 'push' };
    const run = control.addRun({
      owner: 'acme',
      name: 'shop',
      ...workflow,
      headSha: sha,
      headBranch: 'main',
      actor: 'octocat',
    });
    control.progressRun(run.id, { status: 'in_progress' });
    const job = control.addJob(run.id, { name: 'production', key: 'production', attempt: 1 });
    control.progressJob(job.id, { status: 'in_progress' });
    return { environment, runId: run.id, jobId: job.id };
  };

  const start = (job: Job, script: 'index' | 'post', more: Record<string, string>): StepProcess =>
    startStep(
      [...hook.nodeArguments, join(tree, 'dist', 'blue-green-switch', `${script}.js`)],
      join(folder, 'steps', String((count += 1))),
      {
        PATH: `${hook.bin}:${process.env['PATH']}`,
        GITHUB_REPOSITORY: 'acme/shop',
        GITHUB_SHA: sha,
        GITHUB_REF: 'refs/heads/main',
        GITHUB_REF_NAME: 'main',
        GITHUB_EVENT_NAME: 'push',
        GITHUB_RUN_ID: String(job.runId),
        GITHUB_RUN_ATTEMPT: '1',
        GITHUB_JOB: 'production',
        GITHUB_ACTION: 'switch',
        GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/cd.yml@refs/heads/main',
        GITHUB_ACTOR: 'octocat',
        GITHUB_API_URL: github.url,
        GITHUB_SERVER_URL: github.url,
        GITHUB_WORKSPACE: folder,
        RUNNER_TEMP: folder,
        [inputVariable('environment')]: job.environment,
        [inputVariable('service')]: 'shop',
        [inputVariable('traffic')]: 'traffic.yml',
        [inputVariable('github-token')]: token,
        [inputVariable('job-id')]: String(job.jobId),
        [inputVariable('job-status')]: 'cancelled',
        ...more,
      },
    );

  const self: CrashStage = {
    gate,
    stand,
    github,
    router,
    blue,
    green,
    async reserved() {
      gate.set();
      const job = newRun(`env-${(count += 1)}`);
      const control = await self.control(job);
      const calls = control.router.plan(await control.router.read(), allTo('blue', control.colours));
      for (const call of calls) await control.router.apply(call);
      await reserveGreen(control, job, sha, stand.git('rev-parse', 'HEAD^{tree}'));
      control.close();
      return job;
    },
    startSwitch: (job, inputs = {}) =>
      start(job, 'index', {
        [inputVariable('mode')]: 'switch',
        [inputVariable('verdict')]: verdictFor(job, sha),
        ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [inputVariable(name), value])),
      }),
    startPost: (job, state) =>
      start(job, 'post', {
        [inputVariable('mode')]: 'switch',
        ...Object.fromEntries(Object.entries(state).map(([name, value]) => [`STATE_${name}`, value])),
      }),
    startMode: (job, mode) =>
      start(job, 'index', { [inputVariable('mode')]: mode, [inputVariable('lock-timeout')]: '0' }),
    startElsewhere: (job, mode) => {
      self.finishRun(job);
      return self.startMode(self.anotherRun(job), mode);
    },
    control: (job, through) => {
      const apiUrl = through === 'relay' ? github.url : stand.server.url;
      const context = { sha, runId: job.runId, apiUrl, workspace: folder, temp: folder };
      return openTrafficControl(testHost({ context, random: Math.random }), {
        environment: job.environment,
        service: 'shop',
        trafficFile: through === 'relay' ? 'traffic.yml' : 'direct.yml',
        token,
        jobId: job.jobId,
      });
    },
    anotherRun: (job) => newRun(job.environment),
    finishRun({ runId, jobId }) {
      const ended = { status: 'completed', conclusion: 'failure' } as const;
      stand.server.control.progressJob(jobId, ended);
      stand.server.control.progressRun(runId, ended);
    },
    async deployments(job) {
      const control = await self.control(job);
      const { records } = await listDeployments(control.github, { environments: [job.environment] });
      control.close();
      return records;
    },
    locks: ({ environment }) =>
      stand
        .git('for-each-ref', '--format=%(refname)', 'refs/devops-actions/')
        .split('\n')
        .filter((ref) => ref.includes(`/${environment}/`)),
    async close() {
      await Promise.all(relays.map((relay) => relay.close()));
      await Promise.all([router.stop(), blue.close(), green.close(), stand.close()]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
  return self;
}

/** The router of a mechanism that the bench measures, for a stage. */
export function stageRouter(mechanism: Mechanism) {
  return async (folder: string, colours: { blue: string; green: string }): Promise<StageRouter> => {
    const { server, ...router } = await mechanism.start(folder, colours);
    return { ...router, stop: () => server.stop() };
  };
}
