import type { AnalysisReport } from '../../contracts/reports/analysis-report.js';
import { formatDuration } from '../../time/duration.js';
import { isoInstant } from '../../time/instant.js';
import type { News } from '../message.js';

/** What people are told of a watch or a rollback. A hold is an incident: the bad release may still be live. */
export function tellRollback(report: AnalysisReport): News {
  const { result, mode, service, environment, reason, watched, previous, takeBack, incident } = report;
  const name = `${service}${watched ? ` ${watched.version}` : ''}`;
  const about = {
    body: takeBack && takeBack.message !== reason ? `${reason}\n${takeBack.message}` : reason,
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
        next: `Open the run and decide: run blue-green-switch in mode status to see what is live, then mode revert or resume.${closing}`,
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

function since({ takeBack, startedAt, timeline }: AnalysisReport): string {
  const at = takeBack?.restoredAt ?? startedAt;
  return at !== undefined && at <= 8.64e15 ? isoInstant(at) : (timeline.at(-1)?.at ?? '');
}
