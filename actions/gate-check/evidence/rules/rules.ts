import * as z from 'zod';
import { loadCel } from './cel.js';
import { defineEvidence } from '../evidence.js';
import { visibleTo, type SeenKind } from './seen.js';

/** A rule of the team, an expression that is true when the release may go, and what it looks at. */
export interface AskedRule {
  name: string;
  expression: string;
  sees: readonly SeenKind[];
}

/** A rule that has no truth, and why. */
export const untoldSchema = z.strictObject({ name: z.string(), is: z.literal('error'), reason: z.string() });

const ruleSchema = z.discriminatedUnion('is', [
  z.strictObject({ name: z.string(), is: z.literal('held'), value: z.boolean() }),
  untoldSchema,
]);

/** What the team's own rules say of the release. They see the request, the instant and what they ask for. */
export const rules = defineEvidence({
  kind: 'rules',
  what: "what the team's own rules look at",
  schema: z.array(ruleSchema),
  permission: {},
  collect: async (needs: readonly (readonly AskedRule[])[], sources) => {
    const judge = await loadCel();
    return Promise.all(
      needs.flat().map(async ({ name, expression, sees }) => ({
        name,
        ...judge(expression, await visibleTo(sees, sources)),
      })),
    );
  },
});
