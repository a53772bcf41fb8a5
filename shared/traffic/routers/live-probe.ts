import * as z from 'zod';
import type { Clock } from '../../time/clock.js';
import { RouterError } from '../router.js';
import type { Machine } from '../transports/machine.js';
import { getOn } from './http-exchange.js';

/** Where a router itself says which colour it serves. */
export const liveProbeSchema = z
  .string()
  .regex(/^http:\/\/[A-Za-z0-9_.[\]:-]+(\/[^\s?#]*)?$/, 'a plain http address')
  .refine((url) => URL.canParse(url), 'a plain http address')
  .describe('Address, as seen from the node, whose body is what the running router serves.');

/** Longest wait for one answer, for a change to be served, and the pauses between two looks, in milliseconds. */
const answerWithin = 10_000;
const servedWithin = 5_000;
const lookEvery = 100;
const lookAgainEvery = 50;

/** One good answer can be chance. */
const answersInARow = 3;

/** What a probe answers on a new connection, without blanks around; throws RouterError when it is not a short 200. */
export async function askLive(node: string, machine: Machine, url: string): Promise<string> {
  const { status, text } = await getOn(node, machine, url, answerWithin);
  const message = text.trim();
  if (status === 200 && message.length <= 500) return message;
  throw new RouterError(
    `Node "${node}": the probe ${url} answers ${status} with ${text.length} characters instead of 200 with what is live.`,
    node,
  );
}

/**
 * Asks a probe until several new connections in a row, over at least `steadyMs`, are answered as wanted; throws RouterError with the reason given when
 * that does not begin in time.
 */
export async function untilServed(
  node: string,
  machine: Machine,
  url: string,
  wanted: string,
  clock: Clock,
  otherwise: (message: string) => string,
  steadyMs = 0,
): Promise<void> {
  const start = clock.now();
  let inARow = 0;
  let since = start;
  for (;;) {
    const message = await askLive(node, machine, url);
    if (message === wanted) {
      if (inARow === 0) since = clock.now();
      inARow++;
      if (inARow >= answersInARow && clock.now() - since >= steadyMs) return;
      if (steadyMs > 0) await clock.sleep(lookAgainEvery);
    } else {
      inARow = 0;
      if (clock.now() - start >= servedWithin) throw new RouterError(otherwise(message), node);
      await clock.sleep(lookEvery);
    }
  }
}
