import type { Tier, TierModel } from '../../../../shared/contracts/reports/dora-report.js';
import type { Spread } from './statistics.js';

/** Bounds in the order they are tried, the best first for frequency, the lowest first otherwise; beyond is `low`. */
type Ladder = readonly (readonly [bound: number, tier: Tier])[];

interface Model {
  /** Name and year, always shown beside a tier. */
  title: string;
  /** Which figure of a spread of durations the bounds are for. */
  durationsBy: 'mean' | 'p50';
  /** Deployments a day, at least. */
  frequency: Ladder;
  /** Hours, at most. */
  leadTime: Ladder;
  recovery: Ladder;
  /** Share from 0 to 1, at most. */
  changeFailRate: Ladder;
}

const three = (elite: number, high: number, medium: number): Ladder => [
  [elite, 'elite'],
  [high, 'high'],
  [medium, 'medium'],
];

const day = 24;
const week = 7 * day;
const month = 30 * day;
const halfYear = 183 * day;

/**
 * The years are what DORA published of its clusters, descriptions and not bounds: a value belongs to the best cluster
 * that it is no worse than. Clusters with the same figure are one.
 */
const models: Record<Exclude<TierModel, 'none'>, Model> = {
  seed: {
    title: 'team thresholds',
    durationsBy: 'mean',
    frequency: three(1, 0.14, 0.03),
    leadTime: three(day, week, month),
    recovery: three(1, day, week),
    changeFailRate: three(0.15, 0.3, 0.45),
  },
  '2019': {
    title: 'DORA 2019',
    durationsBy: 'p50',
    frequency: three(1, 1 / 7, 1 / 30),
    leadTime: three(day, week, month),
    recovery: [
      [1, 'elite'],
      [day, 'high'],
    ],
    changeFailRate: [[0.15, 'elite']],
  },
  '2021': {
    title: 'DORA 2021',
    durationsBy: 'p50',
    frequency: three(1, 1 / 30, 1 / 183),
    leadTime: three(1, week, halfYear),
    recovery: three(1, day, week),
    changeFailRate: [
      [0.15, 'elite'],
      [0.3, 'high'],
    ],
  },
  /** The year without an elite cluster. */
  '2022': {
    title: 'DORA 2022',
    durationsBy: 'p50',
    frequency: [
      [1, 'high'],
      [1 / 30, 'medium'],
    ],
    leadTime: [
      [week, 'high'],
      [month, 'medium'],
    ],
    recovery: [
      [day, 'high'],
      [week, 'medium'],
    ],
    changeFailRate: [
      [0.15, 'high'],
      [0.3, 'medium'],
    ],
  },
  '2023': {
    title: 'DORA 2023',
    durationsBy: 'p50',
    frequency: three(1, 1 / 7, 1 / 30),
    leadTime: three(day, week, month),
    recovery: three(1, day, week),
    changeFailRate: three(0.05, 0.1, 0.15),
  },
  /** Its high cluster fails more often than its medium one. */
  '2024': {
    title: 'DORA 2024',
    durationsBy: 'p50',
    frequency: three(1, 1 / 7, 1 / 30),
    leadTime: three(day, week, month),
    recovery: [
      [1, 'elite'],
      [day, 'high'],
    ],
    changeFailRate: [
      [0.05, 'elite'],
      [0.1, 'medium'],
      [0.2, 'high'],
    ],
  },
};

export type TieredMetric = 'frequency' | 'leadTime' | 'recovery' | 'changeFailRate';

/** The tier of a value; null where the model has none or there is no value. */
export function tierOf(model: TierModel, metric: TieredMetric, value: number | null): Tier | null {
  if (model === 'none' || value === null) return null;
  const reached = models[model][metric].find(([bound]) =>
    metric === 'frequency' ? value >= bound : value <= bound,
  );
  return reached?.[1] ?? 'low';
}

/** The tier of durations, by the figure the model was made for. */
export function tierOfSpread(model: TierModel, metric: 'leadTime' | 'recovery', spread: Spread): Tier | null {
  return tierOf(model, metric, judgedOf(model, spread).value);
}

/** The figure of a spread that the model judges. */
export function judgedOf(
  model: TierModel,
  spread: Spread,
): { name: 'mean' | 'median'; value: number | null } {
  return model !== 'none' && models[model].durationsBy === 'mean'
    ? { name: 'mean', value: spread.mean }
    : { name: 'median', value: spread.p50 };
}

/** The bounds of a metric, best first; empty without a model. */
export function boundsOf(model: TierModel, metric: TieredMetric): Ladder {
  return model === 'none' ? [] : models[model][metric];
}

/** What is shown beside the tiers: the model, and the figure its durations are judged by. */
export function describeModel(model: TierModel): string {
  if (model === 'none') return 'no tiers';
  const { title, durationsBy } = models[model];
  return `${title}; durations judged by their ${durationsBy === 'mean' ? 'mean' : 'median'}`;
}
