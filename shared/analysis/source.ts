import type * as z from 'zod';
import type { Reading } from '../contracts/reports/analysis-report.js';
import type { HttpClient } from '../http/types.js';
import type { Clock } from '../time/clock.js';

/** A span of time, open at its start and closed at its end; epoch milliseconds. */
export interface Window {
  from: number;
  to: number;
}

/** Where measurements come from. One source serves any number of criteria and is asked once a tick. */
export interface MetricSource {
  /**
   * What happened in the window; samples already given are not given again. Never throws for what the other side does:
   * that is a reading too.
   */
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

/** What a source may use. It reads no environment: what it needs beyond its configuration is handed in here. */
export interface SourcePorts {
  http: HttpClient;
  clock: Clock;
  subject: Subject;
  /** Labels by whose values criteria judge this source. */
  by?: readonly string[];
  /** The release before it and when this one went live (epoch ms), for baselines. */
  previous?: Subject;
  liveSince?: number;
  /** A variable of the step that a source names for a secret; its value is masked. */
  variable?: (name: string) => string | undefined;
}

/** The unit of a number that a source gives. */
export const units = ['number', 'seconds', 'milliseconds', 'share', 'percent'] as const;

const scales = { number: 1, milliseconds: 1, seconds: 1_000, share: 1, percent: 0.01 } as const;

/** A number in the unit of the criteria: milliseconds for durations, a share from 0 to 1 for percentages. */
export const inUnitOf = (unit: (typeof units)[number], value: number): number => value * scales[unit];

/** What a source gives, and whether it can tell by the values of a label. */
export type Gives =
  | { is: 'counts'; by: boolean }
  | {
      is: 'numbers';
      by: boolean;
      unit: (typeof units)[number];
      baseline: boolean;
      /** How late a number may be known, in milliseconds; 0 when not given. */
      lagMs?: number;
    };

/** One kind of metric source: its section in a criteria file, and how it is opened. */
export interface SourceKind<Schema extends z.ZodObject> {
  schema: Schema;
  gives(config: z.output<Schema>): Gives;
  /** Why it cannot say what happened in a time that is over; undefined when it can. Scheduled checks need that. */
  noPast(config: z.output<Schema>): string | undefined;
  open(config: z.output<Schema>, ports: SourcePorts): MetricSource;
}

/** Ties the parts of a kind together for the type checker. */
export function defineSource<Schema extends z.ZodObject<{ type: z.ZodLiteral<string> }>>(
  kind: SourceKind<Schema>,
): SourceKind<Schema> {
  return kind;
}
