import type { CheckState } from '../../shared/contracts/check-state.js';
import type { GitHubClock } from '../../shared/github/client.js';
import { describeHolder, holderIsDead, type Holder } from '../../shared/ledger/refs/holder.js';
import { LostStateError, type Held } from '../../shared/ledger/refs/state.js';
import type { Watch } from '../../shared/ledger/refs/watch.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { TrafficControl } from '../../shared/traffic/control.js';

type Claimer = Pick<
  TrafficControl,
  'watch' | 'me' | 'runFacts' | 'random' | 'environment' | 'service' | 'timeline' | 'clock' | 'signal'
> & { github: GitHubClock };

/** `checking`: a scheduled check has it, which ends soon. */
export type Claimed =
  | {
      claimed: true;
      held: Held<Watch>;
      /** Who had it before, where what that one wrote of its checks is gone on with. */
      from?: Holder;
    }
  | { claimed: false; why: string; checking?: true };

interface Wanted {
  deployment: number;
  untilMs: number;
  /** Where a scheduled check begins when none has judged this Deployment so far. */
  check?: CheckState;
}

/** How long a watch waits for a scheduled check, and between two looks, in milliseconds. */
const [patienceMs, lookEvery] = [900_000, 5_000];

/**
 * Says in the ledger that a Deployment is watched, so that nobody deploys over the colour a rollback needs. Takes over
 * what a dead run left, and waits for a scheduled check that is under way.
 */
export async function claimWatch(claimer: Claimer, wanted: Wanted): Promise<Claimed> {
  const { clock, signal, timeline } = claimer;
  const start = clock.now();
  for (let tries = 0; ; tries += 1) {
    const claimed = await tryToClaim(claimer, wanted);
    const over = wanted.check !== undefined || signal.aborted || clock.now() - start >= patienceMs;
    if (claimed.claimed || !claimed.checking || over) return claimed;
    if (tries === 0) timeline.say(`Waiting for a scheduled check to end: ${claimed.why}`);
    await clock.sleep(lookEvery, signal);
  }
}

async function tryToClaim(claimer: Claimer, { deployment, untilMs, check: begin }: Wanted): Promise<Claimed> {
  const { watch, me, github, random } = claimer;
  const state: Watch = {
    schema: 'devops-actions/watch@1',
    environment: claimer.environment,
    service: claimer.service,
    claim: `${me.runId}.${me.attempt}.${me.job}.${Math.floor(random() * 2 ** 48).toString(16)}`,
    holder: me,
    deployment,
    since: isoInstant(github.now()),
    until: isoInstant(untilMs),
    ...(begin ? { check: begin } : {}),
  };
  const message = `watch of Deployment ${deployment}`;
  const created = await watch.create(state, message);
  if (created) return { claimed: true, held: created };

  const other = await watch.read();
  if (!other) return { claimed: false, why: `${watch.ref} changed hands at this moment; run the step again` };
  const { holder } = other.state;
  const sameJob = me.job !== 0 && holder.job === me.job && holder.attempt === me.attempt;
  if (!sameJob && !holderIsDead(holder, await claimer.runFacts(holder.runId, holder.attempt), 'job', me)) {
    return {
      claimed: false,
      why: `Deployment ${other.state.deployment} is watched until ${other.state.until} by ${describeHolder(holder)} already`,
      ...(other.state.check ? { checking: true as const } : {}),
    };
  }
  if (!other.state.check) claimer.timeline.say(`Taking over the watch that ${describeHolder(holder)} left`);
  const { check } = other.state;
  const going = check && other.state.deployment === deployment ? { ...state, check } : state;
  try {
    const held = await watch.replace(other, going, message);
    return { claimed: true, held, ...(going.check === check && check ? { from: holder } : {}) };
  } catch (error) {
    if (error instanceof LostStateError) return { claimed: false, why: error.message };
    throw error;
  }
}

/**
 * Ends the watch in the ledger if it is still ours; what goes wrong is said and hides nothing else. What scheduled checks
 * have seen stays.
 */
export async function releaseWatch(
  claimer: Pick<Claimer, 'watch' | 'timeline'>,
  held: Held<Watch>,
): Promise<void> {
  if (held.state.check) return;
  try {
    await claimer.watch.remove(held);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    claimer.timeline.say(
      error instanceof LostStateError
        ? `The watch is someone else's now and was left to them`
        : `The watch could not be removed (${why}); the next run finds this one dead and removes it`,
    );
  }
}
