import * as z from 'zod';
import { globMatcher } from '../../../shared/config/glob.js';
import { shaSchema } from '../../../shared/contracts/formats.js';
import { compare } from './compare.js';
import { defineEvidence } from './evidence.js';

const schema = z.strictObject({
  heads: z.array(z.strictObject({ name: z.string(), sha: shaSchema, contains: z.boolean() })),
  truncated: z.boolean(),
});

/** Most branches compared with the released commit, one request each. */
const mostCompared = 30;

/**
 * Branches that match the patterns, compared one by one until one contains the released commit; the run's own is tried
 * first.
 */
export const branches = defineEvidence({
  kind: 'branches',
  what: 'the branches',
  schema,
  permission: { contents: 'read' },
  collect: async (needs: readonly (readonly string[])[], { github, request, branch }) => {
    const found = new Map<string, string>();
    for (const pattern of new Set(needs.flat())) {
      const matches = globMatcher(pattern);
      const refs = await github.rest('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
        ref: `heads/${pattern.split('*')[0]!}`,
      });
      for (const { ref, object } of refs) {
        const name = ref.replace(/^refs\/heads\//, '');
        if (matches(name)) found.set(name, object.sha);
      }
    }
    const order = [...found].sort(([a], [b]) => Number(b === branch) - Number(a === branch));
    const heads: z.output<typeof schema>['heads'] = [];
    for (const [name, sha] of order.slice(0, mostCompared)) {
      const contains =
        sha === request.sha || ['behind', 'identical'].includes(await compare(github, sha, request.sha));
      heads.push({ name, sha, contains });
      if (contains) return { heads, truncated: false };
    }
    return { heads, truncated: order.length > mostCompared };
  },
});
