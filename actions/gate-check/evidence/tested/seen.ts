import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { identityOf } from '../../../../shared/ledger/record.js';
import type { CommitNode, SuiteNode } from '../code/commit-query.js';
import { whole } from '../evidence.js';

const checkState = {
  /** `completed`, or what it is doing instead. */
  status: z.string(),
  conclusion: z.string().nullable(),
  url: z.string(),
};

export const workflowRunSchema = z.strictObject({
  id: whole,
  /** Counts up for each workflow. */
  number: whole,
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  /** Of the head commit; missing where GitHub does not say. */
  tree: shaSchema.optional(),
  /** The branch it ran for, of a pull request the one it comes from; null where GitHub does not say. */
  branch: z.string().nullable().optional(),
  /** The repository of that branch, as owner/name. */
  repository: z.string().nullable().optional(),
  /** Epoch milliseconds. */
  createdAt: z.number().optional(),
  /** The newest attempt. */
  attempt: whole,
  status: z.string(),
  /** Of the newest attempt; null while it is not complete. */
  conclusion: z.string().nullable().optional(),
  jobs: z.array(z.strictObject({ id: whole, name: z.string(), attempt: whole, ...checkState })),
});

/**
 * A run of a workflow on a commit with its jobs of every attempt, as the Actions API knows them: nothing else can write
 * these.
 */
export type WorkflowRunEvidence = z.output<typeof workflowRunSchema>;

const postedCheckSchema = z.strictObject({
  id: whole,
  name: z.string(),
  app: z.strictObject({ id: whole, slug: z.string() }).nullable(),
  /** The workflow run of the suite it stands in; a check posted with a job's token can stand in the suite of any. */
  run: z.strictObject({ id: whole, workflow: z.string(), event: z.string() }).nullable(),
  ...checkState,
});

/** A check run as it stands on the commit, whoever posted it. */
export type PostedCheck = z.output<typeof postedCheckSchema>;

/** What stands on one commit. */
export const seenSchema = z.strictObject({
  runs: z.array(workflowRunSchema),
  /** Of the repository, where the commit is the released one. */
  defaultBranch: z.string().optional(),
  posted: z.array(postedCheckSchema),
  statuses: z.array(
    z.strictObject({
      context: z.string(),
      state: z.string(),
      creator: z.strictObject({ login: z.string(), bot: z.boolean() }),
      url: z.string(),
    }),
  ),
  /** What could not be read whole; a requirement that falls into it is unknown. */
  truncated: z.array(z.string()),
});

/** Runs, checks and statuses of one commit. */
export type Seen = z.output<typeof seenSchema>;

/** The slug is reserved; the id differs on GitHub Enterprise Server. */
export const isActions = (suite: SuiteNode): boolean => suite.app?.slug === 'github-actions';

/** What a commit's document says, and the runs that were read beside it. */
export function seenOf(
  { checkSuites, status }: CommitNode,
  runs: readonly { run: WorkflowRunEvidence; jobsTruncated: boolean }[],
): Seen {
  const suites = checkSuites?.nodes ?? [];
  return {
    runs: runs.map(({ run }) => run),
    posted: suites.flatMap(readPosted),
    statuses: (status?.contexts ?? []).map(({ context, state, targetUrl, creator }) => ({
      context,
      state: state.toLowerCase(),
      creator: identityOf(creator),
      url: targetUrl ?? '',
    })),
    truncated: [
      ...(checkSuites?.pageInfo.hasNextPage ? ['check-suites'] : []),
      ...(suites.some((suite) => !isActions(suite) && suite.checkRuns?.pageInfo.hasNextPage)
        ? ['check-runs']
        : []),
      ...(runs.some(({ jobsTruncated }) => jobsTruncated) ? ['jobs'] : []),
    ],
  };
}

function readPosted(suite: SuiteNode): PostedCheck[] {
  const { app, workflowRun: run } = suite;
  return (suite.checkRuns?.nodes ?? []).map((check) => ({
    id: check.databaseId ?? 0,
    name: check.name,
    app: app ? { id: app.databaseId ?? 0, slug: app.slug } : null,
    run: run
      ? { id: run.databaseId ?? 0, workflow: workflowOf(suite) ?? 'an unknown workflow', event: run.event }
      : null,
    status: check.status.toLowerCase(),
    conclusion: check.conclusion?.toLowerCase() ?? null,
    url: check.detailsUrl ?? '',
  }));
}

/** The workflow's path as GraphQL has it: good enough to choose what to look up, not to believe. */
export function workflowOf({ workflowRun }: SuiteNode): string | undefined {
  const file = workflowRun?.workflow?.resourcePath.split('/').at(-1);
  return workflowRun?.file?.path ?? (file ? `.github/workflows/${file}` : undefined);
}
