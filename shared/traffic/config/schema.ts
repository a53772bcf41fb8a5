import type * as z from 'zod';
import { problemsIn } from './problems.js';
import { trafficShape, type TrafficShape } from './shape.js';

/**
 * The traffic file of a service: its colours, its router, and how the suite tells what a colour is and whether it is
 * well.
 */
export const trafficSchema = trafficShape
  .superRefine((traffic, ctx) => {
    for (const { path, message } of problemsIn(traffic)) ctx.addIssue({ code: 'custom', path, message });
  })
  .transform(normal);

/**
 * One form of what can be written in two: each colour with all its addresses, and all ways in; `url` and `entry` are
 * the first of them.
 */
function normal({ colours, entry, entries, ...traffic }: TrafficShape) {
  const ways = entries ?? (entry ? [entry] : []);
  const addressed = Object.entries(colours).map(
    ([colour, { url, urls = url === undefined ? [] : [url], headers }]) => {
      return [colour, { url: urls[0]!, urls, headers }] as const;
    },
  );
  return { ...traffic, colours: Object.fromEntries(addressed), entry: ways[0]!, entries: ways };
}

/** A traffic file as it was written, secrets by the names of their variables. */
export type TrafficFile = z.output<typeof trafficSchema>;

/** The same with a value in place of each `{ env: NAME }`. */
type Resolved<T> = T extends { env: string }
  ? never
  : T extends object
    ? { [Key in keyof T]: Resolved<T[Key]> }
    : T;

type WithHeaders = 'colours' | 'health' | 'identity' | 'entry' | 'entries';

/** A traffic file with all that is sent in it. */
export type TrafficConfig = Omit<TrafficFile, WithHeaders> & Resolved<Pick<TrafficFile, WithHeaders>>;
