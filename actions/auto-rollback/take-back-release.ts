import type { AnalysisReport } from '../../shared/contracts/analysis-report.js';
import type { DeploymentRecord } from '../../shared/ledger/record.js';
import type { Log } from '../../shared/runner/host.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import type { Inputs } from './inputs.js';
import { timelineOf } from './outcome.js';
import { rescue, type TakeBack } from './rescue.js';
import { strategyNamed } from './strategies/registry.js';

/** Takes the live release back by the strategy that the inputs name. */
export function takeBackRelease(
  control: TrafficControl,
  { severity, strategy, preempt }: Pick<Inputs, 'severity' | 'strategy'> & { preempt?: true },
  log: Pick<Log, 'info'>,
  { live, good }: { live: DeploymentRecord; good: DeploymentRecord | undefined },
  report: AnalysisReport,
): Promise<AnalysisReport> {
  const { reason } = report;
  const takeBack =
    good &&
    (() =>
      strategyNamed(strategy).run(control, { bad: live, good, reason, ...(preempt ? { preempt } : {}) }));
  return rescueBy(control, takeBack, log, report, { bad: live, severity });
}

/** The rescue of a release by any way to take it back; the reason of the report is the one that the ledger gets. */
export function rescueBy(
  control: TrafficControl,
  takeBack: TakeBack | undefined,
  log: Pick<Log, 'info'>,
  report: AnalysisReport,
  { bad, severity }: { bad: DeploymentRecord; severity: Inputs['severity'] },
): Promise<AnalysisReport> {
  const { reason } = report;
  return rescue({ ...control, takeBack, log, events: () => timelineOf(control.timeline.events) }, report, {
    bad,
    reason,
    severity,
  });
}
