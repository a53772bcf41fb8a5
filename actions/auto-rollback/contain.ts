import { longestContaining } from '../../shared/analysis/criteria/contain-rule.js';
import { sinceContained, type Scope } from '../../shared/analysis/scope.js';
import type { AnalysisReport, Plan } from '../../shared/contracts/reports/analysis-report.js';
import type { Severity } from '../../shared/contracts/severity.js';
import type { Log } from '../../shared/runner/host.js';
import { formatDuration } from '../../shared/time/duration.js';
import type { TrafficControl } from '../../shared/traffic/control.js';
import { containedIncident } from './incident.js';
import { page } from './page.js';
import { executable, runExecutable } from '../../shared/exec/executable.js';
import type { StrategyPorts } from './strategies/strategy.js';

interface ContainPorts extends Pick<StrategyPorts, 'workspace' | 'variable'> {
  control: TrafficControl;
  /** Told to stop, it takes nobody out any more. */
  signal: AbortSignal;
  passEnv: readonly string[];
}

/** What the analysis asks when a criterion failed, and what the report gets once somebody was contained. */
export interface Containing {
  contain: ((scope: Scope) => Promise<boolean>) | undefined;
  /** The incident about them, or why nobody could be paged. */
  paged(): Pick<AnalysisReport, 'incident'>;
}

/**
 * Takes out the few whom a failure meets by the team's executable, one after the other and within one limit for all, and
 * opens the incident. Where that does not work for one of them, the release is rolled back for everybody.
 */
export function containing(
  ports: ContainPorts,
  { contain: rule }: Pick<Plan, 'contain'>,
  report: AnalysisReport,
  severity: Severity,
): Containing {
  const { control, passEnv, workspace, variable, signal } = ports;
  const { service, environment, timeline, clock } = control;
  let incident: AnalysisReport['incident'];
  const run = (hook: string, value: string, timeoutMs: number) =>
    runExecutable(hook, [service, environment, value], {
      workspace,
      variable,
      signal,
      given: { 'pass-env': [...passEnv], 'strategy-timeout': timeoutMs },
    });
  return {
    paged: () => (incident ? { incident } : {}),
    contain:
      rule &&
      (async (scope) => {
        timeline.say(scope.message);
        if (scope.is === 'everybody') return false;
        const start = clock.now();
        const done: string[] = [];
        const stop = (why: string) => {
          timeline.say(
            `Not contained: ${why}${done.length > 0 ? `. ${done.join(', ')} stay contained` : ''}`,
          );
          return false;
        };
        for (const value of scope.values) {
          if (signal.aborted) return stop('the run was told to stop');
          const left = start + longestContaining - clock.now();
          if (left <= 0)
            return stop(
              `${rule.hook} had ${formatDuration(longestContaining)} for all ${scope.values.length}, and took out ${done.length}`,
            );
          const ran = await run(rule.hook, value, Math.min(rule.timeoutMs, left));
          if (!ran.ok) return stop(ran.why);
          done.push(value);
          timeline.say(`Contained ${rule.by} ${value} by ${rule.hook}`);
        }
        const tookMs = clock.now() - start;
        timeline.say(`Nobody looked at the release for the ${formatDuration(tookMs)} that this took`);
        const text = containedIncident(report, scope, rule, { severity, openedAtMs: control.github.now() });
        const paged = await page(control, scope.message, text);
        if ('incident' in paged) incident = paged.incident;
        return true;
      }),
  };
}

/** Whether the team's executable is there; a person hears of it before it is needed. */
export async function canContain(
  ports: Pick<StrategyPorts, 'workspace'>,
  { contain: rule }: Pick<Plan, 'contain'>,
  log: Pick<Log, 'warning'>,
): Promise<AnalysisReport['preflight']> {
  if (!rule) return [];
  const able = await executable(rule.hook, ports);
  if (!able.ok) log.warning(`A failure that meets few cannot be contained: ${able.why}`);
  return [
    {
      what: 'Can a failure that meets few be contained?',
      ok: able.ok,
      message: able.ok ? `yes, by ${rule.hook}` : `no: ${able.why}`,
    },
  ];
}

/** The report with what is said of those who were contained. */
export function withContained(report: AnalysisReport, { paged }: Containing): AnalysisReport {
  const { contained = [], reason, plan, ticks } = report;
  if (contained.length === 0) return report;
  const who = contained.map(({ message }) => message).join('; ');
  const { contain: rule } = plan ?? {};
  // The hook said that it worked; requests that still arrive and fail say otherwise.
  const { requests, errors } = rule ? sinceContained(rule, contained, ticks) : { requests: 0, errors: 0 };
  const still =
    rule && errors > 0
      ? `. Since then ${Math.round(errors)} of ${Math.round(requests)} of their requests failed still: look whether ${rule.hook} took them out`
      : '';
  return { ...report, ...paged(), reason: `${reason}. Contained: ${who}${still}` };
}
