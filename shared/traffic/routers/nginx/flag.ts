import type { Clock } from '../../../time/clock.js';
import { defineRouter, RouterError, type NodeState, type Router } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import { readServed, untilServed } from '../live-probe.js';
import type { NginxFlagConfig } from './config.js';
import { planFlags, readFlags, readProbe } from './flags.js';
import { cannotKnow, foreignCall, movedByFile, nodeFinder } from '../nodes.js';
import { inspectFiles } from '../preflight.js';
import { noChecks } from './no-checks.js';
import { quoteAnswer } from '../reading.js';

const kind = 'nginx (flag)';

/** Longest wait for the rename, in milliseconds. */
const renameWithin = 20_000;

/** nginx that tests a flag file at each request: one rename moves all traffic, without a reload. */
export function nginxFlagRouter(config: NginxFlagConfig, clock: Clock, open: OpenMachine): Router {
  const { nodes, flags } = config;
  const reach = nodeFinder('nginx', nodes, open);

  /** Colours whose flag file exists. */
  async function present(name: string): Promise<string[]> {
    const { machine } = reach(name);
    const found = await Promise.all(
      Object.entries(flags).map(async ([colour, path]) =>
        (await machine.readFile(path)) === undefined ? [] : [colour],
      ),
    );
    return found.flat();
  }

  async function readNode(name: string): Promise<NodeState> {
    const { machine, node } = reach(name);
    return readServed('nginx', { ...node, machine }, readFlags(config, await present(name)), {
      understand: (answer) => readProbe(config, answer),
      wanted: `it must return ${Object.keys(flags).join(' or ')}`,
    });
  }

  async function setFlag(name: string, colour: string): Promise<void> {
    const { machine, node } = reach(name);
    const to = flags[colour]!;
    const there = await present(name);
    const from = there.find((other) => other !== colour);
    let complaint = '';
    if (from !== undefined) {
      complaint = (await machine.run(['mv', '-f', flags[from]!, to], renameWithin)).stderr.trim();
    } else if (there.length === 0) {
      await machine.replaceFile(to, 'This file exists where its colour is live.\n');
    }
    const now = readFlags(config, await present(name));
    if (!now.ok || now.weights[colour] !== 100) {
      const why = complaint || (now.ok ? 'someone renamed it back' : now.why);
      throw new RouterError(
        `nginx node "${name}": the flag could not be renamed to ${to} (${why}); its folder must be writable.`,
        name,
      );
    }
    await untilServed({ ...node, machine }, clock, {
      wanted: colour,
      otherwise: (answer) =>
        `nginx node "${name}": ${to} exists, but ${node.probe} says ${quoteAnswer(answer)}. nginx must test that very file, its workers must be allowed to see it, and open_file_cache must be off there.`,
    });
  }

  const names = nodes.map(({ name }) => name);
  return defineRouter({
    kind,
    nodes: names,
    ...movedByFile,
    readNode,
    serving: cannotKnow(noChecks),
    // All flags are in one folder.
    inspect: inspectFiles(names, reach, { path: Object.values(flags)[0]!, is: 'link' }),
    plan: (observed, target) => planFlags(config, observed, target),
    async apply(call) {
      const colour = call.action['colour'] ?? '';
      if (call.action['do'] !== 'set-flag' || !Object.hasOwn(flags, colour)) throw foreignCall(kind, call);
      return setFlag(call.node, colour);
    },
  });
}
