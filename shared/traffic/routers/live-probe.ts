import * as z from 'zod';
import type { Clock } from '../../time/clock.js';
import { RouterError, type NodeState, type Weights } from '../router.js';
import type { Machine } from '../transports/machine.js';
import { getOn } from './http-exchange.js';
import { quoteAnswer } from './reading.js';

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

/** A node, and the address at which its router says what it serves, where there is one. */
export interface ProbedNode {
  name: string;
  machine: Machine;
  probe?: string | undefined;
}

/**
 * Reads a node whose router serves what its files say: from its probe, where there is one, and from the files what it
 * would come back with. `understand` gives the weights that an answer of the probe means, `wanted` says what it must
 * answer; throws RouterError.
 */
export async function readServed(
  router: string,
  { name, machine, probe }: ProbedNode,
  onDisk: { ok: true; weights: Weights } | { ok: false; why: string },
  { understand, wanted }: { understand(answer: string): Weights | undefined; wanted: string },
): Promise<NodeState> {
  const fail = (why: string) => new RouterError(`${router} node "${name}": ${why}.`, name);
  if (!probe) {
    if (onDisk.ok) return { weights: onDisk.weights, saved: onDisk.weights };
    throw fail(onDisk.why);
  }
  const message = await askLive(name, machine, probe);
  const weights = understand(message);
  if (weights) return { weights, saved: onDisk.ok ? onDisk.weights : null };
  throw fail(`the probe ${probe} says ${quoteAnswer(message)}; ${wanted}`);
}

/**
 * What a node must come to serve: for how many milliseconds new connections must all be served it, and what it means
 * where they are not.
 */
interface Service {
  wanted: string;
  steadyMs?: number;
  otherwise(answer: string): string;
}

/**
 * Asks a probe until several new connections in a row are answered as wanted; throws RouterError with the reason given
 * when that does not begin in time. A node without a probe cannot be asked.
 */
export async function untilServed(
  { name, machine, probe }: ProbedNode,
  clock: Clock,
  { wanted, steadyMs = 0, otherwise }: Service,
): Promise<void> {
  if (!probe) return;
  const start = clock.now();
  let inARow = 0;
  let since = start;
  for (;;) {
    const message = await askLive(name, machine, probe);
    if (message === wanted) {
      if (inARow === 0) since = clock.now();
      inARow++;
      if (inARow >= answersInARow && clock.now() - since >= steadyMs) return;
      if (steadyMs > 0) await clock.sleep(lookAgainEvery);
    } else {
      inARow = 0;
      if (clock.now() - start >= servedWithin) throw new RouterError(otherwise(message), name);
      await clock.sleep(lookEvery);
    }
  }
}
