import type * as z from 'zod';
import type { AnalysisReport } from '../../shared/contracts/reports/analysis-report.js';
import type { Outcome } from '../../shared/runner/define-action.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { Event } from '../../shared/traffic/timeline.js';
import type { Inputs, outputs } from './inputs.js';

/** A report of which nothing is known yet. */
export function startReport({ mode, environment, service }: Inputs, run: string): AnalysisReport {
  return {
    schema: 'devops-actions/analysis-report@1',
    mode,
    environment,
    service,
    run,
    result: 'error',
    reason: 'it did not come to a verdict',
    preflight: [],
    ticks: [],
    measurements: [],
    timeline: [],
  };
}

export function timelineOf(events: readonly Event[]): AnalysisReport['timeline'] {
  return events.map(({ at, message }) => ({ at: isoInstant(at), message }));
}

/** By mode, the results that pass the step. */
const passing: Record<AnalysisReport['mode'], readonly AnalysisReport['result'][]> = {
  watch: ['healthy'],
  check: ['watching', 'confirmed'],
  now: ['rolled-back'],
  'look-after': ['rolled-back'],
};

/**
 * Turns a report into outputs and exit. Only a healthy release passes a watch; the panic button passes when it did what
 * it was asked, and what it restored was not seen to be bad too.
 */
export function toOutcome(
  report: AnalysisReport,
): Outcome<Record<keyof typeof outputs.shape, string>, AnalysisReport> {
  const { result, reason, takeBack, incident, previous, timeToRestoreMs, restored } = report;
  const ok = passing[report.mode].includes(result) && restored?.is !== 'bad too';
  const restoredAt = result === 'rolled-back' ? takeBack?.restoredAt : undefined;
  const back = result === 'rolled-back' ? (previous?.version ?? '') : '';
  return {
    ok,
    message: `${report.service} in ${report.environment} is ${result}${back ? ` (${back} is live again${restored?.is === 'bad too' ? ', and bad too' : ''})` : ''}: ${reason}`,
    outputs: {
      result,
      reason,
      unwatched: String(report.unwatched ?? false),
      'rolled-back-to': back,
      incident: incident?.url ?? '',
      restored: restored?.is ?? '',
      'restored-at': restoredAt !== undefined ? isoInstant(restoredAt) : '',
      'time-to-restore-ms': timeToRestoreMs !== undefined ? String(timeToRestoreMs) : '',
    },
    report,
  };
}

/** Outputs where the step stopped before there was a report: every one is there, whatever happened. */
export const outputsOfError = (message: string): Partial<z.output<typeof outputs>> => ({
  result: 'error',
  reason: message.replace(/\s*\n\s*/g, ' ').slice(0, 2_000),
  unwatched: 'true',
  'rolled-back-to': '',
  incident: '',
  restored: '',
  'restored-at': '',
  'time-to-restore-ms': '',
});
