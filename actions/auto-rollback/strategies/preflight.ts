import type { AnalysisReport } from '../../../shared/contracts/reports/analysis-report.js';
import type { Log } from '../../../shared/runner/host.js';
import type { StrategyPorts } from './strategy.js';
import type { StrategyName } from './strategy-names.js';
import type { Live } from '../subject.js';
import { preflightAll } from './try-strategies.js';

/** Whether each strategy could roll the release back now; a person hears of it before it is needed. */
export async function preflight(
  ports: StrategyPorts,
  names: readonly StrategyName[],
  log: Pick<Log, 'warning'>,
  { live, good }: Live,
): Promise<AnalysisReport['preflight']> {
  if (!good) {
    const why = `there is no release before ${live.payload.version} to go back to`;
    log.warning(`If this release is bad, it cannot be rolled back: ${why}`);
    return [{ what: 'Can it be rolled back?', ok: false, message: `no: ${why}` }];
  }
  const asked = await preflightAll(names, ports, { bad: live, good });
  for (const { name, able } of asked)
    if (!able.ok) log.warning(`If this release is bad, it cannot be rolled back by ${name}: ${able.why}`);
  return asked.map(({ name, able }) => ({
    what: names.length > 1 ? `Can it be rolled back by ${name}?` : 'Can it be rolled back?',
    ok: able.ok,
    message: able.ok ? `yes, to ${good.payload.version}` : `no: ${able.why}`,
  }));
}
