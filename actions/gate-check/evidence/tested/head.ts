import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { repositoryQuery } from '../../../../shared/github/repository-query.js';
import { checksPart, commitIn, treePart } from '../code/commit-query.js';
import { instantOf, retargetedAt } from '../code/retargeted.js';
import { defineEvidence, Unknowable, whole, type Sources } from '../evidence.js';
import { bringingPart, rivalsPart, type BringingAnswer, type HeadAnswer } from './pull-query.js';
import { readSeen, type WorkflowNeed } from './runs.js';
import { seenSchema } from './seen.js';

const instant = z.number();

const pullSchema = z.strictObject({
  number: whole,
  url: z.string(),
  state: z.enum(['open', 'merged', 'closed']),
  /** The branch it goes into. */
  into: z.string(),
  head: z.strictObject({ sha: shaSchema, branch: z.string(), repository: z.string().nullable() }),
  mergeSha: shaSchema.nullable(),
  /** When its base was changed last, in epoch milliseconds; null when it never was. */
  retargetedAt: instant.nullable(),
});

const schema = z.strictObject({
  /** Of the released commit. */
  tree: shaSchema,
  defaultBranch: z.string(),
  /** Pull requests that GitHub associates with the released commit. */
  pulls: z.array(pullSchema),
  /** The last commit of the one that brought it; null where that is none, or several. */
  head: z
    .strictObject({
      tree: shaSchema,
      /** Other pull requests from its branch that were open, or changed, since `rivalsSince`. */
      rivals: z.array(
        z.strictObject({
          number: whole,
          into: z.string(),
          createdAt: instant,
          closedAt: instant.nullable(),
          retargetedAt: instant.nullable(),
        }),
      ),
      /** Null when all of them are listed. */
      rivalsSince: instant.nullable(),
      /** Nothing where its tree is another: then nothing of it counts. */
      seen: seenSchema,
    })
    .nullable(),
});

/** The head of the pull request that brought the released commit, and what stands on it. */
export type Head = z.output<typeof schema>;
type Pull = Head['pulls'][number];

/**
 * The pull requests that brought a commit: merged as this commit, or open with it as last commit. One in which it is
 * only contained was tested as something else.
 */
export const bringing = (sha: string, pulls: readonly Pull[]): Pull[] =>
  pulls.filter(
    ({ state, mergeSha, head }) =>
      (state === 'merged' && mergeSha === sha) || (state === 'open' && head.sha === sha),
  );

/** Checks of the pull request's head. A gate says the workflows whose runs it needs. */
export const head = defineEvidence({
  kind: 'head',
  what: "the pull request's head and its checks",
  schema,
  permission: {
    contents: 'read',
    'pull-requests': 'read',
    checks: 'read',
    statuses: 'read',
    actions: 'read',
  },
  first: (_needs: readonly (readonly WorkflowNeed[])[], { request: { sha } }) => ({
    part: {
      variables: { ...treePart.variables, ...bringingPart.variables },
      members: `${treePart.members}\n${bringingPart.members}`,
    },
    variables: { sha },
  }),
  collect: async (needs: readonly (readonly WorkflowNeed[])[], sources): Promise<Head> => {
    const answer = await sources.first<BringingAnswer>('head');
    const tree = commitIn(answer, sources).tree?.oid;
    const associated = answer.object?.associatedPullRequests;
    const defaultBranch = answer.defaultBranchRef?.name;
    if (!tree || !associated || !defaultBranch)
      throw new Unknowable('GitHub does not say by which pull request the commit came');
    if (associated.pageInfo.hasNextPage)
      throw new Unknowable(`the commit is in more than ${associated.nodes.length} pull requests`);
    const pulls = associated.nodes.map((node): Pull => ({
      number: node.number,
      url: node.url,
      state: node.state.toLowerCase() as Pull['state'],
      into: node.baseRefName,
      head: {
        sha: node.headRefOid,
        branch: node.headRefName,
        repository: node.headRepository?.nameWithOwner ?? null,
      },
      mergeSha: node.mergeCommit?.oid ?? null,
      retargetedAt: retargetedAt(node),
    }));
    const found = { tree, defaultBranch, pulls };
    const [one, ...more] = bringing(sources.request.sha, pulls);
    return { ...found, head: one && more.length === 0 ? await readHead(one, found, needs, sources) : null };
  },
});

async function readHead(
  pull: Pull,
  { tree }: Pick<Head, 'tree'>,
  needs: readonly (readonly WorkflowNeed[])[],
  sources: Sources,
): Promise<Head['head']> {
  const { sha, branch, repository } = pull.head;
  const document = repositoryQuery('GatePullHead', [treePart, checksPart, rivalsPart]);
  const answer = await sources.github.graphql<{ repository: HeadAnswer }>(document, { sha, branch });
  const commit = commitIn(answer.repository, { ...sources, request: { ...sources.request, sha } });
  const rivals = answer.repository.pullRequests;
  if (!commit.tree || !rivals) throw new Unknowable(`GitHub does not tell the head of #${pull.number}`);
  const nothing = { runs: [], posted: [], statuses: [], truncated: [] };
  const last = rivals.nodes.at(-1);
  return {
    tree: commit.tree.oid,
    rivals: rivals.nodes
      .filter((node) => node.number !== pull.number && node.headRepository?.nameWithOwner === repository)
      .map((node) => ({
        number: node.number,
        into: node.baseRefName,
        createdAt: instantOf(node.createdAt),
        closedAt: node.closedAt === null ? null : instantOf(node.closedAt),
        retargetedAt: retargetedAt(node),
      })),
    rivalsSince: rivals.pageInfo.hasNextPage && last ? instantOf(last.updatedAt) : null,
    seen: commit.tree.oid === tree ? await readSeen(sources, commit, needs.flat(), { repository }) : nothing,
  };
}
