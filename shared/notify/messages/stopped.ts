import type { ErrorReport } from '../../contracts/reports/error-report.js';
import type { News, Setting } from '../message.js';

/** Actions that move traffic: one that stopped may have left something. */
const movers = ['blue-green-switch', 'auto-rollback'];

/** What people are told of an action that stopped with an error. */
export function tellError({ action, kind, message }: ErrorReport, { now }: Setting): News {
  const nothingDone = kind === 'configuration';
  const mover = movers.includes(action);
  return {
    tone: 'failure',
    title: nothingDone
      ? `${action} did not start: its configuration is wrong`
      : `${action} stopped with an error`,
    body: message,
    next: nothingDone
      ? 'Fix what is listed, then run the workflow again.'
      : mover
        ? 'Open the run. blue-green-switch in mode status shows what is live, mode reconcile finishes what was left.'
        : 'Open the run, fix the error, then run the workflow again.',
    changed: true,
    since: now,
    facts: { Action: action },
    ...(mover && !nothingDone ? { page: { action: 'trigger', severity: 'error', of: 'release' } } : {}),
  };
}

/** What people are told when there is no report that can be read: that is never good news. */
export function tellUnread(why: string, { now }: Setting): News {
  return {
    tone: 'failure',
    title: 'A step of the release ended without a report that can be read',
    body: why,
    next: 'Open the run: nobody knows from here how the step ended.',
    changed: true,
    since: now,
  };
}
