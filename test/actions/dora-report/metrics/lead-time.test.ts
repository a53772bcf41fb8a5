import { describe, expect, it } from '@jest/globals';
import { commit, deployment, reportOf } from '../ledger-facts.js';

const before = deployment(1, '02-20 10:00', 'a');
const history = [
  commit('a', '02-20 09:00'),
  commit('b', '03-02 08:00', ['a']),
  commit('c', '03-03 08:00', ['b']),
  commit('d', '03-04 08:00', ['c']),
];
const leftOut = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map((l) => [l.what, l.count]));

describe('change lead time', () => {
  it('is measured for each commit from its date to the first success', () => {
    const { total } = reportOf({
      deployments: [before, deployment(2, '03-03 10:00', 'c')],
      commits: history,
    });
    expect(total.leadTime.events.map((event) => event.hours).sort((a, b) => a - b)).toEqual([2, 26]);
    expect(total.leadTime).toMatchObject({ n: 2, p50: 14, mean: 14 });
  });

  it('does not exist for the first deployment, which still counts', () => {
    const report = reportOf({ deployments: [deployment(2, '03-03 10:00', 'c')], commits: history });
    expect(report.total.leadTime).toMatchObject({ n: 0, p50: null, mean: null, tier: null });
    expect([report.total.frequency.n, leftOut(report)['first deployments']]).toEqual([1, 1]);
  });

  it('takes what was live before the window as the beginning of the first range in it', () => {
    const { total } = reportOf({
      deployments: [before, deployment(2, '03-02 10:00', 'b')],
      commits: history,
    });
    expect(total.leadTime.n).toBe(1);
  });

  it('is measured for a deployment at the very begin of the window', () => {
    const deployments = [before, deployment(2, '03-02 10:00', 'b')];
    expect(
      reportOf({ deployments, commits: history }, { from: deployments[1]!.statuses[1]!.at }).total.leadTime.n,
    ).toBe(1);
  });

  it('has no sample when the same commit is deployed again', () => {
    const deployments = [before, deployment(2, '03-02 10:00', 'b'), deployment(3, '03-05 10:00', 'b')];
    const { total } = reportOf({ deployments, commits: history });
    expect([total.frequency.n, total.leadTime.n]).toEqual([2, 1]);
  });

  it('credits a commit to the first deployment that contains it', () => {
    const deployments = [
      before,
      deployment(2, '03-03 10:00', 'c', { then: [['failure', '03-03 10:05']] }),
      deployment(3, '03-03 10:06', 'a', { kind: 'rollback', previous: 2 }),
      deployment(4, '03-04 10:00', 'd'),
    ];
    const { deployments: rows } = reportOf({ deployments, commits: history });
    expect(rows.map((row) => [row.id, row.commits])).toEqual([
      [4, 1],
      [3, 0],
      [2, 2],
    ]);
  });

  it('finds commits of a branch older than the deployment before', () => {
    const commits = [
      ...history,
      commit('old', '01-10 10:00', ['a']),
      commit('m', '03-05 09:00', ['d', 'old']),
    ];
    const deployments = [before, deployment(2, '03-04 10:00', 'd'), deployment(3, '03-05 10:00', 'm')];
    const report = reportOf({ deployments, commits });
    expect(report.deployments[0]).toMatchObject({ id: 3, commits: 1 });
    expect(leftOut(report)['merge commits']).toBe(1);
  });

  it('drops commits dated at or after their deployment and says how many', () => {
    for (const dated of ['03-09 08:00', '03-03 10:00']) {
      const commits = [commit('a', '02-20 09:00'), commit('b', dated, ['a'])];
      const report = reportOf({ deployments: [before, deployment(2, '03-03 10:00', 'b')], commits });
      expect([
        report.total.leadTime.n,
        leftOut(report)['commits dated at or after their deployment'],
      ]).toEqual([0, 1]);
    }
  });

  it('drops a deployment whose commit is gone, and the one after it', () => {
    const deployments = [
      before,
      deployment(2, '03-03 10:00', 'x'),
      deployment(3, '03-04 10:00', 'c'),
      deployment(4, '03-05 10:00', 'd'),
    ];
    const report = reportOf({ deployments, commits: history, missing: ['x'] });
    expect(report.deployments.map((row) => row.commits)).toEqual([1, 0, 0]);
    expect(leftOut(report)).toMatchObject({
      'deployments of a lost commit': 1,
      'deployments after a lost commit': 1,
    });
  });

  it('measures only what a hotfix branch has of its own', () => {
    const commits = [...history, commit('fix', '03-05 09:00', ['b'])];
    const deployments = [
      before,
      deployment(2, '03-02 10:00', 'b'),
      deployment(3, '03-05 10:00', 'fix', { kind: 'hotfix' }),
    ];
    expect(reportOf({ deployments, commits }).deployments[0]).toMatchObject({
      id: 3,
      commits: 1,
      leadTimeP50: 1,
    });
  });
});
