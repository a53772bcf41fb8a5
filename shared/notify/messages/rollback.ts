import type { AnalysisReport } from '../../contracts/reports/analysis-report.js';
import { formatDuration } from '../../time/duration.js';
import { isoInstant } from '../../time/instant.js';
import type { News } from '../message.js';

/** What people are told of a watch or a rollback. A hold is an incident: the bad release may still be live. */
export function tellRollback(report: AnalysisReport): News {
  const { result, mode, service, environment, watched, previous, takeBack, incident } = report;
  const name = `${service}${watched ? ` ${watched.version}` : ''}`;
  const about = {
    body: bodyOf(report),
    environment,
    service,
    since: since(report),
    facts: {
      Result: `${mode}: ${result}`,
      'Live again': result === 'rolled-back' ? previous?.version : undefined,
      'Time to restore':
        report.timeToRestoreMs === undefined ? undefined : formatDuration(report.timeToRestoreMs),
      Incident: incident && `#${incident.number}`,
    },
    run: report.run,
    links: incident ? [{ text: `Incident #${incident.number}`, url: incident.url }] : [],
  };
  const closing = incident ? ` Releases may be blocked until incident #${incident.number} is closed.` : '';
  if (mode === 'look-after' && result !== 'rolled-back')
    return {
      ...about,
      ...unseen(service, environment),
      next: `Look at its metrics yourself before you close the incident of the rollback.${closing}`,
    };
  switch (result) {
    case 'healthy':
      return {
        ...about,
        tone: 'success',
        title: `${name} is healthy in ${environment}`,
        next: 'Nothing to do.',
        changed: false,
        page: { action: 'resolve', severity: 'info', of: 'release' },
      };
    case 'confirmed':
      return {
        ...about,
        tone: 'success',
        title: `${name} is confirmed in ${environment}`,
        next: 'Nothing to do.',
        changed: true,
        page: { action: 'resolve', severity: 'info', of: 'release' },
      };
    case 'watching':
      return {
        ...about,
        tone: 'success',
        title: `${name} is well so far in ${environment}`,
        next: 'Nothing to do: the next check goes on.',
        changed: false,
        page: { action: 'resolve', severity: 'info', of: 'release' },
      };
    case 'rolled-back':
      if (report.restored?.is === 'bad too')
        return {
          ...about,
          tone: 'incident',
          title: `${name} was rolled back in ${environment}, and ${previous?.version ?? 'what is live now'} is bad too`,
          next: `Look for a cause outside of the release: a database, a dependency, the load. Nothing more is moved.${closing}`,
          changed: true,
          page: { action: 'trigger', severity: 'critical', of: 'release' },
        };
      if (mode === 'look-after' && report.restored?.is === 'well')
        return {
          ...about,
          tone: 'success',
          title: `${service} ${previous?.version ?? ''} is well in ${environment} since ${watched?.version ?? 'the release'} was rolled back`,
          next: `Fix forward with a new release.${closing}`,
          changed: true,
          page: { action: 'acknowledge', severity: 'info', of: 'release' },
        };
      if (mode === 'look-after')
        return {
          ...about,
          ...unseen(`${service} ${previous?.version ?? ''}`, environment),
          next: `Look at its metrics yourself before you close the incident.${closing}`,
        };
      return {
        ...about,
        tone: 'rollback',
        title: `${name} was rolled back${previous ? ` to ${previous.version}` : ''} in ${environment}`,
        next: `Fix forward with a new release.${closing}`,
        changed: true,
        page:
          mode === 'now'
            ? { action: 'acknowledge', severity: 'info', of: 'release' }
            : { action: 'trigger', severity: 'error', of: 'release' },
      };
    case 'contained':
      return {
        ...about,
        tone: 'incident',
        title: `${name} fails for a few in ${environment}, who were taken out`,
        next: `Tell them, fix forward, then undo the containment.${closing}`,
        changed: true,
        page: { action: 'trigger', severity: 'error', of: 'release' },
      };
    case 'held': {
      const bad = mode === 'now' || report.verdict?.is === 'failed';
      return {
        ...about,
        tone: bad || incident ? 'incident' : 'hold',
        title: bad
          ? `${name} could not be rolled back in ${environment}: a person is needed`
          : `${name} is not watched any more in ${environment}: a person is needed`,
        next: takeBack?.next
          ? `${takeBack.next.map((step, index) => `${index + 1}. ${step}`).join(' ')}${closing}`
          : `Open the run and decide: run blue-green-switch in mode status to see what is live, then mode revert or resume.${closing}`,
        changed: true,
        page: { action: 'trigger', severity: bad ? 'critical' : 'warning', of: 'release' },
      };
    }
    case 'inconclusive':
      return {
        ...about,
        tone: 'hold',
        title: `Nobody knows whether ${name} is healthy in ${environment}`,
        next: 'Look at the metrics yourself: too little was seen. Nothing was moved.',
        changed: true,
        page: { action: 'trigger', severity: 'warning', of: 'release' },
      };
    case 'error':
      if (mode === 'now')
        return {
          ...about,
          tone: 'incident',
          title: `The rollback of ${name} in ${environment} broke off: users may still get the bad release`,
          next: 'Press again. If GitHub is what does not answer, take the release back from a laptop: rollback --break-glass.',
          changed: true,
          page: { action: 'trigger', severity: 'critical', of: 'release' },
        };
      return {
        ...about,
        tone: 'failure',
        title: `The watch over ${name} ended without a verdict in ${environment}`,
        next: 'Nobody watches this release now. Look at the metrics, or run the watch again.',
        changed: true,
        page: { action: 'trigger', severity: 'error', of: 'release' },
      };
  }
}

/** What a look at a restored release came to that saw nothing. No acknowledgement: that would end the pager's escalation. */
const unseen = (what: string, environment: string) =>
  ({
    tone: 'hold',
    title: `Nobody knows whether ${what} is well in ${environment} after the rollback`,
    changed: true,
    page: { action: 'trigger', severity: 'error', of: 'release' },
  }) as const;

/** What happened, each thing once: why it is to go, and what each way to roll back came to. */
function bodyOf({ reason, cause, takeBack, result }: AnalysisReport): string {
  if (result === 'held' && takeBack?.attempts && cause !== undefined)
    return [
      cause,
      ...takeBack.attempts.map(({ way, message }) => `${way}: ${message}`),
      ...(takeBack.result === 'refused'
        ? ['Nothing was moved: the bad release has all traffic.']
        : [takeBack.message]),
    ].join('\n');
  return takeBack && !reason.includes(takeBack.message) ? `${reason}\n${takeBack.message}` : reason;
}

function since({ takeBack, startedAt, timeline }: AnalysisReport): string {
  const at = takeBack?.restoredAt ?? startedAt;
  return at !== undefined && at <= 8.64e15 ? isoInstant(at) : (timeline.at(-1)?.at ?? '');
}
