import type { Condition, Criterion, ValueSample } from '../contracts/reports/analysis-report.js';
import { holds } from './condition.js';
import { partsOf } from './statistics/rate.js';
import type { Window } from './source.js';

/** A number over a time: its mean, its baseline's, how long it was known and how long it met the condition (ms). */
export interface Spell {
  knownMs: number;
  metMs: number;
  /** Sums of value, and of value over baseline, times milliseconds. */
  sum: number;
  ratios: number;
  baselines: number;
}

/** What the numbers of a window say about a condition. */
export type JudgedNumber = { mean: number | undefined; baseline: number | undefined; spell: Spell } & (
  | { is: 'sustained' | 'unsure' | 'not-met' | 'too-young' }
  | { is: 'building'; forMs: number }
  | { is: 'no-data'; message: string }
);

export const noSpell: Spell = { knownMs: 0, metMs: 0, sum: 0, ratios: 0, baselines: 0 };

/** A number is known well enough if it is for so large a share of the time. */
const mostOfIt = 2 / 3;

/**
 * Judges a number that must meet a condition for the whole of a window. It is sustained when it is known for two thirds
 * of the window and its mean and the number itself for half of the time meet the condition, in every part; where only
 * one of the two does (a single peak, short bursts), it is not sure. A number without a baseline is not known to a
 * condition that compares with it.
 */
export function judgeNumber(
  condition: Condition,
  { forMs, overMs }: Pick<Criterion, 'forMs' | 'overMs'>,
  values: readonly ValueSample[],
  since: number,
  at: number,
): JudgedNumber {
  const window = { from: at - forMs, to: at };
  const counted = values.filter(({ from }) => from >= since);
  const spell = spellIn(condition, counted, window);
  const parts = partsOf(window, overMs).map((part) => spellIn(condition, counted, part));
  const newest = parts.at(-1)!;
  const facts = { mean: meanOf(newest), baseline: baselineOf(newest), spell };
  const young = window.from < since;

  if (spell.knownMs < mostOfIt * forMs || newest.knownMs === 0) {
    if (young) return { is: 'too-young', ...facts };
    const known = `known for ${Math.round((spell.knownMs / forMs) * 100)} % of the time`;
    return {
      is: 'no-data',
      ...facts,
      message: values.length > 0 && spell.knownMs === 0 ? unknownWhy(condition, counted) : known,
    };
  }
  const [mean, most] = [parts.map((part) => meets(condition, part)), parts.map(mostlyMet)];
  if (!mean.at(-1) && !most.at(-1)) return { is: 'not-met', ...facts };
  const sure = mean.every((yes, index) => yes && most[index]);
  if (sure && !young) return { is: 'sustained', ...facts };
  if (sure) return { is: 'building', forMs: at - Math.max(window.from, since), ...facts };
  const good = parts.findLastIndex((_, index) => !mean[index] && !most[index]);
  if (good >= 0)
    return { is: 'building', forMs: ((parts.length - 1 - good) * forMs) / parts.length, ...facts };
  return { is: 'unsure', ...facts };
}

const unknownWhy = ({ of }: Condition, values: readonly ValueSample[]) =>
  values.length > 0 && values.every(({ atLeast }) => atLeast)
    ? 'only known to be at least so much'
    : of
      ? 'its baseline is not known'
      : 'not known in this time';

/** What a number was in a window; what reaches out of it counts by its time inside. */
export function spellIn(condition: Condition, values: readonly ValueSample[], window: Window): Spell {
  let spell = noSpell;
  for (const sample of values) {
    const inside = Math.min(sample.to, window.to) - Math.max(sample.from, window.from);
    if (inside > 0) spell = longer(spell, condition, sample, inside);
  }
  return spell;
}

/** A spell and some milliseconds of a further number. */
export function longer(spell: Spell, condition: Condition, sample: ValueSample, ms: number): Spell {
  const compared = condition.of ? ratioOf(sample) : sample.value;
  if (compared === undefined || (sample.atLeast && !isSureFrom(condition, compared))) return spell;
  return {
    knownMs: spell.knownMs + ms,
    metMs: spell.metMs + (holds(condition, compared) ? ms : 0),
    sum: spell.sum + sample.value * ms,
    ratios: spell.ratios + (condition.of ? compared * ms : 0),
    baselines: spell.baselines + (sample.baseline ?? 0) * ms,
  };
}

/** Whether a condition holds for this number and every larger one. */
const isSureFrom = (condition: Condition, value: number) =>
  (condition.operator === '>' || condition.operator === '>=') && holds(condition, value);

const ratioOf = ({ value, baseline }: ValueSample) =>
  baseline !== undefined && baseline > 0 ? value / baseline : undefined;

/** Mean of the number; undefined while it was never known. */
export const meanOf = ({ sum, knownMs }: Spell) => (knownMs > 0 ? sum / knownMs : undefined);

const baselineOf = ({ baselines, knownMs }: Spell) =>
  knownMs > 0 && baselines !== 0 ? baselines / knownMs : undefined;

/** Whether the mean meets the condition. */
export const meets = (condition: Condition, spell: Spell) =>
  spell.knownMs > 0 && holds(condition, (condition.of ? spell.ratios : spell.sum) / spell.knownMs);

/** Whether the number itself met it for half of the time. */
export const mostlyMet = ({ metMs, knownMs }: Spell) => knownMs > 0 && metMs * 2 >= knownMs;
