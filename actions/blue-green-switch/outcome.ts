import { coded, codesIn } from '../../shared/contracts/refusal-codes.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { Outcome } from '../../shared/runner/define-action.js';
import type { Log } from '../../shared/runner/host.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { wayOut } from '../../shared/traffic/switch/hold.js';
import {
  describeFailure,
  liveColour,
  readable,
  sameWeights,
  type NodeReading,
} from '../../shared/traffic/router.js';
import type { Timeline } from '../../shared/traffic/timeline.js';
import type { Inputs, outputs } from './inputs.js';
import type { SwitchReport } from '../../shared/contracts/reports/switch-report.js';
import type { ModeResult } from './report/result.js';
import { usersMet } from './report/users-met.js';

export type SwitchOutcome = Outcome<Record<keyof typeof outputs.shape, string>, SwitchReport>;

/** Outputs, report and annotations of what a mode did, with the traffic as it is now. */
export async function toOutcome(
  control: Pick<
    TrafficControl,
    'router' | 'config' | 'environment' | 'service' | 'timeline' | 'runUrl' | 'me'
  >,
  mode: Inputs['mode'],
  result: ModeResult,
): Promise<SwitchOutcome> {
  const { timeline } = control;
  const { nodes, observed } = result.survey ?? (await control.router.survey());
  const { lost } = readable({ nodes });
  if (lost.length > 0) timeline.say(`The router cannot be read: ${lost.join(' ')}`);
  // The first look of a move; without a move nothing was changed by this step.
  const first = timeline.course[0];
  if (first && observed) timeline.saw(observed);
  const after = observed?.weights;
  const before = result.before ?? first?.weights ?? after;
  const live = after && liveColour(after);
  const previous = before && liveColour(before);
  const changed =
    before && observed
      ? !sameWeights(before, observed.weights) || (first ?? observed).version !== observed.version
      : null;
  const confirmedAt = result.switchedAt ?? timeline.switched?.at;
  const switchedAt = confirmedAt === undefined ? undefined : isoInstant(confirmedAt);
  const switchMs = result.switchMs ?? timeline.switched?.tookMs;
  const { service, environment } = control;
  const met = usersMet(service, environment, timeline, result);
  const unpaged =
    timeline.unpaged === undefined
      ? []
      : [coded('nobody-paged', `Nobody could be paged: ${timeline.unpaged}`)];
  const reasons = [...(result.reasons ?? []), ...unpaged];
  const message = [met.message, ...unpaged].join('. ');
  const ok = result.ok && unpaged.length === 0;
  return {
    ok,
    message,
    outputs: {
      result: met.result,
      live: live ?? '',
      previous: previous ?? '',
      target: result.target ?? '',
      'target-url': (result.target && control.config.colours[result.target]?.url) || '',
      changed: changed === null ? 'unknown' : String(changed),
      'deployment-id': result.deployment === undefined ? '' : String(result.deployment),
      'switched-at': switchedAt ?? '',
      'duration-ms': switchMs === undefined ? '' : String(switchMs),
      'failed-connections': met.failedConnections,
    },
    report: {
      schema: 'devops-actions/switch-report@1',
      mode,
      ok,
      result: met.result,
      message,
      environment: control.environment,
      service: control.service,
      router: control.router.kind,
      before: before ? { ...before } : null,
      after: after ? { ...after } : null,
      nodes: nodes.map(nodeFacts),
      colours: result.colours && [...result.colours],
      lock: result.lock,
      target: result.target,
      version: result.version,
      digest: result.digest,
      deployment: result.deployment,
      changed,
      switchedAt,
      switchMs,
      course: courseOf(timeline),
      entry: entryOf(timeline),
      connections: met.facts,
      wayOut: result.result === 'held' && timeline.held ? wayOut(timeline.held) : undefined,
      by: control.me.actor,
      reasons,
      codes: codesIn([message, ...reasons]),
      timeline: timeline.events.map(timed),
      run: control.runUrl,
    },
    annotations: ok
      ? [...reasons, ...met.warnings].map((message) => ({ level: 'warning' as const, message }))
      : reasons.map((message) => ({
          level: 'error' as const,
          message,
          title: `${control.service}: ${result.result}`,
        })),
  };
}

/**
 * The same for a mode that broke off: what it moved, it moved, and the report says what is known. A mistake in
 * configuration is left to the runner, which lists every problem.
 */
export async function errorOutcome(
  control: Pick<
    TrafficControl,
    'router' | 'config' | 'environment' | 'service' | 'timeline' | 'runUrl' | 'me'
  >,
  mode: Inputs['mode'],
  error: unknown,
  log: Pick<Log, 'debug'>,
): Promise<SwitchOutcome> {
  if (error instanceof ConfigurationError) throw error;
  const message = describeFailure(error);
  log.debug((error instanceof Error && error.stack) || message);
  const { moving } = control.timeline;
  const about = moving && {
    target: moving.to,
    version: moving.version,
    digest: moving.digest,
    deployment: moving.deployment,
  };
  return toOutcome(control, mode, { ok: false, result: 'error', message, ...about });
}

const timed = <Timed extends { at: number }>(timed: Timed) => ({ ...timed, at: isoInstant(timed.at) });

function courseOf({ course, stops }: Timeline): SwitchReport['course'] {
  if (course.length === 0) return undefined;
  return {
    points: course.map(({ at, weights }) => ({ at: isoInstant(at), weights: { ...weights } })),
    stops: stops.map(({ at, percent, stay, verdict, message }) => ({
      at: isoInstant(at),
      percent,
      stayMs: stay === 'pause' ? null : stay,
      verdict,
      message,
    })),
  };
}

function entryOf({ entry }: Timeline): SwitchReport['entry'] {
  return entry && { ...entry, samples: entry.samples.map(timed) };
}

function nodeFacts(node: NodeReading): SwitchReport['nodes'][number] {
  const { name } = node;
  if (!node.ok) return { name, weights: null, why: node.why };
  return {
    name,
    weights: { ...node.weights },
    ...(node.saved === undefined ? {} : { saved: node.saved && { ...node.saved } }),
  };
}
