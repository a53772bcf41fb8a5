import type { SmokeFailure } from '../../../shared/contracts/reports/smoke-report.js';
import type { HttpObservation, HttpProbeStep } from '../../../shared/probes/http.js';
import type { PlannedStep } from '../plan/planned.js';

/** One request and what became of it; times in epoch milliseconds. */
export interface AttemptResult {
  startedAt: number;
  durationMs: number;
  status: number | null;
  fault: string | null;
}

export interface StepResult {
  planned: PlannedStep;
  result: 'passed' | 'failed' | 'not-run';
  reason?: string;
  /** Method and address, empty when there was none to make. */
  request: string;
  durationMs: number;
  attempts: AttemptResult[];
  failures: Omit<SmokeFailure, 'flow'>[];
  /** Whether what was not as expected of the last answer shows that it gave something. */
  givesAway?: boolean;
  /** The last exchange of a failed step. */
  exchange?: Exchange;
}

/** What was sent over HTTP and what came, if anything did. */
export interface Exchange {
  request: HttpProbeStep;
  answer?: HttpObservation;
}
