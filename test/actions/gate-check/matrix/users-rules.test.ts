import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { Severity } from '../../../../shared/contracts/severity.js';
import { cdPath, ciPath, policyPath } from '../stage.js';
import { played } from './played.js';

const shipped = (name: string) => readFileSync(`workflows-templates/policies/${name}.yml`, 'utf8');
const backupPath = '.github/workflows/backup.yml';
const goLive = shipped('go-live');
const developToMain = shipped('develop-to-main');

/** A release as the users' rules want it, and what is otherwise with this one. */
interface Release {
  policy?: string;
  kind?: 'release' | 'hotfix';
  branch?: string;
  files?: Record<string, string>;
  approvedBy?: string | false;
  /** Conclusions of the jobs of CI. */
  ci?: Record<string, string>;
  staging?: 'success' | 'failure' | 'never';
  tags?: string[];
  /** Critical work that is open. */
  inTransit?: boolean;
  incident?: Severity;
  /** How the job that makes the back-up ended, and what started it; no run of it where left out. */
  backup?: { conclusion?: string; event?: string; path?: string };
  /** Day of the week (0 is Sunday), hour and minute (30 if not given), UTC. */
  at?: [day: number, hour: number, minute?: number];
  /** How long the gate may wait. */
  wait?: string;
  /** Pushed to main without a pull request. */
  pushed?: boolean;
}

const fix = { 'src/basket.ts': 'fixed', 'test/basket.test.ts': 'covered' };
const hotfix: Release = {
  kind: 'hotfix',
  branch: 'hotfix/basket',
  files: fix,
  tags: ['v1.0.1'],
  incident: 'high',
};

/** Plays a release against the stand-in; gives the result, the gates against it and what was waived. */
async function play(release: Release) {
  const { kind = 'release', branch = 'develop', files = { 'src/basket.ts': 'next' } } = release;
  const world = await played({ gates: 'branch: [main]' });
  try {
    const { control } = world.server;
    world.push({ [policyPath]: release.policy ?? shipped('release-rules') });
    // The policy of the users is live before the release that is asked for.
    const live = world.git('rev-parse', 'HEAD');
    const liveRun = world.ran({ sha: live, path: cdPath });
    await world.deployed({
      service: 'shop',
      environment: 'production',
      sha: live,
      runId: liveRun,
      payload: { digest: `sha256:${'f'.repeat(64)}` },
    });

    const octocat = await world.as('octocat');
    const issue_number = await world.issue('work-in-transit:critical');
    if (!release.inTransit)
      await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        issue_number,
        state: 'closed',
      });
    if (release.incident) await world.incident(release.incident);

    const { approvedBy = 'hubot' } = release;
    const sha = release.pushed
      ? world.push(files)
      : (await world.pull({ branch, files, approvedBy, method: 'squash' })).sha;
    const run = control.addRun({
      owner: world.at.owner,
      name: world.at.repo,
      workflowPath: ciPath,
      workflowName: ciPath,
      event: 'push',
      headSha: sha,
      headBranch: 'main',
      actor: 'octocat',
    });
    for (const [name, conclusion] of Object.entries({
      test: 'success',
      'security-scan': 'success',
      ...release.ci,
    }))
      control.progressJob(control.addJob(run.id, { name, key: name }).id, {
        status: 'completed',
        conclusion,
      });
    control.progressRun(run.id, { status: 'completed', conclusion: 'success' });
    for (const tag of release.tags ?? ['v1.1.0', 'v1.1.0-rc.1']) world.git('tag', tag, sha);
    if (release.backup) {
      const { conclusion = 'success', event = 'push', path = backupPath } = release.backup;
      world.ran({ sha, path, event, job: 'backup', conclusion });
    }
    const { staging = 'success' } = release;
    const runId = world.ran({ sha, path: cdPath });
    if (staging !== 'never')
      await world.deployed({ service: 'shop', environment: 'staging', sha, runId, states: [staging] });

    const [day, hour, minute = 30] = release.at ?? [4, 12];
    const now = new Date();
    const ahead = ((day - now.getUTCDay() + 7) % 7) + 7;
    world.later(
      Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + ahead, hour, minute) -
        now.getTime(),
    );
    const { report } = await world.ask({ sha, kind, ...(release.wait ? { wait: release.wait } : {}) });
    return {
      result: report.result,
      against: report.gates.filter(({ result }) => result !== 'pass').map(({ gate }) => gate),
      waived: (report.verdict?.waivers ?? []).map(({ gate }) => gate),
    };
  } finally {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  }
}

const passes = (waived: string[] = []) => ({ result: 'pass', against: [], waived });
const fails = (...against: string[]) => ({ result: 'fail', against, waived: [] });
const architecture = { 'architecture/orders.md': 'two services' };

describe("the users' release rules, each with a release that goes and one that does not", () => {
  it.each<[rule: string, Release, waived: string[], Release, against: string[]]>([
    ['002 §1 staging: 100 % of the checks', {}, [], { ci: { 'security-scan': 'failure' } }, ['checks']],
    ['002 §1 staging: it succeeded there', {}, [], { staging: 'failure' }, ['promotion']],
    ['002 §1 a release candidate is tagged', {}, [], { tags: ['v1.1.0'] }, ['release-candidate']],
    ['002 §1 no critical work in transit', {}, [], { inTransit: true }, ['blockers']],
    [
      '002 §1 no undocumented change of the architecture',
      { files: { ...architecture, 'docs/orders.md': 'two services' } },
      [],
      { files: architecture },
      ['documented'],
    ],
    ['002 §1 the lead approves the merge to main', {}, [], { approvedBy: false }, ['approvals']],
    [
      '002 §2 a hotfix skips the queue, not the quality gates',
      { ...hotfix, inTransit: true },
      ['release-candidate', 'incidents', 'blockers'],
      { ...hotfix, ci: { test: 'failure' } },
      ['checks'],
    ],
    [
      '002 §2 a hotfix brings a test of the fault',
      hotfix,
      ['release-candidate', 'incidents'],
      { ...hotfix, files: { 'src/basket.ts': 'fixed' } },
      ['hotfix'],
    ],
    [
      '002 §2 a hotfix is minimal, no refactoring',
      hotfix,
      ['release-candidate', 'incidents'],
      { ...hotfix, files: { ...fix, 'src/all.ts': 'line\n'.repeat(300) } },
      ['hotfix'],
    ],
    [
      '002 §2 a hotfix raises the patch version',
      hotfix,
      ['release-candidate', 'incidents'],
      { ...hotfix, tags: ['v1.1.0'] },
      ['version'],
    ],
    [
      '002 §2 a hotfix answers an error of severity medium or above',
      { ...hotfix, incident: 'medium' },
      ['release-candidate'],
      { ...hotfix, incident: 'low' },
      ['hotfix'],
    ],
    [
      '000 a peer approves a hotfix, no board',
      hotfix,
      ['release-candidate', 'incidents'],
      { ...hotfix, approvedBy: 'reader' },
      ['approvals', 'hotfix', 'release-candidate', 'incidents'],
    ],
    ['004 from develop to main only', {}, [], { branch: 'feature/basket' }, ['approvals']],
    ['002 §6 nothing reaches production without its history', {}, [], { pushed: true }, ['approvals']],
    [
      '004 a back-up comes before any change',
      { policy: developToMain, backup: {} },
      [],
      { policy: developToMain },
      ['checks'],
    ],
    [
      '004 a back-up that failed is none; one that was started by hand is',
      { policy: developToMain, backup: { event: 'workflow_dispatch' } },
      [],
      { policy: developToMain, backup: { conclusion: 'failure' } },
      ['checks'],
    ],
    [
      '004 a job of that name in another workflow is no back-up',
      { policy: developToMain, backup: {} },
      [],
      { policy: developToMain, backup: { path: '.github/workflows/mine.yml' } },
      ['checks'],
    ],
    [
      '004 develop comes to main by an approved pull request',
      { policy: developToMain, backup: {} },
      [],
      { policy: developToMain, backup: {}, approvedBy: false },
      ['approvals'],
    ],
    [
      '004 nothing but develop comes to main',
      { policy: developToMain, backup: {} },
      [],
      { policy: developToMain, backup: {}, branch: 'feature/basket' },
      ['approvals'],
    ],
  ])('%s', async (_, good, waived, bad, against) => {
    expect(await play(good)).toEqual(passes(waived));
    expect(await play(bad)).toEqual(fails(...against));
  });

  it('002 §6 no deploys on Fridays, unless it is a hotfix of severity high or above', async () => {
    expect(await play({ at: [5, 12] })).toEqual({ result: 'hold', against: ['window'], waived: [] });
    expect((await play({ ...hotfix, incident: 'medium', at: [5, 12] })).result).toBe('hold');
    expect(await play({ ...hotfix, at: [5, 12] })).toEqual(
      passes(['release-candidate', 'incidents', 'window']),
    );
  });

  it('003 go-live on Tuesday at 03:00 UTC, and at no other hour', async () => {
    for (const at of [
      [2, 3, 0],
      [2, 4, 59],
    ] as const)
      expect(await play({ policy: goLive, at: [...at] })).toEqual(passes());
    for (const at of [
      [2, 2, 58],
      [2, 5, 0],
      [3, 3, 30],
    ] as const)
      expect(await play({ policy: goLive, at: [...at] })).toEqual({
        result: 'hold',
        against: ['window'],
        waived: [],
      });
  });

  it('003 started on Monday evening with wait, the gate goes on at 03:00; a shorter wait ends on hold', async () => {
    expect(await play({ policy: goLive, at: [1, 22, 30], wait: '5h' })).toEqual(passes());
    expect((await play({ policy: goLive, at: [1, 22, 30], wait: '1h' })).result).toBe('hold');
  });

  it('003 a proven hotfix of a severe incident does not wait for Tuesday', async () => {
    const rescue: Release = { ...hotfix, policy: goLive, at: [4, 12] };
    expect(await play(rescue)).toEqual(passes(['incidents', 'window']));
    expect((await play({ ...rescue, incident: 'medium' })).result).toBe('hold');
  });
});
