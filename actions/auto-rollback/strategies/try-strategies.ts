import { coded } from '../../../shared/contracts/refusal-codes.js';
import { lockThatBlocks } from '../../../shared/traffic/recovery/acquire.js';
import { olderThanSchemaSince } from '../../../shared/traffic/recovery/schema-since.js';
import { olderThanSchemaAllows } from '../../../shared/traffic/switch/schema-guard.js';
import type { TakeBackRequest } from '../../../shared/traffic/recovery/take-back.js';
import { strategyNamed } from './registry.js';
import type { Able, Releases, StrategyPorts, StrategyResult } from './strategy.js';
import type { StrategyName } from './strategy-names.js';

/** Whether each strategy could roll back now; what one throws is a reason too. Changes nothing. */
export async function preflightAll(
  names: readonly StrategyName[],
  ports: StrategyPorts,
  releases: Releases,
): Promise<{ name: StrategyName; able: Able }[]> {
  const older = await tooOld(names, ports, releases);
  return Promise.all(
    names.map(async (name) => ({
      name,
      able: older ?? (await strategyNamed(name).preflight(ports, releases).catch(toAble)),
    })),
  );
}

/**
 * No way leads to an app that is older than the database schema allows, not even by its code, but one that reverses the
 * schema first.
 */
async function tooOld(
  names: readonly StrategyName[],
  { control }: StrategyPorts,
  releases: Releases,
): Promise<Extract<Able, { ok: false }> | undefined> {
  if (names.includes('migrations-down')) return undefined;
  const { bad, good } = releases;
  const older = olderThanSchemaAllows(bad.payload.schema, good.payload.version);
  const why = older ? coded('schema-too-new', older) : await olderThanSchemaSince(control, releases);
  return why === undefined ? undefined : { ok: false, why };
}

const toAble = (error: unknown): Able => ({
  ok: false,
  why: error instanceof Error ? error.message : String(error),
});

/**
 * Tries the strategies in their order. The next one is tried only where the one before moved nothing and nobody else is
 * moving traffic; when none is left, what each said is said, and what a person must do.
 */
export async function tryStrategies(
  names: readonly StrategyName[],
  ports: StrategyPorts,
  request: TakeBackRequest,
): Promise<StrategyResult> {
  const { control } = ports;
  const start = control.clock.now();
  const refusals: string[] = [];
  const refuse = (message: string): StrategyResult => ({
    result: 'refused',
    message,
    trafficMoved: false,
    durationMs: control.clock.now() - start,
  });
  const older = await tooOld(names, ports, request);
  if (older) return refuse(`Not rolled back: ${older.why}. ${byHand(request)}`);
  for (const [index, name] of names.entries()) {
    // The panic button takes the lock itself.
    const busy = index > 0 && !request.preempt ? await lockThatBlocks(control) : undefined;
    if (busy) return refuse(`${refusals.join('; ')}. No other way was tried: ${busy}`);
    if (index > 0) control.timeline.say(`Trying ${name}: nothing moved`);
    const done = await strategyNamed(name).run(ports, request);
    if (done.result !== 'refused' || done.trafficMoved) return done;
    refusals.push(names.length > 1 ? `${name}: ${done.message}` : done.message);
    control.timeline.say(`${name} did not roll back: ${done.message}`);
  }
  return refuse(`${refusals.join('; ')}. ${byHand(request)}`);
}

/** What a person must do when no strategy is left. */
function byHand({ bad, good }: Releases): string {
  const { version, digest } = good.payload;
  return `Now: a person is needed, since ${bad.payload.version} still has all traffic. Deploy ${version} (${digest.slice(0, 19)}) or a fix to the idle colour, then run blue-green-switch in mode revert or switch; or send users to a maintenance page at the router`;
}
