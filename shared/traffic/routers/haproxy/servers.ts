import type { Call } from '../../../contracts/call.js';
import type { Serving, Weights } from '../../router.js';
import type { HaproxyServersRoute } from './routes.js';
import { quoteAnswer, type Reading } from '../reading.js';

/** A server as `show servers state` shows it. */
export interface ServerState {
  name: string;
  weight: number;
  /** In maintenance or draining: somebody, or the configuration, took it out. */
  out: boolean;
  /** Why it gets no new request, whatever its weight; undefined when it could. */
  idle: string | undefined;
}

/** Bits of srv_admin_state; the one above them only says that the host name was set by hand. */
const maintenance = 0x01 | 0x02 | 0x04 | 0x20;
const drain = 0x08 | 0x10;

/** Bits of srv_check_state that say a check is configured and on. */
const checked = 0x02 | 0x04;

/** The srv_check_status of a check that was not made yet, and the srv_check_result of one that failed. */
const notCheckedYet = 1;
const failed = 2;

/** What srv_op_state means where a server takes no new requests: 1 and 2 do. */
const stopped = new Map([
  [0, 'is DOWN'],
  [3, 'is stopping'],
]);

/** Reads `show servers state BACKEND`, format version 1. */
export function readStates(
  backend: string,
  answer: string,
): { ok: true; servers: ServerState[] } | { ok: false; why: string } {
  const [version, header, ...rows] = answer.split('\n').map((line) => line.trim());
  if (version !== '1' || !header?.startsWith('#'))
    return { ok: false, why: `the answer is not of format version 1: ${quoteAnswer(answer)}` };
  const columns = header.slice(1).trim().split(/\s+/);
  const servers: ServerState[] = [];
  for (const row of rows.filter((line) => line !== '').map((line) => line.split(/\s+/))) {
    const cell = (name: string) => row[columns.indexOf(name)];
    const number = (name: string) => Number(cell(name) ?? NaN);
    if (cell('be_name') !== backend) continue;
    const [admin, weight, state] = [number('srv_admin_state'), number('srv_uweight'), number('srv_op_state')];
    // HAProxy takes a server for up until its first check fails, and after maintenance until as many have failed as
    // `fall` says.
    const doubtfulCheck = () => {
      if ((number('srv_check_state') & checked) !== checked) return undefined;
      if (number('srv_check_status') <= notCheckedYet) return 'was not checked yet';
      return number('srv_check_result') === failed ? 'failed its last health check' : undefined;
    };
    if (![admin, weight, state].every(Number.isInteger))
      return { ok: false, why: `a row is not understood: ${quoteAnswer(row.join(' '))}` };
    servers.push({
      name: cell('srv_name') ?? '',
      weight,
      out: (admin & (maintenance | drain)) !== 0,
      idle:
        (admin & maintenance) !== 0
          ? 'is in maintenance'
          : (admin & drain) !== 0
            ? 'is draining'
            : (stopped.get(state) ?? doubtfulCheck()),
    });
  }
  return { ok: true, servers };
}

/**
 * Whether requests to one colour would find a server: its own servers of the backend, or all where it has a backend of
 * its own. Pure.
 */
export function servingOf(
  backend: string,
  all: readonly ServerState[],
  names: readonly string[] | undefined,
): Serving {
  if (all.length === 0) return { is: 'unknown', why: `backend "${backend}" has no servers to look at` };
  // A weight of 0 is how a shared backend keeps the idle colour idle; in a backend of its own it gets nothing.
  const idle = (server: ServerState) =>
    server.idle ?? (names === undefined && server.weight === 0 ? 'has weight 0' : undefined);
  const own = all.filter(({ name }) => names === undefined || names.includes(name));
  const up = own.filter((server) => idle(server) === undefined);
  if (up.length > 0) return { is: 'up', servers: up.length };
  const words = own.slice(0, 5).map((server) => `${backend}/${server.name} ${idle(server)}`);
  if (own.length > words.length) words.push(`${own.length - words.length} more`);
  return { is: 'down', why: words.join(', ') || `backend "${backend}" has none of its servers` };
}

/**
 * A share this near to a whole percent is that percent: weights of servers are whole numbers, so that not every share
 * can be hit.
 */
const nearEnough = 0.25;

/** Traffic by colour: the weights of its servers that are in service, as percent of all. */
export function readServers(
  route: HaproxyServersRoute,
  answer: string,
): Extract<Reading, { ok: false }> | (Extract<Reading, { ok: true }> & { inService: Counts }) {
  const states = readStates(route.backend, answer);
  if (!states.ok) return states;
  const servers = new Map(states.servers.map((server) => [server.name, server]));
  const missing = Object.values(route.servers)
    .flat()
    .filter((name) => !servers.has(name));
  if (missing.length > 0)
    return {
      ok: false,
      why: `backend "${route.backend}" has no server ${missing.join(', ')} (it has ${quoteAnswer([...servers.keys()].join(', ') || 'none')})`,
    };
  const inService = Object.entries(route.servers).map(
    ([colour, names]) => [colour, names.map((name) => servers.get(name)!).filter(({ out }) => !out)] as const,
  );
  const sums = inService.map(
    ([colour, own]) => [colour, own.reduce((sum, { weight }) => sum + weight, 0)] as const,
  );
  const total = sums.reduce((all, [, sum]) => all + sum, 0);
  return {
    ok: true,
    weights: Object.fromEntries(sums.map(([colour, sum]) => [colour, total === 0 ? 0 : percent(sum, total)])),
    inService: Object.fromEntries(inService.map(([colour, own]) => [colour, own.length])),
  };
}

/** How many servers of each colour are neither in maintenance nor draining. */
export type Counts = Readonly<Record<string, number>>;

function percent(part: number, total: number): number {
  const exact = (100 * part) / total;
  const whole = Math.round(exact);
  const isWhole = Math.abs(exact - whole) <= nearEnough && whole > 0 && whole < 100;
  return isWhole ? whole : Math.round(exact * 1_000) / 1_000;
}

/** The greatest weight that HAProxy takes. */
const heaviest = 256;

/** The weight for each server of a colour, so that those in service together have the colour's share. */
export function serverWeights(target: Weights, colours: readonly string[], inService: Counts): Counts {
  const counts = colours.map((colour) => Math.max(1, inService[colour] ?? 1));
  const most = Math.max(...counts);
  const wanted = colours.map((colour, index) => {
    const share = target[colour] ?? 0;
    return share === 100 ? 100 : (share * most) / counts[index]!;
  });
  const scale = Math.min(1, heaviest / Math.max(...wanted));
  return Object.fromEntries(
    colours.map((colour, index) => {
      const weight = wanted[index]! * scale;
      return [colour, weight === 0 ? 0 : Math.max(1, Math.round(weight))];
    }),
  );
}

/** Every server of the rising colours first, then the falling ones, so that no moment has too little. */
export function planServers(
  route: HaproxyServersRoute,
  node: string,
  { weights, inService }: { weights: Weights; inService: Counts },
  target: Weights,
): Call[] {
  const colours = Object.keys(route.servers);
  const change = (colour: string) => (target[colour] ?? 0) - (weights[colour] ?? 0);
  const weightOf = serverWeights(target, colours, inService);
  return colours
    .filter((colour) => change(colour) !== 0)
    .sort((a, b) => change(b) - change(a))
    .flatMap((colour) =>
      route.servers[colour]!.map((server) => {
        const weight = String(weightOf[colour]);
        return {
          node,
          say: `set server ${route.backend}/${server} weight ${weight}`,
          action: { do: 'set-weight', server, weight },
        };
      }),
    );
}
