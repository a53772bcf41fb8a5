import type { PullFact } from './pulls.js';
import { hoursBetween, spreadOf, type Spread } from './figures/statistics.js';
import { at, type Unit } from './units.js';

/** A pull request and the deployment that first brought it live. */
export interface Delivered {
  pull: PullFact;
  unit: Unit;
}

export interface StageSpread extends Spread {
  name: string;
  is: 'work' | 'wait';
  share: number | null;
}

export interface Stream {
  n: number;
  stages: StageSpread[];
  slowest: string | null;
  whole: Spread;
  /** From first commit (or opening) to live, the slowest first. */
  pulls: (Delivered & { hours: number })[];
  leftOut: { withoutReview: number; contradicting: number };
}

type Milestone =
  | 'firstCommitAt'
  | 'createdAt'
  | 'firstReviewAt'
  | 'approvedAt'
  | 'unapprovedSince'
  | 'mergedAt'
  | 'begunAt'
  | 'at';

const stages: readonly { name: string; is: 'work' | 'wait'; from: Milestone; to: Milestone }[] = [
  { name: 'Coding', is: 'work', from: 'firstCommitAt', to: 'createdAt' },
  { name: 'Waiting for review', is: 'wait', from: 'createdAt', to: 'firstReviewAt' },
  { name: 'Review', is: 'work', from: 'firstReviewAt', to: 'approvedAt' },
  { name: 'Open, never approved', is: 'wait', from: 'unapprovedSince', to: 'mergedAt' },
  { name: 'Waiting for merge', is: 'wait', from: 'approvedAt', to: 'mergedAt' },
  { name: 'Waiting for release', is: 'wait', from: 'mergedAt', to: 'begunAt' },
  { name: 'Deploying', is: 'work', from: 'begunAt', to: 'at' },
];

/** Where the time of pull requests goes: each stage with its spread and its share of all time, and the slowest. */
export function valueStreamOf(delivered: readonly Delivered[]): Stream {
  const hours = stages.map((): number[] => []);
  const leftOut = { withoutReview: 0, contradicting: 0 };
  const pulls: Stream['pulls'] = [];
  for (const { pull, unit } of delivered) {
    const when = milestones(pull, unit);
    if (when.approvedAt === undefined) leftOut.withoutReview++;
    let contradicts = false;
    stages.forEach(({ from, to }, i) => {
      const [begin, end] = [when[from], when[to]];
      if (begin === undefined || end === undefined) return;
      if (end < begin) contradicts = true;
      else hours[i]!.push(hoursBetween(begin, end));
    });
    if (contradicts) leftOut.contradicting++;
    const begin = Math.min(when.firstCommitAt ?? Infinity, when.createdAt!);
    if (begin <= unit.at) pulls.push({ pull, unit, hours: hoursBetween(begin, unit.at) });
  }
  const sums = hours.map((of) => of.reduce((sum, value) => sum + value, 0));
  const total = sums.reduce((sum, value) => sum + value, 0);
  const slowest = total > 0 ? stages[sums.indexOf(Math.max(...sums))]!.name : null;
  return {
    n: delivered.length,
    stages: stages.map(({ name, is }, i) => ({
      name,
      is,
      ...spreadOf(hours[i]!),
      share: total > 0 ? sums[i]! / total : null,
    })),
    slowest,
    whole: spreadOf(pulls.map((pull) => pull.hours)),
    pulls: pulls.sort((a, b) => b.hours - a.hours || a.pull.number - b.pull.number),
    leftOut,
  };
}

function milestones(pull: PullFact, unit: Unit): Partial<Record<Milestone, number>> {
  const read = (instant: string | undefined) => (instant === undefined ? undefined : at(instant));
  // A push after the opening, or a rebase, gives the first commit a date after it: coding was over by then.
  const createdAt = at(pull.createdAt);
  const firstCommitAt = read(pull.firstCommitAt);
  const mergedAt = at(pull.mergedAt);
  // What came after the merge decided nothing.
  const beforeMerge = (instant: number | undefined) =>
    instant !== undefined && instant <= mergedAt ? instant : undefined;
  const firstReviewAt = beforeMerge(read(pull.firstReviewAt));
  const approvedAt = beforeMerge(read(pull.approvedAt));
  return {
    ...(firstCommitAt === undefined ? {} : { firstCommitAt: Math.min(firstCommitAt, createdAt) }),
    createdAt,
    firstReviewAt,
    approvedAt,
    // Without an approval that time would be in no stage, and another one would wrongly be the slowest.
    unapprovedSince: approvedAt === undefined ? (firstReviewAt ?? createdAt) : undefined,
    mergedAt,
    // A release that was reserved before the merge waited for nothing.
    begunAt: Math.min(Math.max(unit.begunAt, mergedAt), unit.at),
    at: unit.at,
  };
}
