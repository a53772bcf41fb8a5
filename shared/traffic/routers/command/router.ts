import { isAbsolute, resolve } from 'node:path';
import { coded } from '../../../contracts/refusal-codes.js';
import { runCommand, type Finished } from '../../../exec/run.js';
import { formatDuration } from '../../../time/duration.js';
import {
  defineRouter,
  describeWeights,
  observeStates,
  RouterError,
  sameWeights,
  type Inspection,
  type Router,
  type Weights,
} from '../../router.js';
import type { CommandConfig } from './config.js';
import { ordersOf, planCommands, readAnswer, setDocument } from './words.js';
import { cannotKnow, foreignCall } from '../nodes.js';
import { inspectNodes } from '../preflight.js';
import { quoteAnswer } from '../reading.js';
import type { RouterTools } from '../tools.js';

type Node = CommandConfig['nodes'][number];

/** Pause between two looks, in milliseconds. */
const lookEvery = 1_000;

/** Longest wait for a look at a command, in milliseconds. */
const lookWithin = 10_000;

/** A value shorter than this is no secret, and blanking it would make an answer unreadable. */
const shortestSecret = 4;

/**
 * The team's `read` and `set` commands as a router. What they print is never printed here; errors quote it with the
 * handed-on variables blanked.
 */
export function commandRouter(config: CommandConfig, tools: RouterTools): Router {
  const names = config.nodes.map(({ name }) => name);

  function nodeOf(name: string): Node {
    const node = config.nodes.find((candidate) => candidate.name === name);
    if (node) return node;
    throw new RouterError(`There is no command node "${name}" (known: ${names.join(', ')}).`, name);
  }

  function environment(name: string): Record<string, string> {
    return Object.fromEntries(
      config.env.map((variable) => {
        const value = tools.variable(variable);
        if (value === undefined)
          throw new RouterError(
            `Node "${name}": the variable ${variable}, which router.env lists, is not set; set it under "env:" of the step or take it off the list.`,
            name,
          );
        return [variable, value];
      }),
    );
  }

  async function run(
    node: Node,
    which: 'read' | 'set',
    more: readonly string[],
    input: string,
  ): Promise<{ stdout: string; blank: (text: string) => string }> {
    const env = environment(node.name);
    const secrets = Object.values(env).filter((value) => value.length >= shortestSecret);
    const blank = (text: string) =>
      secrets.reduce((blanked, secret) => blanked.replaceAll(secret, '***'), text);
    const [file, ...rest] = node[which];
    const message = `Node "${node.name}": the ${which} command "${file}"`;
    let finished: Finished;
    try {
      finished = await runCommand({
        argv: [executable(file, tools.workspace), ...rest, ...more],
        cwd: tools.workspace,
        env,
        input,
        timeoutMs: config.timeout,
      });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new RouterError(
        `${message} did not start (${blank(why)}); it must be an executable file: chmod +x, and a first line such as #!/bin/sh.`,
        node.name,
      );
    }
    const { code, ended, stdout, stderr } = finished;
    const output = quoteAnswer(blank(stderr.trim() || stdout.trim()).slice(-300));
    if (ended) {
      const after = ended === 'timeout' ? ` after ${formatDuration(config.timeout)} (router.timeout)` : '';
      const state = which === 'set' ? '; what it had done by then is not known' : '';
      throw new RouterError(`${message} was ended, ${ended}${after}${state}. It said ${output}.`, node.name);
    }
    if (code !== 0)
      throw new RouterError(`${message} ended with ${code ?? 'a signal'} and said ${output}.`, node.name);
    return { stdout, blank };
  }

  async function readNode(name: string): Promise<Weights> {
    const { stdout, blank } = await run(nodeOf(name), 'read', [], '');
    const reading = readAnswer(config, stdout);
    if (reading.ok) return reading.weights;
    // Blanked for the quotation only: a variable may well be a word of the answer.
    const shown = readAnswer(config, blank(stdout));
    const why = shown.ok ? 'printed something that is not understood' : shown.why;
    throw new RouterError(`Node "${name}": the read command ${why}.`, name);
  }

  async function confirm(name: string, target: Weights): Promise<void> {
    const deadline = tools.clock.now() + config.within;
    let live = await readNode(name);
    while (!sameWeights(live, target) && tools.clock.now() < deadline) {
      await tools.clock.sleep(lookEvery);
      live = await readNode(name);
    }
    if (sameWeights(live, target)) return;
    throw new RouterError(
      `Node "${name}": the set command ended well, but ${formatDuration(config.within)} later the read command still says ${describeWeights(live)}.`,
      name,
    );
  }

  /** A `set` that is missing is met when another node has moved already. */
  async function inspectNode(name: string): Promise<Pick<Inspection, 'obstacles'>> {
    const file = executable(nodeOf(name).set[0], tools.workspace);
    const argv = file.includes('/')
      ? (['test', '-x', file] as const)
      : (['sh', '-c', 'command -v "$1"', 'sh', file] as const);
    const { code } = await runCommand({ argv, timeoutMs: lookWithin });
    if (code === 0) return { obstacles: [] };
    const why = `node "${name}": the set command "${nodeOf(name).set[0]}" is not there, or no executable file`;
    return { obstacles: [coded('router-not-ready', `${why}. Fix: correct router.nodes, or chmod +x`)] };
  }

  return defineRouter({
    kind: 'command',
    nodes: names,
    can: { atomic: false, weighted: config.weighted },
    warning:
      'The router is a command of your own: whether all traffic moves at once, and whether requests fail meanwhile, is not known here.',
    inTurn: true,
    readNode: async (name) => ({ weights: await readNode(name) }),
    together: observeStates,
    serving: cannotKnow('the commands tell how traffic is shared, not which servers are well'),
    inspect: inspectNodes(names, inspectNode),
    plan: (observed, target) => planCommands(config, observed, target),
    async apply(call) {
      const node = nodeOf(call.node);
      const orders = ordersOf(config, call);
      if (!orders) throw foreignCall('command', call);
      const live = await readNode(node.name);
      if (sameWeights(live, orders.to)) return;
      if (!sameWeights(live, orders.from))
        throw new RouterError(
          `Node "${node.name}" was changed by someone else since it was read: it says ${describeWeights(live)}, and was ${describeWeights(orders.from)}; nothing was set. Run this again.`,
          node.name,
        );
      const document = setDocument(config, orders);
      await run(node, 'set', [document], document);
      await confirm(node.name, orders.to);
    },
  });
}

/** A path is meant from the checkout; a bare name is looked up on the PATH. */
function executable(file: string, workspace: string): string {
  return file.includes('/') && !isAbsolute(file) ? resolve(workspace, file) : file;
}
