import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../../../actions/gate-check/evidence/registry.js';
import type { Head } from '../../../../../actions/gate-check/evidence/tested/head.js';
import { job, judge, known, minutesAgo, otherSha, run, sha, tree, unknown } from '../../facts.js';

const required = (on: string) =>
  `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml, on: ${on} }] }`;

const pull = (fields: Partial<Head['pulls'][number]> = {}): Head['pulls'][number] => ({
  number: 12,
  url: '',
  state: 'merged',
  into: 'main',
  head: { sha: otherSha, branch: 'feature/basket', repository: 'acme/shop' },
  mergeSha: sha,
  retargetedAt: null,
  ...fields,
});

const tested = run({
  event: 'pull_request',
  headSha: otherSha,
  branch: 'feature/basket',
  repository: 'acme/shop',
  createdAt: minutesAgo(300),
});

type Read = NonNullable<Head['head']>;
type Seen = Partial<Read['seen']>;

const headOf = (fields: Partial<Omit<Read, 'seen'>> & { seen?: Seen } = {}): Read => ({
  tree,
  rivals: [],
  rivalsSince: null,
  ...fields,
  seen: { runs: [tested], posted: [], statuses: [], truncated: [], ...fields.seen },
});

const world = (fields: Partial<Head> = {}): GateEvidence => ({
  head: known({ tree, defaultBranch: 'main', pulls: [pull()], head: headOf(), ...fields }),
});

const answer = (evidence: GateEvidence, on = 'pull-request') => {
  const [gate] = judge(required(on), evidence).gates;
  return `${gate!.result}: ${gate!.reason}`;
};

const rival = (fields: Partial<Read['rivals'][number]> = {}) => ({
  number: 9,
  into: 'mine',
  createdAt: minutesAgo(400),
  closedAt: null,
  retargetedAt: null,
  ...fields,
});

describe('the head of a pull request', () => {
  it('counts where one merged pull request brought the commit and has its files', () =>
    expect(answer(world())).toBe('pass: 1 of 1 required checks passed'));

  it.each<[string, Partial<Head>, string]>([
    ['came by none', { pulls: [] }, 'came by no pull request'],
    [
      'came by several with different last commits',
      { pulls: [pull(), pull({ number: 13, head: { ...pull().head, sha: 'd'.repeat(40) } })] },
      '#12, #13 all brought this commit',
    ],
    ['came by one that was closed', { pulls: [pull({ state: 'closed' })] }, 'neither its merge nor its last'],
    ['is an open one, not at its last commit', { pulls: [pull({ state: 'open' })] }, 'nor its last commit'],
    ['was not looked up', { head: null }, 'the head of #12 was not looked up'],
    ['has another tree there', { head: headOf({ tree: otherSha }) }, 'has other files'],
    ['went into another branch', { pulls: [pull({ into: 'develop' })] }, 'add  into: develop'],
    ['ran nothing there', { head: headOf({ seen: { runs: [] } }) }, 'on the head of #12 was found'],
    [
      'has checks there that are too many',
      { head: headOf({ seen: { truncated: ['check-suites'] } }) },
      'the check-suites of the head of #12 are too many',
    ],
  ])('fails where the commit %s', (_, fields, why) => {
    const said = answer(world(fields));
    expect([said.slice(0, 4), said]).toEqual(['fail', expect.stringContaining(why)]);
  });

  it('fails where it is not known', () => {
    expect(answer({ head: unknown })).toMatch(/^fail/);
    expect(answer({})).toMatch(/^fail/);
  });

  const ago = (minutes: number) => ({ pulls: [pull({ retargetedAt: minutesAgo(minutes) })] });
  it.each<[string, Partial<Head>, 'pass' | 'fail']>([
    ['another went elsewhere then', { head: headOf({ rivals: [rival()] }) }, 'fail'],
    ['it was opened later', { head: headOf({ rivals: [rival({ createdAt: minutesAgo(200) })] }) }, 'pass'],
    [
      'it was closed long before',
      { head: headOf({ rivals: [rival({ closedAt: minutesAgo(361) })] }) },
      'pass',
    ],
    [
      'it was closed just before',
      { head: headOf({ rivals: [rival({ closedAt: minutesAgo(359) })] }) },
      'fail',
    ],
    ['it went the same way', { head: headOf({ rivals: [rival({ into: 'main' })] }) }, 'pass'],
    [
      'it went elsewhere before',
      { head: headOf({ rivals: [rival({ into: 'main', retargetedAt: minutesAgo(1) })] }) },
      'fail',
    ],
    ['the list of them ends after it', { head: headOf({ rivalsSince: minutesAgo(300) }) }, 'fail'],
    ['the list of them ends long before', { head: headOf({ rivalsSince: minutesAgo(361) }) }, 'pass'],
    ['it went elsewhere itself until after it', ago(200), 'fail'],
    ['it went elsewhere itself until just before', ago(359), 'fail'],
    ['it went elsewhere itself long before', ago(361), 'pass'],
    ['it ran for another branch', { head: headOf({ seen: { runs: [{ ...tested, branch: 'x' }] } }) }, 'fail'],
    [
      'it ran for a fork',
      { head: headOf({ seen: { runs: [{ ...tested, repository: 'mallory/shop' }] } }) },
      'fail',
    ],
    [
      'GitHub does not say when',
      { head: headOf({ seen: { runs: [run({ ...tested, createdAt: undefined })] } }) },
      'fail',
    ],
  ])('its run counts only if no other branch can have chosen its workflow: %s', (_, fields, is) =>
    expect(answer(world(fields)).slice(0, 4)).toBe(is),
  );

  it('a run of a stranger, who has a branch of a fork on the same commit, neither passes nor blocks', () => {
    const theirs = { ...tested, id: 8, number: 71, repository: 'mallory/shop' };
    const red = { ...theirs, jobs: [job({ conclusion: 'action_required' })] };
    expect(answer(world({ head: headOf({ seen: { runs: [tested, red] } }) }))).toMatch(/^pass/);
    const own = { ...tested, jobs: [job({ conclusion: 'failure' })] };
    expect(answer(world({ head: headOf({ seen: { runs: [own, theirs] } }) }))).toMatch(/^fail/);
  });

  it.each(['pull_request', 'pull_request_target'])(
    'a run for %s does not count where another branch can have chosen its workflow',
    (event) => {
      const gates = `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml, on: pull-request, events: [${event}] }] }`;
      const seen = { runs: [{ ...tested, event }] };
      const judged = (fields: Partial<Head>) => judge(gates, world(fields)).result;
      expect(judged({ head: headOf({ seen }) })).toBe('pass');
      expect(judged({ head: headOf({ seen, rivals: [rival()] }) })).toBe('fail');
    },
  );

  it('an older run that counts does not hide a newer one that does not', () => {
    const newer = { ...tested, id: 8, number: 71, branch: 'x' };
    expect(answer(world({ head: headOf({ seen: { runs: [tested, newer] } }) }))).toMatch(/^fail/);
  });
});

describe('a merge group', () => {
  const group = run({ event: 'merge_group', headSha: otherSha, tree });
  const groups = (found: typeof group | null, released = tree): GateEvidence => ({
    checks: known({ runs: [], posted: [], statuses: [], truncated: [] }),
    mergeGroups: known({
      tree: released,
      workflows: [{ workflow: '.github/workflows/ci.yml', looked: 3, run: found }],
    }),
  });

  it('counts where its tree is the released one', () => {
    expect(answer(groups(group), 'merge-group')).toMatch(/^pass/);
    expect(answer(groups(null), 'merge-group')).toMatch(/^fail/);
    expect(answer(groups(group, otherSha), 'merge-group')).toMatch(/^fail/);
    expect(answer(groups(run({ event: 'merge_group', headSha: otherSha })), 'merge-group')).toMatch(/^fail/);
    expect(answer(groups({ ...group, event: 'push' }), 'merge-group')).toMatch(/^fail/);
  });
});

it.each([
  ['{ name: t, app: 7, on: merge-group }', 'on: commit'],
  ['{ status: t, creator: ana, on: merge-group }', 'on: commit'],
  ["{ status: t, creator: 'github-actions[bot]' }", 'workflow: .github/workflows/<file>.yml'],
  ['{ status: t, creator: GitHub-Actions }', 'workflow: .github/workflows/<file>.yml'],
  ['{ name: t, workflow: .github/workflows/ci.yml, on: merge-group, events: [push] }', 'take events out'],
  ['{ name: t, workflow: .github/workflows/ci.yml, into: main }', 'add on: pull-request'],
  ['{ name: t, workflow: .github/workflows/ci.yml, on: pull_request }', 'pull-request'],
])('a policy with %s is refused with the change to make', (entry, fix) =>
  expect(() => judge(`checks: { required: [${entry}] }`, {})).toThrow(fix),
);

it('checks of Apps and statuses can be asked of the head too', () => {
  const both =
    'checks: { required: [{ name: scan, app: 7, on: pull-request }, { status: ci, creator: ana, on: pull-request }] }';
  const creator = { login: 'ana', bot: false };
  const seen: Seen = {
    posted: [
      {
        id: 1,
        name: 'scan',
        app: { id: 7, slug: 'scanner' },
        run: null,
        status: 'completed',
        conclusion: 'success',
        url: '',
      },
    ],
    statuses: [{ context: 'ci', state: 'success', creator, url: '' }],
  };
  expect(judge(both, world({ head: headOf({ seen }) })).result).toBe('pass');
  expect(judge(both, world({ head: headOf({ seen: { ...seen, statuses: [] } }) })).result).toBe('fail');
});

describe('of several pull requests of one commit, it asks', () => {
  const fork = { ...pull().head, repository: 'mallory/shop' };
  const own = { repository: 'acme/shop' };

  it.each<[string, Partial<Head>]>([
    [
      'the merged one, where one of the same last commit is still open',
      { pulls: [pull({ number: 9, state: 'open', mergeSha: null, head: { ...fork, sha } }), pull()] },
    ],
    [
      'that of the repository, where GitHub took one of a fork for merged with it',
      { pulls: [pull({ number: 9, head: fork }), pull()] },
    ],
    [
      'the one into the branch that is asked for, where another was merged elsewhere as this commit',
      { pulls: [pull({ number: 9, into: 'develop' }), pull()] },
    ],
    ['the first, where both are alike', { pulls: [pull({ number: 13 }), pull()] }],
  ])('%s', (_, fields) => {
    const evidence = world({ ...own, ...fields, head: { ...headOf(), pull: 12 } });
    expect(answer(evidence)).toBe('pass: 1 of 1 required checks passed');
  });

  it('for each branch of the policy its own', () => {
    const pulls = [pull(), pull({ number: 13, state: 'open', into: 'develop', mergeSha: null })];
    pulls[1]!.head = { ...pulls[1]!.head, sha };
    const other = headOf({
      seen: { runs: [{ ...tested, id: 8, headSha: sha, jobs: [job({ conclusion: 'failure' })] }] },
    });
    const evidence = world({
      ...own,
      pulls,
      head: { ...headOf(), pull: 12 },
      more: [{ ...other, pull: 13 }],
    });
    const entry = (into: string) =>
      `{ name: test, workflow: .github/workflows/ci.yml, on: pull-request, into: ${into} }`;
    const reasonOf = (...into: string[]) =>
      judge(`checks: { required: [${into.map(entry).join(', ')}] }`, evidence).gates[0]!.reason;
    expect(reasonOf('main')).toBe('1 of 1 required checks passed');
    expect(reasonOf('main', 'develop')).toBe('test of run #70 (pull_request): failure');
  });
});
