import { inParallel } from './in-parallel.js';
import { judgePair, type IsolationCheck } from './isolation-verdict.js';
import type { Plan, PlannedFlow, PlannedIsolation } from '../plan/planned.js';
import { prefixed } from '../plan/flows.js';
import {
  beginFlow,
  cleanUp,
  type FlowPorts,
  type FlowResult,
  type FlowRun,
  type FlowSignals,
  type Preparation,
} from './flow.js';

/** The flows of an isolation proof, and what each look of one tenant at another showed. */
export interface IsolationRun {
  flows: FlowResult[];
  checks: IsolationCheck[];
}

type Tenant = PlannedIsolation['tenants'][number];

interface Own {
  tenant: Tenant;
  run: FlowRun;
  startedAt: number;
  /** Why its own steps did not all pass. */
  stopped: string | undefined;
}

/** How an isolation proof is run; `onFlow` hears of each flow as it ends. */
export interface IsolationOptions extends Preparation {
  concurrency: number;
  onFlow: (result: FlowResult) => void;
}

/**
 * Lets every tenant make something of its own, every other one try to reach it, and then its owner: what the owner
 * cannot see either proves nothing. The owner comes last, since a step that deletes must find its target when others
 * try.
 */
export async function runIsolation(
  plan: Plan,
  planned: PlannedIsolation,
  ports: FlowPorts,
  signals: FlowSignals,
  { concurrency, shared = {}, stopped, onFlow }: IsolationOptions,
): Promise<IsolationRun> {
  const { tenants } = planned;
  const owners = await inParallel(tenants, concurrency, async (tenant): Promise<Own> => {
    const startedAt = ports.clock.now();
    const run = beginFlow(flowName(tenant), plan, ports, { ...shared, ...prefixed('tenant', tenant.values) });
    return { tenant, run, startedAt, stopped: await run.inOrder(planned.own, signals.steps, stopped) };
  });
  const look = async ([asking, owner]: readonly [Own, Own]) => {
    const startedAt = ports.clock.now();
    const isOwner = asking === owner;
    const name = isOwner
      ? `${flowName(owner.tenant)}, seen by itself`
      : `${flowName(owner.tenant)}, seen by ${asking.tenant.name}`;
    const given = {
      ...shared,
      ...asking.run.scope.captured,
      ...prefixed('tenant', asking.tenant.values),
      ...prefixed('other', { ...owner.run.scope.captured, ...owner.tenant.values }),
    };
    // What a look came to is known when it was judged: the owner's is meant to fail.
    const { tell, ...silent } = ports;
    const run = beginFlow(name, plan, silent, given, asking.run.scope);
    const unready = [owner, asking].find((own) => own.stopped !== undefined);
    const reason = unready && `${unready.tenant.name} has nothing of its own: ${unready.stopped}`;
    await run.each(planned.others, signals.steps, reason);
    const judged = run.results.map((result) => judgePair(asking.tenant.name, owner.tenant.name, result));
    for (const { step } of judged) tell?.({ what: 'ends', flow: name, result: step });
    const flow = {
      planned: plannedFlow(planned, name, asking.tenant.name),
      durationMs: ports.clock.now() - startedAt,
      steps: judged.map(({ step }) => step),
    };
    onFlow(flow);
    return { flow, checks: judged.map(({ check }) => check) };
  };
  const pairs = owners.flatMap((owner) =>
    owners.filter((asking) => asking !== owner).map((asking) => [asking, owner] as const),
  );
  const looks = await inParallel(pairs, concurrency, look);
  const controls = await inParallel(owners, concurrency, (owner) => look([owner, owner]));
  const own = await inParallel(owners, concurrency, async ({ tenant, run, startedAt }) => {
    await cleanUp(run, planned.after, signals);
    const flow = {
      planned: plannedFlow(planned, flowName(tenant), tenant.name),
      durationMs: ports.clock.now() - startedAt,
      steps: run.results,
    };
    onFlow(flow);
    return flow;
  });
  return {
    flows: [...own, ...[...looks, ...controls].map(({ flow }) => flow)],
    checks: [...looks, ...controls].flatMap(({ checks }) => checks),
  };
}

function flowName({ name }: Tenant): string {
  return `isolation of ${name}`;
}

function plannedFlow({ file, line }: PlannedIsolation, name: string, tenant: string): PlannedFlow {
  return {
    name,
    written: 'isolation',
    file,
    line,
    given: {},
    tenant,
    timeoutMs: undefined,
    before: [],
    steps: [],
    after: [],
  };
}
