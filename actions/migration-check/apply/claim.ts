import { describeHolder, holderIsDead } from '../../../shared/ledger/refs/holder.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';
import { LostStateError, type Held } from '../../../shared/ledger/refs/state.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { ApplyPorts } from './ports.js';

/** Whether the migration is ours to run: from the start, or from where a dead run left it. */
export type Claimed =
  | { claimed: true; held: Held<Migration>; left: Migration | undefined }
  | { claimed: false; result: 'busy' | 'held'; why: string };

type Claimer = Pick<
  ApplyPorts,
  'file' | 'me' | 'runFacts' | 'clock' | 'random' | 'environment' | 'service' | 'version'
>;

/** Takes the migration of a service, so that no second one runs; takes over what a dead run left. */
export async function claimMigration(claimer: Claimer): Promise<Claimed> {
  const { file, me, clock, random } = claimer;
  const state: Migration = {
    schema: 'devops-actions/migration@1',
    environment: claimer.environment,
    service: claimer.service,
    claim: `migration ${me.runId}.${me.attempt}.${me.job}.${Math.floor(random() * 2 ** 48).toString(16)}`,
    holder: me,
    phase: 'running',
    version: claimer.version,
    since: isoInstant(clock.now()),
    steps: [],
  };
  const created = await file.create(state, `migration to ${claimer.version}`);
  if (created) return { claimed: true, held: created, left: undefined };
  const other = await file.read();
  if (!other)
    return {
      claimed: false,
      result: 'busy',
      why: `${file.ref} changed hands at this moment. Fix: run the step again.`,
    };
  const { holder, phase, reason, version } = other.state;
  if (phase === 'held')
    return {
      claimed: false,
      result: 'held',
      why: `The migration to ${version} is on hold since ${describeHolder(holder)}: ${reason ?? 'no reason was written'}. ${wayOut(file.ref)}`,
    };
  if (!holderIsDead(holder, await claimer.runFacts(holder.runId, holder.attempt), 'job', me))
    return {
      claimed: false,
      result: 'busy',
      why: `The migration to ${version} is being run by ${describeHolder(holder)} (${file.ref}). Fix: run the step again when that has ended.`,
    };
  try {
    // Its own claim stays in the sessions that it left in the database, by which they are found.
    const held = await file.replace(
      other,
      { ...other.state, holder: me },
      `taken over from ${describeHolder(holder)}`,
    );
    return { claimed: true, held, left: other.state };
  } catch (error) {
    if (error instanceof LostStateError) return { claimed: false, result: 'busy', why: error.message };
    throw error;
  }
}

/** The migration that an earlier step of this very job began and did not bring to its end; undefined when it did. */
export async function claimOwn({ file, me }: Claimer): Promise<Held<Migration> | undefined> {
  const held = await file.read();
  if (!held || held.state.phase === 'held') return undefined;
  const { runId, attempt, job } = held.state.holder;
  const isOwn = runId === me.runId && attempt === me.attempt && job === me.job;
  return isOwn ? held : undefined;
}

/** How a hold ends, for the person. */
export const wayOut = (ref: string): string =>
  `Fix: bring database and application to one state by hand, then run migration-check with  mode: settle  which lifts the fence and removes ${ref}`;
