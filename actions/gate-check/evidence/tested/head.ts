import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { repositoryQuery } from '../../../../shared/github/repository-query.js';
import { sameName } from '../../../../shared/ledger/names.js';
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

/** The last commit of a pull request, and what stands on it. */
const readSchema = z.strictObject({
  /** Number of the pull request. */
  pull: whole.optional(),
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
});

const schema = z.strictObject({
  /** This one, as owner/name. */
  repository: z.string().optional(),
  /** Of the released commit. */
  tree: shaSchema,
  defaultBranch: z.string(),
  /** Pull requests that GitHub associates with the released commit. */
  pulls: z.array(pullSchema),
  /** The last commit of the one that brought it; null where that is none, or several. */
  head: readSchema.nullable(),
  /** Those of further ones, where the policy asks for pull requests into several branches. */
  more: z.array(readSchema).optional(),
});

/** The head of the pull request that brought the released commit, and what stands on it. */
export type Head = z.output<typeof schema>;
type Pull = Head['pulls'][number];
type Read = NonNullable<Head['head']>;

/**
 * The pull requests that brought a commit into a branch: merged as this commit, or open with it as last commit. One in
 * which it is only contained was tested as something else. Anybody may open another one of the same last commit, and
 * GitHub takes that for merged together with the first: so one into the branch goes before one into another, a merged
 * one before an open one, one of this repository before one of a fork, and of several with the same last commit the
 * first. `others` are those that do not count.
 */
export function bringing(
  sha: string,
  { pulls, repository, defaultBranch }: Pick<Head, 'pulls' | 'repository' | 'defaultBranch'>,
  into = defaultBranch,
): { found: Pull[]; others: Pull[] } {
  const all = pulls.filter(
    ({ state, mergeSha, head }) =>
      (state === 'merged' && mergeSha === sha) || (state === 'open' && head.sha === sha),
  );
  const better: ((pull: Pull) => boolean)[] = [
    (pull) => pull.into === into,
    ({ state }) => state === 'merged',
    ({ head }) => repository !== undefined && sameName(head.repository ?? '', repository),
  ];
  const chosen = better.reduce((left, is) => (left.some(is) ? left.filter(is) : left), all);
  const [first] = [...chosen].sort((a, b) => a.number - b.number);
  const found = first && chosen.every(({ head }) => head.sha === first.head.sha) ? [first] : chosen;
  return { found, others: all.filter((pull) => !found.includes(pull)) };
}

/** What is asked of the head of the pull request that went into a branch, by default the default branch. */
export interface HeadNeed {
  into: string | undefined;
  runs: readonly WorkflowNeed[];
}

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
  first: (_needs: readonly (readonly HeadNeed[])[], { request: { sha } }) => ({
    part: {
      variables: { ...treePart.variables, ...bringingPart.variables },
      members: `${treePart.members}\n${bringingPart.members}`,
    },
    variables: { sha },
  }),
  collect: async (needs: readonly (readonly HeadNeed[])[], sources): Promise<Head> => {
    const answer = await sources.first<BringingAnswer>('head');
    const tree = commitIn(answer, sources).tree?.oid;
    const associated = answer.object?.associatedPullRequests;
    const defaultBranch = answer.defaultBranchRef?.name;
    if (!tree || !associated || !defaultBranch)
      throw new Unknowable('GitHub does not say by which pull request the commit came');
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
    const { owner, repository } = sources.github;
    const found = { repository: `${owner}/${repository}`, tree, defaultBranch, pulls };
    const asked = needs.flat();
    const each = [...new Set(asked.map(({ into }) => into))].map((into) => ({
      chosen: bringing(sources.request.sha, found, into).found,
      runs: asked.filter((one) => one.into === into).flatMap(({ runs }) => runs),
    }));
    // Those that GitHub lists first are the oldest, so one that was merged is not pushed out by later ones.
    if (associated.pageInfo.hasNextPage && each.some(({ chosen: [one] }) => one?.state !== 'merged'))
      throw new Unknowable(`the commit is in more than ${associated.nodes.length} pull requests`);
    const heads = new Map<number, Pull>();
    for (const { chosen } of each) if (chosen.length === 1) heads.set(chosen[0]!.number, chosen[0]!);
    const [head = null, ...more] = await Promise.all(
      [...heads.values()].map((pull) =>
        readHead(
          pull,
          found,
          each.filter(({ chosen }) => chosen.includes(pull)).flatMap(({ runs }) => runs),
          sources,
        ),
      ),
    );
    return { ...found, head, ...(more.length > 0 ? { more } : {}) };
  },
});

async function readHead(
  pull: Pull,
  { tree }: Pick<Head, 'tree'>,
  runs: readonly WorkflowNeed[],
  sources: Sources,
): Promise<Read> {
  const { sha, branch, repository } = pull.head;
  const document = repositoryQuery('GatePullHead', [treePart, checksPart, rivalsPart]);
  const answer = await sources.github.graphql<{ repository: HeadAnswer }>(document, { sha, branch });
  const commit = commitIn(answer.repository, { ...sources, request: { ...sources.request, sha } });
  const rivals = answer.repository.pullRequests;
  if (!commit.tree || !rivals) throw new Unknowable(`GitHub does not tell the head of #${pull.number}`);
  const nothing = { runs: [], posted: [], statuses: [], truncated: [] };
  const last = rivals.nodes.at(-1);
  return {
    pull: pull.number,
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
    seen: commit.tree.oid === tree ? await readSeen(sources, commit, runs, { repository }) : nothing,
  };
}
