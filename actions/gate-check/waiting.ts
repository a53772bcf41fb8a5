import { formatDuration } from '../../shared/time/duration.js';
import type { Clock } from '../../shared/time/clock.js';
import { parseInstant } from '../../shared/time/instant.js';
import { decide, judgeAll } from './decide.js';
import type { EvidenceKind, GateEvidence } from './evidence/registry.js';
import { checks } from './gates/checks/checks.js';
import type { GateResult } from './gate/gate.js';
import type { GateRequest } from '../../shared/contracts/reports/gate-report.js';
import type { EnvironmentPolicy } from './policy.js';

/** How a release stands: `comes` says when a check that was not found may still be there. */
export type Standing =
  | { is: 'settled' }
  /** Time alone can make it pass: after so many milliseconds, where that is known. */
  | { is: 'held'; why: string; opensIn?: number | undefined }
  /** A check runs, or GitHub did not answer. */
  | { is: 'running'; why: string }
  | { is: 'missing'; comes: 'soon' | 'later'; why: string };

/** A run that a push makes is there within seconds; one that a filter left out never comes. Milliseconds. */
const comesWithin = 120_000;

/**
 * Between two looks, from the first to the last. A look at checks costs one query and two requests for each required
 * run, one at everything some twenty: a job's token has a thousand an hour.
 */
const pauses = { first: 5_000, growth: 1.5, longest: 60_000, longestForAll: 300_000 };

/**
 * How the checks stand for a policy. Settled too when another gate does not pass: then no check would change the
 * answer. Pure.
 */
export function checksStanding(
  policy: EnvironmentPolicy,
  facts: { request: GateRequest; evidence: GateEvidence },
  now: number,
): Standing {
  const judged = judgeAll(policy, facts, now);
  const own = judged.find(({ gate }) => gate === 'checks')?.result;
  const othersPass = judged.every(({ gate, result }) => gate === 'checks' || result.is === 'pass');
  return own && othersPass ? stateOf(own, facts.evidence) : { is: 'settled' };
}

/**
 * How the release stands for a policy as a whole: settled once it passes, or a gate fails that no time mends. What GitHub
 * did not answer may be answered yet. Pure.
 */
export function standing(
  policy: EnvironmentPolicy,
  facts: { request: GateRequest; evidence: GateEvidence },
  now: number,
): Standing {
  const { result, message, opensAt } = decide(policy, facts.request, facts.evidence, now);
  if (result === 'pass') return { is: 'settled' };
  const opens = opensAt === undefined ? undefined : parseInstant(opensAt);
  if (result === 'hold')
    return { is: 'held', why: message, ...(opens === undefined ? {} : { opensIn: opens - now }) };
  const states = judgeAll(policy, facts, now).flatMap(({ result }, index) =>
    result.is === 'fail' ? [stateOf(result, facts.evidence, policy.gates[index]?.gate.kinds ?? [])] : [],
  );
  return (
    states.find(({ is }) => is === 'settled') ??
    states.find((one) => one.is === 'missing' && one.comes === 'soon') ??
    states[0] ?? { is: 'settled' }
  );
}

function stateOf(
  result: GateResult,
  evidence: GateEvidence,
  kinds: readonly EvidenceKind[] = checks.kinds,
): Standing {
  if (result.is === 'pass') return { is: 'settled' };
  if (result.is === 'hold') return { is: 'running', why: result.reason };
  const unread = kinds.flatMap((kind) => {
    const piece = evidence[kind];
    return piece?.is === 'unknown' ? [piece] : [];
  });
  if (unread.length > 0 && unread.every(({ permission }) => permission === undefined))
    return { is: 'running', why: result.reason };
  return result.mayCome === undefined
    ? { is: 'settled' }
    : { is: 'missing', comes: result.mayCome, why: result.reason };
}

/** Milliseconds: for everything that time can mend, and for checks. Both run from the beginning. */
export interface Patience {
  wait: number;
  checks: number;
}

/** How a release stands, and how long that is waited for. */
export interface Waited {
  state: Standing;
  limit: number;
  /** Whether the next look need be at checks only. */
  checksAlone: boolean;
}

/** Asks for checks alone first: where nothing else stands against the release, a look at them is cheap. Pure. */
export function worthWaiting(
  policy: EnvironmentPolicy,
  facts: { request: GateRequest; evidence: GateEvidence },
  now: number,
  { wait, checks }: Patience,
): Waited {
  const alone = checksStanding(policy, facts, now);
  if (alone.is !== 'settled') return { state: alone, limit: Math.max(wait, checks), checksAlone: true };
  const state: Standing = wait === 0 ? { is: 'settled' } : standing(policy, facts, now);
  return { state, limit: wait, checksAlone: false };
}

/**
 * Looks again until nothing is left to wait for, the limit is over, or the step is asked to stop. What opens only after
 * the limit is not waited for. Resolves whether it waited at all.
 */
export async function waitUntilSettled(
  first: Waited,
  look: () => Promise<Waited>,
  { clock, signal, tell }: { clock: Clock; signal: AbortSignal; tell: (line: string) => void },
): Promise<boolean> {
  const begun = clock.now();
  let { state, limit, checksAlone } = first;
  let pause = pauses.first;
  let told = '';
  let looked = false;
  for (;;) {
    const waited = clock.now() - begun;
    const left = limit - waited;
    if (state.is === 'settled' || left <= 0 || signal.aborted) break;
    if (state.is === 'missing' && state.comes === 'soon' && waited >= comesWithin) break;
    const opensIn = state.is === 'held' ? state.opensIn : undefined;
    if (opensIn !== undefined && opensIn > left) {
      tell(
        `Not waiting: it opens in ${formatDuration(opensIn)}, and at most ${formatDuration(left)} are left`,
      );
      break;
    }
    if (state.why !== told) tell(`Waiting at most ${formatDuration(left)} more: ${state.why}`);
    told = state.why;
    await clock.sleep(Math.min(pause, left, Math.max(opensIn ?? pause, shortest)), signal);
    const longest = checksAlone ? pauses.longest : pauses.longestForAll;
    pause = Math.min(pause * pauses.growth, longest);
    if (signal.aborted) break;
    ({ state, limit, checksAlone } = await look());
    looked = true;
  }
  return looked;
}

/** GitHub's clock is read to the second, so what opens now may open within one. Milliseconds. */
const shortest = 1_000;
