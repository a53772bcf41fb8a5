import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import { succeededAt, type DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import { preempt, underWay, type UnderWay } from '../../../shared/traffic/recovery/preempt.js';
import { notTakenBack, type TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import type { Inputs } from '../inputs.js';
import { startReport } from '../outcome.js';
import { readRules } from '../rules.js';
import { findLive, withReleases } from '../subject.js';
import type { Tried } from '../strategies/try-strategies.js';
import { stepsAfter } from '../take-back/next-steps.js';
import { rescueBy, takeBackRelease } from '../take-back/take-back-release.js';

/**
 * The panic button: what is live goes back, whatever the criteria say and whoever has the lock. A release that is being
 * switched in just now goes back the same way; a rollback under way is finished. The criteria are asked for once traffic
 * has moved: what is restored is judged by them, where there are any.
 */
export async function now(control: TrafficControl, values: Inputs, host: Host): Promise<AnalysisReport> {
  const report = startReport(values, control.runUrl);
  try {
    return await pressed(control, values, host, report);
  } catch (error) {
    if (error instanceof Error) host.log.debug(error.stack ?? error.message);
    const why = error instanceof Error ? error.message : String(error);
    return { ...report, reason: `Not rolled back: ${why.replace(/\.$/, '')}. ${pressAgain}` };
  }
}

/** What a person does whose button broke off: nothing has moved by then. */
const pressAgain =
  'Now: press again. If GitHub is what does not answer, take the release back from a laptop, with the router alone: rollback --break-glass';

async function pressed(
  control: TrafficControl,
  values: Inputs,
  host: Host,
  report: AnalysisReport,
): Promise<AnalysisReport> {
  const reason = values.reason ?? `asked for by ${control.me.actor}`;
  const wanted = values['deployment-id'];
  const rules = async () => (await readRules(control, values)).rules;
  const moving = await underWay(control);
  const { 'to-version': version } = values;
  if (
    moving &&
    (wanted === undefined || wanted === moving.bad.id) &&
    (version === undefined || version === moving.good?.payload.version)
  ) {
    const { bad, good } = moving;
    const takeBack = async () => {
      const done = await endMoving(control, moving);
      return { ...done, next: stepsAfter(done.result, { bad, ...(good ? { good } : {}) }) };
    };
    const releases = { ...withReleases(report, bad, good), reason };
    return rescueBy(control, values, host, releases, { takeBack, bad, good, rules });
  }
  const found = await findLive(control, wanted, values['to-version']);
  if (!found.ok) return { ...report, result: 'held', reason: `Not rolled back: ${found.why}` };
  const before =
    wanted === undefined && version === undefined ? await pressedBefore(control, found.live) : undefined;
  if (before) {
    const { bad, takeBack } = before;
    const known = { ...withReleases(report, bad, found.live), reason };
    return rescueBy(control, values, host, known, { takeBack, bad, good: found.live, rules });
  }
  const releases = withReleases(report, found.live, found.good);
  const order = { ...values, preempt: true } as const;
  return takeBackRelease(control, order, host, { ...found, rules }, { ...releases, reason });
}

/** Takes the lock of a switch or rollback under way and leads all traffic to the good release. */
async function endMoving(control: TrafficControl, moving: UnderWay): Promise<TakeBackResult> {
  const start = control.clock.now();
  const { result, message } = await preempt(control, moving);
  const restored = result === 'reverted' || result === 'completed';
  return {
    result: restored ? 'restored' : 'held',
    message: restored ? message : notTakenBack(message),
    trafficMoved: restored,
    durationMs: control.clock.now() - start,
    timeline: control.timeline.events,
    ...(restored
      ? { restoredAt: control.timeline.switched?.at ?? control.timeline.course.at(-1)?.at ?? start }
      : {}),
  };
}

/** A rollback so short a time ago (ms) is what whoever presses now wanted too. */
const sameTrouble = 600_000;

/**
 * The rollback that made live what is live, where that was just now: a second person pressed, or the first run died
 * before it told anybody. To go back further, the Deployment has to be named.
 */
async function pressedBefore(
  control: TrafficControl,
  live: DeploymentRecord,
): Promise<{ bad: DeploymentRecord; takeBack: () => Promise<Tried> } | undefined> {
  const { clock, timeline, github } = control;
  const at = succeededAt(live);
  const restoredAt = at === undefined ? undefined : at - (github.ahead() ?? 0);
  if (live.payload.kind !== 'rollback' || restoredAt === undefined) return undefined;
  if (clock.now() - restoredAt > sameTrouble) return undefined;
  const bad = (await readHistory(control)).find(({ id }) => id === live.payload.previous);
  if (!bad) return undefined;
  const message = `${live.payload.version} is live since ${isoInstant(restoredAt)}, when ${bad.payload.version} was rolled back: nothing was moved. If ${live.payload.version} is to go too, press again with the version to go back to, or with deployment-id: ${live.id}`;
  timeline.say(message);
  const takeBack = () =>
    Promise.resolve<Tried>({
      result: 'restored',
      message,
      trafficMoved: false,
      deployment: live.id,
      durationMs: 0,
      timeline: timeline.events,
      restoredAt,
    });
  return { bad, takeBack };
}
