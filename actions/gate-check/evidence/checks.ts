import { checksPart, commitIn, type CommitAnswer } from './code/commit-query.js';
import { defineEvidence } from './evidence.js';
import { readSeen, type WorkflowNeed } from './tested/runs.js';
import { seenSchema } from './tested/seen.js';

export type { PostedCheck, Seen as Checks, WorkflowRunEvidence } from './tested/seen.js';

/** Runs, checks and statuses of the released commit. A gate says the workflows whose runs it needs. */
export const checks = defineEvidence({
  kind: 'checks',
  what: 'the checks of the commit',
  schema: seenSchema,
  permission: { checks: 'read', statuses: 'read', actions: 'read' },
  first: (_needs: readonly (readonly WorkflowNeed[])[], { request: { sha } }) => ({
    part: checksPart,
    variables: { sha },
  }),
  collect: async (needs: readonly (readonly WorkflowNeed[])[], sources) => {
    const answer = await sources.first<CommitAnswer>('checks');
    const defaultBranch = answer.defaultBranchRef?.name;
    const seen = await readSeen(sources, commitIn(answer, sources), needs.flat(), { branch: defaultBranch });
    return { ...seen, ...(defaultBranch === undefined ? {} : { defaultBranch }) };
  },
});
