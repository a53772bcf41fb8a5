import type { BreakGlass } from '../../shared/contracts/break-glass.js';
import type { Call } from '../../shared/contracts/call.js';
import type { Clock } from '../../shared/time/clock.js';
import { isoInstant } from '../../shared/time/instant.js';
import { checkEntries } from '../../shared/traffic/colour/entry.js';
import type { OpenTraffic } from '../../shared/traffic/open-control.js';
import { allTo, describeFailure, describeSurvey, type Survey } from '../../shared/traffic/router.js';
import { planReachable } from '../../shared/traffic/switch/transaction.js';
import { UsageError } from '../shell.js';

/** Between two looks at a router that shows a change late, in milliseconds. */
const lookEvery = 200;

/** The calls that lead every node to a colour; nodes that cannot be read are believed to be where traffic is. */
export function planAlone(
  { router, colours }: Pick<OpenTraffic, 'router' | 'colours'>,
  survey: Survey,
  to: string,
  live: string | undefined,
): Call[] {
  const elsewhere = live === to ? undefined : live;
  const from = elsewhere ?? colours.find((colour) => colour !== to) ?? to;
  return planReachable(router, survey, allTo(from, colours), allTo(to, colours)).calls;
}

interface MovePorts {
  clock: Clock;
  say(line: string): void;
  write(state: BreakGlass): void;
}

/** Nothing moves of which nothing would be written down. */
function begin(write: MovePorts['write'], journal: BreakGlass): void {
  try {
    write(journal);
  } catch (error) {
    throw new UsageError(
      `The journal cannot be written, so nothing was moved: ${messageOf(error)}. Name another file with --journal.`,
    );
  }
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));

/**
 * Makes the calls of a journal, each written down once it is done, and reads the router back. A node that fails stops
 * no other: half of the users on a good release are better than none.
 */
export async function moveAlone(
  traffic: OpenTraffic,
  start: BreakGlass,
  { clock, say, write }: MovePorts,
): Promise<BreakGlass> {
  const { router, colours, config, http } = traffic;
  const { to } = start;
  let journal = start;
  begin(write, journal);
  // Users wait: what is called goes on without its journal, which is said and shown at the end.
  const keep = (changes: Partial<BreakGlass>) => {
    journal = { ...journal, ...changes };
    try {
      write(journal);
    } catch (error) {
      say(
        `The journal could not be written: ${messageOf(error)}. Keep this instead: ${JSON.stringify(journal)}`,
      );
    }
  };
  const failed: string[] = [];
  for (const [index, call] of start.calls.entries()) {
    try {
      await router.apply(call);
      say(`Done on ${call.node}: ${call.say}`);
      keep({ done: [...journal.done, index] });
    } catch (error) {
      failed.push(`${call.node}: ${describeFailure(error)}`);
      say(`Call failed on ${call.node}: ${describeFailure(error)}`);
    }
  }
  const target = allTo(to.colour, colours);
  const patience = clock.now() + config.entry.within;
  let survey = await router.survey();
  const reached = () => survey.observed !== undefined && router.plan(survey.observed, target).length === 0;
  while (!reached() && failed.length === 0 && clock.now() < patience) {
    await clock.sleep(lookEvery);
    survey = await router.survey();
  }
  if (!reached()) {
    const message = `not every node has all traffic on ${to.colour}: ${[describeSurvey(survey), ...failed].join('; ')}. Fix the node, then run this again with a new journal`;
    keep({ state: 'held', message });
    return journal;
  }
  const restoredAt = isoInstant(clock.now());
  const through =
    to.version === undefined
      ? { ok: true, message: 'which release new connections see was not looked at' }
      : await checkEntries({ http, clock }, config, {
          version: to.version,
          ...(to.digest === undefined ? {} : { digest: to.digest }),
        });
  const message = `${to.colour} has all traffic, read back from the router; ${through.message}`;
  keep({ state: through.ok ? 'restored' : 'held', restoredAt, message });
  return journal;
}
