import type { LoadReport } from '../load/tally.js';
import type { RunReport } from '../runner/request.js';
import type { LeakSearch } from './judge/leaks.js';
import type { SmokeRun } from './judge/smoke.js';
import type { Move } from './traffic-watch.js';

/** One part of the story as it went. */
export interface Act {
  name: ActName;
  title: string;
  sha: string;
  /** Epoch milliseconds. */
  startedAt: number;
  endedAt: number;
  run: RunReport;
  /** The run of CI that the same push started. */
  ci?: RunReport;
}

export const actNames = ['good', 'unsafe', 'bad', 'blocked', 'hotfix', 'replayed', 'dora'] as const;
export type ActName = (typeof actNames)[number];

/** Somebody approved a job that waited for it. */
export interface Approval {
  environment: string;
  by: string;
  runId: number;
  comment: string;
}

/** Everything that was seen, for the expectations to judge. */
export interface Story extends Record<ActName, Act> {
  /** In the order they were played. */
  acts: Act[];
  approvals: Approval[];
  /** How traffic moved, as visitors of each environment saw it. */
  moves: Move[];
  load: LoadReport;
  /** Smoke tests before the switches, in order, and all steps of their suite. */
  smoke: SmokeRun[];
  suite: string[];
  leaks: LeakSearch;
  /** What the stand-in holds in the end. */
  ledger: unknown;
  violations: unknown[];
}
