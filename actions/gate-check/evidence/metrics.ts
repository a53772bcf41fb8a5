import * as z from 'zod';
import { askNumber, type OneNumber } from '../../../shared/analysis/sources/one-number.js';
import { defineEvidence } from './evidence.js';

/** A number to be asked for, under the name that the policy gives it. */
export interface AskedMetric {
  name: string;
  source: OneNumber;
}

const metricSchema = z.discriminatedUnion('is', [
  z.strictObject({ name: z.string(), is: z.literal('known'), value: z.number() }),
  z.strictObject({ name: z.string(), is: z.literal('unknown'), reason: z.string() }),
]);

/** Numbers of the servers that the policy names. One that does not answer hides none of the others. */
export const metrics = defineEvidence({
  kind: 'metrics',
  what: 'the metrics that the policy names',
  schema: z.array(metricSchema),
  permission: {},
  collect: (needs: readonly (readonly AskedMetric[])[], { numbers, now, signal }) =>
    Promise.all(
      needs.flat().map(async ({ name, source }) => {
        const asked = await askNumber(source, numbers, now, signal);
        return asked.ok
          ? { name, is: 'known' as const, value: asked.value }
          : { name, is: 'unknown' as const, reason: asked.why };
      }),
    ),
});
