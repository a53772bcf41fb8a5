import * as z from 'zod';

/**
 * One change to one node of a router: absolute (doing it twice is doing it once) and serialisable, so that dry run,
 * journal and crash tests see the same.
 */
export const callSchema = z.strictObject({
  node: z.string(),
  /** The call in the router's own words, for people. */
  say: z.string(),
  /** What the router's code needs to do it. */
  action: z.record(z.string(), z.string()),
});

export type Call = z.output<typeof callSchema>;
