import { readFileSync } from 'node:fs';
import { runWorkflow } from '../runner/run-workflow.js';
import type { ProgressEvent, RunReport } from '../runner/request.js';
import type { LoadReport } from '../load/tally.js';
import { startChild } from './child.js';
import { searchLeaks } from './leaks.js';
import { firstRelease, type ReleaseFile } from './repository.js';
import { readSmoke, stepsOfSuite } from './smoke.js';
import type { Act, Story } from './story.js';
import { environments, name, owner, type World } from './world.js';

export interface Teller {
  act(title: string): void;
  progress(event: ProgressEvent): void;
  load(report: LoadReport): void;
}

const releases: Record<'good' | 'bad' | 'hotfix', ReleaseFile> = {
  good: { version: '1.1.0', schema: 42 },
  // Fails only once it has had load for a while: its smoke test is green.
  bad: { version: '1.2.0', schema: 43, fault: { errorRate: 0.12, afterRequests: 700 } },
  hotfix: { version: '1.2.1', schema: 43 },
};

export const badVersion = releases.bad.version;

/** Plays the whole story: three releases under steady load, an old verdict tried again, the DORA page. */
export async function play(world: World, node: string, teller: Teller): Promise<Story> {
  await prepareGitHub(world);
  const load = await startChild<LoadReport>(world.scripts.load, [
    '--url',
    world.entries.production.url,
    '--rps',
    '200',
  ]);
  let latest = load.ready;
  load.onLine((line) => teller.load((latest = line as LoadReport)));

  const good = await release(world, node, teller, 'Release 1.1.0: good', releases.good, 'release');
  const bad = await release(
    world,
    node,
    teller,
    'Release 1.2.0: passes its smoke test, fails under load',
    releases.bad,
    'release',
  );
  const hotfix = await release(world, node, teller, 'Hotfix 1.2.1', releases.hotfix, 'hotfix');
  const replayed = await act(teller, 'The production job again, with the old verdict', hotfix.sha, () =>
    run(world, node, teller, 'cd.yml', 'workflow_dispatch', hotfix.sha, {
      rerun: { runId: hotfix.run.runId, jobs: ['production'] },
    }),
  );
  await load.stop();
  const dora = await act(teller, 'DORA report', hotfix.sha, () =>
    run(world, node, teller, 'dora-report.yml', 'workflow_dispatch', hotfix.sha, {}),
  );
  const acts = { good, bad, hotfix, replayed, dora };
  const ledger = await world.github.call('GET', '/state');
  return {
    ...acts,
    load: latest,
    smoke: Object.entries({ good, bad, hotfix }).flatMap(([title, { run }]) => readSmoke(title, run)),
    suite: stepsOfSuite(readFileSync(world.suite, 'utf8')),
    leaks: searchLeaks(world.database.passwords, `${world.dir}/runs`, {
      'the reports of the runs': JSON.stringify(acts),
      'the state of GitHub': JSON.stringify(ledger),
    }),
    ledger,
    violations: await world.github.call('GET', '/violations'),
  };
}

/** People, environments with their protection, and the repository, as an administrator sets them up. */
async function prepareGitHub({ github, repository }: World): Promise<void> {
  const people = { owner: 'admin', developer: 'write', 'release-manager': 'write' };
  const ids: Record<string, number> = {};
  for (const [login, role] of Object.entries(people)) {
    ids[login] = (await github.call<{ id: number }>('POST', '/users', { login, role })).id;
  }
  repository.commit(firstRelease, `Shop ${firstRelease.version}`);
  await github.call('POST', '/repos', { owner, name, gitDir: repository.gitDir, defaultBranch: 'main' });
  const admin = await github.as('owner');
  const mainOnly = { deployment_branch_policy: { protected_branches: true, custom_branch_policies: false } };
  for (const environment of environments) {
    const reviewers =
      environment === 'production'
        ? { reviewers: [{ type: 'User', id: ids['release-manager'] }], prevent_self_review: true }
        : {};
    await admin('PUT', `/repos/${owner}/${name}/environments/${environment}`, { ...mainOnly, ...reviewers });
  }
  await admin('PUT', `/repos/${owner}/${name}/environments/production-recovery`, mainOnly);
}

async function release(
  world: World,
  node: string,
  teller: Teller,
  title: string,
  file: ReleaseFile,
  kind: 'release' | 'hotfix',
): Promise<Act> {
  const sha = world.repository.commit(file, `Shop ${file.version}`);
  return act(teller, title, sha, async () => {
    const ci = await run(world, node, teller, 'ci.yml', 'push', sha, {});
    if (ci.conclusion !== 'success') throw new Error(`CI of ${file.version} ended with ${ci.conclusion}`);
    return kind === 'hotfix'
      ? run(world, node, teller, 'cd.yml', 'workflow_dispatch', sha, { inputs: { kind } })
      : run(world, node, teller, 'cd.yml', 'push', sha, {});
  });
}

async function act(teller: Teller, title: string, sha: string, play: () => Promise<RunReport>): Promise<Act> {
  teller.act(title);
  const startedAt = Date.now();
  const report = await play();
  return { title, sha, startedAt, endedAt: Date.now(), run: report };
}

interface RunOptions {
  inputs?: Record<string, string>;
  rerun?: { runId: number; jobs: string[] };
}

function run(
  world: World,
  node: string,
  teller: Teller,
  workflow: string,
  event: string,
  sha: string,
  { inputs, rerun }: RunOptions,
): Promise<RunReport> {
  return runWorkflow({
    workflow: `.github/workflows/${workflow}`,
    repository: { owner, name, gitDir: world.repository.gitDir },
    event: {
      name: event,
      ref: 'refs/heads/main',
      sha,
      actor: 'developer',
      payload: {},
      ...(inputs ? { inputs } : {}),
    },
    github: { url: world.github.url },
    actions: { 'org/devops-actions': world.tree },
    secrets: {},
    environmentSecrets: world.database.secrets,
    vars: {},
    machineEnvironment: { NODE_EXTRA_CA_CERTS: world.database.authority },
    node,
    workDir: `${world.dir}/runs`,
    approve: (_environment, runId) => approve(world, runId),
    onProgress: (progress) => teller.progress(progress),
    ...(rerun ? { rerun: { ...rerun, actor: 'developer' } } : {}),
  });
}

/** The reviewer of production looks at the gate's summary and approves. */
async function approve({ github }: World, runId: number): Promise<void> {
  const reviewer = await github.as('release-manager');
  const path = `/repos/${owner}/${name}/actions/runs/${runId}/pending_deployments`;
  const waiting = (await reviewer('GET', path)) as { environment: { id: number } }[];
  await reviewer('POST', path, {
    environment_ids: waiting.map(({ environment }) => environment.id),
    state: 'approved',
    comment: 'The gate is green.',
  });
}
