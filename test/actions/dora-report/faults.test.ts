import { describe, expect, it } from '@jest/globals';
import { requireEnvironment } from '../../../actions/dora-report/collect/known-environment.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { GitHub } from '../../../shared/github/client.js';
import { readCommits } from '../../../actions/dora-report/collect/commits.js';
import { fakeHistory, line } from './collect/fake-history.js';
import { cpuMs } from '../../support/cpu-time.js';
import { commit, deployment, epoch, incident, reportOf, sha } from './ledger-facts.js';

describe('dora fault 1: recovery is never negative', () => {
  it('an incident that was closed before the first success is no failure of that deployment', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '03-02 10:00', 'a')],
      incidents: [incident(7, '03-02 09:00', { closedAt: '03-02 09:30', causedBy: 1 })],
    });
    expect(total.changeFailRate).toMatchObject({ value: 0, hits: 0, n: 1 });
    expect(total.recovery).toMatchObject({ n: 0, p50: null, tier: null });
  });

  it('one that began before and ended after it counts from the success', () => {
    const { total } = reportOf({
      deployments: [deployment(1, '03-02 10:00', 'a')],
      incidents: [incident(7, '03-02 09:00', { closedAt: '03-02 10:30', causedBy: 1 })],
    });
    expect(total.changeFailRate).toMatchObject({ hits: 1, n: 1 });
    expect(total.recovery).toMatchObject({ n: 1, p50: 0.5 });
  });
});

describe('dora fault 2: several deploy jobs of one run', () => {
  const run = { id: 50, attempt: 1 };
  const jobs = [
    deployment(1, '03-02 10:00', 'a', { run }),
    deployment(2, '03-02 10:05', 'b', { run: { id: 51, attempt: 1 } }),
    deployment(3, '03-02 10:10', 'a', { run }),
  ];
  const history = [commit('a', '03-02 08:00'), commit('b', '03-02 09:00', ['a'])];

  it.each([
    ['as they came', [0, 1, 2]],
    ['in another order', [2, 1, 0]],
  ])('are one deployment though another run deployed between them, %s', (_, order) => {
    const report = reportOf({ deployments: order.map((index) => jobs[index]!), commits: history });
    expect(report.total.frequency.n).toBe(2);
    expect(report.deployments.map(({ kind }) => kind)).not.toContain('rollback');
    expect(report.total.changeFailRate.hits).toBe(0);
  });

  it('of a later attempt are a deployment of their own', () => {
    const again = deployment(4, '03-02 12:00', 'a', { run: { id: 50, attempt: 2 } });
    expect(reportOf({ deployments: [...jobs, again], commits: history }).deployments).toHaveLength(3);
  });
});

it('dora fault 3: a commit dated 1970 is left out and listed', () => {
  const report = reportOf({
    deployments: [deployment(1, '03-02 10:00', 'a'), deployment(2, '03-03 10:00', 'c')],
    commits: [
      commit('a', '03-01 10:00'),
      commit('b', '1970-01-01T00:00:00.000Z', ['a']),
      commit('c', '03-03 08:00', ['b']),
    ],
  });
  expect(report.total.leadTime).toMatchObject({ n: 1, mean: 2, p50: 2 });
  expect(report.leftOut.map(({ what }) => what)).toContain('commits dated before the year 2000');
});

describe('dora fault 4: a change fail rate needs a source of failures', () => {
  const released = [deployment(1, '03-02 10:00', 'a')];

  it('is null, with a note, where no incident, rollback, revert or hotfix was ever recorded', () => {
    const report = reportOf({ deployments: released });
    expect(report.total.changeFailRate).toMatchObject({ value: null, tier: null, n: 1 });
    expect(report.notes).toContainEqual(expect.stringContaining('the change fail rate is not known'));
  });

  it('is 0 where there are incidents, and none was caused by these deployments', () => {
    const report = reportOf({ deployments: released, incidents: [incident(7, '03-05 10:00')] });
    expect(report.total.changeFailRate).toMatchObject({ value: 0, tier: 'elite' });
  });
});

describe('dora fault 5: reverts', () => {
  const deployments = [
    deployment(1, '03-02 10:00', 'a'),
    deployment(2, '03-03 10:00', 'b'),
    deployment(3, '03-03 11:00', 'c'),
  ];
  const failed = (revert: object, headline = 'Faster cart (#12)') => {
    const history = [
      commit('a', '03-02 08:00'),
      commit('b', '03-03 08:00', ['a'], { headline, pull: 'acme/shop#12' }),
      commit('c', '03-03 10:30', ['b'], revert),
    ];
    return reportOf({ deployments, commits: history }).deployments.find(({ id }) => id === 2)!.outcome;
  };

  it('by a short sha mark the deployment that brought the commit', () => {
    expect(failed({ reverts: [sha('b').slice(0, 8)] })).toBe('failed');
    expect(failed({ reverts: ['0123456'] })).toBe('succeeded');
  });

  it('of a pull request, as GitHub’s button writes them, mark it too', () => {
    expect(failed({ revertsPulls: ['acme/shop#12'] })).toBe('failed');
    expect(failed({ revertsPulls: ['other/shop#12'] })).toBe('succeeded');
  });

  it.each([
    ['Revert "x"\n\nThis reverts commit ABCDEF0123.', ['abcdef0123'], []],
    ['Revert "x" (#13)\n\nReverts acme/shop#12', [], ['acme/shop#12']],
    ['Revert "x"\n\nReverts Acme/Shop#12\r\n', [], ['acme/shop#12']],
    ['Revert "x"\n\nReverts #12', [], ['acme/shop#12']],
    ['We said: Reverts acme/shop#12 is wrong', [], []],
  ])('are read from %j', async (message, reverts, revertsPulls) => {
    const at = epoch('03-02 10:00');
    const { github } = fakeHistory([
      { name: 'a', parents: [], at },
      { name: 'b', parents: ['a'], at: at + 1_000, message },
    ]);
    const { commits } = await readCommits(github, { chains: [[sha('a'), sha('b')]] });
    expect(commits.get(sha('b'))).toMatchObject({ reverts, revertsPulls });
  });

  it.each([
    ['Faster cart (#12)', 'acme/shop#12'],
    ['Merge pull request #12 from acme/cart', 'acme/shop#12'],
    ['Faster cart, see #12', undefined],
  ])('find the pull request that brought %j', async (message, pull) => {
    const { github } = fakeHistory([
      { name: 'a', parents: [], at: 0 },
      { name: 'b', parents: ['a'], at: 1_000, message },
    ]);
    const { commits } = await readCommits(github, { chains: [[sha('a'), sha('b')]] });
    expect(commits.get(sha('b'))!.pull).toBe(pull);
  });
});

describe('dora fault 6: a misspelt environment', () => {
  const github = (environments: string[] | GitHubError, deployed: string[] = []) =>
    ({
      owner: 'acme',
      repository: 'shop',
      pages: async () => {
        if (environments instanceof GitHubError) throw environments;
        return { items: environments.map((name) => ({ name })), truncated: false };
      },
      rest: async () => deployed.map((environment) => ({ environment })),
    }) as unknown as GitHub;
  const forbidden = new GitHubError('may not read environments', 403);

  it('is an error that lists those there are, with the line to write', async () => {
    await expect(requireEnvironment(github(['staging', 'production']), 'prodution')).rejects.toThrow(
      /no environment "prodution" in acme\/shop; there are staging, production\.\nFix: .*environment: production/,
    );
  });

  it('is found by the Deployments there are where environments may not be read', async () => {
    await expect(requireEnvironment(github(forbidden, ['production']), 'prodution')).rejects.toThrow(
      /there are production/,
    );
  });

  it('is told from a real one without deployments, in any spelling of its letters', async () => {
    await expect(requireEnvironment(github(['Production']), 'production')).resolves.toBeUndefined();
    await expect(requireEnvironment(github(forbidden), 'production')).resolves.toBeUndefined();
  });
});

describe('dora fault 8: reading commits', () => {
  it('takes processor time that grows with their number, not with its square', async () => {
    const cost = async (count: number) => {
      const commits = line(count);
      const { github, requests } = fakeHistory(commits);
      const chain = [sha('c0'), sha(`c${count - 1}`)];
      // The stand-in walks the whole history for its first page, which is no part of what is measured.
      await github.graphql('walk0: object', { root0: chain[1], after0: '0' });
      const before = cpuMs();
      const answer = await readCommits(github, { chains: [chain], limit: 100_000 });
      expect(answer).toMatchObject({ complete: true });
      expect(requests()).toBeLessThanOrEqual(2 + Math.ceil(count / 100));
      return cpuMs() - before;
    };
    const [small, large] = [await cost(4_000), await cost(16_000)];
    expect(large).toBeLessThan(10 * small + 200);
  });
});
