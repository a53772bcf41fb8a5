import { posix } from 'node:path';
import type { Call } from '../../../contracts/call.js';
import type { Clock } from '../../../time/clock.js';
import {
  allTo,
  defineRouter,
  liveColour,
  RouterError,
  sameWeights,
  type NodeState,
  type Observed,
  type Router,
  type Weights,
} from '../../router.js';
import { besideIt } from '../../transports/machine.js';
import type { OpenMachine } from '../../transports/open.js';
import { readServed } from '../live-probe.js';
import { cannotKnow, foreignCall, nodeFinder, observeFiles } from '../nodes.js';
import { quoteAnswer, type Reading } from '../reading.js';
import type { NginxSymlinkConfig } from './config.js';
import { inspectFiles } from '../preflight.js';
import { noChecks } from './no-checks.js';
import { reloadCost, reloadUntilServed, testConfiguration } from './reload.js';

const kind = 'nginx (symlink)';

/** Longest wait for a command on the link, in milliseconds. */
const linkWithin = 20_000;

/** What a link leads to, a relative target being meant from its folder. */
export function readLink({ link, targets }: NginxSymlinkConfig, target: string): Reading {
  const path = posix.resolve(posix.dirname(link), target);
  const colour = Object.keys(targets).find((name) => posix.normalize(targets[name]!) === path);
  if (colour !== undefined) return { ok: true, weights: allTo(colour, Object.keys(targets)) };
  const wanted = Object.values(targets).join(' or ');
  return { ok: false, why: `${link} leads to ${quoteAnswer(target)} and must lead to ${wanted}` };
}

/**
 * All links first, each tested by nginx, then the reloads: a configuration that one node refuses moves nothing
 * anywhere.
 */
export function planLinks(config: NginxSymlinkConfig, observed: Observed, target: Weights): Call[] {
  const colour = Object.keys(target).find((name) => target[name] === 100);
  if (colour === undefined || !Object.hasOwn(config.targets, colour))
    throw new RangeError(
      'nginx in mode "symlink" gives all traffic to one colour; choose mode "include" for weighted steps',
    );
  const reached = allTo(colour, Object.keys(config.targets));
  const nodes = Object.keys(observed.nodes);
  const saved = (node: string) => observed.saved?.[node] ?? {};
  return [
    ...nodes
      .filter((node) => !sameWeights(saved(node), reached))
      .map((node): Call => {
        const from = liveColour(saved(node));
        return {
          node,
          say: `link ${config.link} to ${config.targets[colour]} and run ${config.test.join(' ')}`,
          action: { do: 'link', colour, ...(from === undefined ? {} : { from }) },
        };
      }),
    ...nodes
      .filter((node) => !sameWeights(observed.nodes[node]!, reached))
      .map((node) => ({
        node,
        say: `${config.reload.join(' ')}, until new connections are served ${colour}`,
        action: { do: 'reload', colour },
      })),
  ];
}

/** nginx that includes a symbolic link to the file of the live colour, and is reloaded. */
export function nginxSymlinkRouter(config: NginxSymlinkConfig, clock: Clock, open: OpenMachine): Router {
  const { nodes, link, targets } = config;
  const reach = nodeFinder('nginx', nodes, open);
  const fail = (name: string, why: string): never => {
    throw new RouterError(`nginx node "${name}": ${why}.`, name);
  };

  async function targetOf(name: string): Promise<string> {
    const { code, stdout } = await reach(name).machine.run(['readlink', link], linkWithin);
    if (code === 0) return stdout.trimEnd();
    const first = Object.values(targets)[0]!;
    return fail(
      name,
      `${link} is no symbolic link. Fix: ln -s ${first} ${link} (with the colour that is live)`,
    );
  }

  async function readNode(name: string): Promise<NodeState> {
    const { node, machine } = reach(name);
    const onDisk = readLink(config, await targetOf(name));
    if (!onDisk.ok) return fail(name, onDisk.why);
    return readServed('nginx', { ...node, machine }, onDisk, {
      understand: (answer) =>
        Object.hasOwn(targets, answer) ? allTo(answer, Object.keys(targets)) : undefined,
      wanted: `it must return ${Object.keys(targets).join(' or ')}, whichever the included file says`,
    });
  }

  /** A link cannot be changed: a new one is renamed over it, which is atomic. */
  async function leadTo(name: string, target: string): Promise<void> {
    const { machine } = reach(name);
    const temporary = besideIt(link);
    for (const command of [
      ['ln', '-sfn', target, temporary],
      ['mv', '-fT', temporary, link],
    ] as const) {
      const { code, stderr } = await machine.run([...command], linkWithin);
      if (code !== 0)
        fail(
          name,
          `${command.join(' ')} ended with ${code} (its folder must be writable): ${quoteAnswer(stderr.trim())}`,
        );
    }
  }

  async function setLink(name: string, colour: string, from: string | undefined): Promise<void> {
    const old = await targetOf(name);
    const found = readLink(config, old);
    const now = found.ok ? liveColour(found.weights) : undefined;
    if (now !== colour && now !== from)
      fail(
        name,
        `${link} was changed by someone else since it was read: it leads to ${quoteAnswer(old)}; nothing was done. Run this again`,
      );
    if (now !== colour) await leadTo(name, targets[colour]!);
    await testConfiguration(config, reach(name), link, async () => {
      if (now !== colour) await leadTo(name, old);
    });
  }

  const names = nodes.map(({ name }) => name);
  return defineRouter({
    kind,
    nodes: names,
    can: { atomic: false, weighted: false },
    warning: `nginx in mode "symlink" is reloaded, which ${reloadCost}`,
    readNode,
    serving: cannotKnow(noChecks),
    inspect: inspectFiles(names, reach, { path: link, is: 'link' }),
    together: observeFiles,
    plan: (observed, target) => planLinks(config, observed, target),
    async apply(call) {
      const { do: what, colour = '', from } = call.action;
      if (!Object.hasOwn(targets, colour)) throw foreignCall(kind, call);
      if (what === 'link') return setLink(call.node, colour, from);
      if (what === 'reload') return reloadUntilServed(config, reach(call.node), clock, colour);
      throw foreignCall(kind, call);
    },
  });
}
