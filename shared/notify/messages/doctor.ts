import type { DoctorReport } from '../../contracts/reports/doctor-report.js';
import type { News, Setting } from '../message.js';

/** Lines that a message shows; the run has all. */
const shown = 8;

/** What people are told of the doctor: each line that is not right, with its fix. */
export function tellDoctor(report: DoctorReport, { now }: Setting): News {
  const { result, message, environment, service, lines } = report;
  const bad = lines.filter(({ is }) => is === 'wrong' || is === 'unknown');
  const rest = bad.length - shown;
  return {
    tone: result === 'ready' ? 'success' : 'failure',
    title: `A release of ${service} to ${environment} could ${result === 'ready' ? 'begin' : 'not begin'}`,
    body: [
      message,
      ...bad
        .slice(0, shown)
        .map(({ what, detail, fix }) => `${what}: ${detail}${fix === undefined ? '' : `. Fix: ${fix}`}`),
      ...(rest > 0 ? [`${rest} more in the run.`] : []),
    ].join('\n'),
    next:
      result === 'ready'
        ? 'Nothing to do.'
        : 'Do what each line says, then run the doctor again: the next release would not go well.',
    changed: result !== 'ready',
    environment,
    service,
    since: now,
  };
}
