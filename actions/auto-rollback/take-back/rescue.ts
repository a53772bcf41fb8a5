import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import { succeededAt as firstSuccess, type DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Log } from '../../../shared/runner/host.js';
import type { Clock } from '../../../shared/time/clock.js';
import { notTakenBack, type TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';
import { incidentOf } from '../incident.js';
import { page, type PagePorts } from '../page.js';
import type { StrategyResult } from '../strategies/strategy.js';

/** How traffic goes back: the transaction of shared/traffic, or a test's own. */
export type TakeBack = () => Promise<StrategyResult>;

export interface RescuePorts extends PagePorts {
  clock: Pick<Clock, 'now'>;
  /** Undefined when there is nothing to go back to. */
  takeBack: TakeBack | undefined;
  log: Pick<Log, 'info'>;
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
    ? await attempt(takeBack, clock.now)
    : refused(
        coded(
          'nothing-to-go-back-to',
          `the ledger knows no release before ${bad.payload.version} that succeeded and stayed`,
        ),
      );

  const succeededAt = firstSuccess(bad);
  const restored = done.result === 'restored';
  const { restoredAt } = done;
  const rescued: AnalysisReport = {
    ...report,
    result: restored ? 'rolled-back' : 'held',
    reason: restored ? reason : `${reason}. ${done.message}`,
    takeBack: takenBack(done),
    ...(restored && restoredAt !== undefined && succeededAt !== undefined
      ? { timeToRestoreMs: Math.max(0, restoredAt - (ports.github.ahead() ?? 0) - succeededAt) }
      : {}),
  };
  const incident = incidentOf({ ...rescued, timeline: events() }, severity, ports.github.now());
  const paged = incident ? await page(ports, rescued.reason, incident) : {};
  return { ...rescued, ...paged, timeline: events() };
}

/** An error on the way leaves traffic in a place that nobody has confirmed: that is held, and said. */
async function attempt(takeBack: TakeBack, now: () => number): Promise<StrategyResult> {
  const start = now();
  try {
    return await takeBack();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return {
      result: 'held',
      message: `The rollback broke off, and whether traffic moved is not known: ${why}`,
      trafficMoved: false,
      durationMs: now() - start,
      timeline: [],
    };
  }
}

function refused(why: Refusal): TakeBackResult {
  return {
    result: 'refused',
    message: notTakenBack(why),
    trafficMoved: false,
    durationMs: 0,
    timeline: [],
  };
}

function takenBack(done: StrategyResult): NonNullable<AnalysisReport['takeBack']> {
  const { result, message, trafficMoved, deployment, restoredAt, durationMs } = done;
  return {
    result,
    message,
    trafficMoved,
    durationMs,
    ...(deployment !== undefined ? { deployment } : {}),
    ...(restoredAt !== undefined ? { restoredAt } : {}),
  };
}
