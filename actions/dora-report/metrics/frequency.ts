import type { Frequency, TierModel } from '../../../shared/contracts/dora-report.js';
import { dayMs, wallAt } from '../../../shared/time/zone.js';
import { tierOf } from './tiers.js';

/**
 * Deployment frequency: deployments per calendar day of the window, by the clock on the wall, so that a day of 23 or 25
 * hours is one day.
 */
export function frequencyOf(
  instants: readonly number[],
  window: { from: number; to: number; timezone: string },
  model: TierModel,
): Frequency {
  const wall = (instant: number) => wallAt(window.timezone, instant);
  const days = (wall(window.to) - wall(window.from)) / dayMs;
  const perDay = days > 0 ? instants.length / days : 0;
  const daysWithDeployment = new Set(instants.map((instant) => Math.floor(wall(instant) / dayMs))).size;
  return { perDay, n: instants.length, days, daysWithDeployment, tier: tierOf(model, 'frequency', perDay) };
}
