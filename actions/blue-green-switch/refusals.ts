import { checkVerdict } from '../../shared/contracts/verdict.js';
import type { Holder } from '../../shared/ledger/holder.js';
import { describeHolder } from '../../shared/ledger/holder.js';
import type { Incident } from '../../shared/ledger/incidents.js';
import type { Lock } from '../../shared/ledger/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../shared/ledger/record.js';
import { parseInstant } from '../../shared/time/instant.js';

/** Why a lock is not this job's to go on with from a phase; undefined when it is. */
export function notOurs(lock: Lock | undefined, me: Holder, phase: Lock['phase']): string | undefined {
  if (!lock)
    return 'nothing is reserved: run mode reserve earlier in this run (if it did, someone removed the lock: start again with "Re-run all jobs")';
  if (lock.holder.runId !== me.runId || lock.holder.attempt !== me.attempt) {
    return `the lock belongs to ${describeHolder(lock.holder)}, not to this attempt; choose "Re-run all jobs"`;
  }
  if (lock.phase !== phase)
    return `the lock is in phase ${lock.phase}, not ${phase}; run mode reconcile first`;
  return undefined;
}

/** Everything that speaks against a release although it was allowed: the verdict does not fit, or the world has changed since it was given. */
export function objections(
  text: string | undefined,
  claim: Parameters<typeof checkVerdict>[1],
  world: { incidents: readonly Incident[]; history: readonly DeploymentRecord[] },
): string[] {
  const check = checkVerdict(text, claim);
  if (!check.accepted) return check.reasons;
  const { service, digest, issuedAt } = check.verdict;
  return sinceAccepted({ service, digest, since: issuedAt }, world);
}

/** What came since an instant that speaks against a release: an incident of its service, or its digest taken back. */
export function sinceAccepted(
  release: { service: string; digest: string; since: string },
  { incidents, history }: { incidents: readonly Incident[]; history: readonly DeploymentRecord[] },
): string[] {
  // GitHub's instants have whole seconds: what came in the same second counts as after.
  const since = Math.floor((parseInstant(release.since) ?? 0) / 1_000) * 1_000;
  const service = release.service.toLowerCase();
  const opened = incidents
    .filter((incident) => incident.open && incident.createdAt >= since)
    .filter(({ severity }) => severity === 'critical' || severity === 'high')
    .filter(
      ({ services }) => services.length === 0 || services.some((name) => name.toLowerCase() === service),
    )
    .map(({ number, url }) => `incident #${number} was opened after the gate passed (${url})`);
  const takenBack = history
    .filter((record) => record.payload.digest === release.digest && record.distrust.length === 0)
    .filter((record) => {
      const outcome = outcomeOf(record);
      return outcome.is === 'taken-back' && outcome.at >= since;
    })
    .map((record) => `this digest was taken back after the gate passed (Deployment ${record.id})`);
  return [...opened, ...takenBack];
}
