import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import { openGitHub } from '../../../shared/github/client.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import type { Inputs } from '../inputs.js';
import { timelineOf } from '../outcome.js';
import { readHistory } from '../../../shared/traffic/switch/ledger-outcome.js';
import { lookAfter, type Restored } from './look-after.js';
import { rescue, type TakeBack } from './rescue.js';
import type { StrategyPorts } from '../strategies/strategy.js';
import { tryStrategies } from '../strategies/try-strategies.js';

/** What the strategies reach the world with. */
export function strategyPorts(control: TrafficControl, given: Inputs, host: Host): StrategyPorts {
  const { context, clock, random } = host;
  return {
    control,
    given,
    workspace: context.workspace,
    temp: context.temp,
    serverUrl: context.serverUrl,
    variable: (name) => host.variable(name),
    openCode: (token) => openGitHub({ token, at: context, clock, random }),
  };
}

/** Takes the live release back by the strategies that the inputs name, then judges what was restored. */
export function takeBackRelease(
  control: TrafficControl,
  values: Inputs & { preempt?: true },
  host: Host,
  { live, good, rules }: Restored & { live: DeploymentRecord },
  report: AnalysisReport,
): Promise<AnalysisReport> {
  const { reason } = report;
  const { strategy, preempt } = values;
  const ports = strategyPorts(control, values, host);
  const takeBack =
    good &&
    (() => tryStrategies(strategy, ports, { bad: live, good, reason, ...(preempt ? { preempt } : {}) }));
  return rescueBy(control, values, host, report, { takeBack, bad: live, good, rules });
}

/**
 * The rescue of a release by any way to take it back, and the look at what was restored, where no later step has it; the
 * reason of the report is the one that the ledger gets.
 */
export async function rescueBy(
  control: TrafficControl,
  { severity, settle }: Pick<Inputs, 'severity' | 'settle'>,
  host: Host,
  report: AnalysisReport,
  { takeBack, bad, good, rules }: Restored & { takeBack: TakeBack | undefined; bad: DeploymentRecord },
): Promise<AnalysisReport> {
  const { reason } = report;
  const rescued = await rescue(
    {
      ...control,
      takeBack,
      log: host.log,
      records: () => readHistory(control),
      events: () => timelineOf(control.timeline.events),
    },
    report,
    { bad, reason, severity },
  );
  return settle === 'later' ? rescued : lookAfter(control, host, rescued, { good, rules });
}
