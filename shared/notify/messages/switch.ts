import type { SwitchReport } from '../../contracts/reports/switch-report.js';
import type { News } from '../message.js';

/** `title` gets the service with its version, as far as that is known. */
type Kind = Pick<News, 'tone' | 'next' | 'page'> & { title: (name: string) => string };

const look = 'Mode status shows what is live and changes nothing.';
const resolve = { action: 'resolve', severity: 'info', of: 'release' } as const;
const acknowledge = { action: 'acknowledge', severity: 'info', of: 'release' } as const;
const trigger = (severity: 'critical' | 'error' | 'warning') =>
  ({ action: 'trigger', severity, of: 'release' }) as const;

/** What people are told of a blue-green switch. */
export function tellSwitch(report: SwitchReport): News {
  const { mode, message, reasons, environment, service, version, result, changed, connections } = report;
  const { title, ...kind } = kindOf(report);
  const name = `${service}${version ? ` ${version}` : ''}`;
  const others = reasons.filter((reason) => !message.includes(reason));
  return {
    ...kind,
    title: `${title(name)} ${environment}`,
    body: [message, ...others].join('\n'),
    // Null is unknown: somebody has to hear of it.
    changed: changed !== false || kind.tone !== 'success',
    environment,
    service,
    since: report.switchedAt ?? report.timeline.at(-1)?.at ?? report.timeline[0]?.at ?? '',
    facts: {
      Result: `${mode}: ${result}`,
      Traffic: traffic(report),
      'Failed connections': connections ? `${connections.failed} of ${connections.opened}` : undefined,
    },
    run: report.run,
  };
}

function traffic({ before, after }: SwitchReport): string {
  const shares = (weights: SwitchReport['after']) =>
    weights
      ? Object.entries(weights)
          .map(([colour, percent]) => `${colour} ${percent} %`)
          .join(', ')
      : 'not known';
  return shares(before) === shares(after) ? shares(after) : `${shares(before)} → ${shares(after)}`;
}

/**
 * Results that are not listed say what they are by whether the step passed: a new one is never told as better than it
 * is.
 */
function kindOf({ result, ok, mode, wayOut, service, version }: SwitchReport): Kind {
  if (result === 'held')
    return {
      tone: 'incident',
      title: (name) => `${name} is on hold and needs a person in`,
      next: wayOut
        ? `No release or rollback of this service starts before this is ended: ${wayOut}`
        : `Somebody has to decide. ${look}`,
      page: trigger('critical'),
    };
  if (result === 'reverted')
    return mode === 'revert' && ok
      ? {
          tone: 'rollback',
          // The version of a revert is the one that is live again.
          title: () => `${service} was rolled back${version ? ` to ${version}` : ''} by a person in`,
          next: 'Find out why, then release a fix.',
          page: acknowledge,
        }
      : {
          tone: 'rollback',
          title: (name) => `${name} was rolled back in`,
          next: 'The new release gets no traffic. Fix it, then release again.',
          page: trigger('warning'),
        };
  if (result === 'degraded')
    return {
      tone: 'failure',
      title: (name) => `Connections failed while ${name} went live in`,
      next: 'Look whether users are well now. The run shows what the failed connections met.',
      page: trigger('error'),
    };
  if (result === 'error' || result === 'drift')
    return {
      tone: 'failure',
      title: (name) =>
        result === 'drift'
          ? `Router and ledger disagree about ${name} in`
          : `Mode ${mode} of ${name} broke off in`,
      next: `Run mode reconcile when the run is over: it finishes what was left. ${look}`,
      page: trigger(mode === 'status' || mode === 'reserve' ? 'warning' : 'error'),
    };
  if (result === 'paused')
    return {
      tone: 'hold',
      title: (name) => `${name} is paused with a part of the traffic in`,
      next: 'Look at the new colour, then run mode resume in a later job of this run, or cancel the run and run mode reconcile.',
    };
  if (result === 'refused' || !ok)
    return {
      tone: 'failure',
      title: (name) => `Mode ${mode} of ${name} ended ${result} in`,
      next: `Fix what is listed, then re-run all jobs. ${look}`,
    };
  if ((result === 'switched' && mode !== 'status') || result === 'confirmed' || result === 'completed')
    return {
      tone: 'success',
      title: (name) => (result === 'confirmed' ? `${name} is confirmed in` : `${name} is live in`),
      next: 'Nothing to do.',
      page: resolve,
    };
  return {
    tone: 'success',
    title: (name) => `Mode ${mode} of ${name} ended ${result} in`,
    next: 'Nothing to do.',
  };
}
