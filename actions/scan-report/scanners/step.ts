import * as z from 'zod';
import { defineScanner } from './scanner.js';

/** A step whose own colour is all that is known of it, such as dependency-review: `{"outcome": "success"}`. */
export const step = defineScanner({
  unit: 'reviews',
  schema: z.object({ outcome: z.string() }),
  read({ outcome }) {
    if (outcome === 'success') return { lookedAt: 1, findings: [] };
    if (outcome !== 'failure')
      return { findings: [], blind: [`the step ended with ${outcome || 'nothing'}`] };
    return {
      lookedAt: 1,
      findings: [
        { id: 'step-failed', severity: 'unknown', title: 'The step failed; its log says what it found' },
      ],
    };
  },
});
