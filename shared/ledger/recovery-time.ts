import { isSuccess, succeededAt, type DeploymentRecord } from './record.js';

type Course = Pick<DeploymentRecord, 'statuses' | 'createdAt'>;

/**
 * Failed deployment recovery time in milliseconds, as dora-report counts it: from the first success of the failed
 * deployment to that of what restored the service. A release that its own switch took back was never a success: its time
 * is that of the switch. Undefined as long as the ledger does not say both.
 */
export function recoveryMs(failed: Course, restored: Course | undefined): number | undefined {
  const from = succeededAt(failed);
  if (from === undefined) return ownSwitchMs(failed);
  const until = restored && restored.statuses.find(isSuccess)?.at;
  return until === undefined ? undefined : Math.max(0, until - from);
}

function ownSwitchMs({ statuses }: Course): number | undefined {
  const begun = statuses.findIndex(({ state }) => state === 'in_progress');
  const end = begun < 0 ? undefined : statuses.slice(begun).find(({ state }) => state === 'failure');
  return end && Math.max(0, end.at - statuses[begun]!.at);
}
