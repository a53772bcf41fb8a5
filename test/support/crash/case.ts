import { outcomeOf } from '../../../shared/ledger/record.js';
import { allTo, liveColour } from '../../../shared/traffic/router.js';
import type { Side } from './gate.js';
import type { CrashStage, Job } from './stage.js';

/**
 * How a switch is cut off, and what brings it to an end: post in the same job, or, when the machine is lost, another
 * run.
 */
export const endings = ['SIGINT', 'SIGTERM', 'SIGKILL', 'machine lost'] as const;

export interface CrashCase {
  change: number;
  side: Side;
  ending: (typeof endings)[number];
  onInterrupt: 'revert' | 'complete';
}

/**
 * On which sides of a change each ending comes. After one change is before the next to a dead process, so that post and
 * reconcile between them find what every death leaves; and SIGTERM ends in the same code as SIGINT.
 */
const sides: Record<CrashCase['ending'], readonly Side[]> = {
  SIGINT: ['before', 'after'],
  SIGTERM: ['before'],
  SIGKILL: ['after'],
  'machine lost': ['before'],
};

/** Where a plan has its marks; throws when one is missing, since every expectation hangs on them. */
function marksOf(plan: readonly string[]): { journaled: number; verified: number } {
  const at = (start: string): number => {
    const index = plan.findIndex((label) => label.startsWith(start));
    if (index < 0) throw new Error(`no "${start}" among the changes: ${plan.join('; ')}`);
    return index;
  };
  return { journaled: at('lock: journal'), verified: at('lock: verified') };
}

/**
 * Every change of a plan, times every ending, times both ways of going on where these differ: from the journal to the
 * proof. `of: 'router'` leaves out the changes that are the same for every router: those before the journal, and all
 * after the last call.
 */
export function everyCase(plan: readonly string[], of: 'all' | 'router'): CrashCase[] {
  const { journaled, verified } = marksOf(plan);
  const [first, last] = of === 'all' ? [0, plan.length - 1] : [journaled, verified - 1];
  const cases: CrashCase[] = [];
  for (let change = first; change <= last; change++) {
    const alike = change < journaled || change > verified;
    const ways = alike
      ? ([change % 2 === 0 ? 'revert' : 'complete'] as const)
      : (['revert', 'complete'] as const);
    for (const ending of endings)
      for (const side of sides[ending])
        for (const onInterrupt of ways) cases.push({ change, side, ending, onInterrupt });
  }
  return cases;
}

export function describeCase({ change, side, ending, onInterrupt }: CrashCase, plan: readonly string[]) {
  return `${ending} ${side} change ${change + 1} of ${plan.length} (${plan[change]}), on-interrupt ${onInterrupt}`;
}

/** A child that a killed step left goes on with its work. */
const survivesDeath = (label: string) => label === 'mv';

/** The colour that must be live in the end, from what the documentation says. */
export function expectedColour(
  { change, side, ending, onInterrupt }: CrashCase,
  plan: readonly string[],
): 'blue' | 'green' {
  const { journaled, verified } = marksOf(plan);
  if (ending === 'SIGINT' || ending === 'SIGTERM') {
    // The process finishes the change that is in flight; before its first call a cancelled switch moves nothing, and
    // once it has verified it is done.
    if (change >= verified) return 'green';
    return onInterrupt === 'complete' && change > journaled ? 'green' : 'blue';
  }
  const done = side === 'after' || survivesDeath(plan[change]!) ? change : change - 1;
  // What is verified is completed, whatever on-interrupt says.
  if (done >= verified) return 'green';
  return onInterrupt === 'complete' && done >= journaled ? 'green' : 'blue';
}

/**
 * Plays a case and returns what is wrong afterwards; nothing when everything is as it must be. `lasting` says of a
 * router that one call and its way back may outlast the 2.5 s between SIGTERM and the kill: what is killed then is for
 * post to end.
 */
export async function playCase(
  at: CrashStage,
  of: CrashCase,
  plan: readonly string[],
  lasting = false,
  tries = 0,
): Promise<string[]> {
  const job = await at.reserved();
  const cancelled = of.ending === 'SIGINT' || of.ending === 'SIGTERM';
  at.gate.set({
    change: of.change,
    side: of.side,
    blow: async () => {
      step.cancel(cancelled ? (of.ending as 'SIGINT' | 'SIGTERM') : 'SIGKILL');
      // The signal has to be there before the answer is; a dead process asks for nothing any more.
      await (cancelled ? step.heard : step.ended);
      return { carryOut: cancelled || survivesDeath(plan[of.change]!) };
    },
  });
  const step = at.startSwitch(job, { 'on-interrupt': of.onInterrupt });
  const ended = await step.ended;
  const wrong: string[] = [];
  if (!at.gate.struck) wrong.push(`the change was never reached:\n${ended.printed}`);
  const slow = cancelled && ended.signal !== null && ended.signal !== undefined;
  const allowed = lasting && of.ending === 'SIGTERM';
  if (slow && tries > 0 && !allowed) wrong.push(`it did not end by itself but by ${ended.signal}, twice`);
  const whole = of.change >= marksOf(plan).verified;
  if (cancelled && !slow && (ended.code === 0) !== whole) wrong.push(`the step ended with ${ended.code}`);
  at.gate.set();
  const last =
    of.ending === 'machine lost'
      ? await at.startElsewhere(job, 'reconcile').ended
      : await at.startPost(job, ended.state).ended;
  if (last.code !== 0) wrong.push(`what came after ended with ${last.code}:\n${last.printed}`);
  const settled = slow
    ? await unsettledEitherWay(at, job)
    : await unsettled(at, job, expectedColour(of, plan));
  // A machine that was busy for so long is no news; one that is so twice is. What its kill left must be whole all the
  // same.
  if (slow && tries === 0 && !allowed && wrong.length + settled.length === 0)
    return playCase(at, of, plan, lasting, 1);
  if (settled.length > 0) settled.push(ended.printed, last.printed);
  return [...wrong, ...settled];
}

/**
 * The same for a process killed where nobody chose: either colour will do, but it must be one of them in everything.
 */
async function unsettledEitherWay(at: CrashStage, job: Job): Promise<string[]> {
  const blue = await unsettled(at, job, 'blue');
  if (blue.length === 0) return [];
  const green = await unsettled(at, job, 'green');
  return green.length === 0 ? [] : [...blue, ...green];
}

/**
 * What is not as it must be when a colour is live and nothing is under way: router, its files, new connections, lock,
 * ledger.
 */
export async function unsettled(at: CrashStage, job: Job, live: 'blue' | 'green'): Promise<string[]> {
  const wrong: string[] = [];
  const control = await at.control(job);
  try {
    const observed = await control.router.read();
    const routed = liveColour(observed.weights);
    if (routed !== live) wrong.push(`the router says ${routed ?? 'mixed'} instead of ${live}`);
    const left = control.router.plan(observed, allTo(routed ?? live, control.colours));
    if (left.length > 0) wrong.push(`a restart would change it: ${left.map(({ say }) => say).join('; ')}`);
  } finally {
    control.close();
  }
  const saved = at.router.saved?.();
  if (saved !== undefined && saved !== live) wrong.push(`its file says ${saved}`);
  const answer = await fetch(`${at.router.url}/health`, { headers: { connection: 'close' } });
  const { version } = (await answer.json()) as { version: string };
  if (version !== at[live].version) wrong.push(`a new connection reaches ${version}`);
  const locks = at.locks(job);
  if (locks.length > 0) wrong.push(`there are still ${locks.join(', ')}`);
  const [own, previous] = await at.deployments(job);
  const message = `${own && outcomeOf(own).is}, before it ${previous && JSON.stringify(outcomeOf(previous))}`;
  const before = previous && outcomeOf(previous);
  const superseded = before?.is === 'succeeded' && before.supersededAt !== undefined;
  const last = own?.statuses.at(-1)?.state;
  const truth =
    live === 'green'
      ? last === 'success' && superseded
      : ['inactive', 'failure', 'error'].includes(last ?? '') &&
        before?.is === 'succeeded' &&
        before.supersededAt === undefined;
  if (!truth) wrong.push(`the ledger says ${last} (${message})`);
  return wrong;
}

/** Plays cases on several stages at once; one line for each that went wrong. */
export async function playAll<Case>(
  stages: readonly CrashStage[],
  cases: readonly Case[],
  play: (at: CrashStage, of: Case) => Promise<string[]>,
  describeOne: (of: Case) => string,
): Promise<string[]> {
  const waiting = [...cases];
  const failures: string[] = [];
  await Promise.all(
    stages.map(async (at) => {
      for (let of = waiting.shift(); of !== undefined; of = waiting.shift()) {
        const wrong = await play(at, of).catch((error: unknown) => [String(error)]);
        if (wrong.length > 0) failures.push(`${describeOne(of)}: ${wrong.join('\n')}`);
      }
    }),
  );
  return failures;
}
