import type { PlanReport } from '../../contracts/reports/plan-report.js';
import type { News, Setting } from '../message.js';

const titles: Record<PlanReport['result'], string> = {
  unchanged: 'Infrastructure is as its files say',
  changes: 'Infrastructure is going to change',
  held: 'A change of infrastructure is on hold',
  denied: 'A policy stops a change of infrastructure',
  drift: 'Infrastructure is not as its files say',
  blind: 'A plan of infrastructure cannot be read',
};

const next: Record<PlanReport['result'], string> = {
  unchanged: 'Nothing to do.',
  changes: 'Read the plan in the run, then approve or reject it there.',
  held: 'Read in the run what would be destroyed. Where that is meant, start the workflow by hand and name it.',
  denied: 'Change the files as the policy asks, or the policy on the default branch.',
  drift: 'Open the run: it lists what differs. Apply the files, or write the change into them.',
  blind: 'Open the run: the log of its plan says why.',
};

/** Changes that a message lists; the run has all. */
const shown = 10;

/** What people are told of a plan. */
export function tellPlan(report: PlanReport, { now }: Setting): News {
  const { result, message, changes, environment } = report;
  const bad = result !== 'unchanged' && result !== 'changes';
  const rest = changes.length - shown;
  return {
    tone: bad ? 'failure' : 'success',
    title: titles[result],
    body: [
      message,
      ...changes.slice(0, shown).map(({ action, address, folder }) => `${action} ${address} in ${folder}`),
      ...(rest > 0 ? [`${rest} more in the run.`] : []),
    ].join('\n'),
    next: next[result],
    changed: bad,
    environment,
    since: now,
    facts: { Folders: report.folders.map(({ folder }) => folder).join(', ') },
  };
}
