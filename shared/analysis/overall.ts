import type { Condition, Criterion, Reading } from '../contracts/reports/analysis-report.js';
import { describeCondition, describeValue, holds, isPossible, percent } from './condition.js';
import { chanceOfErrors, rateInterval } from './statistics/interval.js';
import { failCondition } from './fail-condition.js';
import { isCounted, surely } from './measure.js';
import { longer, meanOf, meets, mostlyMet, noSpell, type Spell } from './numbers.js';
import { rateOf, type Count } from './statistics/rate.js';
import { describeGroup, splitCounts } from './statistics/split.js';
import { holdsSurely } from './sustained.js';

/** What a criterion saw since the end of the warm-up: requests, and by value of its label; numbers by group. */
export interface Totals {
  all: Count;
  groups: ReadonlyMap<string, Count>;
  spells: ReadonlyMap<string | undefined, Spell>;
}

export const noTotals: Totals = { all: { requests: 0, errors: 0 }, groups: new Map(), spells: new Map() };

/** What a criterion comes to over the whole time that was judged. */
export type Whole = { is: 'failed' | 'undecided' | 'held' | 'not-seen'; message: string };

const plus = (count: Count | undefined, more: Count): Count => ({
  requests: (count?.requests ?? 0) + more.requests,
  errors: (count?.errors ?? 0) + more.errors,
});

/** Takes in what a look gave; what began before the end of the warm-up is left out. */
export function addTotals(
  totals: Totals,
  criterion: Criterion,
  reading: Reading | undefined,
  since: number,
): Totals {
  if (reading?.is !== 'data') return totals;
  if (!isCounted(criterion)) {
    const spells = new Map(totals.spells);
    const fail = failCondition(criterion);
    const known = (reading.values ?? []).filter(
      ({ from, value }) => from >= since && isPossible(fail.metric, value),
    );
    for (const value of known) {
      const group = criterion.by === undefined ? undefined : value.group;
      const spell = spells.get(group) ?? noSpell;
      spells.set(group, longer(spell, fail, value, Math.max(1, value.to - value.from)));
    }
    return { ...totals, spells };
  }
  const counted = reading.samples.filter(({ from }) => from >= since);
  const groups = new Map(totals.groups);
  for (const group of counted.flatMap((sample) => sample.groups ?? []))
    if (group.label === criterion.by) groups.set(group.value, plus(groups.get(group.value), group));
  return { ...totals, all: counted.reduce(plus, totals.all), groups };
}

/**
 * What a criterion comes to over the whole time that was judged: single windows can all be good enough and their sum
 * bad. `looks` are those at a whole window, and those of them that had data; `leastData` is the share of them that it needs.
 */
export function overall(
  criterion: Criterion,
  totals: Totals,
  looks: { all: number; withData: number },
  leastData = mostLooks,
): Whole {
  const judged = isCounted(criterion) ? overRequests(criterion, totals) : overNumbers(criterion, totals);
  const worst = judged.find(({ is }) => is === 'failed') ?? judged.find(({ is }) => is === 'undecided');
  if (worst) return worst;
  const { all, withData } = looks;
  if (all > 0 && withData >= leastData * all) return { is: 'held', message: '' };
  const message = withData === 0 ? 'no data' : `data in ${withData} of ${all} looks only`;
  return { is: criterion.noData === 'pass' ? 'not-seen' : 'undecided', message };
}

/** A criterion was seen in most looks if so large a share of them had data. */
const mostLooks = 2 / 3;

function overRequests(criterion: Criterion, { all, groups }: Totals): Whole[] {
  const { by, minRequests, confidence } = criterion;
  const fail = failCondition(criterion);
  const sum = (values: ReadonlySet<string>): Count =>
    [...groups]
      .filter(([value]) => values.has(value))
      .reduce((total, [, count]) => plus(total, count), noTotals.all);
  const { parts } =
    by === undefined
      ? { parts: [{ group: undefined, of: all }] }
      : splitCounts({ by, minRequests }, groups, sum);
  const few = by === undefined ? [] : overFew(criterion, groups);
  const judged = parts.flatMap(({ group, of: count }): Whole[] => {
    const rate = rateOf(count);
    if (rate === undefined || count.requests < minRequests || !holds(fail, rate)) return [];
    const interval = rateInterval(count, confidence, parts.length);
    const whose = by === undefined ? '' : `${describeGroup(by, group)}: `;
    const facts = `${Math.round(count.errors)} of ${Math.round(count.requests)} requests failed in the whole watch (${percent(rate, fail.value)})`;
    return holdsSurely(fail, interval, rate)
      ? [
          {
            is: 'failed',
            message: `${describeCondition(fail)}: ${whose}${facts}; ${surely(fail, interval, confidence)}`,
          },
        ]
      : [
          {
            is: 'undecided',
            message: `${whose}${facts}, too few to be ${percent(confidence)} sure that it is ${describeCondition(fail)}`,
          },
        ];
  });
  return [...judged, ...few];
}

/** From so many requests of the whole watch on, a value that surely fails by itself takes a release back. */
const enoughAlone = 10;

/**
 * Values of a label with fewer requests than are judged by themselves, of which so many failed that chance is no answer.
 * They can be all that one route or tenant gets; among others they would not be seen.
 */
function overFew(criterion: Criterion, groups: ReadonlyMap<string, Count>): Whole[] {
  const { minRequests, confidence } = criterion;
  const fail = failCondition(criterion);
  if (fail.operator !== '>' && fail.operator !== '>=') return [];
  return [...groups].flatMap(([group, count]): Whole[] => {
    const { requests, errors } = count;
    const rate = rateOf(count);
    if (rate === undefined || requests >= minRequests || !holds(fail, rate)) return [];
    if (chanceOfErrors(count, fail.value) > (1 - confidence) / groups.size) return [];
    const facts = `${describeGroup(criterion.by!, group)}: ${Math.round(errors)} of ${Math.round(requests)} requests failed in the whole watch (${percent(rate, fail.value)})`;
    return requests >= enoughAlone
      ? [
          {
            is: 'failed',
            message: `${describeCondition(fail)}: ${facts}; by chance that is less likely than ${percent(1 - confidence)}`,
          },
        ]
      : [
          {
            is: 'undecided',
            message: `${facts}, and at least ${enoughAlone} are needed to roll a release back for them`,
          },
        ];
  });
}

function overNumbers(criterion: Criterion, { spells }: Totals): Whole[] {
  const fail: Condition = failCondition(criterion);
  return [...spells].flatMap(([group, spell]): Whole[] => {
    const [mean, most] = [meets(fail, spell), mostlyMet(spell)];
    if (!mean && !most) return [];
    const whose = criterion.by === undefined ? '' : `${describeGroup(criterion.by, group)}: `;
    const bound = fail.of ? undefined : fail.value;
    const facts = `${whose}${describeValue(fail.metric, meanOf(spell) ?? 0, bound)} on average in the whole watch, ${describeCondition(fail)} for ${percent(spell.metMs / spell.knownMs)} of the time`;
    // What the ranks did not say of any window, means do not say of all of them.
    return [{ is: mean && most && !criterion.judge ? 'failed' : 'undecided', message: facts }];
  });
}
