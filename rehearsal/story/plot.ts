import { readFileSync } from 'node:fs';
import { runWorkflow } from '../runner/run-workflow.js';
import type { ProgressEvent, RunReport } from '../runner/request.js';
import type { LoadReport } from '../load/tally.js';
import { startChild } from './child.js';
import { searchLeaks } from './judge/leaks.js';
import { keyOf } from './jobs.js';
import { firstRelease, type ReleaseFile } from './repository.js';
import { readSmoke, stepsOfSuite } from './judge/smoke.js';
import { actNames, type Act, type ActName, type Approval, type Story } from './story.js';
import { describeMove, watchTraffic, type Move } from './traffic-watch.js';
import { environments, name, owner, type World } from './world.js';

const developer = 'developer';
export const reviewer = 'release-manager';

export interface Teller {
  act(title: string): void;
  /** What people do, and what visitors see. */
  note(line: string): void;
  progress(event: ProgressEvent): void;
  load(report: LoadReport): void;
}

const releases: Record<'good' | 'unsafe' | 'bad' | 'hotfix', ReleaseFile> = {
  good: { version: '1.1.0', schema: 42 },
  // Drops a column that the live release reads.
  unsafe: { version: '1.1.1', schema: 44 },
  // Fails only once it has had load for a while: its smoke test is green.
  bad: { version: '1.2.0', schema: 43, fault: { errorRate: 0.12, afterRequests: 700 } },
  hotfix: { version: '1.2.1', schema: 43 },
};

export const badVersion = releases.bad.version;

interface Stage {
  world: World;
  node: string;
  teller: Teller;
  approvals: Approval[];
}

/**
 * Plays the whole story: three releases under steady load, what an unsafe migration and an open incident stop, the bad one's job run again, the
 * DORA page.
 */
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
  const moves: Move[] = [];
  const visitor = watchTraffic(world.entries, (move) => {
    moves.push(move);
    teller.note(describeMove(move));
  });
  const stage: Stage = { world, node, teller, approvals: [] };

  const good = await push(stage, 'good', 'Release 1.1.0: good', releases.good);
  const unsafe = await push(
    stage,
    'unsafe',
    'Version 1.1.1: its migration would break the live release, the gate stops it',
    releases.unsafe,
  );
  const bad = await push(
    stage,
    'bad',
    'Release 1.2.0: passes its smoke test, fails under load',
    releases.bad,
  );
  const blocked = await push(
    stage,
    'blocked',
    'Version 1.2.1 as an ordinary release: the open incident stops it',
    releases.hotfix,
  );
  const hotfix = await releaseHotfix(stage, good.sha);
  const replayed = await act(stage, 'replayed', 'The release job of 1.2.0, run again', bad.sha, () => {
    teller.note(`${developer} runs the job again: it passed once, but its gate looks again`);
    const jobs = [keyOf(bad.run, 'production-release')];
    return run(stage, 'cd.yml', 'push', bad.sha, { rerun: { runId: bad.run.runId, jobs } });
  });
  await Promise.all([load.stop(), visitor.stop()]);
  const dora = await act(stage, 'dora', 'The DORA report', blocked.sha, () =>
    run(stage, 'dora-report.yml', 'workflow_dispatch', blocked.sha, {}),
  );
  const acts = { good, unsafe, bad, blocked, hotfix, replayed, dora };
  const ledger = await world.github.call('GET', '/state');
  return {
    ...acts,
    acts: actNames.map((name) => acts[name]),
    approvals: stage.approvals,
    moves,
    load: latest,
    smoke: [good, bad, blocked, hotfix].flatMap(({ name, run }) => readSmoke(name, run)),
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
  const people = { owner: 'admin', [developer]: 'write', [reviewer]: 'write' };
  const ids: Record<string, number> = {};
  for (const [login, role] of Object.entries(people)) {
    ids[login] = (await github.call<{ id: number }>('POST', '/users', { login, role })).id;
  }
  repository.commit(firstRelease, `Shop ${firstRelease.version}`);
  await github.call('POST', '/repos', { owner, name, gitDir: repository.gitDir, defaultBranch: 'main' });
  const admin = await github.as('owner');
  const custom = { deployment_branch_policy: { protected_branches: false, custom_branch_policies: true } };
  for (const environment of environments) {
    const reviewers =
      environment === 'production'
        ? { reviewers: [{ type: 'User', id: ids[reviewer] }], prevent_self_review: true }
        : {};
    for (const [environmentName, protection] of [
      [environment, reviewers],
      [`${environment}-recovery`, {}],
    ] as const) {
      const path = `/repos/${owner}/${name}/environments/${environmentName}`;
      await admin('PUT', path, { ...custom, ...protection });
      for (const branch of ['main', 'hotfix/*'])
        await admin('POST', `${path}/deployment-branch-policies`, { name: branch });
    }
  }
}

/** Commits a version to main. As on GitHub, CI and CD start on the same push. */
function push(stage: Stage, name: ActName, title: string, file: ReleaseFile): Promise<Act> {
  const { world, teller } = stage;
  const sha = world.repository.commit(file, `Shop ${file.version}`);
  return act(stage, name, title, sha, async () => {
    teller.note(`${developer} pushes ${file.version} (${sha.slice(0, 7)}) to main: CI and CD start`);
    const [ci, cd] = await Promise.all([
      run(stage, 'ci.yml', 'push', sha, {}),
      run(stage, 'cd.yml', 'push', sha, {}),
    ]);
    if (ci.conclusion !== 'success') throw new Error(`CI of ${file.version} ended with ${ci.conclusion}`);
    return { ci, run: cd };
  });
}

const hotfixBranch = 'hotfix/1.2.1';

/** A hotfix begins at what is live, comes by a pull request that somebody else approves, and is started by hand. */
function releaseHotfix(stage: Stage, live: string): Promise<Act> {
  const { world, teller } = stage;
  const { version } = releases.hotfix;
  const sha = world.repository.commitOn(hotfixBranch, live, releases.hotfix, `Hotfix ${version}`);
  return act(
    stage,
    'hotfix',
    `Hotfix ${version}: from the live version, approved as a pull request`,
    sha,
    async () => {
      const ref = `refs/heads/${hotfixBranch}`;
      const number = await openPull(world, `Hotfix ${version}`);
      teller.note(`${developer} opens #${number} from ${hotfixBranch}, ${reviewer} approves it: CI starts`);
      const ci = await run(stage, 'ci.yml', 'push', sha, { ref });
      teller.note(`${developer} starts cd.yml on ${hotfixBranch} with kind = hotfix`);
      return {
        ci,
        run: await run(stage, 'cd.yml', 'workflow_dispatch', sha, { ref, inputs: { kind: 'hotfix' } }),
      };
    },
  );
}

async function openPull({ github }: World, title: string): Promise<number> {
  const pulls = `/repos/${owner}/${name}/pulls`;
  const author = await github.as(developer);
  const { number } = (await author('POST', pulls, { title, head: hotfixBranch, base: 'main' })) as {
    number: number;
  };
  const approver = await github.as(reviewer);
  await approver('POST', `${pulls}/${number}/reviews`, { event: 'APPROVE', body: 'It fixes the errors.' });
  return number;
}

async function act(
  { teller }: Stage,
  name: ActName,
  title: string,
  sha: string,
  play: () => Promise<RunReport | Pick<Act, 'run' | 'ci'>>,
): Promise<Act> {
  teller.act(title);
  const startedAt = Date.now();
  const played = await play();
  const runs = 'run' in played ? played : { run: played };
  return { name, title, sha, startedAt, endedAt: Date.now(), ...runs };
}

interface RunOptions {
  /** The default branch unless said otherwise. */
  ref?: string;
  inputs?: Record<string, string>;
  rerun?: { runId: number; jobs: 'failed' | string[] };
}

function run(
  stage: Stage,
  workflow: string,
  event: string,
  sha: string,
  { ref = 'refs/heads/main', inputs, rerun }: RunOptions,
): Promise<RunReport> {
  const { world, node, teller } = stage;
  return runWorkflow({
    workflow: `.github/workflows/${workflow}`,
    repository: { owner, name, gitDir: world.repository.gitDir },
    event: {
      name: event,
      ref,
      sha,
      actor: developer,
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
    approve: (environment, runId) => approve(stage, environment, runId),
    onProgress: (progress) => teller.progress(progress),
    ...(rerun ? { rerun: { ...rerun, actor: developer } } : {}),
  });
}

/** The reviewer looks at the gate's summary and approves. */
async function approve(
  { world, teller, approvals }: Stage,
  environment: string,
  runId: number,
): Promise<void> {
  const call = await world.github.as(reviewer);
  const path = `/repos/${owner}/${name}/actions/runs/${runId}/pending_deployments`;
  const waiting = (await call('GET', path)) as { environment: { id: number } }[];
  const comment = 'The gate is green.';
  await call('POST', path, {
    environment_ids: waiting.map(({ environment: { id } }) => id),
    state: 'approved',
    comment,
  });
  approvals.push({ environment, by: reviewer, runId, comment });
  teller.note(`${reviewer} approves ${environment}: "${comment}"`);
}
