import type { Clock } from '../../../time/clock.js';
import { defineRouter, RouterError, type NodeState, type Router } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import { askCaddy } from './health.js';
import { usualAdmin, type CaddyFileConfig } from './config.js';
import { planValue, readValue } from './value.js';
import { readServed, untilServed } from '../live-probe.js';
import { cannotKnow, foreignCall, movedByFile, nodeFinder, servingOnNodes } from '../nodes.js';
import { inspectFiles } from '../preflight.js';
import { quoteAnswer } from '../reading.js';

const kind = 'caddy (file)';

/** Caddy that reads a file at each request: one rename moves all traffic, without a change of its configuration. */
export function caddyFileRouter(config: CaddyFileConfig, clock: Clock, open: OpenMachine): Router {
  const { nodes, file, values, servers } = config;
  const names = nodes.map(({ name }) => name);
  const reach = nodeFinder('Caddy', nodes, open);

  async function readNode(name: string): Promise<NodeState> {
    const { machine, node } = reach(name);
    return readServed('Caddy', { ...node, machine }, readValue(config, await machine.readFile(file)), {
      understand: (answer) => {
        const running = readValue(config, answer);
        return running.ok ? running.weights : undefined;
      },
      wanted: `it must return {file.${file}} (which Caddy before 2.8 does not know)`,
    });
  }

  async function write(name: string, colour: string, from: string | undefined): Promise<void> {
    const { machine, node } = reach(name);
    const value = values[colour]!;
    const now = (await machine.readFile(file))?.trim();
    if (now !== value && from !== undefined && now !== from)
      throw new RouterError(
        `Caddy node "${name}": ${file} was changed by someone else since it was read: it says ${quoteAnswer(now ?? '')}, and said "${from}"; nothing was written. Run this again.`,
        name,
      );
    if (now !== value) await machine.replaceFile(file, `${value}\n`);
    await untilServed({ ...node, machine }, clock, {
      wanted: value,
      otherwise: (answer) =>
        `Caddy node "${name}": ${file} says ${value}, but ${node.probe} says ${quoteAnswer(answer)}. Its configuration must read that very file, and its user must be allowed to.`,
    });
  }

  return defineRouter({
    kind,
    nodes: names,
    ...movedByFile,
    readNode,
    serving: servers
      ? (colour) =>
          servingOnNodes('Caddy', names, async (name) => {
            const { machine, node } = reach(name);
            return askCaddy(name, machine, node.admin ?? usualAdmin, servers[colour] ?? []);
          })
      : cannotKnow('Caddy is asked for its own health only where router.servers lists the upstreams'),
    inspect: inspectFiles(names, reach, { path: file }),
    plan: (observed, target) => planValue(config, observed, target),
    async apply(call) {
      const { do: what, colour = '', from } = call.action;
      if (what !== 'write-value' || !Object.hasOwn(values, colour)) throw foreignCall(kind, call);
      return write(call.node, colour, from);
    },
  });
}
