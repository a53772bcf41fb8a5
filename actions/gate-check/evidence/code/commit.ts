import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { commitIn, treePart, type CommitAnswer } from './commit-query.js';
import { defineEvidence, Unknowable } from '../evidence.js';

/** The released commit and its source tree. */
export const commit = defineEvidence({
  kind: 'commit',
  what: 'the released commit',
  schema: z.strictObject({ sha: shaSchema, tree: shaSchema }),
  permission: { contents: 'read' },
  first: (_needs: readonly true[], { request: { sha } }) => ({ part: treePart, variables: { sha } }),
  collect: async (_needs: readonly true[], sources) => {
    const { sha } = sources.request;
    const { tree } = commitIn(await sources.first<CommitAnswer>('commit'), sources);
    if (!tree) throw new Unknowable(`commit ${sha} has no tree`);
    return { sha, tree: tree.oid };
  },
});
