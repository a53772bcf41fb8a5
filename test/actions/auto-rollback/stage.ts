import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { startRouter, type Router } from '../../../rehearsal/router/router.js';
import { startShop, type RunningShop } from '../../../rehearsal/shop/shop.js';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { runAction } from '../../../shared/runner/run-action.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { systemClock } from '../../../shared/runner/port.js';
import type { Clock } from '../../../shared/time/clock.js';
import { action } from '../../../actions/auto-rollback/main.js';
import { testRunner, type TestRunner } from '../../support/runner/port.js';
import { allWrite, stage as gitHubStage, type Stage } from '../../rehearsal/github/support.js';

export const digests = { '1.0.0': `sha256:${'a'.repeat(64)}`, '1.1.0': `sha256:${'b'.repeat(64)}` };

/**
 * Two versions of the shop behind a router, with 1.0.0 and then 1.1.0 released by the ledger, and 1.1.0 live on green.
 */
export interface ReleaseStage {
  gitHub: Stage;
  github: GitHub;
  shops: { blue: RunningShop; green: RunningShop };
  router: Router;
  deployments: { '1.0.0': number; '1.1.0': number };
  /** Commits a criteria file to the default branch. */
  criteria(yaml: string): void;
  /** Puts an executable into the workspace of the step: a shell script. */
  executable(path: string, script: string): void;
  /** A path in the workspace of the step. */
  path(name: string): string;
  /** What the executables of the workspace wrote into a file there. */
  written(path: string): string;
  /** Puts one into the workspace of the step instead. */
  criteriaInWorkspace(yaml: string): void;
  /** Sends requests through the router until stopped; counts answers by status. */
  load(everyMs: number): { stop(): Promise<void>; answers: Map<number, number> };
  /**
   * Runs the action as a step of a job of its own, by a clock that is `speed` times as fast as the real one (default
   * 5), `laterMs` after now; GitHub's clock goes along.
   */
  run(
    inputs: Readonly<Record<string, string>>,
    options?: {
      speed?: number;
      laterMs?: number;
      env?: Record<string, string>;
      started?: (runner: TestRunner) => void;
    },
  ): Promise<TestRunner>;
  close(): Promise<void>;
}

export async function releaseStage(
  commits?: (gitHub: Stage) => Record<keyof typeof digests, string>,
  schemas: Partial<Record<keyof typeof digests, NonNullable<DeploymentPayload['schema']>>> = {},
): Promise<ReleaseStage> {
  const gitHub = await gitHubStage();
  const { control } = gitHub.server;
  const folder = mkdtempSync(join(tmpdir(), 'auto-rollback-'));
  const shop = (version: keyof typeof digests, colour: string) =>
    startShop({ port: 0, version, colour, digest: digests[version] });
  const shops = { blue: await shop('1.0.0', 'blue'), green: await shop('1.1.0', 'green') };
  const map = join(folder, 'live.map');
  writeFileSync(map, 'live green\n');
  const backend = (running: RunningShop) => ({ servers: { app: { address: `127.0.0.1:${running.port}` } } });
  const router = await startRouter({
    listen: '127.0.0.1:0',
    socket: join(folder, 'api.sock'),
    map: { file: map, key: 'live', default: 'blue' },
    backends: { blue: backend(shops.blue), green: backend(shops.green) },
  });
  mkdirSync(join(folder, '.github'));
  writeFileSync(join(folder, '.github/traffic.yml'), trafficFile(folder, map, shops, router));
  mkdirSync(join(gitHub.gitDir, '.github/workflows'), { recursive: true });

  const { commit: sha, tree } = gitHub.first;
  const shaOf = commits?.(gitHub) ?? { '1.0.0': sha, '1.1.0': sha };
  const newRun = (headSha = sha) =>
    control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/cd.yml',
      workflowName: 'cd',
      event: 'push',
      headSha,
      headBranch: 'main',
      actor: 'octocat',
    });
  const token = () => control.addToken({ actor: 'github-actions[bot]', permissions: allWrite }).token;
  const github = await openGitHub({
    token: token(),
    at: { owner: 'acme', repository: 'shop', apiUrl: gitHub.server.url },
    clock: systemClock,
    random: Math.random,
  });
  const release = async (version: keyof typeof digests, colour: string, previous?: number) => {
    const payload: DeploymentPayload = {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version,
      releaseId: `release-${version}`,
      builtSha: shaOf[version],
      releasedSha: shaOf[version],
      tree: commits ? gitHub.git('rev-parse', `${shaOf[version]}^{tree}`) : tree,
      digest: digests[version],
      kind: 'release',
      colour,
      ...(previous ? { previous } : {}),
      ...(schemas[version] ? { schema: schemas[version] } : {}),
      waivers: [],
      run: { id: newRun(shaOf[version]).id, attempt: 1 },
    };
    const id = await createDeployment(github, {
      environment: 'production',
      service: 'shop',
      sha: shaOf[version],
      production: true,
      description: version,
      payload,
    });
    await setDeploymentStatus(github, id, 'success', `${version} is live on ${colour}`);
    if (previous) await setDeploymentStatus(github, previous, 'inactive', 'superseded');
    return id;
  };
  const first = await release('1.0.0', 'blue');
  const deployments = { '1.0.0': first, '1.1.0': await release('1.1.0', 'green', first) };

  return {
    gitHub,
    github,
    shops,
    router,
    deployments,
    criteria: (yaml) => void gitHub.commit('.github/rollback.yml', yaml),
    criteriaInWorkspace: (yaml) => writeFileSync(join(folder, '.github/rollback.yml'), yaml),
    path: (name) => join(folder, name),
    written: (path) => readFileSync(join(folder, path), 'utf8'),
    executable(path, script) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), `#!/bin/sh\nset -eu\n${script}\n`, { mode: 0o755 });
    },
    load: (everyMs) => load(`${router.url}/api/products`, everyMs),
    async run(inputs, { speed = 5, laterMs = 0, env = {}, started } = {}) {
      control.setClock({ offsetMs: laterMs });
      const { id } = newRun();
      control.progressRun(id, { status: 'in_progress' });
      const job = control.addJob(id, { name: 'watch', key: 'watch' }).id;
      control.progressJob(job, { status: 'in_progress' });
      const runner = testRunner({
        GITHUB_RUN_ID: String(id),
        GITHUB_SHA: sha,
        GITHUB_API_URL: gitHub.server.url,
        GITHUB_WORKSPACE: folder,
        RUNNER_TEMP: folder,
        GITHUB_ACTOR: 'octocat',
        GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/watch.yml@refs/heads/main',
        'INPUT_GITHUB-TOKEN': token(),
        'INPUT_JOB-ID': String(job),
        INPUT_ENVIRONMENT: 'production',
        INPUT_SERVICE: 'shop',
        ...Object.fromEntries(
          Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value]),
        ),
        ...env,
      });
      runner.clock = fastClock(speed, laterMs);
      started?.(runner);
      await runAction(action as unknown as ActionDefinition, 'main', runner);
      control.progressJob(job, { status: 'completed', conclusion: 'success' });
      return runner;
    },
    async close() {
      await router.close();
      await Promise.all([shops.blue.close(), shops.green.close()]);
      await gitHub.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function fastClock(speed: number, laterMs: number): Clock {
  const start = systemClock.now();
  return {
    now: () => Math.round(start + laterMs + (systemClock.now() - start) * speed),
    sleep: (milliseconds, signal) => systemClock.sleep(milliseconds / speed, signal),
  };
}

function trafficFile(folder: string, map: string, shops: ReleaseStage['shops'], router: Router): string {
  return JSON.stringify({
    version: 1,
    router: {
      type: 'haproxy',
      mode: 'map',
      nodes: [{ name: 'lb', socket: join(folder, 'api.sock') }],
      map,
      key: 'live',
      backends: { blue: 'blue', green: 'green' },
    },
    colours: { blue: { url: shops.blue.url }, green: { url: shops.green.url } },
    identity: { version: { json: '$.version' }, digest: { json: '$.digest' } },
    entry: { url: `${router.url}/health`, connections: 5, for: '100ms' },
  });
}

function load(url: string, everyMs: number): { stop(): Promise<void>; answers: Map<number, number> } {
  const answers = new Map<number, number>();
  const inFlight = new Set<Promise<void>>();
  const timer = setInterval(() => {
    const one = fetch(url)
      .then(async (response) => {
        await response.arrayBuffer();
        answers.set(response.status, (answers.get(response.status) ?? 0) + 1);
      })
      .catch(() => void answers.set(0, (answers.get(0) ?? 0) + 1))
      .finally(() => void inFlight.delete(one));
    inFlight.add(one);
  }, everyMs);
  return {
    answers,
    async stop() {
      clearInterval(timer);
      await Promise.all(inFlight);
    },
  };
}
