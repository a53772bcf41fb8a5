import { coded, type Refusal } from '../../shared/contracts/refusal-codes.js';
import { verdictSchema, type Verdict } from '../../shared/contracts/verdict.js';
import type { Holder } from '../../shared/ledger/refs/holder.js';
import { describeHolder } from '../../shared/ledger/refs/holder.js';
import { blocks } from '../../shared/ledger/incident-rule.js';
import { listIncidents, type Incident } from '../../shared/ledger/incidents.js';
import type { Lock } from '../../shared/ledger/refs/lock.js';
import { outcomeOf, type DeploymentRecord } from '../../shared/ledger/record.js';
import { firstProved } from '../../shared/ledger/proof/first-proved.js';
import { runIsGone, type Prove } from '../../shared/ledger/proof/trust.js';
import { formatDuration } from '../../shared/time/duration.js';
import { parseInstant } from '../../shared/time/instant.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { sayDoubted } from '../../shared/traffic/switch/ledger-outcome.js';
import type { Stop } from '../../shared/traffic/stops.js';

/** What a run is told that has to go on with its lock and finds none. */
export const nothingReserved = coded(
  'lock-missing',
  'nothing is reserved: run mode reserve earlier in this run (if it did, someone removed the lock: start again with "Re-run all jobs")',
);

/** Why a lock is not this job's to go on with from a phase; undefined when it is. */
export function notOurs(lock: Lock, me: Holder, phase: Lock['phase']): Refusal | undefined {
  if (lock.holder.runId !== me.runId || lock.holder.attempt !== me.attempt) {
    return coded(
      'lock-of-another-run',
      `the lock belongs to ${describeHolder(lock.holder)}, not to this attempt; choose "Re-run all jobs"`,
    );
  }
  if (lock.phase !== phase)
    return coded(
      'lock-in-another-phase',
      `the lock is in phase ${lock.phase}, not ${phase}; run mode reconcile first`,
    );
  return undefined;
}

type Looker = Pick<TrafficControl, 'github' | 'writers' | 'prove' | 'timeline'>;

/** A release that was allowed at an instant. */
interface Accepted {
  service: string;
  environment: string;
  digest: string;
  since: string;
  incidents?: Verdict['incidents'];
  /** The release's own Deployment. */
  deployment: number;
}

/** What came since an instant that speaks against a release: an incident that blocks it, or its digest taken back. */
export async function sinceAccepted(
  looker: Looker,
  release: Accepted,
  history: readonly DeploymentRecord[],
): Promise<Refusal[]> {
  const { incidents } = await listIncidents(looker.github, { states: ['OPEN'], writers: looker.writers });
  const takenBack = await takenBackSince(looker, release, history);
  return [
    ...openedSince(release, incidents),
    ...(takenBack
      ? [
          coded(
            'digest-rolled-back',
            takenBack.unread === undefined
              ? `this digest was rolled back after the gate passed (Deployment ${takenBack.id}); fix it and release a new digest`
              : `whether this digest was rolled back after the gate passed is not known: Deployment ${takenBack.id} has it too, and ${takenBack.unread}. Fix: find the workflow that writes them, and release a new digest`,
          ),
        ]
      : []),
  ];
}

/** GitHub's instants have whole seconds: what came in the same second counts as after. */
const instantOf = ({ since }: Accepted) => Math.floor((parseInstant(since) ?? 0) / 1_000) * 1_000;

function openedSince(release: Accepted, incidents: readonly Incident[]): Refusal[] {
  const blockAt = release.incidents?.blockAt ?? 'high';
  return (
    incidents
      .filter((incident) => blocks(incident, { ...release, blockAt }))
      // With a rule of the policy every open one counts that was not let through; without, those opened since.
      .filter(({ number, createdAt }) =>
        release.incidents ? !release.incidents.waived.includes(number) : createdAt >= instantOf(release),
      )
      .map(({ number, severity, url }) =>
        coded(
          'incident-opened',
          `incident #${number} (${severity}) is open and was not when the gate passed (${url})`,
        ),
      )
  );
}

/**
 * A taking back counts even when its run is gone, as in gate-check: a deleted run must not clear a release. One whose
 * run disproves it does not.
 */
async function takenBackSince(
  looker: Looker,
  release: Accepted,
  history: readonly DeploymentRecord[],
): Promise<DeploymentRecord | undefined> {
  const proveUnlessGone: Prove = async (records, among) =>
    (await looker.prove(records, among)).map((record) =>
      runIsGone(record) ? { ...record, distrust: [] } : record,
    );
  const others = history.filter(
    ({ id, payload, distrust }) =>
      id !== release.deployment && payload.digest === release.digest && distrust.length === 0,
  );
  const { found, records } = await firstProved(
    proveUnlessGone,
    history,
    others.filter(
      ({ statuses, unread }) =>
        unread !== undefined ||
        statuses.some(
          ({ state, at }) => (state === 'failure' || state === 'error') && at >= instantOf(release),
        ),
    ),
    (record) => {
      const outcome = outcomeOf(record);
      const ended = outcome.is === 'taken-back' || (outcome.is === 'failed' && hadTraffic(record));
      return ended ? outcome.at >= instantOf(release) : record.unread !== undefined;
    },
  );
  sayDoubted(looker, history, records);
  return found;
}

/** What was refused, or never moved, ended as `error`: that says nothing of its digest. */
const hadTraffic = ({ statuses }: DeploymentRecord) =>
  statuses.some(({ state, doubt }) => state === 'failure' && doubt === undefined);

/**
 * What of a verdict goes into the lock, for those who come after: when it ends, and its rule on incidents. An
 * unreadable one is refused elsewhere.
 */
export function termsOf(verdict: string | undefined): Pick<Lock, 'expiresAt' | 'incidents'> {
  try {
    const { expiresAt, incidents } = verdictSchema.parse(JSON.parse(verdict ?? ''));
    return { expiresAt, ...(incidents ? { incidents } : {}) };
  } catch {
    return {};
  }
}

/** Why the steps up to the next pause do not fit into what the verdict allows; undefined when they do. */
export function outlasts(
  lock: Lock,
  now: number,
  stops: readonly { stay: number | 'pause' }[],
): Refusal | undefined {
  const pause = stops.findIndex(({ stay }) => stay === 'pause');
  const timed = pause < 0 ? stops : stops.slice(0, pause);
  const needed = timed.reduce((sum, { stay }) => sum + (stay === 'pause' ? 0 : stay), 0);
  const left = (parseInstant(lock.expiresAt ?? '') ?? now) - now;
  if (lock.expiresAt === undefined || left > needed) return undefined;
  if (left <= 0)
    return coded('verdict-expired', `the verdict expired at ${lock.expiresAt}: run the gate again`);
  return coded(
    'verdict-ends-before-steps',
    `the steps take ${formatDuration(needed)}, and the verdict ends at ${lock.expiresAt}, before the steps do: raise "valid-for" in the policy or shorten them`,
  );
}

/** What to change where a kind of router could weigh and does not; the others cannot at all. */
const howToWeigh: Partial<Record<TrafficControl['config']['router']['type'], string>> = {
  haproxy: 'set router.mode to "servers"',
  nginx: 'set router.mode to "include"',
  command: 'set router.weighted to true, if the commands can',
};

/** Why a strategy does not fit the router; undefined when it does. */
export function cannotWeigh(
  { router, config }: Pick<TrafficControl, 'router' | 'config'>,
  strategy: readonly Stop[],
): Refusal | undefined {
  if (strategy.length === 0 || router.can.weighted) return undefined;
  const uneven = config.router.type === 'haproxy' && config.router.mode === 'servers';
  const otherwise = uneven
    ? 'give both colours as many router.servers'
    : (howToWeigh[config.router.type] ?? 'use a router that can weigh');
  const why = uneven
    ? 'would share wrongly, since one colour has more servers than the other'
    : 'gives all traffic to one colour';
  return coded(
    'router-cannot-weigh',
    `"strategy" has steps, and ${router.kind} ${why}: leave "strategy" at instant, or, in the traffic file, ${otherwise}`,
  );
}
