import * as z from 'zod';
import type { QueryPart } from '../../../../shared/github/repository-query.js';
import { defineEvidence } from '../evidence.js';

const schema = z.strictObject({
  /** Newest first by the date of their commit; `sha` is the commit, also of an annotated tag. */
  tags: z.array(z.strictObject({ name: z.string(), sha: z.string() })),
  truncated: z.boolean(),
});

/** Tags of the repository with the commits they stand on. */
export type Tags = z.output<typeof schema>;

const part: QueryPart = {
  variables: {},
  members: /* GraphQL */ `
    tags: refs(refPrefix: "refs/tags/", first: 100, orderBy: { field: TAG_COMMIT_DATE, direction: DESC }) {
      pageInfo {
        hasNextPage
      }
      nodes {
        name
        target {
          __typename
          oid
          ... on Tag {
            target {
              oid
            }
          }
        }
      }
    }
  `,
};

interface TagsAnswer {
  tags: {
    pageInfo: { hasNextPage: boolean };
    nodes: { name: string; target: { oid: string; target?: { oid: string } } | null }[];
  } | null;
}

/** The hundred newest tags. */
export const tags = defineEvidence({
  kind: 'tags',
  what: 'the tags',
  schema,
  permission: { contents: 'read' },
  first: (_needs: readonly true[]) => ({ part, variables: {} }),
  collect: async (_needs: readonly true[], { first }): Promise<Tags> => {
    const { tags: found } = await first<TagsAnswer>('tags');
    return {
      tags: (found?.nodes ?? []).flatMap(({ name, target }) =>
        target ? [{ name, sha: target.target?.oid ?? target.oid }] : [],
      ),
      truncated: found?.pageInfo.hasNextPage ?? false,
    };
  },
});
