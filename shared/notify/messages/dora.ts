import type { DoraReport } from '../../contracts/reports/dora-report.js';
import { formatDuration } from '../../time/duration.js';
import type { News } from '../message.js';

const hours = (value: number | null) => (value === null ? 'no data' : formatDuration(value * 3_600_000));
const share = (value: number | null) => (value === null ? 'no data' : `${(value * 100).toFixed(1)} %`);

/** What people are told of a DORA report: its figures. It changes nothing and wakes nobody. */
export function tellDora({ result, question, total, leftOut, notes }: DoraReport): News {
  const { environment, from, to, services } = question;
  const uncounted = leftOut.reduce((sum, { count }) => sum + count, 0);
  return {
    tone: 'success',
    title: `DORA report of ${environment}: ${total.frequency.n} ${total.frequency.n === 1 ? 'deployment' : 'deployments'}`,
    body: [
      result === 'no-deployments' ? 'There was no deployment to measure.' : `Measured from ${from} to ${to}.`,
      ...(uncounted > 0 ? [`${uncounted} records were seen and not counted.`] : []),
      ...notes,
    ].join('\n'),
    next: 'The report of the run has the evidence behind each number.',
    changed: false,
    environment,
    service: services.join(', ') || 'all',
    since: from,
    facts: {
      'Change lead time': hours(total.leadTime.p50),
      Deployments: `${total.frequency.perDay.toFixed(2)} a day`,
      'Change fail rate': share(total.changeFailRate.value),
      'Recovery time': hours(total.recovery.p50),
      'Rework rate': share(total.reworkRate.value),
    },
  };
}
