import type { Clock } from '../../../time/clock.js';
import { defineRouter, RouterError, type NodeState, type Router, type Weights } from '../../router.js';
import type { OpenMachine } from '../../transports/open.js';
import { askLive } from '../live-probe.js';
import type { NginxIncludeConfig } from './config.js';
import { parseShares, planInclude, readInclude, renderInclude, sharesOf } from './shares.js';
import { cannotKnow, foreignCall, nodeFinder, observeFiles } from '../nodes.js';
import { inspectFiles } from '../preflight.js';
import { noChecks } from './no-checks.js';
import { reloadCost, reloadUntilServed, testConfiguration } from './reload.js';
import { quoteAnswer } from '../reading.js';

const kind = 'nginx (include)';

/** nginx that includes a file with the shares of the colours and is reloaded: weighted, but not without loss. */
export function nginxIncludeRouter(config: NginxIncludeConfig, clock: Clock, open: OpenMachine): Router {
  const { nodes, include } = config;
  const reach = nodeFinder('nginx', nodes, open);
  const fail = (name: string, why: string): never => {
    throw new RouterError(`nginx node "${name}": ${why}`, name);
  };

  async function readNode(name: string): Promise<NodeState> {
    const { machine, node } = reach(name);
    const file = readInclude(config, await machine.readFile(include));
    if (!file.ok) return fail(name, file.why);
    const message = await askLive(name, machine, node.probe);
    const weights = parseShares(config, message);
    if (weights) return { weights, saved: file.weights ?? null };
    return fail(
      name,
      `the probe ${node.probe} says ${quoteAnswer(message)}; it must return $${config.variable}_shares.`,
    );
  }

  async function write(name: string, weights: Weights, from: string | undefined): Promise<void> {
    const { machine } = reach(name);
    const old = await machine.readFile(include);
    const file = readInclude(config, old);
    if (!file.ok || old === undefined) return fail(name, file.ok ? 'its include is gone.' : file.why);
    const text = renderInclude(config, weights);
    const now = file.weights && sharesOf(config, file.weights);
    if (from !== undefined && old !== text && now !== from)
      fail(
        name,
        `${include} was changed by someone else since it was read: ${now ?? 'it is not understood'}, and was ${from}; nothing was written. Run this again.`,
      );
    if (old !== text) await machine.replaceFile(include, text);
    await testConfiguration(config, reach(name), include, async () => {
      if (old !== text) await machine.replaceFile(include, old);
    });
  }

  const names = nodes.map(({ name }) => name);
  return defineRouter({
    kind,
    nodes: names,
    can: { atomic: false, weighted: true },
    warning: `nginx in mode "include" is reloaded, which ${reloadCost}`,
    readNode,
    serving: cannotKnow(noChecks),
    inspect: inspectFiles(names, reach, { path: include }),
    together: observeFiles,
    plan: (observed, target) => planInclude(config, observed, target),
    async apply(call) {
      const { action, node } = call;
      const weights = parseShares(config, action['shares'] ?? '');
      if (weights && action['do'] === 'write-include') return write(node, weights, action['from']);
      if (weights && action['do'] === 'reload')
        return reloadUntilServed(config, reach(node), clock, sharesOf(config, weights));
      throw foreignCall(kind, call);
    },
  });
}
