import { checkVerdict, type Verdict } from '../../shared/contracts/verdict.js';
import type { Holder } from '../../shared/ledger/holder.js';
import { describeHolder } from '../../shared/ledger/holder.js';
import type { Incident } from '../../shared/ledger/incidents.js';
import type { Lock } from '../../shared/ledger/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../shared/ledger/record.js';
import { parseInstant } from '../../shared/time/instant.js';

/** Why a reservation is not this job's to switch; undefined when it is. */
export function notOurs(lock: Lock | undefined, me: Holder): string | undefined {
  if (!lock)
    return 'nothing is reserved: run mode reserve earlier in this run (if it did, someone removed the lock: start again with "Re-run all jobs")';
  if (lock.holder.runId !== me.runId || lock.holder.attempt !== me.attempt) {
    return `the lock belongs to ${describeHolder(lock.holder)}, not to this attempt; choose "Re-run all jobs"`;
  }
  if (lock.phase !== 'reserved') return `the lock is in phase ${lock.phase}; run mode reconcile first`;
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
  return [...newIncidents(check.verdict, world.incidents), ...takenBackSince(check.verdict, world.history)];
}

function newIncidents(verdict: Verdict, incidents: readonly Incident[]): string[] {
  const issuedAt = parseInstant(verdict.issuedAt) ?? 0;
  return incidents
    .filter((incident) => incident.open && incident.createdAt >= issuedAt)
    .filter(({ severity }) => severity === 'critical' || severity === 'high')
    .filter(
      (incident) =>
        incident.services.length === 0 ||
        incident.services.some((service) => service.toLowerCase() === verdict.service.toLowerCase()),
    )
    .map((incident) => `incident #${incident.number} was opened after the gate passed (${incident.url})`);
}

function takenBackSince(verdict: Verdict, history: readonly DeploymentRecord[]): string[] {
  const issuedAt = parseInstant(verdict.issuedAt) ?? 0;
  return history
    .filter((record) => record.payload.digest === verdict.digest && record.distrust.length === 0)
    .filter((record) => {
      const outcome = outcomeOf(record);
      return outcome.is === 'taken-back' && outcome.at >= issuedAt;
    })
    .map((record) => `this digest was taken back after the gate passed (Deployment ${record.id})`);
}
