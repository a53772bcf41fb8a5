import type { stopVerdicts } from '../contracts/reports/switch-report.js';
import type { Clock } from '../time/clock.js';
import type { Lock } from '../ledger/refs/lock.js';
import type { EntryCheck } from './colour/entry.js';
import { FailureCount } from './colour/failures.js';
import type { Observed, Weights } from './router.js';
import type { Stop } from './stops.js';

/** One thing that happened; `at` is epoch milliseconds. */
export interface Event {
  at: number;
  message: string;
  /** Page that shows it. */
  url?: string;
}

/** Traffic as the router itself said it was; `at` is epoch milliseconds. */
export interface Seen {
  at: number;
  weights: Weights;
  /** Differs when a node does, even where the weights over all nodes are the same. */
  version: string;
}

/** What became of a stop of a strategy; `at` (epoch ms) is when the router showed its share, or failed to. */
export interface StopCourse extends Stop {
  at: number;
  verdict: (typeof stopVerdicts)[number];
  message?: string;
}

/**
 * What happened, in order, said to the log as it happens, and the course that traffic took: what a report needs however
 * the work ends.
 */
export class Timeline {
  readonly events: Event[] = [];
  /** Every change that the router showed since traffic began to be moved; of a stretch without change, its two ends. */
  readonly course: Seen[] = [];
  readonly stops: StopCourse[] = [];
  /** What was being moved. */
  moving: Pick<Lock, 'to' | 'version' | 'digest' | 'deployment'> | undefined;
  /** When the router confirmed that the target has all traffic (epoch ms), and how long that took. */
  switched: { at: number; tookMs: number } | undefined;
  entry: EntryCheck | undefined;
  /** What new connections met while traffic was moved. */
  readonly failures = new FailureCount();
  /** The lock that was last seen to be held for a person. */
  held: Lock | undefined;
  /** Why no person was paged for what is held, where one had to be. */
  unpaged: string | undefined;

  constructor(
    private readonly clock: Clock,
    private readonly print: (line: string) => void,
  ) {}

  say(message: string, url?: string): void {
    this.events.push({ at: this.clock.now(), message, ...(url === undefined ? {} : { url }) });
    this.print(message);
  }

  /** A router of which no node could be read showed nothing. */
  saw({ nodes, weights, version }: Observed): void {
    if (Object.keys(nodes).length === 0) return;
    const unchanged = [-1, -2].every((back) => this.course.at(back)?.version === version);
    if (unchanged) this.course.pop();
    this.course.push({ at: this.clock.now(), weights, version });
  }

  /** Begins a stop; `judge` says later what became of it. */
  stop(stop: Stop): { judge(verdict: StopCourse['verdict'], message?: string): void } {
    const course: StopCourse = { ...stop, at: this.clock.now(), verdict: 'open' };
    this.stops.push(course);
    return {
      judge: (verdict, message) =>
        void Object.assign(course, { verdict, ...(message === undefined ? {} : { message }) }),
    };
  }
}
