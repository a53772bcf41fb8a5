import type { DoraQuestion, Hotfixes, ValueStream } from '../../../shared/contracts/reports/dora-report.js';
import { hoursBetween, spreadOf } from '../metrics/figures/statistics.js';
import { valueStreamOf } from '../metrics/value-stream.js';
import type { Said } from './evidence.js';
import type { Judged } from './judge.js';
import { at } from '../metrics/units.js';
import { within, type Window } from './measure.js';

const pullsShown = 20;

/** Of the minutes of a hotfix: 10 for its checks and 15 for its review, 5 from the merge to production, of 35. */
const [toMergeShare, toProductionShare] = [25 / 35, 5 / 35];

/** Where the time of the pull requests goes that went live in the window. */
export function valueStreamIn(window: Window, deployments: readonly Judged[], say: Said): ValueStream {
  const delivered = deployments
    .filter((d) => !d.rollback && within(window, d.at))
    .flatMap((d) => d.pulls.map((pull) => ({ pull, unit: d })));
  const { pulls, ...stream } = valueStreamOf(delivered);
  return {
    ...stream,
    pulls: pulls
      .slice(0, pullsShown)
      .map(({ pull, unit, hours }) => ({ of: say.pull(pull), hours, until: say.deployment(unit) })),
  };
}

/** How long hotfixes took from their first commit to production, against what they may take. */
export function hotfixesIn(
  window: Window,
  deployments: readonly Judged[],
  { hotfixTargetMinutes }: DoraQuestion,
  say: Said,
): Hotfixes {
  const live = deployments.filter((d) => d.kind === 'hotfix' && d.live && within(window, d.at));
  const pulls = live.flatMap((d) => d.pulls.map((pull) => ({ pull, liveAt: d.at })));
  const part = (share: number, hours: readonly number[]) => ({
    targetMinutes: hotfixTargetMinutes * share,
    ...spreadOf(hours.filter((one) => one >= 0)),
  });
  const events = live.flatMap((d) => {
    if (d.writtenAt === undefined) return [];
    const hours = hoursBetween(d.writtenAt, d.at);
    return [{ of: say.deployment(d), hours, within: hours * 60 <= hotfixTargetMinutes }];
  });
  return {
    targetMinutes: hotfixTargetMinutes,
    ...spreadOf(events.map(({ hours }) => hours)),
    within: events.filter((event) => event.within).length,
    toMerge: part(
      toMergeShare,
      pulls.map(({ pull }) => hoursBetween(at(pull.createdAt), at(pull.mergedAt))),
    ),
    toProduction: part(
      toProductionShare,
      pulls.map(({ pull, liveAt }) => hoursBetween(at(pull.mergedAt), liveAt)),
    ),
    events,
  };
}
