import type { HotfixReport } from '../../contracts/reports/hotfix-report.js';
import { formatDuration } from '../../time/duration.js';
import type { News, Setting } from '../message.js';

const titles: Record<HotfixReport['result'], string> = {
  proved: 'shows its evidence',
  refused: 'shows no evidence that counts',
  'in-time': 'is in time',
  late: 'is late',
  hotfix: 'is released as a hotfix',
  release: 'is released as a release',
  'not-delivered': 'has no minutes that are known',
};

/** What people are told of a hotfix: once production has it, how long each stage took, and where it is still missing. */
export function tellHotfix(report: HotfixReport, { now }: Setting): News {
  const { result, message, pull, stages, delivered, missing } = report;
  const which = pull === undefined ? 'The hotfix' : `Hotfix #${pull}`;
  const took = stages
    .filter(({ target }) => target !== null && target > 0)
    .map(({ name, seconds, target, note }) => {
      const minutes = `${Math.round(target! * 10) / 10} min planned`;
      const known =
        seconds === null
          ? `not known${note && `: ${note}`}`
          : seconds === 0
            ? 'under 1 s'
            : formatDuration(seconds * 1000);
      return `${name}: ${known} (${minutes})`;
    });
  return {
    tone: result === 'late' || missing.length > 0 ? 'hold' : result === 'refused' ? 'failure' : 'success',
    title: delivered
      ? `${which} of ${delivered.service} is in ${delivered.environment} after ${Math.ceil(delivered.minutes)} min, planned ${delivered.target} min`
      : `${which} ${titles[result]}`,
    body: [message, ...took].join('\n'),
    next:
      missing.length > 0
        ? missing.map(({ what }) => `${what[0]!.toUpperCase()}${what.slice(1)}.`).join(' ')
        : 'Nothing to do here.',
    changed: delivered !== undefined,
    environment: delivered?.environment,
    service: delivered?.service,
    since: delivered?.at ?? now,
    links: missing.map(({ branch, url }) => ({ text: `Bring it to ${branch}`, url })),
  };
}
