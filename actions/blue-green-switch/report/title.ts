import { parseInstant } from '../../../shared/time/instant.js';
import { formatDuration } from '../../../shared/time/duration.js';
import { liveColour } from '../../../shared/traffic/router.js';
import type { SwitchReport } from '../../../shared/contracts/reports/switch-report.js';

/** What happened, as one line for the top of a summary: plain text, without its icon. */
export function titleOf(report: SwitchReport): string {
  const failed = report.connections?.failed ?? 0;
  if (failed === 0) return `${happened(report)}${tookOf(report)}`;
  return `${happened(report)}, and ${failed} ${failed === 1 ? 'connection' : 'connections'} failed`;
}

function happened(report: SwitchReport): string {
  const { service, environment, version, target, after, result, mode } = report;
  const release = version === undefined ? service : `${service} ${version}`;
  const place = `${service} in ${environment}`;
  const live = after ? liveColour(after) : undefined;
  switch (result) {
    case 'switched':
    case 'degraded':
      return `${release} is live in ${environment}`;
    case 'completed':
      return `${release} is live in ${environment}: a switch that was cut off was finished`;
    case 'paused':
      return `${release} has ${Math.round(after?.[target ?? ''] ?? 0)} % of the traffic in ${environment} and waits for a person`;
    case 'reverted':
      return mode === 'revert'
        ? `${place} was rolled back${version === undefined ? '' : ` to ${version}`}`
        : `${release} was rolled back in ${environment}`;
    case 'not-switched':
      return `${release} was not released to ${environment}: nothing moved`;
    case 'held':
      return `${place} is on hold: needs a person`;
    case 'refused':
      return refusedTitle(mode, release, place, environment);
    case 'reserved':
      return `${target} is reserved for ${release} in ${environment}`;
    case 'adopted':
      return `${release} is live in ${environment} and was adopted`;
    case 'confirmed':
      return `${release} stays in ${environment}`;
    case 'retired':
      return `${place}: the old colour was removed`;
    case 'kept':
      return `${place}: the old colour stays for now`;
    case 'dry-run':
      return `${place}: dry run, nothing was moved`;
    case 'ok':
    case 'locked':
      return `${release} is live in ${environment}${live ? ` on ${live}` : ''}${result === 'locked' ? ', and a run holds the lock' : ''}`;
    case 'drift':
      return `${place}: router, colours and ledger do not all agree`;
    case 'nothing':
      return `${place}: nothing to do`;
    case 'released':
      return `${place}: what a dead run left was cleared away`;
    case 'busy':
      return `${place}: another run is at work`;
    default:
      return `${place}: ${result}`;
  }
}

function refusedTitle(
  mode: SwitchReport['mode'],
  release: string,
  place: string,
  environment: string,
): string {
  switch (mode) {
    case 'revert':
      return `${place} was not rolled back: refused`;
    case 'resume':
      return `${place}: the pause goes on, resume was refused`;
    case 'confirm':
    case 'retire':
      return `${place}: ${mode} was refused`;
    default:
      return `${release} was not released to ${environment}: refused, nothing moved`;
  }
}

/** From where to where and how fast, after a move that stayed. */
function tookOf({ result, before, after, switchMs, course }: SwitchReport): string {
  const [from, to] = [before && liveColour(before), after && liveColour(after)];
  if (result !== 'switched' || !from || !to || from === to || switchMs === undefined) return '';
  const move = ` · ${from} → ${to} in`;
  const [first, last] = [course?.points[0], course?.points.at(-1)];
  if (!course || course.stops.length === 0 || !first || !last) return `${move} ${formatDuration(switchMs)}`;
  const steps = course.stops.length + 1;
  return `${move} ${steps} steps over ${formatDuration(parseInstant(last.at)! - parseInstant(first.at)!)}`;
}
