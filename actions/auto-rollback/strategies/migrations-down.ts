import { listDeployments, type ListedDeployments } from '../../../shared/ledger/list-deployments.js';
import { isLive, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { takeLock, waitUntilFree } from '../../../shared/traffic/recovery/acquire.js';
import { canTakeBack, takeBack } from '../../../shared/traffic/recovery/take-back.js';
import { executable, runExecutable } from '../../../shared/exec/executable.js';
import { schemaReversed, whichSchema } from '../take-back/next-steps.js';
import type { Able, Releases, Strategy, StrategyPorts } from './strategy.js';

/** How long another run's lock is waited for, in milliseconds. */
const patienceMs = 10_000;

/**
 * The team's own executable fences writes and reverses the migrations of the release, and says which schema it left;
 * then traffic goes back as by the strategy traffic. It stands alone, on a person's word that names the schema: nothing
 * falls through to it, and nothing after it is tried.
 */
export const migrationsDown = {
  name: 'migrations-down',

  preflight,

  async run(ports, request) {
    const { control, given } = ports;
    const { bad, good } = request;
    const start = control.clock.now();
    const end = (result: 'refused' | 'held', message: string) => ({
      result,
      message,
      trafficMoved: false,
      durationMs: control.clock.now() - start,
    });
    const could = await preflight(ports, request);
    if (!could.ok) return end('refused', could.why);
    const [from, to] = [bad.payload.schema!, good.payload.schema!];
    const free = await waitUntilFree(control, patienceMs, { watch: true });
    if (!free.free) return end('refused', free.why);
    const { colour } = bad.payload;
    const held = await takeLock(control, {
      from: colour,
      to: colour,
      deployment: bad.id,
      payload: bad.payload,
      phase: 'retiring',
    });
    if (!held) return end('refused', 'another run took the lock at the same moment');
    let ran: Awaited<ReturnType<typeof runExecutable>>;
    try {
      const args = [control.service, control.environment, from.version, to.version];
      control.timeline.say(
        `Reversing the schema from ${from.version} to ${to.version} by ${given['migrations-down']}`,
      );
      ran = await runExecutable(given['migrations-down'], args, ports);
    } finally {
      await control.lock.remove(held);
    }
    const unknown = 'Which schema the database has is not known, so traffic was left as it is';
    const lookAtSchema = { next: whichSchema(request, from.version, to.version) };
    if (!ran.ok) return { ...end('held', `${ran.why}. ${unknown}`), ...lookAtSchema };
    const left = ran.stdout.trim().split('\n').at(-1)?.trim() ?? '';
    if (left !== to.version)
      return {
        ...end(
          'held',
          `${given['migrations-down']} ended well, and its last line is "${left.slice(0, 80)}" instead of ${to.version}. ${unknown}`,
        ),
        ...lookAtSchema,
      };
    control.timeline.say(
      `${given['migrations-down']} says that the schema is ${to.version} now. Neither that nor its fence was looked at: its word is all there is`,
    );
    const back = await takeBack(control, { ...request, bad: onSchemaOf(bad, good) }).catch(
      (error: unknown) => ({ ...end('held', error instanceof Error ? error.message : String(error)) }),
    );
    if (back.result === 'restored') return back;
    // The schema is another one by now, so this is no refusal that changed nothing.
    const { durationMs: _, ...facts } = end(
      'held',
      `The schema was reversed to ${to.version}, and ${good.payload.version} has not all traffic: ${back.message}. ${bad.payload.version} needs schema ${from.version}`,
    );
    return { ...back, ...facts, trafficMoved: back.trafficMoved, next: schemaReversed(request, to.version) };
  },
} as const satisfies Strategy;

/** The bad release as it is once its migrations are reversed: the older app may run there. */
const onSchemaOf = (bad: DeploymentRecord, { payload: { schema } }: DeploymentRecord): DeploymentRecord => ({
  ...bad,
  payload: { ...bad.payload, ...(schema ? { schema } : {}) },
});

/** Everything that must be so before a schema is reversed; the first that is not. */
async function preflight(ports: StrategyPorts, { bad, good }: Releases): Promise<Able> {
  const { given, control } = ports;
  const no = (why: string): Able => ({ ok: false, why });
  const [from, to] = [bad.payload.schema, good.payload.schema];
  if (!from || !to)
    return no(
      `the ledger does not say which schema ${(from ? good : bad).payload.version} ran on, so nothing can be reversed to it`,
    );
  if (from.version === to.version)
    return no(`both releases run on schema ${from.version}: there is nothing to reverse. Use traffic`);
  if (given['reverse-schema'] !== from.version)
    return no(
      `the input reverse-schema is ${given['reverse-schema'] ?? 'missing'}. Fix: a person who knows that schema ${from.version} can be reversed without losing data writes  reverse-schema: ${from.version}`,
    );
  const needed = await liveOn(ports, from.version);
  if (needed !== undefined) return no(needed);
  const there = await executable(given['migrations-down'], ports);
  if (!there.ok) return there;
  return canTakeBack(control, { bad: onSchemaOf(bad, good), good });
}

/** More records of the environment are not looked through. */
const mostRecords = 2_000;

/** Why other services forbid it, by the ledger. */
async function liveOn({ control }: StrategyPorts, schema: string): Promise<string | undefined> {
  const { github, environment, writers, service } = control;
  const listed = await listDeployments(github, { environments: [environment], writers, limit: mostRecords });
  return neededBy(listed, service, schema);
}

/**
 * Why the schema must stay: who else is live on it, or records that were not all read, since one of them may be. Undefined
 * where it may go. Pure.
 */
export function neededBy(
  { records, complete }: Pick<ListedDeployments, 'records' | 'complete'>,
  service: string,
  schema: string,
): string | undefined {
  const found = records.filter(
    (record) => record.service !== service && record.payload.schema?.version === schema && isLive(record),
  );
  const names = found.map(({ payload }) => `${payload.service} ${payload.version}`);
  if (names.length > 0)
    return `${names.join(', ')} ${names.length === 1 ? 'is' : 'are'} live on schema ${schema} too`;
  return complete
    ? undefined
    : `the ledger has more than ${records.length} Deployments here, and whether another service needs schema ${schema} is not known`;
}
