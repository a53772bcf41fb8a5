import type { Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { Lock } from '../../../shared/ledger/refs/lock.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { lockThatBlocks } from '../../../shared/traffic/recovery/acquire.js';
import type { LedgerPorts, TrafficControl } from '../../../shared/traffic/control.js';
import { forgedLock } from '../../../shared/traffic/recovery/doubt-lock.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { askServing, describeServing, type FitPorts } from '../../../shared/traffic/colour/fit.js';
import { judgeLeft } from '../../../shared/traffic/recovery/recover.js';
import { mayGo } from '../../../shared/traffic/recovery/decide-held.js';
import {
  allTo,
  liveColour,
  readable,
  share,
  type Survey,
  type Weights,
} from '../../../shared/traffic/router.js';
import { describeStop, type Stop } from '../../../shared/traffic/stops.js';
import { canTakeBack, notTakenBack } from '../../../shared/traffic/recovery/take-back.js';
import { heldDown, planReachable, type HeldDown } from '../../../shared/traffic/switch/transaction.js';
import type { Inputs } from '../inputs.js';
import { adopted, refusalsOfSwitch } from '../refusals-of-switch.js';
import { cannotWeigh, nothingReserved, notOurs } from '../refusals.js';
import { refused, type ModeFacts, type ModeResult } from '../report/result.js';
import { findRevert } from './revert.js';

/** What a switch or revert would do now. */
interface Intent {
  /** The colour that traffic would go to, when one can be told. */
  to: string | undefined;
  stops: readonly Stop[];
  /** A colour that gets all traffic before, since a dead run's switch there is completed first. */
  first?: string;
  /** What a node that cannot be read is taken to have, where those that can are moved all the same. */
  unreadHas?: string | undefined;
  /** Why it would be refused. */
  reasons: Refusal[];
  facts?: Partial<ModeFacts>;
}

/**
 * Says the exact calls that a switch or revert would make now, and all that it would be refused for, by the very checks
 * of the real one. Makes no call and changes nothing.
 */
export async function dryRun(control: TrafficControl, inputs: Inputs): Promise<ModeResult> {
  // Going back does not wait for a node that cannot be read; a switch does not begin with one.
  if (inputs.mode === 'revert') {
    const survey = await control.router.survey();
    const intent = await revertNow(control, survey);
    const { to } = intent;
    const kept = to === undefined ? undefined : await heldDown(control.router, allTo(to, control.colours));
    return intended(control, survey, intent, kept);
  }
  const observed = await control.router.read();
  const intent = await switchNow(control, inputs, observed.weights);
  return intended(control, { nodes: [], partial: observed, observed }, intent);
}

function intended(
  control: Pick<TrafficControl, 'router' | 'colours' | 'timeline'>,
  survey: Survey,
  { to, stops, first, reasons, facts, unreadHas }: Intent,
  kept?: HeldDown,
): ModeResult {
  const { weights } = survey.partial;
  const from = liveColour(weights);
  const { lost: away } = readable(survey);
  const legs: { title: string; weights: Weights }[] = [];
  if (first !== undefined) legs.push({ title: `all to ${first}`, weights: allTo(first, control.colours) });
  if (to !== undefined) {
    if (from !== undefined && from !== to && control.router.can.weighted) {
      for (const stop of stops)
        legs.push({ title: describeStop(stop), weights: share(stop.percent, to, from) });
    }
    legs.push({ title: `all to ${to}`, weights: allTo(to, control.colours) });
  }
  let now = survey;
  let count = 0;
  for (const { title, weights: target } of legs) {
    control.timeline.say(`Would do: ${title}`);
    const plan = planReachable(control.router, now, allTo(unreadHas ?? '', control.colours), target);
    const calls = plan.calls.filter(({ node }) => !kept?.on.includes(node));
    for (const call of calls) control.timeline.say(`  on ${call.node}: ${call.say}`);
    count += calls.length;
    now = { ...survey, partial: control.router.reached(now.partial, target) };
  }
  const known = {
    ...(survey.observed ? { before: weights } : {}),
    ...(to === undefined ? {} : { target: to }),
    ...facts,
  };
  if (reasons.length > 0) return refused(reasons, known);
  return {
    ok: true,
    result: 'dry-run',
    message: [
      `Dry run: ${count} calls would lead from ${from ?? 'mixed traffic'} to ${to ?? 'nowhere'}; none was made`,
      ...(away.length > 0 ? [`It would be held until every node can be read: ${away.join(' ')}`] : []),
      ...(kept ? [`It would be held for the rest: ${kept.why}`] : []),
    ].join('. '),
    ...(away.length > 0 || kept ? { reasons: [...away, ...(kept ? [kept.why] : [])] } : {}),
    ...known,
  };
}

async function switchNow(control: TrafficControl, inputs: Inputs, weights: Weights): Promise<Intent> {
  const stops = inputs.strategy;
  const found = await control.lock.read();
  const foreign = found ? notOurs(found.state, control.me, 'reserved') : nothingReserved;
  if (!found || foreign) {
    const live = liveColour(weights);
    const unweighable = cannotWeigh(control, stops);
    const to = found?.state.to ?? (live && control.colours.find((colour) => colour !== live));
    if (to !== undefined) control.timeline.say(describeServing(to, await askServing(control.router, to)));
    return {
      to,
      stops,
      reasons: [foreign ?? nothingReserved, ...(unweighable ? [unweighable] : [])],
    };
  }
  const history = await readHistory(control);
  const forged = await forgedLock(control, found.state, { weights, history });
  if (forged) return { to: undefined, stops: [], reasons: [forged] };
  const lock = adopted(found.state, control, inputs);
  const { to, version, digest, deployment } = lock;
  return {
    to,
    stops,
    reasons: await refusalsOfSwitch(control, inputs, lock, { weights, history }),
    facts: { version, digest, deployment },
  };
}

async function revertNow(
  control: FitPorts & LedgerPorts & Pick<TrafficControl, 'me' | 'runFacts' | 'lock'>,
  survey: Survey,
): Promise<Intent> {
  const found = await control.lock.read();
  if (found?.state.phase === 'held') return backBy(control, found.state, await readHistory(control));
  const blocking = await lockThatBlocks(control);
  if (found && !blocking) {
    const { holder, phase } = found.state;
    control.timeline.say(`Would first bring to an end what run ${holder.runId} left (phase ${phase})`);
    const left = await revertLeft(control, found.state, survey);
    if (left) return left;
  }
  const pair = await findRevert(control);
  if (!pair.ok) return { to: undefined, stops: [], reasons: [pair.why, ...(blocking ? [blocking] : [])] };
  const { version, digest, colour } = pair.good.payload;
  const able = await canTakeBack(control, pair);
  const reasons = [...(able.ok ? [] : [able.why]), ...(blocking ? [blocking] : [])].map((why) =>
    notTakenBack(why),
  );
  return { to: colour, stops: [], unreadHas: pair.bad.payload.colour, reasons, facts: { version, digest } };
}

/** How the lock of a dead run would be brought to an end; undefined when nothing would be moved for it. */
async function revertLeft(
  control: FitPorts & LedgerPorts & Pick<TrafficControl, 'lock'>,
  lock: Lock,
  survey: Survey,
): Promise<Intent | undefined> {
  const history = await readHistory(control);
  const { doubt, decision } = await judgeLeft(control, lock, history, survey);
  if (!doubt && (decision === 'unlock' || decision === 'release')) return undefined;
  const back = await backBy(control, lock, history);
  if (doubt || decision !== 'complete') return back;
  const forward = await mayGo(control, lock, history, 'forward');
  if (!forward.ok) return back;
  return lock.payload.kind === 'rollback'
    ? { to: lock.to, stops: [], unreadHas: lock.from, reasons: [] }
    : { ...back, first: lock.to };
}

/** All traffic back to where a lock says that it came from. */
async function backBy(
  control: FitPorts & Pick<TrafficControl, 'github' | 'prove' | 'lock' | 'timeline'>,
  lock: Lock,
  history: readonly DeploymentRecord[],
): Promise<Intent> {
  const may = await mayGo(control, lock, history, 'back');
  return { to: lock.from, stops: [], unreadHas: lock.to, reasons: may.ok ? [] : [may.why] };
}
