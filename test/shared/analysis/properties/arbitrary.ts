import fc from 'fast-check';
import type { Condition, Sample } from '../../../../shared/contracts/reports/analysis-report.js';

export const second = 1_000;
export const rule = { forMs: 20 * second, overMs: 20 * second, minRequests: 10, confidence: 0.99 as const };
export const above = (value: number): Condition => ({ metric: 'error-rate', operator: '>', value });

/** Samples of two seconds each from 0 on, and the end of the last one. */
export const looks = fc
  .array(
    fc.nat(40).chain((requests) => fc.record({ requests: fc.constant(requests), errors: fc.nat(requests) })),
    { minLength: 8, maxLength: 16 },
  )
  .map((counts) =>
    counts.map((count, index): Sample => ({
      from: index * 2 * second,
      to: (index + 1) * 2 * second,
      ...count,
    })),
  );
export const endOf = (samples: readonly { to: number }[]) => samples.at(-1)!.to;

export const bound = fc.constantFrom(0.05, 0.25, 0.5);
export const parts = fc.constantFrom(20, 10, 4).map((over) => ({ ...rule, overMs: over * second }));
