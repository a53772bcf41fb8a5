import { formatDuration } from '../../time/duration.js';
import type { Call } from '../../contracts/call.js';
import { coded } from '../../contracts/refusal-codes.js';
import {
  allTo,
  defineRouter,
  describeWeights,
  RouterError,
  sameWeights,
  type Inspection,
  type NodeState,
  type Router,
  type Serving,
  type Weights,
} from '../router.js';
import type { NodeConfig } from '../transports/config.js';
import { openTransport, type OpenMachine } from '../transports/open.js';
import { getOn, type StatusAnswer } from './http-exchange.js';
import { foreignCall, nodeFinder, observeFiles, servingOnNodes } from './nodes.js';
import { inspectNodes, obstaclesTo } from './preflight.js';
import { journaledWeights, wholeShares, type Reading } from './reading.js';
import type { RouterTools } from './tools.js';

/** What a product that watches a file says and understands; everything here is pure. */
export interface Dialect<Node extends WatchingNode> {
  kind: string;
  product: string;
  backends: Readonly<Record<string, string>>;
  /** Address that tells the weights the process works with. */
  statusUrl(node: Node): string;
  readStatus(answer: StatusAnswer): Reading;
  readFile(text: string): Reading;
  /** The file with these weights; `text` is undefined where there is none yet. */
  editFile(
    text: string | undefined,
    weights: Weights,
  ): { ok: true; text: string } | { ok: false; why: string };
  /** Address below the process's own that tells of the servers of a backend, and what its answer means. */
  healthUrl(node: Node, backend: string): string;
  readHealth(answer: StatusAnswer, backend: string): Serving;
  /** How long a process may take to notice a file, at most (ms). */
  catchUpMs: number;
  /** Where a person looks when a written file is not taken. */
  hint: string;
}

export interface WatchingNode extends NodeConfig {
  /** Absolute path on the node's machine. */
  file: string;
}

/** Longest wait for one answer, and pause between two looks, in milliseconds. */
const answerWithin = 3_000;
const lookEvery = 50;

/** The last look is given this long (ms), so that a process gets the time to say something. */
const shortestAsk = 500;

/**
 * A router whose processes watch a file: one atomic rename moves the traffic of a node, and the process itself says
 * when it has. What the files say is `saved`, since a restart would bring it.
 */
export function watchedFileRouter<Node extends WatchingNode>(
  dialect: Dialect<Node>,
  nodes: readonly Node[],
  withinMs: number,
  tools: RouterTools,
  open: OpenMachine = (node) => openTransport(node, tools.workspace),
): Router {
  const { product, backends } = dialect;
  const reach = nodeFinder(product, nodes, open);

  async function readLive(name: string, timeoutMs = answerWithin): Promise<Weights> {
    const { node, machine } = reach(name);
    const answer = await getOn(name, machine, dialect.statusUrl(node), timeoutMs);
    const reading = dialect.readStatus(answer);
    if (!reading.ok) throw new RouterError(`${product} node "${name}": ${reading.why}.`, name);
    return reading.weights;
  }

  async function readNode(name: string): Promise<NodeState> {
    const { node, machine } = reach(name);
    const weights = await readLive(name);
    const text = await machine.readFile(node.file);
    const reading = text === undefined ? undefined : dialect.readFile(text);
    return { weights, saved: reading?.ok ? reading.weights : null };
  }

  async function confirm(name: string, file: string, target: Weights, stayMs: number): Promise<void> {
    const deadline = tools.clock.now() + withinMs + stayMs;
    let last = 'it was not asked';
    let since: number | undefined;
    for (let left = withinMs; left > 0; left = deadline - tools.clock.now()) {
      try {
        const live = await readLive(name, Math.min(answerWithin, Math.max(left, shortestAsk)));
        const now = tools.clock.now();
        since = sameWeights(live, target) ? (since ?? now) : undefined;
        if (since !== undefined && now - since >= stayMs) return;
        last = `it still says ${describeWeights(live)}`;
      } catch (error) {
        if (!(error instanceof RouterError)) throw error;
        since = undefined;
        last = error.message.replace(/\.$/, '');
      }
      await tools.clock.sleep(lookEvery);
    }
    throw new RouterError(
      `${product} node "${name}" has not taken ${file} within ${formatDuration(withinMs)}: ${last}. ${dialect.hint}`,
      name,
    );
  }

  async function write(name: string, target: Weights, from: Weights | undefined): Promise<void> {
    const { node, machine } = reach(name);
    const fail = (why: string): never => {
      throw new RouterError(`${product} node "${name}": ${node.file} ${why}.`, name);
    };
    const text = await machine.readFile(node.file);
    const found: Reading =
      text === undefined ? { ok: false, why: 'there is no such file' } : dialect.readFile(text);
    if (from && !(found.ok && (sameWeights(found.weights, from) || sameWeights(found.weights, target)))) {
      const now = found.ok ? `it says ${describeWeights(found.weights)}` : found.why;
      fail(
        `was changed by someone else since it was read: ${now}, and was ${describeWeights(from)}; nothing was written. Run this again`,
      );
    }
    const edited = dialect.editFile(text, target);
    if (!edited.ok) return fail(`cannot be changed: ${edited.why}`);
    // Asked first: a process that does not answer could not confirm, so nothing is written.
    const running = sameWeights(await readLive(name), target);
    if (running && found.ok && sameWeights(found.weights, target)) return;
    await machine.replaceFile(node.file, edited.text);
    // A file that said something else may be on its way into the process: only then does "it runs already" prove
    // nothing.
    await confirm(name, node.file, target, running ? dialect.catchUpMs : 0);
  }

  /** What would stop `write`, but for what may change until then. */
  async function inspectNode(name: string): Promise<Pick<Inspection, 'obstacles'>> {
    const { node, machine } = reach(name);
    const obstacles = await obstaclesTo(name, machine, { path: node.file });
    const [anyColour = ''] = Object.keys(backends);
    const edited = dialect.editFile(
      await machine.readFile(node.file),
      allTo(anyColour, Object.keys(backends)),
    );
    if (!edited.ok)
      obstacles.push(
        coded('router-not-ready', `node "${name}": ${node.file} cannot be changed: ${edited.why}`),
      );
    return { obstacles };
  }

  const names = nodes.map(({ name }) => name);
  return defineRouter({
    kind: dialect.kind,
    nodes: names,
    can: { atomic: true, weighted: true },
    readNode,
    together: observeFiles,
    plan(observed, target) {
      const shares = wholeShares(backends, target);
      return Object.entries(observed.nodes).flatMap(([node, live]): Call[] => {
        const saved = observed.saved?.[node];
        if (sameWeights(live, shares) && saved && sameWeights(saved, shares)) return [];
        const words = Object.entries(shares).map(([colour, share]) => `${backends[colour]} ${share}`);
        const from: Record<string, string> = saved ? { from: JSON.stringify(saved) } : {};
        return [
          {
            node,
            say: `write ${reach(node).node.file}: ${words.join(', ')}`,
            action: { do: 'write-weights', to: JSON.stringify(shares), ...from },
          },
        ];
      });
    },
    serving: (colour) =>
      servingOnNodes(product, names, async (name) => {
        const { node, machine } = reach(name);
        const backend = backends[colour] ?? '';
        const answer = await getOn(name, machine, dialect.healthUrl(node, backend), answerWithin);
        return dialect.readHealth(answer, backend);
      }),
    inspect: inspectNodes(names, inspectNode),
    async apply(call) {
      const { node, action } = call;
      const target = action['do'] === 'write-weights' ? journaledWeights(backends, action['to']) : undefined;
      const from = action['from'] === undefined ? undefined : journaledWeights(backends, action['from']);
      if (!target || (action['from'] !== undefined && !from)) throw foreignCall(dialect.kind, call);
      await write(node, target, from);
    },
  });
}
