import type { LoadReport } from '../load/tally.js';
import type { RunReport } from '../runner/request.js';
import type { LeakSearch } from './leaks.js';
import type { SmokeRun } from './smoke.js';

/** One part of the story as it went. */
export interface Act {
  title: string;
  sha: string;
  /** Epoch milliseconds. */
  startedAt: number;
  endedAt: number;
  run: RunReport;
}

/** Everything that was seen, for the expectations to judge. */
export interface Story {
  good: Act;
  bad: Act;
  hotfix: Act;
  /** The production job run again with the verdict of the first attempt. */
  replayed: Act;
  dora: Act;
  load: LoadReport;
  /** Smoke tests before the switches, in order, and all steps of their suite. */
  smoke: SmokeRun[];
  suite: string[];
  leaks: LeakSearch;
  /** What the stand-in holds in the end. */
  ledger: unknown;
  violations: unknown[];
}
