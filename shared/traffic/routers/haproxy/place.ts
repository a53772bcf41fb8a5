import type { Call } from '../../../contracts/call.js';
import { coded, type Refusal } from '../../../contracts/refusal-codes.js';
import { RouterError, type Inspection, type NodeState, type Serving, type Weights } from '../../router.js';
import { editFile, type Machine } from '../../transports/machine.js';
import { foreignCall } from '../nodes.js';
import { obstaclesTo } from '../preflight.js';
import { quoteAnswer } from '../reading.js';
import type { HaproxyMapRoute, HaproxyRoute } from './routes.js';
import { editMapFile, planMap, readMap, readMapFile } from './map.js';
import { planServers, readServers, readStates, servingOf, type Counts } from './servers.js';
import { stickiness } from './sticky.js';

/** What one place in one HAProxy said of itself. */
export interface PlaceState extends NodeState {
  /** Servers of each colour that are in service; empty in mode map. */
  inService: Counts;
}

/** One route of one HAProxy, which stands as a node of its own where there are several. */
export interface Place {
  read(): Promise<PlaceState>;
  plan(seen: { weights: Weights; saved: Weights | undefined; inService: Counts }, target: Weights): Call[];
  apply(call: Call): Promise<void>;
  serving(colour: string): Promise<Serving>;
  inspect(): Promise<Inspection>;
}

/** Opens a place; `ask` sends one command to its HAProxy and resolves with the whole answer. */
export function openPlace(
  name: string,
  kind: string,
  route: HaproxyRoute,
  machine: Machine,
  ask: (command: string) => Promise<string>,
): Place {
  const refused = (command: string, why: string) =>
    new RouterError(`HAProxy node "${name}" refused "${command}": ${why}.`, name);

  /** A change that worked is answered with nothing at all. */
  async function change(command: string): Promise<void> {
    const answer = await ask(command);
    if (answer !== '') throw refused(command, quoteAnswer(answer));
  }

  /** Backends with a static algorithm know no shares: a server has its initial weight there, or nothing. */
  async function changeWeight(server: string, weight: string): Promise<void> {
    const command = `set server ${server} weight ${weight}`;
    const answer = await ask(command);
    if (answer === '') return;
    if (!answer.includes('static LB algorithm')) throw refused(command, quoteAnswer(answer));
    if (weight !== '0' && weight !== '100') {
      const dynamic = 'such as roundrobin or a hash with hash-type consistent';
      const fix = `Fix: leave "strategy" at instant, or give the backend a dynamic balance, ${dynamic}`;
      throw refused(command, `${quoteAnswer(answer)}. ${fix}`);
    }
    await change(`${command}%`);
    if (weight === '0' || !(await ask(`get weight ${server}`)).startsWith('0 ')) return;
    const fix = `Fix: give ${server} a weight above 0 in haproxy.cfg, since the backend's balance is static`;
    throw refused(command, `100 % of its initial weight is 0. ${fix}`);
  }

  async function readSaved({ file, ...rest }: HaproxyMapRoute): Promise<Weights | null> {
    const reading = readMapFile({ file, ...rest }, (await machine.readFile(file)) ?? '');
    return reading.ok ? reading.weights : null;
  }

  async function obstacles(): Promise<Refusal[]> {
    if (route.mode !== 'map' || !route.persist) return [];
    const { file } = route;
    const fix = 'set router.file to its path on that machine, or router.persist to false';
    if ((await machine.readFile(file)) === undefined)
      return [
        coded(
          'router-not-ready',
          `node "${name}": the map file ${file} is not on its machine, so a switch could not be kept. Fix: ${fix}`,
        ),
      ];
    return obstaclesTo(name, machine, { path: file, fix });
  }

  return {
    async read() {
      const reading =
        route.mode === 'map'
          ? { ...readMap(route, await ask(`show map ${route.map}`)), inService: noCounts }
          : readServers(route, await ask(`show servers state ${route.backend}`));
      if (!reading.ok) throw new RouterError(`HAProxy node "${name}": ${reading.why}.`, name);
      const { weights, inService } = reading;
      return route.mode === 'map' && route.persist
        ? { weights, inService, saved: await readSaved(route) }
        : { weights, inService };
    },
    plan: (seen, target) =>
      route.mode === 'map' ? planMap(route, name, seen, target) : planServers(route, name, seen, target),
    async apply(call) {
      const { do: what, backend = '', server = '', weight = '' } = call.action;
      // A journal is text that others can write: only words of the configuration go into a command.
      if (route.mode === 'map' && Object.values(route.backends).includes(backend)) {
        if (what === 'set-map') return change(`set map ${route.map} ${route.key} ${backend}`);
        if (what === 'write-map')
          return editFile(name, machine, route.file, (text) => editMapFile(text, route.key, backend));
      }
      const ours = route.mode === 'servers' && Object.values(route.servers).flat().includes(server);
      if (ours && what === 'set-weight' && /^\d{1,3}$/.test(weight))
        return changeWeight(`${route.backend}/${server}`, weight);
      throw foreignCall(kind, call);
    },
    async serving(colour) {
      const [backend, names] =
        route.mode === 'map'
          ? [route.backends[colour], undefined]
          : [route.backend, route.servers[colour] ?? []];
      if (backend === undefined) return { is: 'unknown', why: `${kind} knows no colour "${colour}"` };
      const answer = await ask(`show servers state ${backend}`);
      if (/^can't find backend/i.test(answer.trim()))
        return { is: 'down', why: `there is no backend "${backend}" (answer: ${quoteAnswer(answer)})` };
      const states = readStates(backend, answer);
      return states.ok ? servingOf(backend, states.servers, names) : { is: 'unknown', why: states.why };
    },
    async inspect() {
      if (route.mode === 'map') return { obstacles: await obstacles(), notes: [] };
      const { backend } = route;
      const sticky = stickiness(backend, await ask(`show stat ${backend} 2 -1`), await ask('show table'));
      return { obstacles: [], notes: sticky === undefined ? [] : [`HAProxy node "${name}": ${sticky}`] };
    },
  };
}

const noCounts: Counts = {};
