import type { Outcome } from '../../shared/runner/define-action.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { liveColour, type Weights } from '../../shared/traffic/router.js';
import type { Inputs, outputs, SwitchReport } from './inputs.js';
import type { ModeResult } from './result.js';

export type SwitchOutcome = Outcome<Record<keyof typeof outputs.shape, string>, SwitchReport>;

/** Outputs, report and annotations of what a mode did, with the traffic as it is now. */
export async function conclude(
  control: TrafficControl,
  mode: Inputs['mode'],
  result: ModeResult,
): Promise<SwitchOutcome> {
  const after = await readWeights(control);
  const before = result.before ?? after;
  const live = after ? liveColour(after) : undefined;
  const previous = before ? liveColour(before) : undefined;
  const changed = live !== previous;
  const switchedAt = result.switchedAt === undefined ? undefined : isoInstant(result.switchedAt);
  const entry = result.entry;
  return {
    ok: result.ok,
    said: result.said,
    outputs: {
      result: result.result,
      live: live ?? '',
      previous: previous ?? '',
      target: result.target ?? '',
      'target-url': (result.target && control.config.colours[result.target]?.url) || '',
      changed: String(changed),
      'deployment-id': result.deployment === undefined ? '' : String(result.deployment),
      'switched-at': switchedAt ?? '',
      'duration-ms': result.switchMs === undefined ? '' : String(result.switchMs),
    },
    report: {
      schema: 'devops-actions/switch-report@1',
      mode,
      result: result.result,
      said: result.said,
      environment: control.environment,
      service: control.service,
      router: control.router.kind,
      before: before ? { ...before } : null,
      after: after ? { ...after } : null,
      target: result.target,
      version: result.version,
      digest: result.digest,
      deployment: result.deployment,
      changed,
      switchedAt,
      switchMs: result.switchMs,
      entry: entry && { ...entry },
      reasons: [...(result.reasons ?? [])],
      timeline: control.timeline.events.map(({ at, said }) => ({ at: isoInstant(at), said })),
      run: control.runUrl,
    },
    annotations: result.ok
      ? (result.reasons ?? []).map((message) => ({ level: 'warning' as const, message }))
      : (result.reasons ?? []).map((message) => ({
          level: 'error' as const,
          message,
          title: `${control.service}: ${result.result}`,
        })),
  };
}

async function readWeights(control: TrafficControl): Promise<Weights | undefined> {
  try {
    return (await control.router.read()).weights;
  } catch (error) {
    control.timeline.say(
      `The router cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    return undefined;
  }
}
