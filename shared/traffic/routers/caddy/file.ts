import type { Clock } from '../../../time/clock.js';
import { defineRouter, RouterError, type NodeState, type Router } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import type { CaddyFileConfig } from './config.js';
import { planValue, readValue } from './value.js';
import { askLive, untilServed } from '../live-probe.js';
import { foreignCall, nodeFinder, observeFiles } from '../nodes.js';
import { quoteAnswer } from '../reading.js';

const kind = 'caddy (file)';

/** Caddy that reads a file at each request: one rename moves all traffic, without a change of its configuration. */
export function caddyFileRouter(config: CaddyFileConfig, clock: Clock, open: OpenMachine): Router {
  const { nodes, file, values } = config;
  const reach = nodeFinder('Caddy', nodes, open);
  const fail = (name: string, why: string): never => {
    throw new RouterError(`Caddy node "${name}": ${why}.`, name);
  };

  async function readNode(name: string): Promise<NodeState> {
    const { machine, node } = reach(name);
    const onDisk = readValue(config, await machine.readFile(file));
    if (!node.probe) {
      if (onDisk.ok) return { weights: onDisk.weights, saved: onDisk.weights };
      return fail(name, onDisk.why);
    }
    const message = await askLive(name, machine, node.probe);
    const running = readValue(config, message);
    if (running.ok) return { weights: running.weights, saved: onDisk.ok ? onDisk.weights : null };
    const wanted = `it must return {file.${file}} (which Caddy before 2.8 does not know)`;
    return fail(name, `the probe ${node.probe} says ${quoteAnswer(message)}; ${wanted}`);
  }

  async function write(name: string, colour: string, from: string | undefined): Promise<void> {
    const { machine, node } = reach(name);
    const value = values[colour]!;
    const now = (await machine.readFile(file))?.trim();
    if (now !== value && from !== undefined && now !== from)
      fail(
        name,
        `${file} was changed by someone else since it was read: it says ${quoteAnswer(now ?? '')}, and said "${from}"; nothing was written. Run this again`,
      );
    if (now !== value) await machine.replaceFile(file, `${value}\n`);
    if (node.probe)
      await untilServed(name, machine, node.probe, value, clock, (message) =>
        [
          `Caddy node "${name}": ${file} says ${value}, but ${node.probe} says ${quoteAnswer(message)}.`,
          'Its configuration must read that very file, and its user must be allowed to.',
        ].join(' '),
      );
  }

  return defineRouter({
    kind,
    nodes: nodes.map(({ name }) => name),
    can: { atomic: true, weighted: false },
    readNode,
    together: observeFiles,
    plan: (observed, target) => planValue(config, observed, target),
    async apply(call) {
      const { do: what, colour = '', from } = call.action;
      if (what !== 'write-value' || !Object.hasOwn(values, colour)) throw foreignCall(kind, call);
      return write(call.node, colour, from);
    },
  });
}
