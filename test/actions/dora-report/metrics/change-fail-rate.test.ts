import { describe, expect, it } from '@jest/globals';
import { commit, deployment, incident, reportOf, sha } from '../ledger-facts.js';

const before = deployment(1, '02-20 10:00', 'a');
const history = [
  commit('a', '02-20 09:00'),
  commit('b', '03-02 08:00', ['a']),
  commit('c', '03-03 08:00', ['b']),
  commit('d', '03-04 08:00', ['c']),
];
const leftOut = (report: ReturnType<typeof reportOf>) =>
  Object.fromEntries(report.leftOut.map((l) => [l.what, l.count]));

describe('change fail rate', () => {
  it('counts a success that later failed', () => {
    const { total } = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b', { then: [['failure', '03-03 10:05']] })],
    });
    expect(total.changeFailRate).toMatchObject({ value: 1, hits: 1, n: 1 });
  });

  it('counts what a rollback took back, also when its status was never changed', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b'),
      deployment(3, '03-03 11:00', 'a', { kind: 'rollback', previous: 2 }),
    ];
    expect(reportOf({ deployments }).total.changeFailRate).toMatchObject({ hits: 1, n: 1 });
  });

  it('does not let a rollback take back what came after it', () => {
    const deployments = [
      deployment(2, '03-03 10:00', 'b', { kind: 'rollback', previous: 3 }),
      deployment(3, '03-03 11:00', 'c'),
    ];
    expect(reportOf({ deployments }).total.changeFailRate).toMatchObject({ hits: 0, n: 1 });
  });

  it('takes a release of an ancestor for a rollback of what was live', () => {
    const deployments = [
      before,
      deployment(2, '03-02 10:00', 'b'),
      deployment(3, '03-03 10:00', 'c'),
      deployment(4, '03-03 11:00', 'b'),
    ];
    const report = reportOf({ deployments, commits: history });
    expect(report.deployments.map((row) => [row.id, row.kind, row.outcome])).toEqual([
      [4, 'rollback', 'succeeded'],
      [3, 'release', 'taken back'],
      [2, 'release', 'succeeded'],
    ]);
  });

  it('takes a return from a hotfix branch to the main line for no rollback of the hotfix', () => {
    const commits = [...history, commit('fix', '03-03 12:00', ['b'])];
    const deployments = [
      before,
      deployment(2, '03-03 10:00', 'c'),
      deployment(3, '03-03 13:00', 'fix', { kind: 'hotfix' }),
      deployment(4, '03-03 14:00', 'c'),
    ];
    expect(reportOf({ deployments, commits }).total.changeFailRate).toMatchObject({ hits: 0, n: 3 });
  });

  it('counts several incidents of one deployment as one failed deployment', () => {
    const incidents = [
      incident(11, '03-03 11:00', { causedBy: 2 }),
      incident(12, '03-03 12:00', { causedBy: 2 }),
    ];
    const { total } = reportOf({ deployments: [deployment(2, '03-03 10:00', 'b')], incidents });
    expect(total.changeFailRate).toMatchObject({ hits: 1, n: 1, value: 1 });
    expect(total.changeFailRate.events[0]!.because).toHaveLength(2);
  });

  it('ignores an incident without our marker, says so, and takes it for no source of failures', () => {
    const incidents = [incident(11, '03-03 11:00', { marker: undefined })];
    const report = reportOf({ deployments: [deployment(2, '03-03 10:00', 'b')], incidents });
    expect([report.total.changeFailRate.value, leftOut(report)['untrusted incidents']]).toEqual([null, 1]);
  });

  it('does not blame the newest deployment for an incident that names none', () => {
    const report = reportOf({
      deployments: [deployment(2, '03-03 10:00', 'b')],
      incidents: [incident(11, '03-03 11:00')],
    });
    expect([report.total.changeFailRate.hits, leftOut(report)['incidents without a deployment']]).toEqual([
      0, 1,
    ]);
  });

  it('counts a deployment whose commit a later one reverts, and calls the later one rework', () => {
    const commits = [...history, commit('r', '03-06 08:00', ['d'], { reverts: [sha('c')] })];
    const deployments = [
      before,
      deployment(2, '03-03 10:00', 'c'),
      deployment(3, '03-04 10:00', 'd'),
      deployment(4, '03-06 10:00', 'r'),
    ];
    const { total, deployments: rows } = reportOf({ deployments, commits });
    expect(rows.map((row) => [row.id, row.outcome, row.rework])).toEqual([
      [4, 'succeeded', true],
      [3, 'succeeded', false],
      [2, 'failed', false],
    ]);
    expect(total.leadTime.n).toBe(4);
  });

  it('does not take the revert of a revert, or one before anything went live, for a failure', () => {
    const commits = [
      ...history,
      commit('r', '03-06 08:00', ['d'], { reverts: [sha('c')] }),
      commit('rr', '03-07 08:00', ['r'], { reverts: [sha('r')] }),
    ];
    const together = reportOf({ deployments: [before, deployment(2, '03-06 10:00', 'r')], commits });
    expect(together.total.changeFailRate.hits).toBe(0);
    const again = reportOf({
      deployments: [
        before,
        deployment(2, '03-04 10:00', 'd'),
        deployment(3, '03-06 10:00', 'r'),
        deployment(4, '03-07 10:00', 'rr'),
      ],
      commits,
    });
    expect(again.total.changeFailRate.events.map((event) => event.of.text)).toEqual([
      'shop 1.2.0 (deployment 2)',
    ]);
  });
});
