import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import { succeededAt as firstSuccess, type DeploymentRecord } from '../../../shared/ledger/record.js';
import { recoveryMs } from '../../../shared/ledger/recovery-time.js';
import type { Log } from '../../../shared/runner/host.js';
import type { Clock } from '../../../shared/time/clock.js';
import { notTakenBack, type TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';
import { incidentOf } from '../incident.js';
import { page, type PagePorts } from '../page.js';
import type { Tried } from '../strategies/try-strategies.js';
import { notKnown, nothingBefore } from './next-steps.js';

/** How traffic goes back: the transaction of shared/traffic, or a test's own. */
export type TakeBack = () => Promise<Tried>;

export interface RescuePorts extends PagePorts {
  clock: Pick<Clock, 'now'>;
  /** Undefined when there is nothing to go back to. */
  takeBack: TakeBack | undefined;
  log: Pick<Log, 'info'>;
  /** The Deployments of the service as they are now, to say how long the trouble lasted. */
  records: () => Promise<readonly DeploymentRecord[]>;
  /** What happened so far, as the report shows it. */
  events: () => AnalysisReport['timeline'];
}

/**
 * Takes a bad release back: the evidence goes to the log before anything is touched, then traffic moves, then the
 * incident is opened. What fails on the way is said in the report that is returned; nothing after the move can undo it.
 */
export async function rescue(
  ports: RescuePorts,
  report: AnalysisReport,
  request: { bad: DeploymentRecord; reason: string; severity: Severity },
): Promise<AnalysisReport> {
  const { takeBack, log, clock, events } = ports;
  const { bad, reason, severity } = request;
  log.info(
    `Evidence: ${JSON.stringify({ reason, watched: report.watched, measured: report.measurements.at(-1) ?? [] })}`,
  );
  const done = takeBack
    ? await attempt(takeBack, clock.now, bad)
    : nothingToTake(
        coded(
          'nothing-to-go-back-to',
          `the ledger knows no release before ${bad.payload.version} that succeeded and stayed`,
        ),
      );

  const restored = done.result === 'restored';
  // Where nothing had to be moved any more, it is restored as of now.
  const restoredAt = restored ? (done.restoredAt ?? clock.now()) : undefined;
  const rescued: AnalysisReport = {
    ...report,
    result: restored ? 'rolled-back' : 'held',
    reason: restored ? reason : `${reason}. ${done.message}`,
    cause: reason,
    takeBack: takenBack(done, restoredAt),
    ...(restoredAt === undefined ? {} : await timeToRestore(ports, bad, done.deployment, restoredAt)),
  };
  const incident = incidentOf({ ...rescued, timeline: events() }, severity, ports.github.now());
  const paged = incident ? await page(ports, rescued.reason, incident) : {};
  return { ...rescued, ...paged, timeline: events() };
}

/**
 * How long the trouble lasted, as the ledger says and dora-report counts it. Where the ledger does not say it, or cannot
 * be asked, the router's confirmation is its end.
 */
async function timeToRestore(
  { github, records }: Pick<RescuePorts, 'github' | 'records'>,
  bad: DeploymentRecord,
  rollback: number | undefined,
  restoredAt: number,
): Promise<Pick<AnalysisReport, 'timeToRestoreMs'>> {
  const known = await records().catch(() => []);
  const find = (wanted: number | undefined) => known.find(({ id }) => id === wanted);
  const counted = recoveryMs(find(bad.id) ?? bad, find(rollback));
  const succeededAt = firstSuccess(bad);
  const ms =
    counted ??
    (succeededAt === undefined ? undefined : Math.max(0, restoredAt - (github.ahead() ?? 0) - succeededAt));
  return ms === undefined ? {} : { timeToRestoreMs: ms };
}

/** An error on the way leaves traffic in a place that nobody has confirmed: that is held, and said. */
async function attempt(takeBack: TakeBack, now: () => number, bad: DeploymentRecord): Promise<Tried> {
  const start = now();
  try {
    return await takeBack();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      next: notKnown({ bad }),
      result: 'held',
      message: `The rollback broke off, and whether traffic moved is not known: ${why}`,
      trafficMoved: false,
      durationMs: now() - start,
      timeline: [],
    };
  }
}

function nothingToTake(why: Refusal): TakeBackResult & Pick<Tried, 'next'> {
  return {
    next: nothingBefore(),
    result: 'refused',
    message: notTakenBack(why),
    trafficMoved: false,
    durationMs: 0,
    timeline: [],
  };
}

function takenBack(done: Tried, restoredAt: number | undefined): NonNullable<AnalysisReport['takeBack']> {
  const { result, message, trafficMoved, deployment, durationMs } = done;
  return {
    result,
    message,
    trafficMoved,
    durationMs,
    ...(done.attempts ? { attempts: done.attempts } : {}),
    ...(done.next && done.next.length > 0 ? { next: done.next } : {}),
    ...(deployment !== undefined ? { deployment } : {}),
    ...(restoredAt !== undefined ? { restoredAt } : {}),
  };
}
