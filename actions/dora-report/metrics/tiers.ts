import type { Tier, TierModel } from '../../../shared/contracts/dora-report.js';
import type { Spread } from './statistics.js';

/** Bounds of elite, high and medium, in this order; anything else is low. */
type Ladder = readonly [elite: number, high: number, medium: number];

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

const models: Record<Exclude<TierModel, 'none'>, Model> = {
  seed: {
    title: 'team thresholds',
    durationsBy: 'mean',
    frequency: [1, 0.14, 0.03],
    leadTime: [24, 168, 720],
    recovery: [1, 24, 168],
    changeFailRate: [0.15, 0.3, 0.45],
  },
  /**
   * Published as descriptions of clusters, not as bounds; of the years with four clusters, the only one whose figures
   * rise from tier to tier.
   */
  '2023': {
    title: 'DORA 2023',
    durationsBy: 'p50',
    frequency: [1, 1 / 7, 1 / 30],
    leadTime: [24, 168, 720],
    recovery: [1, 24, 168],
    changeFailRate: [0.05, 0.1, 0.15],
  },
};

export type TieredMetric = 'frequency' | 'leadTime' | 'recovery' | 'changeFailRate';

/** The tier of a value; null where the model has none or there is no value. */
export function tierOf(model: TierModel, metric: TieredMetric, value: number | null): Tier | null {
  if (model === 'none' || value === null) return null;
  const ladder = models[model][metric];
  const reached = ladder.findIndex((bound) => (metric === 'frequency' ? value >= bound : value <= bound));
  return (['elite', 'high', 'medium'] as const)[reached] ?? 'low';
}

/** The tier of durations, by the figure the model was made for. */
export function tierOfSpread(model: TierModel, metric: 'leadTime' | 'recovery', spread: Spread): Tier | null {
  return model === 'none' ? null : tierOf(model, metric, spread[models[model].durationsBy]);
}

/** What is shown beside the tiers: the model, and the figure its durations are judged by. */
export function describeModel(model: TierModel): string {
  if (model === 'none') return 'no tiers';
  const { title, durationsBy } = models[model];
  return `${title}; durations judged by their ${durationsBy === 'mean' ? 'mean' : 'median'}`;
}
