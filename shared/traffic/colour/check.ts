import { coded, type Refusal } from '../../contracts/refusal-codes.js';
import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import type { TrafficConfig } from '../config/schema.js';
import { lookAtHealth, together } from './health.js';
import { mismatch, readIdentity, type Expected, type Reading } from './identity.js';

export type ColourCheck = { ok: true } | { ok: false; why: Refusal };

/** What a colour says it runs, or why that is not known. */
type Answer = Extract<Reading, { ok: true }> | { ok: false; why: Refusal };

/** A blip is not illness: this many times the asked-for successes may be tried. */
const patience = 3;

/**
 * Asks every machine of a colour directly, on fresh connections, whether it is well and runs what is expected. Each
 * must give the configured number of good answers in a row; another version or digest is final at once.
 */
export async function checkColour(
  http: HttpClient,
  config: TrafficConfig,
  colour: string,
  expected: Expected | undefined,
  clock: Clock,
): Promise<ColourCheck> {
  const machines = machinesOf(config, colour);
  if (machines.length === 0) return { ok: false, why: unknownColour(colour) };
  const well = await Promise.all(machines.map((machine) => isWell(http, config, machine, clock)));
  const ill = well.flatMap((why, index) => (why === undefined ? [] : [`${machines[index]!.named}${why}`]));
  if (ill.length > 0)
    return { ok: false, why: coded('colour-not-well', `colour ${colour} is not well: ${ill.join('; ')}`) };
  if (!expected) return { ok: true };
  const answers = await Promise.all(machines.map((machine) => ask(http, config, colour, machine)));
  for (const [index, answer] of answers.entries()) {
    if (!answer.ok) return answer;
    const wrong = mismatch(answer.identity, expected, answer.missing);
    if (wrong) {
      const why = `colour ${colour} does not run the expected release: ${machines[index]!.named}${wrong}`;
      return { ok: false, why: coded('colour-runs-another', why) };
    }
  }
  return { ok: true };
}

const unknownColour = (colour: string) =>
  coded('colour-unknown', `there is no colour "${colour}" in the traffic file`);

/** One machine of a colour, and how it is named before what is said of it; not at all where it is the only one. */
interface Machine {
  url: string;
  named: string;
  headers: Readonly<Record<string, string>>;
}

function machinesOf({ colours }: Pick<TrafficConfig, 'colours'>, colour: string): Machine[] {
  const { url, urls = url === undefined ? [] : [url], headers = {} } = colours[colour] ?? {};
  return urls.map((one) => ({
    url: one,
    headers,
    named: urls.length > 1 ? `${new URL(one).host}: ` : '',
  }));
}

/** Why a machine is not well; undefined when it is. */
async function isWell(
  http: HttpClient,
  { health }: Pick<TrafficConfig, 'health'>,
  machine: Machine,
  clock: Clock,
): Promise<string | undefined> {
  const { successes } = health;
  let inARow = 0;
  let last = 'it was not asked';
  for (let tries = 0; inARow < successes && tries < successes * patience; tries++) {
    if (tries > 0 && inARow === 0) await clock.sleep(200);
    const look = await lookAtHealth(http, health, machine);
    inARow = look.why === undefined ? inARow + 1 : 0;
    last = look.why ?? last;
  }
  return inARow < successes ? last : undefined;
}

/**
 * What a colour answers when it is asked for its health, whatever that is; undefined when no machine answers, as often
 * as it is asked.
 */
export async function answerOf(
  http: HttpClient,
  config: TrafficConfig,
  colour: string,
  clock: Clock,
): Promise<number | string | undefined> {
  for (let tries = 0; tries < patience; tries++) {
    if (tries > 0) await clock.sleep(200);
    for (const machine of machinesOf(config, colour)) {
      const { answer } = await lookAtHealth(http, config.health, machine);
      if (answer !== undefined) return answer;
    }
  }
  return undefined;
}

/**
 * What a colour, asked directly on a fresh connection, says it runs. Machines that say different things say nothing
 * together.
 */
export async function askIdentity(http: HttpClient, config: TrafficConfig, colour: string): Promise<Answer> {
  const machines = machinesOf(config, colour);
  const [first, ...others] = await Promise.all(machines.map((machine) => ask(http, config, colour, machine)));
  if (!first) return { ok: false, why: unknownColour(colour) };
  const silent = [first, ...others].find(({ ok }) => !ok);
  if (silent || !first.ok) return silent ?? first;
  for (const [index, other] of others.entries()) {
    if (!other.ok) return other;
    const { version, digest } = first.identity;
    if (other.identity.version === version && other.identity.digest === digest) continue;
    const [one, two] = [machines[0]!, machines[index + 1]!];
    const why = `${one.named}${version ?? 'nothing'}, ${two.named}${other.identity.version ?? 'nothing'}`;
    return {
      ok: false,
      why: coded('colour-says-nothing', `machines of colour ${colour} say different things: ${why}`),
    };
  }
  return first;
}

async function ask(
  http: HttpClient,
  { identity, health }: TrafficConfig,
  colour: string,
  { url, named, headers }: Machine,
): Promise<Answer> {
  const answer = await http.send({
    url: new URL(identity.path, url).href,
    timeoutMs: health.timeout,
    freshConnection: true,
    headers: together(headers, identity.headers),
  });
  const read: Reading = answer.ok
    ? await readIdentity(identity, answer.response)
    : { ok: false, why: answer.fault.message };
  return read.ok
    ? read
    : {
        ok: false,
        why: coded('colour-says-nothing', `colour ${colour} does not say what it runs: ${named}${read.why}`),
      };
}
