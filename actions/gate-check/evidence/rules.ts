import * as z from 'zod';
import { isoInstant } from '../../../shared/time/instant.js';
import { loadCel } from './cel.js';
import { changes } from './changes.js';
import { commit } from './commit.js';
import { comparison } from './comparison.js';
import { environment } from './environment.js';
import { defineEvidence, Unknowable, type Sources } from './evidence.js';
import { incidents } from './incidents.js';
import { tags } from './tags.js';

/** The kinds of evidence that a team's own rules may see: those whose extent is the release's alone. */
const seen = { changes, commit, comparison, environment, incidents, tags };

export const seenKinds = Object.keys(seen) as [keyof typeof seen, ...(keyof typeof seen)[]];

/** A rule of the team, an expression that is true when the release may go, and what it looks at. */
export interface AskedRule {
  name: string;
  expression: string;
  sees: readonly (keyof typeof seen)[];
}

const ruleSchema = z.discriminatedUnion('is', [
  z.strictObject({ name: z.string(), is: z.literal('held'), value: z.boolean() }),
  z.strictObject({ name: z.string(), is: z.literal('error'), reason: z.string() }),
]);

/** What the team's own rules say of the release. They see the request, the instant and what they ask for. */
export const rules = defineEvidence({
  kind: 'rules',
  what: "what the team's own rules look at",
  schema: z.array(ruleSchema),
  permission: {},
  collect: async (needs: readonly (readonly AskedRule[])[], sources) => {
    const { request, now } = sources;
    const judge = await loadCel();
    const asked = needs.flat();
    const evidence = await valuesOf([...new Set(asked.flatMap(({ sees }) => sees))], sources);
    const { environment, service, sha, digest, kind, actor } = request;
    return asked.map(({ name, expression, sees }) => {
      const variables = {
        release: { environment, service, sha, digest, kind, actor },
        now: isoInstant(now),
        evidence: Object.fromEntries(sees.map((one) => [one, evidence[one]])),
      };
      return { name, ...judge(expression, variables) };
    });
  },
});

async function valuesOf(kinds: readonly (keyof typeof seen)[], sources: Sources) {
  const found = await Promise.all(
    kinds.map(async (kind) => [kind, await sources.valueOf(seen[kind] as typeof commit)] as const),
  );
  const short = found.find(([, value]) => ['filesTruncated', 'truncated'].some((flag) => isCut(value, flag)));
  if (short)
    throw new Unknowable(`GitHub lists ${seen[short[0]].what} only in part, and a rule would judge by that`);
  return Object.fromEntries(found) as Record<string, unknown>;
}

const isCut = (value: unknown, flag: string) =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>)[flag] === true;
