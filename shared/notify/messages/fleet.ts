import type { FleetReport } from '../../contracts/fleet-report.js';
import type { News, Setting } from '../message.js';

/** What people are told of the files of the suite in a repository, and of settings that are open. */
export function tellFleet(report: FleetReport, { now }: Setting): News {
  const { result, message, settings, kept, from, to, pull } = report;
  const open = settings.filter(({ is }) => is === 'wrong');
  const bad = result === 'held' || open.length > 0;
  return {
    tone: bad ? 'failure' : 'success',
    title:
      open.length > 0
        ? 'Settings of GitHub let somebody around the gate'
        : result === 'held'
          ? 'The pull request of fleet-update has commits of somebody else'
          : `Files of devops-actions: ${result}`,
    body: [
      message,
      ...open.map(({ setting, why, fix }) => `${setting}: ${why.join('; ')}${fix ? `. Fix: ${fix}` : ''}`),
      ...kept.map(({ path, line, what }) => `${path}${line === undefined ? '' : `:${line}`}: ${what}`),
    ].join('\n'),
    next:
      open.length > 0
        ? 'Correct the settings: until then a release may go out that the gate did not see.'
        : result === 'held'
          ? 'Merge or close that pull request, or delete its branch; the next run opens a new one.'
          : result === 'up-to-date' || result === 'closed'
            ? 'Nothing to do.'
            : 'Review the pull request as any other.',
    changed: bad || result === 'opened',
    since: now,
    facts: { From: from, To: to },
    links: [{ text: `Pull request #${pull?.number ?? ''}`, url: pull?.url }],
  };
}
