import { coded, retold, type Refusal } from '../../shared/contracts/refusal-codes.js';
import { checkVerdict } from '../../shared/contracts/verdict.js';
import type { Lock } from '../../shared/ledger/refs/lock.js';
import type { DeploymentRecord } from '../../shared/ledger/record.js';
import { newClaim } from '../../shared/traffic/recovery/acquire.js';
import { askEntryNow } from '../../shared/traffic/colour/entry-now.js';
import { checkFit, type FitPorts } from '../../shared/traffic/colour/fit.js';
import type { ColourPorts, LedgerPorts, TrafficControl } from '../../shared/traffic/control.js';
import { movedPast } from '../../shared/traffic/switch/moved-past.js';
import { liveColour, type Weights } from '../../shared/traffic/router.js';
import type { Inputs } from './inputs.js';
import { cannotWeigh, outlasts, sinceAccepted, termsOf } from './refusals.js';

/** What this run may claim of a verdict, but for the commit and digest. */
export function claimOf(control: Pick<TrafficControl, 'me' | 'github' | 'environment' | 'service'>): {
  environment: string;
  service: string;
  runId: number;
  attempt: number;
  now: number;
} {
  const { environment, service, me, github } = control;
  return { environment, service, runId: me.runId, attempt: me.attempt, now: github.now() };
}

/**
 * A reservation as the switch that adopts it writes it down, with a claim of its own: of two jobs that adopt it at
 * once, the one that loses must find nothing of its own to bring to an end.
 */
export function adopted(
  lock: Lock,
  control: Pick<TrafficControl, 'me' | 'random'>,
  inputs: Pick<Inputs, 'strategy' | 'verdict'>,
): Lock {
  // Whoever may push can write these two into a reservation: they are the verdict's alone.
  const { expiresAt: _expiresAt, incidents: _incidents, ...reserved } = lock;
  return {
    ...reserved,
    claim: newClaim(control),
    holder: control.me,
    stops: inputs.strategy,
    ...termsOf(inputs.verdict),
  };
}

/**
 * Everything that speaks against switching to an adopted reservation now; changes nothing. The verdict must allow it,
 * and the world be as it was promised.
 */
export async function refusalsOfSwitch(
  control: FitPorts & LedgerPorts & Pick<TrafficControl, 'me'>,
  inputs: Pick<Inputs, 'strategy' | 'verdict'>,
  lock: Lock,
  { weights, history }: { weights: Weights; history: readonly DeploymentRecord[] },
): Promise<Refusal[]> {
  const claim = { ...claimOf(control), sha: lock.payload.releasedSha, digest: lock.digest };
  const check = checkVerdict(inputs.verdict, claim);
  const reasons = check.accepted
    ? await sinceAccepted(
        control,
        {
          ...claim,
          deployment: lock.deployment,
          since: check.verdict.issuedAt,
          ...(check.verdict.incidents ? { incidents: check.verdict.incidents } : {}),
        },
        history,
      )
    : check.reasons;
  const live = liveColour(weights);
  // A first deployment may go to the colour that the router names already, as nothing runs there.
  if (live !== lock.from && !(lock.from === undefined && live === lock.to)) {
    reasons.push(
      coded(
        'traffic-moved',
        `${lock.from ?? 'nothing'} was live at the reservation and the router now says ${live ?? 'mixed'}: someone moved traffic past the lock`,
      ),
    );
  }
  const further = [
    check.accepted ? outlasts(lock, control.github.now(), inputs.strategy) : undefined,
    cannotWeigh(control, inputs.strategy),
    await unfit(control, lock),
    await refusalByEntry(control, weights, lock.payload.kind),
    ...((await control.router.inspect?.())?.obstacles ?? []),
  ];
  return [...reasons, ...further.filter((reason) => reason !== undefined)];
}

/**
 * Why the entry would prove nothing of a switch; undefined when it leads to what has traffic, or nothing can say so. A
 * hotfix may fix what gives errors.
 */
export async function refusalByEntry(
  control: ColourPorts & Pick<TrafficControl, 'timeline'>,
  weights: Weights,
  kind: DeploymentRecord['payload']['kind'],
): Promise<Refusal | undefined> {
  const entry = await askEntryNow(control, weights);
  control.timeline.say(`Entry: ${entry.message}`);
  if (entry.is === 'good' || entry.is === 'unknown') return undefined;
  if (entry.is === 'bad') return entry.message;
  return kind === 'hotfix'
    ? undefined
    : retold(
        '',
        entry.message,
        '. If the live release is what fails, run mode revert, or release with kind: hotfix',
      );
}

/**
 * The incidents and takings back that came since a switch was accepted and speak against it, by the rule that its lock
 * keeps.
 */
export function sinceLocked(
  control: LedgerPorts,
  lock: Lock,
  history: readonly DeploymentRecord[],
): Promise<Refusal[]> {
  const { environment, service } = control;
  const { digest, since, deployment, incidents } = lock;
  const accepted = { environment, service, digest, since, deployment };
  return sinceAccepted(control, { ...accepted, ...(incidents ? { incidents } : {}) }, history);
}

/** Everything that came since a paused switch was accepted and speaks against going on with it; changes nothing. */
export async function refusalsOfResume(
  control: FitPorts & LedgerPorts,
  lock: Lock,
  history: readonly DeploymentRecord[],
): Promise<Refusal[]> {
  const reasons = await sinceLocked(control, lock, history);
  const past = await movedPast(control, lock, lock.passed ?? 0);
  const further = [
    past &&
      coded(
        'traffic-moved',
        `${past.why}; give it that share again by hand, or let the run end: then all goes back to ${lock.from}`,
      ),
    await unfit(control, lock),
    outlasts(lock, control.github.now(), (lock.stops ?? []).slice(lock.passed ?? 0)),
  ];
  return [...reasons, ...further.filter((reason) => reason !== undefined)];
}

/** Why the lock's target may not get traffic: it is not well, or runs something else. */
async function unfit(control: FitPorts, { to, version, digest }: Lock): Promise<Refusal | undefined> {
  const colour = await checkFit(control, to, { version, digest });
  return colour.ok ? undefined : colour.why;
}
