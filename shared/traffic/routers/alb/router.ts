import { formatDuration } from '../../../time/duration.js';
import type { Call } from '../../../contracts/call.js';
import {
  defineRouter,
  describeWeights,
  everywhere,
  observeStates,
  RouterError,
  sameWeights,
  type Router,
  type Serving,
  type Weights,
} from '../../router.js';
import { albApi, albPace } from './api.js';
import { albEndpoint, type AlbConfig } from './config.js';
import {
  forwardParameters,
  isListed,
  planForwards,
  readForward,
  stickyNotes,
  withGroup,
  withShares,
  type AlbObserved,
  type Forward,
} from './forward.js';
import { readTargetHealth } from './health.js';
import { members, textAt } from './xml.js';
import { servingOnNodes } from '../nodes.js';
import { inspectNodes } from '../preflight.js';
import { journaledWeights } from '../reading.js';
import type { RouterTools } from '../tools.js';

/** A change shows in Describe… this long after it was answered, at the most (milliseconds). */
const shownWithin = 15_000;

/** AWS Application Load Balancer: listeners' default actions and rules, each a node. */
export function albRouter(
  config: AlbConfig,
  tools: Pick<RouterTools, 'http' | 'clock' | 'variable'>,
  pace = albPace,
): Router {
  const { clock } = tools;
  const call = albApi(albEndpoint(config), tools, pace);
  const groups = config['target-groups'];
  const names = config.nodes.map(({ name }) => name);
  const nodeOf = (name: string) => {
    const node = config.nodes.find((candidate) => candidate.name === name);
    if (!node) throw new RouterError(`There is no ALB node "${name}" (known: ${names.join(', ')}).`, name);
    const { listener, rule } = node;
    return listener === undefined
      ? ({ kind: 'Rule', list: 'Actions', arn: rule ?? '', says: `Node "${name}": rule ${rule}` } as const)
      : ({
          kind: 'Listener',
          list: 'DefaultActions',
          arn: listener,
          says: `Node "${name}": listener ${listener}`,
        } as const);
  };

  async function readNode(name: string): Promise<{ forward: Forward; weights: Weights }> {
    const { kind, list, arn, says } = nodeOf(name);
    const result = await call(name, `Describe${kind}s`, { [`${kind}Arns.member.1`]: arn });
    const found = members(result, `${kind}s`).find((entry) => textAt(entry, `${kind}Arn`) === arn);
    if (!found) throw new RouterError(`${says} is not in the answer of Describe${kind}s.`, name);
    if (textAt(found, 'IsDefault') === 'true')
      throw new RouterError(`${says} is the default rule of its listener; name the listener instead.`, name);
    const reading = readForward(config, members(found, list));
    if (!reading.ok) throw new RouterError(`${says} ${reading.why}.`, name);
    return reading;
  }

  async function modify(name: string, forward: Forward, shown: (now: Forward) => boolean): Promise<void> {
    const { kind, list, arn, says } = nodeOf(name);
    await call(name, `Modify${kind}`, { [`${kind}Arn`]: arn, ...forwardParameters(list, forward) });
    const until = clock.now() + shownWithin;
    while (!shown((await readNode(name)).forward)) {
      if (clock.now() >= until)
        throw new RouterError(
          `${says} does not show its change ${formatDuration(shownWithin)} after it was answered.`,
          name,
        );
      await clock.sleep(pace.repeatAfter);
    }
  }

  /**
   * Waits until all targets of a colour are healthy; the load balancer only says so of groups that are listed
   * somewhere.
   */
  async function requireHealthy(name: string, colour: string): Promise<void> {
    const arn = groups[colour]!;
    const until = clock.now() + config['healthy-within'];
    for (;;) {
      const health = readTargetHealth(await call(name, 'DescribeTargetHealth', { TargetGroupArn: arn }));
      if (health.healthy) return;
      if (clock.now() >= until)
        throw new RouterError(
          `${nodeOf(name).says} stays as it is: the target group of ${colour} was not healthy within ${formatDuration(config['healthy-within'])}: ${health.why}.`,
          name,
        );
      await clock.sleep(pace.pollEvery);
    }
  }

  async function servingOn(name: string, colour: string): Promise<Serving> {
    const group = { TargetGroupArn: groups[colour] ?? '' };
    const health = readTargetHealth(await call(name, 'DescribeTargetHealth', group));
    if (health.healthy) return { is: 'up', servers: health.targets };
    if (!health.unused)
      return { is: 'down', why: `the target group of ${colour} is not healthy: ${health.why}` };
    const why = `no listener names the target group of ${colour} yet, so nobody checks its targets; the switch adds it with weight 0 and waits for its health before any request goes there`;
    return { is: 'unknown', why };
  }

  async function attach(name: string, group: string): Promise<void> {
    const { forward } = await readNode(name);
    if (isListed(forward, group)) return;
    await modify(name, withGroup(forward, group), (now) => isListed(now, group));
  }

  /** The action as it is, undefined when it has the shares already; it must still be what was planned from. */
  async function unchanged(name: string, shares: Weights, before: Weights): Promise<Forward | undefined> {
    const { forward, weights } = await readNode(name);
    if (sameWeights(weights, shares)) return undefined;
    if (sameWeights(weights, before)) return forward;
    throw new RouterError(
      `${nodeOf(name).says} was changed by somebody else: it gives ${describeWeights(weights)} now; nothing was done to it.`,
      name,
    );
  }

  async function weigh(name: string, shares: Weights, before: Weights): Promise<void> {
    if (!(await unchanged(name, shares, before))) return;
    for (const colour of Object.keys(groups))
      if ((shares[colour] ?? 0) > (before[colour] ?? 0)) await requireHealthy(name, colour);
    // Waiting for health may have taken minutes, and the API has no conditional write: this is as near to one as it
    // gets.
    const forward = await unchanged(name, shares, before);
    if (!forward) return;
    const wanted = withShares(config, forward, shares);
    await modify(name, wanted, (now) =>
      wanted.groups.every(({ arn, weight }) =>
        now.groups.some((group) => group.arn === arn && group.weight === weight),
      ),
    );
  }

  return defineRouter({
    kind: 'aws-alb',
    nodes: names,
    can: { atomic: names.length === 1, weighted: true },
    readNode,
    together: (states): AlbObserved => ({
      ...observeStates(states),
      forwards: Object.fromEntries(Object.entries(states).map(([name, { forward }]) => [name, forward])),
    }),
    plan: (observed, target) => planForwards(config, observed, target),
    serving: (colour) => servingOnNodes('aws-alb', names, (name) => servingOn(name, colour)),
    inspect: inspectNodes(names, async (name) => ({
      notes: stickyNotes(name, (await readNode(name)).forward),
    })),
    reached: (observed, target): AlbObserved => ({
      ...everywhere(observed, target),
      forwards: Object.fromEntries(
        Object.entries(observed.forwards ?? {}).map(([name, forward]) => [
          name,
          withShares(config, forward, target),
        ]),
      ),
    }),
    async apply({ node: name, action, say }: Call) {
      const group = action['group'] ?? '';
      if (action['do'] === 'attach' && Object.values(groups).includes(group)) return attach(name, group);
      const shares = journaledWeights(groups, action['weights']);
      const before = journaledWeights(groups, action['before']);
      if (action['do'] === 'weigh' && shares && before) return weigh(name, shares, before);
      throw new RouterError(
        `The journaled call "${say}" does not fit the router configuration (aws-alb).`,
        name,
      );
    },
  });
}
