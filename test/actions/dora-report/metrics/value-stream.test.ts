import { describe, expect, it } from '@jest/globals';
import type { DoraFacts } from '../../../../shared/contracts/reports/dora-report.js';
import { render } from '../../../../actions/dora-report/render/summary.js';
import { commit, deployment, instant, reportOf, sha } from '../ledger-facts.js';

type Pull = NonNullable<DoraFacts['pulls']>[number];

/** A pull request that was open from 09:00 to 19:00 of the day before it went live, with what is given. */
function streamOf(more: Partial<Pull>) {
  const pull: Pull = {
    number: 7,
    url: 'https://github.example/acme/shop/pull/7',
    title: 'Cart',
    author: { name: 'mona', bot: false },
    labels: [],
    firstCommitAt: instant('03-03 08:00'),
    createdAt: instant('03-03 09:00'),
    mergedAt: instant('03-03 19:00'),
    mergeCommit: sha('b'),
    commits: 1,
    ...more,
  };
  const { total } = reportOf({
    deployments: [deployment(1, '03-02 10:00', 'a'), deployment(2, '03-03 20:00', 'b')],
    commits: [commit('a', '03-02 08:00'), commit('b', '03-03 19:00', ['a'])],
    pulls: [pull],
  });
  const { stages, slowest, whole } = total.valueStream!;
  const hours = Object.fromEntries(stages.flatMap(({ name, n, mean }) => (n > 0 ? [[name, mean]] : [])));
  return { hours, slowest, whole: whole.p50 };
}

const sum = (hours: Record<string, number | null>) =>
  Object.values(hours).reduce<number>((all, value) => all + value!, 0);

describe('the stages of a pull request', () => {
  it.each([
    ['without a review', {}, 'Open, never approved'],
    ['reviewed and never approved', { firstReviewAt: instant('03-03 10:00') }, 'Open, never approved'],
    [
      'approved',
      { firstReviewAt: instant('03-03 16:00'), approvedAt: instant('03-03 17:00') },
      'Waiting for review',
    ],
  ])('%s add up to all of its time, and the slowest is the longest', (_, more, slowest) => {
    const stream = streamOf(more);
    expect(sum(stream.hours)).toBeCloseTo(12);
    expect([stream.slowest, stream.whole]).toEqual([slowest, 12]);
  });
});

describe('hotfixes', () => {
  /** One that was opened at 09:03 and live at 09:34 unless told otherwise, written at 09:00. */
  const hotfixOf = (pulls: Partial<Pull>[] | undefined, live = '03-03 09:34') =>
    reportOf({
      deployments: [
        deployment(1, '03-02 10:00', 'a'),
        deployment(2, live, 'b', { kind: 'hotfix', createdAt: instant('03-03 09:30') }),
      ],
      commits: [commit('a', '03-02 08:00'), commit('b', '03-03 09:00', ['a'])],
      ...(pulls && {
        pulls: pulls.map((more) => ({
          number: 7,
          url: 'https://github.example/acme/shop/pull/7',
          title: 'Cart',
          author: { name: 'mona', bot: false },
          labels: [],
          firstCommitAt: instant('03-03 09:00'),
          createdAt: instant('03-03 09:03'),
          mergedAt: instant('03-03 09:28'),
          mergeCommit: sha('b'),
          commits: 1,
          ...more,
        })),
      }),
    });
  const minutes = (hours: number | null | undefined) => (hours === null ? null : Math.round(hours! * 60));

  it('are measured whole, to the merge, and from the merge to production', () => {
    const report = hotfixOf([{}]);
    const { p50, p90, within, toMerge, toProduction } = report.total.hotfixes!;
    expect([minutes(p50), minutes(p90), within]).toEqual([34, 34, 1]);
    expect([minutes(toMerge?.p50), toMerge?.targetMinutes, toMerge?.n]).toEqual([25, 25, 1]);
    expect([minutes(toProduction?.p90), toProduction?.targetMinutes]).toEqual([6, 5]);
    expect(render(report)).toContain(
      'median 34 min, p90 34 min. Opening to merge: median 25 min, p90 25 min, planned 25 min (1 of them). Merge to production: median 6 min',
    );
  });

  it('whose pull request is not known, or was merged after the release, are in no figure of it', () => {
    const report = hotfixOf(undefined);
    expect(report.total.hotfixes).toMatchObject({ n: 1, toMerge: { n: 0, p50: null } });
    expect(render(report)).toContain('Merge to production: not known, no pull request of them was read.');
    const late = hotfixOf([{ mergedAt: instant('03-03 10:00') }]).total.hotfixes!;
    expect([late.toMerge?.n, late.toProduction?.n]).toEqual([1, 0]);
  });
});
