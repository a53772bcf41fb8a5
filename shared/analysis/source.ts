import type { Reading } from '../contracts/analysis-report.js';

/** A span of time, open at its start and closed at its end; epoch milliseconds. */
export interface Window {
  from: number;
  to: number;
}

/** Where measurements come from. One source serves any number of criteria and is asked once a tick. */
export interface MetricSource {
  /** What happened in the window; samples already given are not given again. Never throws for what the other side does: that is a reading too. */
  query(window: Window, signal?: AbortSignal): Promise<Reading>;
}

/** What names in a criteria file may stand for: the release that is judged. */
export interface Subject {
  environment: string;
  service: string;
  version: string;
  colour: string;
  sha: string;
  /** Address of the colour itself. */
  colourUrl: string;
  /** Address of the public entry. */
  entryUrl: string;
}
