import { coded } from '../../contracts/refusal-codes.js';
import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import type { TrafficConfig } from '../config/schema.js';
import { mismatch, readIdentity, type Expected, type Reading } from './identity.js';

export type ColourCheck = { ok: true } | { ok: false; why: string };

/** A blip is not illness: this many times the asked-for successes may be tried. */
const patience = 3;

/**
 * Asks a colour directly, on fresh connections, whether it is well and runs what is expected. It must give the configured number of good answers
 * in a row; another version or digest is final at once.
 */
export async function checkColour(
  http: HttpClient,
  config: TrafficConfig,
  colour: string,
  expected: Expected | undefined,
  clock: Clock,
): Promise<ColourCheck> {
  const base = config.colours[colour]?.url;
  if (!base)
    return { ok: false, why: coded('colour-unknown', `there is no colour "${colour}" in the traffic file`) };
  const { path, status, timeout, successes } = config.health;
  const get = (target: string) =>
    http.send({ url: new URL(target, base).href, timeoutMs: timeout, freshConnection: true });
  let inARow = 0;
  let last = 'it was not asked';
  for (let tries = 0; inARow < successes && tries < successes * patience; tries++) {
    if (tries > 0 && inARow === 0) await clock.sleep(200);
    const result = await get(path);
    if (!result.ok) {
      last = result.fault.message;
      inARow = 0;
    } else if (result.response.status !== status) {
      last = `${path} answers ${result.response.status} instead of ${status}`;
      inARow = 0;
    } else {
      inARow++;
    }
  }
  if (inARow < successes)
    return { ok: false, why: coded('colour-not-well', `colour ${colour} is not well: ${last}`) };
  if (!expected) return { ok: true };
  const answer = await askIdentity(http, config, colour);
  if (!answer.ok) return answer;
  const wrong = mismatch(answer.identity, expected, answer.missing);
  return wrong
    ? {
        ok: false,
        why: coded('colour-runs-another', `colour ${colour} does not run the expected release: ${wrong}`),
      }
    : { ok: true };
}

/** The status that a colour's health path answers with, whichever it is; undefined when nothing answers, as often as it is asked. */
export async function answerOf(
  http: HttpClient,
  { colours, health }: TrafficConfig,
  colour: string,
  clock: Clock,
): Promise<number | undefined> {
  const url = new URL(health.path, colours[colour]?.url).href;
  for (let tries = 0; tries < patience; tries++) {
    if (tries > 0) await clock.sleep(200);
    const result = await http.send({ url, timeoutMs: health.timeout, freshConnection: true });
    if (result.ok) return result.response.status;
  }
  return undefined;
}

/** What a colour, asked directly on a fresh connection, says it runs. */
export async function askIdentity(
  http: HttpClient,
  { colours, identity, health }: TrafficConfig,
  colour: string,
): Promise<Reading> {
  const url = new URL(identity.path, colours[colour]?.url).href;
  const answer = await http.send({ url, timeoutMs: health.timeout, freshConnection: true });
  const read: Reading = answer.ok
    ? await readIdentity(identity, answer.response)
    : { ok: false, why: answer.fault.message };
  return read.ok
    ? read
    : {
        ok: false,
        why: coded('colour-says-nothing', `colour ${colour} does not say what it runs: ${read.why}`),
      };
}
