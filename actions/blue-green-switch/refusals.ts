import { checkVerdict, verdictSchema, type Verdict } from '../../shared/contracts/verdict.js';
import type { Holder } from '../../shared/ledger/holder.js';
import { describeHolder } from '../../shared/ledger/holder.js';
import { blocks, type Incident } from '../../shared/ledger/incidents.js';
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
  const { service, environment, digest, issuedAt, incidents } = check.verdict;
  return sinceAccepted(
    { service, environment, digest, since: issuedAt, ...(incidents ? { incidents } : {}) },
    world,
  );
}

/** What came since an instant that speaks against a release: an incident that blocks it, or its digest taken back. */
export function sinceAccepted(
  release: {
    service: string;
    environment: string;
    digest: string;
    since: string;
    incidents?: Verdict['incidents'];
    /** The release's own Deployment. */
    deployment?: number;
  },
  { incidents, history }: { incidents: readonly Incident[]; history: readonly DeploymentRecord[] },
): string[] {
  // GitHub's instants have whole seconds: what came in the same second counts as after.
  const since = Math.floor((parseInstant(release.since) ?? 0) / 1_000) * 1_000;
  const blockAt = release.incidents?.blockAt ?? 'high';
  const opened = incidents
    .filter((incident) => blocks(incident, { ...release, blockAt }))
    // With a rule of the policy every open one counts that was not let through; without, those opened since.
    .filter(({ number, createdAt }) =>
      release.incidents ? !release.incidents.waived.includes(number) : createdAt >= since,
    )
    .map(
      ({ number, severity, url }) =>
        `incident #${number} (${severity}) is open and was not when the gate passed (${url})`,
    );
  const takenBack = history
    .filter(
      ({ id, payload, distrust }) =>
        id !== release.deployment && payload.digest === release.digest && distrust.length === 0,
    )
    .filter((record) => {
      const outcome = outcomeOf(record);
      return (outcome.is === 'taken-back' || outcome.is === 'failed') && outcome.at >= since;
    })
    .map((record) => `this digest was taken back after the gate passed (Deployment ${record.id})`);
  return [...opened, ...takenBack];
}

/** When a verdict ends, for the lock; an unreadable one is refused elsewhere. */
export function expiryOf(verdict: string | undefined): { expiresAt?: string } {
  try {
    const { expiresAt } = verdictSchema.parse(JSON.parse(verdict ?? ''));
    return { expiresAt };
  } catch {
    return {};
  }
}

/** Why the steps up to the next pause do not fit into what the verdict allows; undefined when they do. */
export function outlasts(
  lock: Lock,
  now: number,
  stops: readonly { stay: number | 'pause' }[],
): string | undefined {
  const pause = stops.findIndex(({ stay }) => stay === 'pause');
  const timed = pause < 0 ? stops : stops.slice(0, pause);
  const needed = timed.reduce((sum, { stay }) => sum + (stay === 'pause' ? 0 : stay), 0);
  const left = (parseInstant(lock.expiresAt ?? '') ?? now) - now;
  if (lock.expiresAt === undefined || left > needed) return undefined;
  return `the verdict ends at ${lock.expiresAt}, before the steps do: raise "valid-for" in the policy or shorten them`;
}
