import type { Frequency, TierModel } from '../../../../shared/contracts/reports/dora-report.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import { dayMs, instantsOf, wallAt } from '../../../../shared/time/zone.js';
import { tierOf } from './tiers.js';

/** Records of fewer days than this say nothing about how often a team deploys. */
const leastDays = 7;

/**
 * Deployment frequency: deployments per calendar day of the window, by the clock on the wall, so that a day of 23 or 25
 * hours is one day. Where the records begin inside the window, the rate is over the days since then, and has no tier
 * before a week is over; where there are none, it has no tier at all.
 */
export function frequencyOf(
  instants: readonly number[],
  window: { from: number; to: number; timezone: string },
  model: TierModel,
  recordsSince: number | undefined,
): Frequency {
  const wall = (instant: number) => wallAt(window.timezone, instant);
  const firstDay =
    recordsSince === undefined
      ? -Infinity
      : instantsOf(window.timezone, Math.floor(wall(recordsSince) / dayMs) * dayMs).earliest;
  const since = recordsSince! < window.to && firstDay > window.from ? firstDay : undefined;
  const days = (wall(window.to) - wall(since ?? window.from)) / dayMs;
  // A day that has just begun is a day: two deployments in its first hour are no 48 a day.
  const divisor = since === undefined ? days : Math.max(1, days);
  const perDay = divisor > 0 ? instants.length / divisor : 0;
  const daysWithDeployment = new Set(instants.map((instant) => Math.floor(wall(instant) / dayMs))).size;
  const unknown = recordsSince === undefined || (since !== undefined && days < leastDays);
  const tier = unknown ? null : tierOf(model, 'frequency', perDay);
  return {
    perDay,
    n: instants.length,
    days: divisor,
    daysWithDeployment,
    ...(since === undefined ? {} : { since: isoInstant(since) }),
    tier,
  };
}
