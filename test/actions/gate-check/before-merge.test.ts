import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readTestMerge } from '../../../actions/gate-check/evidence/code/test-merge.js';
import { replay } from '../../../actions/gate-check/replay.js';
import type { GitHub } from '../../../shared/github/client.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import { systemClock } from '../../../shared/runner/port.js';
import { cdPath, gateStage, policyPath, type GateStage } from './stage.js';

const policyOf = (hotfix: string, more = '') =>
  `version: 1\nenvironments:\n  production:\n    gates:\n      hotfix: ${hotfix}\n      version: {}\n${more}`;
const limits = "{ tests: ['test/**'], max-files: 3, max-lines: 20 }";
const fix = { 'src/cart.ts': 'fixed', 'test/cart.test.ts': 'shows the fault' };

let world: GateStage;
let live: string;
const set = (policy: string) => world.push({ [policyPath]: policy });
const goLive = async () => {
  live = world.git('rev-parse', 'main');
  const runId = world.ran({ sha: live, path: cdPath });
  const payload = { version: '1.4.1' };
  await world.deployed({ service: 'shop', environment: 'production', sha: live, runId, payload });
};

beforeEach(async () => {
  world = await gateStage();
  const lines = Array.from({ length: 8 }, (_, line) => `line ${line} of the shop`).join('\n');
  world.push({ 'src/cart.ts': 'broken', 'src/old.ts': lines });
  set(policyOf(limits));
  await goLive();
});
afterEach(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const opened = (files: Record<string, string> = fix, branch = 'hotfix/cart', from = 'main') =>
  world.pull({ branch, files, from, approvedBy: false, method: false });
const ahead = ({ number, sha }: { number: number; sha: string }) =>
  world.check({ service: 'shop', sha, runId: 1, kind: 'hotfix', pull: number });
const released = (sha: string) => world.check({ service: 'shop', sha, runId: 1, kind: 'hotfix' });
const incident = async (by: string) => {
  const github = await world.as(by, by === 'octocat' ? undefined : { issues: 'write' });
  const marker = {
    schema: 'devops-actions/incident@1' as const,
    openedAt: '2026-11-28T10:00:00Z',
    fingerprint: `cart ${by}`,
    service: 'shop',
    environment: 'production',
    severity: 'high' as const,
  };
  await openIncident(github, { title: 'Cart is broken', body: 'It is.', marker });
};

describe('asked before the merge, the gates', () => {
  it('let a small hotfix with a test be merged, and give no verdict', async () => {
    const pull = await opened();
    const { ok, message, verdict, report, summary, gates } = await ahead(pull);
    expect([ok, verdict, report.verdict, report.request.ahead?.pull]).toEqual([
      true,
      '',
      undefined,
      pull.number,
    ]);
    expect(message).toContain('once approved and merged, passes hotfix, version of production');
    expect(gates['version']!.reason).toBe('tag it v1.4.2: 1.4.1 is live');
    expect(summary).toContain('This is no verdict');
    expect(replay(report)).toMatchObject({ result: 'pass', message });
  });

  it('say what the release then says, once somebody approved and merged it', async () => {
    const pull = await opened();
    const before = (await ahead(pull)).gates['hotfix']!;
    await world.review(pull.number, 'hubot');
    const octocat = await world.as('octocat');
    const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      pull_number: pull.number,
      merge_method: 'merge',
    });
    expect((await released(sha)).gates['hotfix']).toMatchObject(before);
  });

  it('do not ask for the approval that comes after the checks, and the release does', async () => {
    const pull = await opened();
    expect((await ahead(pull)).ok).toBe(true);
    expect((await released(pull.sha)).gates['hotfix']!.reason).toContain('approved by nobody');
  });

  it.each<[string, Record<string, string>, string]>([
    [
      'changes more files than the policy allows',
      { ...fix, 'src/a': '1', 'src/b': '2' },
      '4 files, allowed 3',
    ],
    ['changes more lines', { ...fix, 'src/a': 'x\n'.repeat(30) }, 'lines, allowed 20'],
    ['brings no test', { 'src/cart.ts': 'fixed' }, 'adds nothing to a test'],
  ])('refuse one that %s', async (_, files, why) => {
    const { ok, result, gates, message } = await ahead(await opened(files));
    expect([ok, result]).toEqual([false, 'fail']);
    expect(gates['hotfix']!.reason).toContain(why);
    expect(message).toContain('may not go to production');
  });

  it('refuse one that moves code', async () => {
    world.git('checkout', '-q', '-b', 'hotfix/move');
    world.git('mv', 'src/old.ts', 'src/new.ts');
    world.git('commit', '-q', '-m', 'Move');
    world.git('checkout', '-q', 'main');
    const { gates } = await ahead(await opened(fix, 'hotfix/cart', 'hotfix/move'));
    expect(gates['hotfix']!.reason).toContain('renames or copies 1 files');
  });

  it('are those of the default branch, whatever policy the branch brings', async () => {
    const loose = policyOf("{ tests: ['**'], max-files: 300, max-lines: 10000 }");
    const { ok, gates, report } = await ahead(
      await opened({ [policyPath]: loose, 'src/a': '1', 'src/b': '2', 'src/cart.ts': 'fixed' }),
    );
    expect([ok, report.request.policy.commit]).toEqual([false, world.git('rev-parse', 'main')]);
    expect(gates['hotfix']!.reason).toMatch(/4 files, allowed 3.*adds nothing to a test \(test/);
  });

  it('send one from its branch where main holds a feature that nobody released, and then let it be merged', async () => {
    await world.pull({ branch: 'feature/app', files: { 'src/app.ts': 'new' } });
    const pull = await opened(fix, 'hotfix/cart', live);
    const { ok, verdict, message, summary, report } = await ahead(pull);
    expect([ok, verdict, report.request.sha]).toEqual([true, '', pull.sha]);
    expect(message).toContain('run the workflow that releases on hotfix/cart with kind: hotfix');
    expect(summary).toContain('from its branch, can go to production');
    expect(replay(report)).toMatchObject({ message });
    await world.review(pull.number, 'hubot');
    expect((await released(pull.sha)).gates['hotfix']!.result).toBe('pass');
    const runId = world.ran({ sha: pull.sha, path: cdPath, branch: 'hotfix/cart' });
    const payload = { version: '1.4.2', kind: 'hotfix' as const };
    await world.deployed({ service: 'shop', environment: 'production', sha: pull.sha, runId, payload });
    const after = await ahead(pull);
    expect([after.ok, after.message]).toEqual([
      true,
      expect.stringContaining('is live in production already'),
    ]);
  });

  it('refuse one into a branch that holds a feature where the policy releases from main only, and name it', async () => {
    set(policyOf(limits, '      branch: [main]\n'));
    await goLive();
    const feature = await world.pull({ branch: 'feature/app', files: { 'src/app.ts': 'new' } });
    const { ok, gates, report } = await ahead(await opened(fix, 'hotfix/cart', live));
    expect([ok, report.request.ahead?.way]).toEqual([false, 'merge']);
    expect(gates['hotfix']!.reason).toContain(`#${feature.number} is from feature/app`);
  });

  it('refuse one from another branch, and one whose version is used', async () => {
    expect((await ahead(await opened(fix, 'fix/cart'))).gates['hotfix']!.reason).toContain(
      'is from fix/cart',
    );
    world.git('tag', 'v1.4.2', live);
    const { gates } = await ahead(await opened({ 'src/cart.ts': 'other', 'test/a.ts': 'a' }));
    expect(gates['version']).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('on another commit already'),
    });
  });

  it('ask for the severity of an incident that the suite opened: one that the author labels is none', async () => {
    set(policyOf("{ tests: ['test/**'], severity: high }"));
    await goLive();
    const pull = await opened();
    await incident('octocat');
    const before = (await ahead(pull)).gates['hotfix']!;
    expect(before).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('no open incident of the suite'),
    });
    await incident('github-actions[bot]');
    expect((await ahead(pull)).ok).toBe(true);
  });

  it('show what stands in the way of a release now, which holds no merge', async () => {
    set(policyOf(limits, '      incidents: { block-at: low }\n'));
    await goLive();
    await incident('github-actions[bot]');
    const { ok, gates, summary, message } = await ahead(await opened());
    expect([ok, gates['incidents']]).toEqual([
      true,
      expect.objectContaining({ result: 'fail', advisory: true }),
    ]);
    expect(message).toContain('As things stand now the release would not pass incidents');
    expect(summary).toMatch(/⚠️ \| `incidents`/);
  });
});

describe('before the merge nothing is judged', () => {
  it('of a commit that is not the last one', async () => {
    const pull = await opened();
    world.git('checkout', '-q', 'hotfix/cart');
    world.push({ 'src/more.ts': 'more' });
    world.git('checkout', '-q', 'main');
    await expect(ahead(pull)).rejects.toThrow('is not the last commit');
  });

  it('where it conflicts, or is closed', async () => {
    const pull = await opened();
    world.push({ 'src/cart.ts': 'something else' });
    await expect(ahead(pull)).rejects.toThrow('conflicts with main');
    const octocat = await world.as('octocat');
    await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: pull.number,
      state: 'closed',
    });
    await expect(ahead(pull)).rejects.toThrow('is not open');
  });

  it('by limits that the policy does not set, and people read how to set them', async () => {
    set('version: 1\nenvironments: { production: { gates: { monotonic: true } } }\n');
    const { ok, gates } = await ahead(await opened());
    expect([ok, gates['hotfix']!.reason]).toEqual([
      true,
      expect.stringContaining("add hotfix: { tests: ['test/**'] } to the gates of production"),
    ]);
  });
});

describe('the trial merge', () => {
  const at = { pull: 7, head: 'b'.repeat(40), main: 'a'.repeat(40), stale: 'c'.repeat(40) };
  const answers = (pulls: { mergeable: boolean | null; merge: string; parents?: string[] }[]) => {
    const left = [...pulls];
    let now = left[0]!;
    const rest = async (route: string) => {
      if (route.includes('/pulls/')) now = left.length > 1 ? left.shift()! : left[0]!;
      if (route.includes('/git/commits/'))
        return { parents: (now.parents ?? [at.main, at.head]).map((sha) => ({ sha })) };
      if (route.includes('/git/ref/')) return { object: { sha: at.main } };
      const { mergeable, merge } = now;
      return {
        state: 'open',
        head: { sha: at.head },
        base: { ref: 'main' },
        mergeable,
        merge_commit_sha: merge,
      };
    };
    return { rest } as unknown as GitHub;
  };
  const slept: number[] = [];
  const clock = { ...systemClock, sleep: async (ms: number) => void slept.push(ms) };
  const read = (github: GitHub) =>
    readTestMerge(github, at.pull, at.head, { clock, signal: new AbortController().signal });
  beforeEach(() => {
    slept.length = 0;
  });

  it('is waited for while GitHub makes it, or still shows one of older branches', async () => {
    const merge = 'd'.repeat(40);
    const found = await read(
      answers([
        { mergeable: null, merge: at.stale },
        { mergeable: true, merge: at.stale, parents: [at.stale, at.head] },
        { mergeable: true, merge },
      ]),
    );
    expect([found.merge, slept]).toEqual([merge, [1_000, 2_000]]);
  });

  it('is not guessed where GitHub does not make it', async () => {
    await expect(read(answers([{ mergeable: null, merge: at.stale }]))).rejects.toThrow('Re-run failed jobs');
    expect(slept).toHaveLength(5);
  });
});
