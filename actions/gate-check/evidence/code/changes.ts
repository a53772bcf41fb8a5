import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { commitsOnPage, compareWhole, type Comparison } from './compare.js';
import { comparison } from '../comparison.js';
import { defineEvidence, Unknowable, type Sources, whole } from '../evidence.js';
import { pullSchema, readPulls } from './pulls.js';

export type { Pull } from './pulls.js';

const schema = z.strictObject({
  /** The commit since which changes are listed; null when nothing is live. */
  base: z
    .strictObject({ sha: shaSchema, status: z.enum(['ahead', 'behind', 'diverged', 'identical']) })
    .nullable(),
  /** Oldest first. */
  commits: z.array(
    z.strictObject({
      sha: shaSchema,
      title: z.string(),
      author: z.string().nullable(),
      /** Numbers of the pull requests that brought it. */
      pulls: z.array(z.int().positive()),
      /** Whether it is in more pull requests than are read; those that are left out are the newest. */
      morePulls: z.literal(true).optional(),
    }),
  ),
  pulls: z.array(pullSchema),
  files: z.array(
    z.strictObject({
      path: z.string(),
      /** The path before, of a renamed file. */
      was: z.string().optional(),
      status: z.string(),
      added: whole,
      removed: whole,
    }),
  ),
  /** Whether there are more files than GitHub lists. */
  filesTruncated: z.boolean(),
});

export type Changes = z.output<typeof schema>;

/** Most commits since what is live that are looked at. */
const mostCommits = 1_000;

/** Files that a comparison lists at most. */
const mostFiles = 300;

/**
 * What the release brings against what is live: commits, the pull requests they came by with their reviews, and files.
 * Where nothing is live, the released commit alone.
 */
export const changes = defineEvidence({
  kind: 'changes',
  what: 'what changed since the live release',
  schema,
  permission: { contents: 'read', 'pull-requests': 'read' },
  restsOn: { [comparison.kind]: () => true },
  collect: async (_needs: readonly true[], sources): Promise<Changes> => {
    const { live } = await sources.valueOf(comparison);
    const none = { commits: [], pulls: [], files: [], filesTruncated: false };
    if (live?.status === 'identical') return { ...none, base: { sha: live.sha, status: 'identical' } };
    const compared = live ? await compareWhole(sources, live.sha) : undefined;
    const listed = compared ? await allCommits(sources, live!.sha, compared) : await onlyCommit(sources);
    const { byCommit, pulls } = await readPulls(sources, listed);
    const files = compared?.files ?? [];
    return {
      base: live && compared ? { sha: live.sha, status: compared.status } : null,
      commits: listed.map(({ sha, commit, author }) => ({
        sha,
        title: commit.message.split('\n')[0] ?? '',
        author: loginOf(author),
        pulls: byCommit.get(sha)?.pulls ?? [],
        ...(byCommit.get(sha)?.more ? { morePulls: true as const } : {}),
      })),
      pulls,
      files: files.map(({ filename, previous_filename, status, additions, deletions }) => ({
        path: filename,
        ...(previous_filename ? { was: previous_filename } : {}),
        status,
        added: additions,
        removed: deletions,
      })),
      filesTruncated: files.length >= mostFiles,
    };
  },
});

type Listed = Pick<Comparison['commits'][number], 'sha' | 'node_id' | 'commit' | 'author'>;

/** GitHub answers an account, nothing, or an empty object. */
const loginOf = (author: Listed['author']): string | null =>
  author && 'login' in author && typeof author.login === 'string' ? author.login : null;

async function allCommits(sources: Sources, base: string, first: Comparison): Promise<Listed[]> {
  const { github, request } = sources;
  if (first.total_commits > mostCommits)
    throw new Unknowable(
      `${first.total_commits} commits lie between ${base.slice(0, 12)} and the release, and at most ${mostCommits} are looked at`,
    );
  const commits = [...first.commits];
  for (let page = 2; commits.length < first.total_commits; page++) {
    const more = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
      basehead: `${base}...${request.sha}`,
      per_page: commitsOnPage,
      page,
    });
    if (more.commits.length === 0) throw new Unknowable('the list of commits since the live release was cut');
    commits.push(...more.commits);
  }
  return commits;
}

async function onlyCommit({ github, request }: Sources): Promise<Listed[]> {
  return [await github.rest('GET /repos/{owner}/{repo}/commits/{ref}', { ref: request.sha })];
}
