import { coded } from '../../../shared/contracts/refusal-codes.js';
import { lockThatBlocks } from '../../../shared/traffic/recovery/acquire.js';
import { olderThanSchemaSince } from '../../../shared/traffic/recovery/schema-since.js';
import { olderThanSchemaAllows } from '../../../shared/traffic/switch/schema-guard.js';
import type { TakeBackRequest } from '../../../shared/traffic/recovery/take-back.js';
import { afterThem, byHand, forward, stepsAfter } from '../take-back/next-steps.js';
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

/** What the strategies came to: what each that was tried answered, and what a person does where none was enough. */
export type Tried = StrategyResult & { attempts?: Attempt[] };

interface Attempt {
  way: StrategyName;
  message: string;
}

/**
 * Tries the strategies in their order. The next one is tried only where the one before moved nothing and nobody else is
 * moving traffic; when none is left, what each said is said, and what a person must do.
 */
export async function tryStrategies(
  names: readonly StrategyName[],
  ports: StrategyPorts,
  request: TakeBackRequest,
): Promise<Tried> {
  const { control } = ports;
  const start = control.clock.now();
  const attempts: Attempt[] = [];
  const refuse = (message: string, next: string[]): Tried => ({
    result: 'refused',
    message: `${message}. Now: a person is needed, since ${request.bad.payload.version} still has all traffic. ${next.join(' ')}`,
    trafficMoved: false,
    durationMs: control.clock.now() - start,
    ...(attempts.length > 0 ? { attempts } : {}),
    next,
  });
  const said = () =>
    attempts.map(({ way, message }) => (names.length > 1 ? `${way}: ${message}` : message)).join('; ');
  const older = await tooOld(names, ports, request);
  if (older) return refuse(`Not rolled back: ${older.why}`, forward(request));
  for (const [index, name] of names.entries()) {
    // The panic button takes the lock itself.
    const busy = index > 0 && !request.preempt ? await lockThatBlocks(control) : undefined;
    if (busy) return refuse(`${said()}. No other way was tried: ${busy}`, afterThem());
    if (index > 0) control.timeline.say(`Trying ${name}: nothing moved`);
    const done = await strategyNamed(name).run(ports, request);
    if (done.result !== 'refused' || done.trafficMoved)
      return {
        ...done,
        next: done.next ?? stepsAfter(done.result, request),
        ...(attempts.length > 0 ? { attempts } : {}),
      };
    const message = bare(done.message);
    attempts.push({ way: name, message });
    control.timeline.say(`${name} did not roll back: ${message}`);
  }
  return refuse(`Not rolled back: ${said()}`, byHand(request, control.environment));
}

/** The answer of one way, without the words that all of them begin with. */
const bare = (message: string) => message.replace(/^Not rolled back: /, '');
