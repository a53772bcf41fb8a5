import { coded } from '../../contracts/refusal-codes.js';
import { formatDuration } from '../../time/duration.js';
import type { Router, Serving } from '../router.js';
import { checkColour, type ColourCheck } from './check.js';
import type { Expected } from './identity.js';
import type { ColourPorts } from './ports.js';

/** Pause between two looks at a router that does not hold a colour up yet, in milliseconds. */
const lookEvery = 500;

/**
 * Users are on a bad release while a rescue waits: with some nodes ready for the good one, it waits no longer than this
 * for the others, in milliseconds.
 */
const rescueWaits = 5_000;

/** What a colour and the router in front of it are asked with before the colour gets traffic. */
export interface FitPorts extends ColourPorts {
  router: Router;
  signal: AbortSignal;
  timeline: { say(text: string): void };
}

/**
 * Whether a colour may get traffic now: asked directly it is well and runs what is expected, and the router's own
 * health checks hold it up. A router that has not noticed a colour yet is given `healthy-within`; one that cannot know
 * does not stop a switch, and one that tells what was some time ago is asked until it tells what came after the colour
 * was seen well. With `partly`, for a rescue, it is enough that some node does: the move leaves the others as
 * they are.
 */
export async function checkFit(
  ports: FitPorts,
  colour: string,
  expected: Expected | undefined,
  { partly = false }: { partly?: boolean } = {},
): Promise<ColourCheck> {
  const { config, clock, signal, router, timeline } = ports;
  const well = await checkColour(ports.http, config, colour, expected, clock);
  if (!well.ok) return well;
  const within = config.router['healthy-within'];
  const start = clock.now();
  let serving = await askServing(router, colour);
  if (serving.is === 'down')
    timeline.say(`Waiting up to ${formatDuration(within)} for the router: ${serving.why}`);
  const lagOf = (said: Serving) => (partly || said.is === 'down' ? 0 : (said.lag ?? 0));
  const lag = lagOf(serving);
  if (lag > 0)
    timeline.say(
      `What the router says may be ${formatDuration(lag)} old: it is asked again until it is newer`,
    );
  const patience = () => {
    if (serving.is !== 'down') return lagOf(serving);
    return partly && someHold(serving) ? Math.min(within, rescueWaits) : Math.max(within, lag);
  };
  while (clock.now() - start < patience() && !signal.aborted) {
    await clock.sleep(lookEvery, signal);
    serving = await askServing(router, colour);
  }
  timeline.say(describeServing(colour, serving));
  if (serving.is !== 'down' || (partly && someHold(serving))) return { ok: true };
  const waited = formatDuration(Math.max(0, clock.now() - start));
  return {
    ok: false,
    why: coded(
      'router-holds-down',
      `the router does not hold colour ${colour} up after ${waited}, so its requests would fail: ${serving.why}. Fix: correct the health check of the router or let it reach the servers; router.healthy-within (${formatDuration(within)}) is how long it may take`,
    ),
  };
}

const someHold = (serving: Serving) => serving.is === 'down' && serving.on !== undefined;

/** What the router says of a colour; `unknown` where its kind cannot know. */
export async function askServing(router: Pick<Router, 'kind' | 'serving'>, colour: string): Promise<Serving> {
  return (
    (await router.serving?.(colour)) ?? {
      is: 'unknown',
      why: `${router.kind} is not asked for its own health`,
    }
  );
}

/** The router's word for people. */
export function describeServing(colour: string, serving: Serving): string {
  switch (serving.is) {
    case 'up':
      return `The router holds ${colour} up (${serving.servers} ${serving.servers === 1 ? 'server' : 'servers'} on each node)`;
    case 'down':
      return `The router does not hold ${colour} up: ${serving.why}`;
    case 'unknown':
      return `Whether the router holds ${colour} up is not known: ${serving.why}`;
  }
}
