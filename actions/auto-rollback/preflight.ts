import type { AnalysisReport } from '../../shared/contracts/analysis-report.js';
import type { Host } from '../../shared/runner/host.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import type { Inputs } from './inputs.js';
import { strategyNamed } from './strategies/registry.js';
import type { Live } from './subject.js';

/** Whether the strategy could take the release back now; a person hears of it before it is needed. */
export async function preflight(
  control: TrafficControl,
  { strategy }: Pick<Inputs, 'strategy'>,
  host: Pick<Host, 'log'>,
  { live, good }: Live,
): Promise<AnalysisReport['preflight'][number]> {
  const able = good
    ? await strategyNamed(strategy).preflight(control, { bad: live, good })
    : { ok: false as const, why: `there is no release before ${live.payload.version} to go back to` };
  if (!able.ok)
    host.log.warning(`If this release is bad, it cannot be rolled back by moving traffic: ${able.why}`);
  return {
    what: 'Can it be rolled back?',
    ok: able.ok,
    message: able.ok ? `yes, to ${good!.payload.version} on ${good!.payload.colour}` : `no: ${able.why}`,
  };
}
