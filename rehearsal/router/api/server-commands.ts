import { isUp, setState, setWeight, type AdminState, type Backend, type Server } from '../backends.js';
import { line, type Command, type Runtime } from './command.js';

const stateColumns =
  'be_id be_name srv_id srv_name srv_addr srv_op_state srv_admin_state srv_uweight srv_iweight ' +
  'srv_time_since_last_change srv_check_status srv_check_result srv_check_health srv_check_state srv_agent_state ' +
  'bk_f_forced_id srv_f_forced_id srv_fqdn srv_port srvrecord srv_use_ssl srv_check_port srv_check_addr ' +
  'srv_agent_addr srv_agent_port';

/** Bits HAProxy sets for a state an operator asked for. */
const adminBits: Record<AdminState, number> = { ready: 0, maint: 1, drain: 8 };

const called = (thing: { id: number; name: string }, name: string): boolean =>
  thing.name === name || `#${thing.id}` === name;

export function findBackend({ backends }: Runtime, name: string): Backend | undefined {
  return backends.find((backend) => called(backend, name));
}

function withServer(
  target: string | undefined,
  runtime: Runtime,
  then: (backend: Backend, server: Server) => string,
): string {
  const [backendName, serverName] = target?.split('/', 2) ?? [];
  if (!backendName || !serverName) return line("Require 'backend/server'.");
  const backend = findBackend(runtime, backendName);
  if (!backend) return line('No such backend.');
  const server = backend.servers.find((candidate) => called(candidate, serverName));
  return server ? then(backend, server) : line('No such server.');
}

/** Takes `0`..`256` or a percentage of the initial weight; a number or HAProxy's error text. */
export function parseWeight(text: string | undefined, initial: number): number | string {
  if (!text) return line('Require <weight> or <weight%>.');
  const [, digits, rest] = /^(-?\d+)(.*)$/.exec(text) ?? [];
  if (digits === undefined) return 'Empty weight string empty or preceded by garbage';
  const value = Number(digits);
  if (rest === '%') {
    if (value < 0) return line('Relative weight must be positive.');
    return Math.min(256, Math.floor((initial * value) / 100));
  }
  if (rest !== '') return 'Trailing garbage in weight string';
  return value < 0 || value > 256 ? line('Absolute weight can only be between 0 and 256 inclusive.') : value;
}

function changeWeight(backend: Backend, server: Server, text: string | undefined, runtime: Runtime): string {
  const weight = parseWeight(text, server.initialWeight);
  if (typeof weight === 'string') return weight;
  setWeight(backend, server, weight, runtime.now());
  return '';
}

function changeState(backend: Backend, server: Server, text: string | undefined, runtime: Runtime): string {
  if (text !== 'ready' && text !== 'drain' && text !== 'maint') {
    return line("'set server <srv> state' expects 'ready', 'drain' and 'maint'.");
  }
  setState(backend, server, text, runtime.now());
  return '';
}

const setServerUsage =
  'usage: set server <backend>/<server> addr | agent | agent-addr | agent-port | agent-send | check-addr | ' +
  'check-port | fqdn | health | ssl | state | weight';

/** HAProxy's numbers for the state and the result of the last check, a connection on TCP. */
const checkNumbers: Record<Server['lastCheck'], [number, number]> = {
  none: [1, 0],
  failed: [8, 2],
  passed: [6, 3],
};

function stateRow(backend: Backend, server: Server, now: number): string {
  const op = server.state === 'maint' || !isUp(server) ? 0 : 2;
  const seconds = Math.floor((now - server.changedAt) / 1000);
  const [status, result] = checkNumbers[server.lastCheck];
  const check = `${status} ${result} ${server.health} ${server.checkEvery === undefined ? 0 : 6} 0 0 0`;
  return line(
    `${backend.id} ${backend.name} ${server.id} ${server.name} ${server.host} ${op} ${adminBits[server.state]} ` +
      `${server.weight} ${server.initialWeight} ${seconds} ${check} - ${server.port} - 0 0 - - 0`,
  );
}

export const serverCommands: Command[] = [
  {
    name: 'show servers state',
    usage: '[<backend>]',
    run: ([name], runtime) => {
      const one = name === undefined ? undefined : findBackend(runtime, name);
      if (name !== undefined && !one) return line("Can't find backend.");
      const rows = (one ? [one] : runtime.backends).flatMap((backend) =>
        backend.servers.map((server) => stateRow(backend, server, runtime.now())),
      );
      return line('1') + line(`# ${stateColumns}`) + rows.join('');
    },
  },
  {
    name: 'show backend',
    usage: '',
    run: (_, { backends }) => line('# name') + backends.map(({ name }) => line(name)).join(''),
  },
  {
    name: 'get weight',
    usage: '<backend>/<server>',
    run: ([target], runtime) =>
      withServer(target, runtime, (_, server) => line(`${server.weight} (initial ${server.initialWeight})`)),
  },
  {
    name: 'set weight',
    usage: '<backend>/<server> <weight>[%]',
    run: ([target, weight], runtime) =>
      withServer(target, runtime, (backend, server) => changeWeight(backend, server, weight, runtime)),
  },
  {
    name: 'set server',
    usage: '<backend>/<server> weight <weight>[%] | state ready|drain|maint',
    run: ([target, property, value], runtime) =>
      withServer(target, runtime, (backend, server) => {
        if (property === 'weight') return changeWeight(backend, server, value, runtime);
        if (property === 'state') return changeState(backend, server, value, runtime);
        return line(setServerUsage);
      }),
  },
];
