import type { DoraQuestion, Hotfixes, ValueStream } from '../../../shared/contracts/reports/dora-report.js';
import { hoursBetween, spreadOf } from '../metrics/figures/statistics.js';
import { valueStreamOf } from '../metrics/value-stream.js';
import type { Said } from './evidence.js';
import type { Judged } from './judge.js';
import { within, type Window } from './measure.js';

const pullsShown = 20;

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
  const events = deployments.flatMap((d) => {
    if (d.kind !== 'hotfix' || !d.live || d.writtenAt === undefined || !within(window, d.at)) return [];
    const hours = hoursBetween(d.writtenAt, d.at);
    return [{ of: say.deployment(d), hours, within: hours * 60 <= hotfixTargetMinutes }];
  });
  return {
    targetMinutes: hotfixTargetMinutes,
    ...spreadOf(events.map(({ hours }) => hours)),
    within: events.filter((event) => event.within).length,
    events,
  };
}
