import { formatDuration } from '../../shared/time/duration.js';
import type { Clock } from '../../shared/time/clock.js';
import { judgeAll } from './decide.js';
import type { GateEvidence } from './evidence/registry.js';
import type { GateResult } from './gate/gate.js';
import type { GateRequest } from '../../shared/contracts/reports/gate-report.js';
import type { EnvironmentPolicy } from './policy.js';

/** How the required checks stand: `comes` says when one that was not found may still be there. */
export type ChecksState =
  | { is: 'settled' }
  /** A check runs, or GitHub did not answer. */
  | { is: 'running'; why: string }
  | { is: 'missing'; comes: 'soon' | 'later'; why: string };

/** A run that a push makes is there within seconds; one that a filter left out never comes. Milliseconds. */
const comesWithin = 120_000;

/** Between two looks, from the first to the last: a look costs one query and two requests for each required run. */
const pauses = { first: 5_000, growth: 1.5, longest: 60_000 };

/**
 * How the checks stand for a policy. Settled too when another gate does not pass: then no check would change the
 * answer. Pure.
 */
export function checksState(
  policy: EnvironmentPolicy,
  facts: { request: GateRequest; evidence: GateEvidence },
  now: number,
): ChecksState {
  const judged = judgeAll(policy, facts, now);
  const own = judged.find(({ gate }) => gate === 'checks')?.result;
  const othersPass = judged.every(({ gate, result }) => gate === 'checks' || result.is === 'pass');
  return own && othersPass ? stateOf(own, facts.evidence) : { is: 'settled' };
}

function stateOf(result: GateResult, { checks }: GateEvidence): ChecksState {
  if (result.is === 'pass') return { is: 'settled' };
  if (result.is === 'hold') return { is: 'running', why: result.reason };
  const unread = checks?.is === 'unknown' && checks.permission === undefined;
  if (unread) return { is: 'running', why: result.reason };
  return result.mayCome === undefined
    ? { is: 'settled' }
    : { is: 'missing', comes: result.mayCome, why: result.reason };
}

/**
 * Waits until the required checks are settled, the limit (milliseconds) is over, or the step is asked to stop. Resolves
 * whether it waited at all.
 */
export async function waitForChecks(
  first: ChecksState,
  limit: number,
  look: () => Promise<ChecksState>,
  { clock, signal, tell }: { clock: Clock; signal: AbortSignal; tell: (line: string) => void },
): Promise<boolean> {
  const begun = clock.now();
  let state = first;
  let pause = pauses.first;
  let told = '';
  for (;;) {
    const waited = clock.now() - begun;
    const left = limit - waited;
    if (state.is === 'settled' || left <= 0 || signal.aborted) break;
    if (state.is === 'missing' && state.comes === 'soon' && waited >= comesWithin) break;
    if (state.why !== told) tell(`Waiting for checks, at most ${formatDuration(left)} more: ${state.why}`);
    told = state.why;
    await clock.sleep(Math.min(pause, left), signal);
    pause = Math.min(pause * pauses.growth, pauses.longest);
    if (!signal.aborted) state = await look();
  }
  return state !== first;
}
