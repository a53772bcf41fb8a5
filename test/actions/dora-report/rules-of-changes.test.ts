import { describe, expect, it } from '@jest/globals';
import { commit, deployment, instant, reportOf, sha } from './ledger-facts.js';

const line = [
  commit('a', '03-01 09:00'),
  commit('b', '03-02 08:00', ['a']),
  commit('c', '03-03 08:00', ['b']),
  commit('d', '03-04 08:00', ['c']),
];
const first = deployment(1, '03-01 10:00', 'a');
const left = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map(({ what, count }) => [what, count]));
const hours = (report: ReturnType<typeof reportOf>) =>
  report.total.leadTime.events.map((event) => event.hours).sort((a, b) => a - b);

describe('rules of deployments and their changes', () => {
  it('rule 1: records of one commit and run are one deployment', () => {
    const run = { id: 7, attempt: 1 };
    const report = reportOf({
      deployments: [
        deployment(2, '03-03 10:00', 'b', { run }),
        deployment(3, '03-03 10:01', 'b', { run }),
        deployment(4, '03-03 10:02', 'b', { run: { id: 8, attempt: 1 } }),
      ],
    });
    expect(report.total.frequency.n).toBe(2);
    expect(left(report)).toMatchObject({ 'further records of a deployment': 1 });
  });

  it('rule 2: success is read from the history: inactive after it is one, after a failure is none', () => {
    const report = reportOf({
      deployments: [
        deployment(2, '03-03 10:00', 'b', { then: [['inactive', '03-04 10:00']] }),
        deployment(3, '03-03 11:00', 'c', {
          source: 'deployments',
          first: 'failure',
          then: [['inactive', '03-04 10:00']],
        }),
        deployment(4, '03-03 12:00', 'd', { first: 'inactive' }),
      ],
    });
    expect(report.deployments.map(({ id }) => id)).toEqual([2]);
  });

  it('rule 3: a deployment is finished at its first success', () => {
    const again = deployment(2, '03-03 10:00', 'b', { then: [['success', '03-09 10:00']] });
    expect(reportOf({ deployments: [again] }).deployments[0]!.at).toBe(instant('03-03 10:00'));
  });

  it.each(['failure', 'error'])('rule 4: %s after a success is a change failure', (state) => {
    const failed = deployment(2, '03-03 10:00', 'b', { then: [[state, '03-03 10:05']] });
    const { total } = reportOf({ deployments: [failed, deployment(3, '03-04 10:00', 'c')] });
    expect(total.changeFailRate).toMatchObject({ value: 0.5, hits: 1, n: 2 });
  });

  it.each(['queued', 'pending', 'in_progress', 'waiting'])(
    'rule 5: %s is in flight: listed and in no figure',
    (state) => {
      const report = reportOf({ deployments: [deployment(2, '03-03 10:00', 'b', { first: state })] });
      expect(report.total.frequency.n).toBe(0);
      expect(left(report)).toMatchObject({ 'deployments in flight': 1 });
    },
  );

  it('rule 6: the first deployment counts for frequency and gives no lead time', () => {
    const report = reportOf({ deployments: [deployment(1, '03-03 10:00', 'b')], commits: line });
    expect([report.total.frequency.n, report.total.leadTime.n]).toEqual([1, 0]);
    expect(left(report)).toMatchObject({ 'first deployments': 1 });
  });

  it('rule 6: what was live before the window is where its first range begins', () => {
    const report = reportOf({ deployments: [first, deployment(2, '03-03 10:00', 'c')], commits: line });
    expect(hours(report)).toEqual([2, 26]);
  });

  it('rule 7: the same commit again counts for frequency and gives no lead time', () => {
    const report = reportOf({
      deployments: [first, deployment(2, '03-02 10:00', 'b'), deployment(3, '03-03 10:00', 'b')],
      commits: line,
    });
    expect([report.total.frequency.n, hours(report)]).toEqual([2, [2]]);
  });

  it('rule 8: a commit behind the one before is a rollback: failure and recovery of what it undoes', () => {
    const report = reportOf({
      deployments: [
        first,
        deployment(2, '03-02 10:00', 'b'),
        deployment(3, '03-03 10:00', 'c'),
        deployment(4, '03-03 12:00', 'b'),
      ],
      commits: line,
    });
    expect(report.total.frequency.n).toBe(2);
    expect(hours(report)).toEqual([2, 2]);
    expect(report.total.changeFailRate).toMatchObject({ hits: 1, n: 2 });
    expect(report.total.recovery).toMatchObject({ n: 1, p50: 2 });
  });

  it('rule 8: of a hotfix branch beside what was live, only its own commits are samples', () => {
    const report = reportOf({
      deployments: [
        deployment(1, '03-01 10:00', 'a'),
        deployment(2, '03-03 10:00', 'c'),
        deployment(3, '03-03 12:00', 'h', { kind: 'hotfix' }),
      ],
      commits: [...line, commit('h', '03-03 11:00', ['b'])],
    });
    expect(report.deployments[0]).toMatchObject({ id: 3, commits: 1, leadTimeP50: 1 });
  });

  it('rule 9: a reverted commit keeps its sample; its deployment failed and the reverting one is rework', () => {
    const report = reportOf({
      deployments: [first, deployment(2, '03-02 10:00', 'b'), deployment(3, '03-03 10:00', 'c')],
      commits: [...line.slice(0, 2), commit('c', '03-03 08:00', ['b'], { reverts: [sha('b')] })],
    });
    expect(hours(report)).toEqual([2, 2]);
    expect(report.total.changeFailRate).toMatchObject({ hits: 1, n: 2 });
    expect(report.deployments.map(({ id, outcome, rework }) => [id, outcome, rework])).toEqual([
      [3, 'succeeded', true],
      [2, 'failed', false],
    ]);
  });

  it.each([
    ['commit', 2],
    ['merge', 3],
    ['first-commit', 26],
  ] as const)('rule 10: a squashed pull request begins at its %s', (leadTimeStart, expected) => {
    const report = reportOf(
      {
        deployments: [first, deployment(2, '03-02 10:00', 'b')],
        commits: line,
        pulls: [
          {
            number: 7,
            url: 'https://github.example/acme/shop/pull/7',
            title: 'Cart',
            author: { name: 'mona', bot: false },
            labels: [],
            createdAt: instant('03-01 09:00'),
            mergedAt: instant('03-02 07:00'),
            mergeCommit: sha('b'),
            commits: 3,
            firstCommitAt: instant('03-01 08:00'),
          },
        ],
      },
      { leadTimeStart },
    );
    expect(hours(report)).toEqual([expected]);
  });

  it('rule 11: a merge commit gives no sample of its own', () => {
    const report = reportOf({
      deployments: [first, deployment(2, '03-03 10:00', 'm')],
      commits: [
        ...line.slice(0, 2),
        commit('s', '03-02 10:00', ['a']),
        commit('m', '03-03 09:00', ['b', 's']),
      ],
    });
    expect(hours(report)).toEqual([24, 26]);
    expect(left(report)).toMatchObject({ 'merge commits': 1 });
  });

  it('rule 12: a branch older than the deployment before belongs to the range that merged it', () => {
    const report = reportOf({
      deployments: [first, deployment(2, '03-03 10:00', 'm')],
      commits: [line[0]!, commit('s', '02-01 10:00'), commit('m', '03-03 09:00', ['a', 's'])],
    });
    expect(hours(report)).toEqual([30 * 24]);
  });

  it('rule 13: durations of zero and less are dropped and counted', () => {
    const report = reportOf({
      deployments: [first, deployment(2, '03-02 08:00', 'c')],
      commits: line,
    });
    expect(report.total.leadTime).toMatchObject({ n: 0, p50: null, mean: null });
    expect(left(report)).toMatchObject({ 'commits dated at or after their deployment': 2 });
  });

  it('rule 14: a commit belongs to the first deployment that contains it', () => {
    const report = reportOf({
      deployments: [
        first,
        deployment(2, '03-03 10:00', 'c'),
        deployment(3, '03-03 11:00', 'b', { kind: 'rollback', previous: 2 }),
        deployment(4, '03-04 10:00', 'd'),
      ],
      commits: line,
    });
    expect(
      report.deployments.filter(({ counted }) => counted).map(({ id, commits }) => [id, commits]),
    ).toEqual([
      [4, 1],
      [2, 2],
    ]);
  });
});
