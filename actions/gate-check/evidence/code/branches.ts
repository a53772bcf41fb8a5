import * as z from 'zod';
import { globMatcher } from '../../../../shared/config/glob.js';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { compare } from './compare.js';
import { defineEvidence, type First } from '../evidence.js';

const schema = z.strictObject({
  heads: z.array(z.strictObject({ name: z.string(), sha: shaSchema, contains: z.boolean() })),
  truncated: z.boolean(),
});

/** Most branches compared with the released commit, one request each. */
const mostCompared = 30;

/** Where the branches of a pattern are: below a prefix that ends with a slash, and with a text in their name. */
function placeOf(pattern: string): { prefix: string; query: string } {
  const fixed = pattern.split('*')[0]!;
  const slash = fixed.lastIndexOf('/') + 1;
  return { prefix: `refs/heads/${fixed.slice(0, slash)}`, query: fixed.slice(slash) };
}

const patternsOf = (needs: readonly (readonly string[])[]) => [...new Set(needs.flat())];

interface Ref {
  name: string;
  target: { oid: string } | null;
}

type BranchesAnswer = Record<string, Ref | { nodes: Ref[]; pageInfo: { hasNextPage: boolean } } | null>;

/** One member for each pattern; the patterns themselves are variables. */
function membersFor(patterns: readonly string[]): First {
  const head = 'name target { oid }';
  const parts = patterns.map((pattern, at) => {
    const { prefix, query } = placeOf(pattern);
    return pattern.includes('*')
      ? {
          types: { [`prefix${at}`]: 'String!', [`query${at}`]: 'String!' },
          values: { [`prefix${at}`]: prefix, [`query${at}`]: query },
          members: `branch${at}: refs(refPrefix: $prefix${at}, query: $query${at}, first: 100) {
            pageInfo { hasNextPage }
            nodes { ${head} }
          }`,
        }
      : {
          types: { [`ref${at}`]: 'String!' },
          values: { [`ref${at}`]: `refs/heads/${pattern}` },
          members: `branch${at}: ref(qualifiedName: $ref${at}) { ${head} }`,
        };
  });
  return {
    part: {
      variables: Object.assign({}, ...parts.map(({ types }) => types)),
      members: parts.map(({ members }) => members).join('\n'),
    },
    variables: Object.assign({}, ...parts.map(({ values }) => values)),
  };
}

/**
 * Branches that match the patterns, compared one by one until one contains the released commit; the run's own is tried
 * first.
 */
export const branches = defineEvidence({
  kind: 'branches',
  what: 'the branches',
  schema,
  permission: { contents: 'read' },
  first: (needs: readonly (readonly string[])[]) => membersFor(patternsOf(needs)),
  collect: async (needs: readonly (readonly string[])[], sources) => {
    const { github, request, branch } = sources;
    const answer = await sources.first<BranchesAnswer>('branches');
    const found = new Map<string, string>();
    let unread = false;
    for (const [at, pattern] of patternsOf(needs).entries()) {
      const matches = globMatcher(pattern);
      const { prefix } = placeOf(pattern);
      const listed = answer[`branch${at}`];
      if (!listed) continue;
      const refs = 'nodes' in listed ? listed.nodes : [{ ...listed, name: pattern }];
      unread ||= 'nodes' in listed && listed.pageInfo.hasNextPage;
      for (const { name, target } of refs) {
        const whole = 'nodes' in listed ? `${prefix}${name}`.replace(/^refs\/heads\//, '') : name;
        if (target && matches(whole)) found.set(whole, target.oid);
      }
    }
    // The branch that holds the commit as its head needs no comparison, and the run's own is the next best guess.
    const rank = ([name, sha]: [string, string]) => (sha === request.sha ? 0 : name === branch ? 1 : 2);
    const order = [...found].sort((a, b) => rank(a) - rank(b));
    const heads: z.output<typeof schema>['heads'] = [];
    for (const [name, sha] of order.slice(0, mostCompared)) {
      const contains =
        sha === request.sha || ['behind', 'identical'].includes(await compare(github, sha, request.sha));
      heads.push({ name, sha, contains });
      if (contains) return { heads, truncated: false };
    }
    return { heads, truncated: unread || order.length > mostCompared };
  },
});
