import * as z from 'zod';
import { parseExposition } from '../../../text/exposition.js';
import { parseDuration } from '../../../time/duration.js';
import type { Serving } from '../../router.js';
import { parseAddress, type Machine } from '../../transports/machine.js';
import { exchangeOn, type StatusAnswer } from '../http-exchange.js';
import { jsonOf, quoteAnswer } from '../reading.js';

/**
 * Caddy lists upstreams under /reverse_proxy/upstreams too, but only with the failures of requests: an upstream that
 * fails its active checks has none there.
 */
const metric = 'caddy_reverse_proxy_upstreams_healthy';

/** Longest wait for one answer, in milliseconds. */
const answerWithin = 10_000;

/** Caddy counts durations in nanoseconds, or takes them as a text such as 500ms. */
const activeSchema = z.object({
  interval: z.union([z.number(), z.string()]).optional(),
  passes: z.number().optional(),
});

const handlerSchema = z.object({
  handler: z.literal('reverse_proxy'),
  upstreams: z.array(z.object({ dial: z.string().optional() })).optional(),
  health_checks: z.object({ active: activeSchema.optional(), passive: z.unknown().optional() }).optional(),
});

/** Caddy renews its metrics this often, and checks actively this often unless told otherwise, in milliseconds. */
const [metricsEvery, checksEvery] = [10_000, 30_000];
/** A check that finds a colour well takes no longer, in milliseconds. */
const oneCheck = 1_000;

/** How Caddy checks an upstream: by requests of its own, so often (ms), or by what becomes of those of users. */
type Checks = { how: 'active'; every: number } | { how: 'passive' } | { how: 'none' };

/** Asks the API of one node whether it holds a colour's upstreams up; throws RouterError when it does not answer. */
export async function askCaddy(
  node: string,
  machine: Machine,
  admin: string,
  dials: readonly string[],
): Promise<Serving> {
  const get = (path: string): Promise<StatusAnswer> =>
    exchangeOn(node, machine, parseAddress(admin), { method: 'GET', path, host: admin }, answerWithin);
  return readHealth(dials, await get('/config/apps/http'), await get('/metrics'));
}

/**
 * Reads from the running configuration how the upstreams of a colour are checked, and from the metrics what the checks
 * found. Without active checks an upstream is healthy until requests of users fail, which proves nothing.
 */
export function readHealth(
  dials: readonly string[],
  configuration: StatusAnswer,
  metrics: StatusAnswer,
): Serving {
  if (dials.length === 0) return unknown('router.servers lists no upstream of it');
  if (configuration.status !== 200)
    return unknown(`its API answers ${configuration.status}: ${quoteAnswer(configuration.text)}`);
  const page = metrics.status === 200 ? parseExposition(metrics.text, new Set([metric])) : undefined;
  if (!page?.ok)
    return unknown(`its metrics cannot be read: ${page?.why ?? `/metrics answers ${metrics.status}`}`);
  const checks = checksOf(jsonOf(configuration.text));
  const healthy = new Map(page.series.map(({ labels, value }) => [labels['upstream'], value === 1]));
  const ill = dials.filter((dial) => checks.has(dial) && healthy.get(dial) === false);

  if (ill.length === dials.length)
    return { is: 'down', why: `Caddy holds ${ill.join(' and ')} down by its health checks` };
  const active = dials.flatMap((dial) => {
    const check = checks.get(dial);
    return check?.how === 'active' ? [{ dial, every: check.every }] : [];
  });
  const lag = metricsEvery + Math.max(0, ...active.map(({ every }) => every)) + oneCheck;
  const up = active.filter(({ dial }) => healthy.get(dial) === true);
  if (up.length > 0) return { is: 'up', servers: up.length, lag };
  const why = dials.filter((dial) => !ill.includes(dial)).map((dial) => whyUnknown(dial, checks));
  return { is: 'unknown', why: why.join('; '), ...(active.length > 0 ? { lag } : {}) };
}

const unknown = (why: string): Serving => ({ is: 'unknown', why });

function whyUnknown(dial: string, checks: ReadonlyMap<string, Checks>): string {
  switch (checks.get(dial)?.how) {
    case undefined:
      return `its configuration has no reverse_proxy with the upstream ${dial}`;
    case 'none':
      return `it checks ${dial} in no way (no health_uri)`;
    case 'passive':
      return `it checks ${dial} only by requests of users (no health_uri)`;
    case 'active':
      return `its metrics do not list ${dial} yet`;
  }
}

/** Within how many milliseconds Caddy notices that an upstream is well again. */
function everyOf({ interval, passes = 1 }: z.output<typeof activeSchema>): number {
  const ms = typeof interval === 'number' ? interval / 1e6 : parseDuration(interval ?? '');
  return (ms ?? checksEvery) * Math.max(1, passes);
}

/** How each upstream of a configuration is checked; handlers stand at any depth. The weakest counts. */
function checksOf(configuration: unknown): Map<string, Checks> {
  const found = new Map<string, Checks>();
  const order = ['none', 'passive', 'active'];
  const left: unknown[] = [configuration];
  while (left.length > 0) {
    const part = left.pop();
    if (typeof part !== 'object' || part === null) continue;
    left.push(...Object.values(part));
    const handler = handlerSchema.safeParse(part);
    if (!handler.success) continue;
    const { upstreams = [], health_checks: checks } = handler.data;
    const now: Checks = checks?.active
      ? { how: 'active', every: everyOf(checks.active) }
      : { how: checks?.passive ? 'passive' : 'none' };
    for (const { dial } of upstreams) {
      if (dial === undefined) continue;
      const before = found.get(dial);
      if (!before || order.indexOf(now.how) < order.indexOf(before.how)) found.set(dial, now);
      else if (before.how === 'active' && now.how === 'active')
        found.set(dial, { how: 'active', every: Math.max(before.every, now.every) });
    }
  }
  return found;
}
