import { describe, expect, it } from '@jest/globals';
import type { DoraFacts } from '../../../../shared/contracts/reports/dora-report.js';
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
