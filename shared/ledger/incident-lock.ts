import * as z from 'zod';
import { instantSchema } from '../contracts/formats.js';
import type { GitHub } from '../github/client.js';
import { GitHubError } from '../github/problem.js';
import type { Clock } from '../time/clock.js';
import { isoInstant, parseInstant } from '../time/instant.js';
import { incidentRef, incidentRefs } from './names.js';
import type { RefStore } from './refs/refs.js';
import {
  LostStateError,
  stateFileAt,
  UnreadableStateError,
  type Held,
  type StateFile,
} from './refs/state.js';

/** Kept in a ref while an incident of one fingerprint is open: who writes it now, and which issue it is. */
export const incidentLockSchema = z.strictObject({
  schema: z.literal('devops-actions/incident-lock@1'),
  fingerprint: z.string(),
  /** Set while a run writes. */
  busy: z.strictObject({ claim: z.string(), since: instantSchema }).optional(),
  /** The issue that was opened. */
  issue: z.int().positive().optional(),
});

type IncidentLock = z.output<typeof incidentLockSchema>;

/** What the lock on an incident is taken with. */
export interface IncidentLockPorts {
  store: RefStore;
  clock: Clock;
  random: () => number;
  /** The time as GitHub has it, in epoch milliseconds. */
  now: () => number;
  signal?: AbortSignal;
}

/** A run that writes for longer than this has died, in milliseconds; writing takes a few calls. */
const deadAfterMs = 60_000;
/** A lock that was taken or renewed within this time needs no other look, in milliseconds. */
const freshMs = 15_000;
/** Times that a run takes the lock that others took over from it. */
const mostTries = 3;
/** The longest that another run is waited for, in milliseconds. */
const patienceMs = 120_000;

const fileOf = (store: RefStore, fingerprint: string): StateFile<IncidentLock> =>
  stateFileAt(store, incidentLockSchema, incidentRef(fingerprint));

/**
 * Does `work` while no other run writes an incident of the fingerprint; it gets the number of the issue that was opened
 * for it, and the one it answers is kept. It calls `keep` before what must not be done twice: GitHub may have made it wait
 * so long that another run took it for dead, and then it begins anew with what that one did. Where the lock cannot be had, it is done all the same, with `doubt`: two
 * incidents are better than none. Errors of `work` are passed on.
 */
export async function underIncidentLock<T extends { number: number }>(
  ports: IncidentLockPorts,
  fingerprint: string,
  work: (issue: number | undefined, keep: () => Promise<void>) => Promise<T>,
): Promise<T & { doubt?: string }> {
  const file = fileOf(ports.store, fingerprint);
  for (let tries = 1; ; tries++) {
    let held: Held<IncidentLock>;
    try {
      held = await take(file, fingerprint, ports);
    } catch (error) {
      if (!isTrouble(error)) throw error;
      return { ...(await work(undefined, async () => undefined)), doubt: error.message };
    }
    const done = await workHeld(ports, file, held, work);
    if (done !== 'taken over') return done;
    if (tries >= mostTries) {
      const doubt = `Other runs took the lock over ${tries} times`;
      return { ...(await work(undefined, async () => undefined)), doubt };
    }
  }
}

/** The work of a holder that found out that it is none any more; what it has not begun yet is the other's. */
class TakenOverError extends Error {
  override readonly name = 'TakenOverError';
}

async function workHeld<T extends { number: number }>(
  ports: IncidentLockPorts,
  file: StateFile<IncidentLock>,
  taken: Held<IncidentLock>,
  work: (issue: number | undefined, keep: () => Promise<void>) => Promise<T>,
): Promise<T | 'taken over'> {
  let held = taken;
  const { fingerprint, issue } = taken.state;
  const keep = async (): Promise<void> => {
    const { busy } = held.state;
    if (!busy || ports.now() - (parseInstant(busy.since) ?? 0) < freshMs) return;
    try {
      const renewed = { ...held.state, busy: { ...busy, since: isoInstant(ports.now()) } };
      held = await file.replace(held, renewed, 'Still writes the incident');
    } catch (error) {
      if (error instanceof LostStateError) throw new TakenOverError(error.message);
      // Not known to be taken over: two incidents are better than none.
      if (!isTrouble(error)) throw error;
    }
  };
  const release = (number: number | undefined) =>
    file
      .replace(held, stateOf(fingerprint, number), number ? `Incident #${number}` : 'Nothing opened')
      .catch((error: unknown) => {
        // Whoever took over a lock that seemed dead finds the issue by its marker.
        if (!isTrouble(error)) throw error;
      });
  let done: T;
  try {
    done = await work(issue, keep);
  } catch (error) {
    if (error instanceof TakenOverError) return 'taken over';
    await release(issue);
    throw error;
  }
  await release(done.number);
  return done;
}

/**
 * Numbers of the issues that were opened under the lock and not closed by the suite since, whatever labels they have now.
 * A state that is not understood names none. Needs `contents: read`.
 */
export async function openedIssues(github: GitHub, store: RefStore): Promise<number[]> {
  const refs = await github.rest('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
    ref: incidentRefs.slice('refs/'.length),
  });
  const found: number[] = [];
  for (const { ref } of refs.slice(0, mostStates)) {
    const text = (await store.read(ref))?.text ?? '';
    const parsed = incidentLockSchema.safeParse(jsonOf(text));
    if (parsed.data?.issue !== undefined) found.push(parsed.data.issue);
  }
  return [...new Set(found)];
}

/** States that are looked at; each costs a request. */
const mostStates = 200;

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Removes the state of an incident that is over. Trouble with it keeps nobody from closing. */
export async function forgetIncident(store: RefStore, fingerprint: string): Promise<void> {
  const file = fileOf(store, fingerprint);
  try {
    const held = await file.read();
    if (held && held.state.busy === undefined) await file.remove(held);
  } catch (error) {
    if (!isTrouble(error)) throw error;
  }
}

const stateOf = (fingerprint: string, issue: number | undefined): IncidentLock => ({
  schema: 'devops-actions/incident-lock@1',
  fingerprint,
  ...(issue === undefined ? {} : { issue }),
});

const isTrouble = (error: unknown): error is Error =>
  error instanceof GitHubError || error instanceof UnreadableStateError || error instanceof LostStateError;

/** Takes the lock as soon as it is free, or its holder dead. */
async function take(
  file: StateFile<IncidentLock>,
  fingerprint: string,
  { clock, random, now, signal }: IncidentLockPorts,
): Promise<Held<IncidentLock>> {
  const giveUpAt = clock.now() + patienceMs;
  for (;;) {
    const found = await file.read();
    const claim = String(random());
    const mine: IncidentLock = {
      ...stateOf(fingerprint, found?.state.issue),
      busy: { claim, since: isoInstant(now()) },
    };
    if (!found || isFree(found.state, now())) {
      const got = await (
        found ? file.replace(found, mine, 'Writes the incident') : file.create(mine, 'Opens')
      ).catch((error: unknown) => {
        if (error instanceof LostStateError) return undefined;
        throw error;
      });
      if (got) return got;
    }
    if (signal?.aborted || clock.now() > giveUpAt)
      throw new LostStateError(`Another run writes the incident for longer than ${patienceMs / 1_000} s`);
    await clock.sleep(200 + random() * 800, signal);
  }
}

function isFree({ busy }: IncidentLock, now: number): boolean {
  return busy === undefined || now - (parseInstant(busy.since) ?? 0) > deadAfterMs;
}
