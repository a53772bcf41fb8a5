import * as z from 'zod';
import { instantSchema, nameSchema, shaSchema } from './formats.js';

const id = z.int().positive();
const count = z.int().nonnegative();

/** Who made a commit or pull request. */
const personSchema = z.strictObject({
  name: z.string(),
  /** GitHub login, where the address a commit was made with says it. */
  login: z.string().optional(),
  bot: z.boolean(),
});

/** Where deployments are read from: one source a report, so that nothing is counted twice. */
export const deploymentSourceSchema = z.enum(['ledger', 'deployments', 'releases', 'tags', 'runs']);
export type DeploymentSource = z.output<typeof deploymentSourceSchema>;

const deploymentSchema = z.strictObject({
  id,
  source: deploymentSourceSchema.default('ledger'),
  service: nameSchema,
  environment: z.string(),
  sha: shaSchema,
  version: z.string(),
  kind: z.enum(['release', 'hotfix', 'rollback']),
  /** For a rollback: the Deployment it took back. */
  previous: id.optional(),
  /** The run that made it, where one is known. */
  run: z.strictObject({ id, attempt: id }).optional(),
  /** Its own page, where it has one. */
  url: z.string().optional(),
  createdAt: instantSchema,
  /** Oldest first. */
  statuses: z.array(z.strictObject({ state: z.string(), at: instantSchema })),
  /** Reasons why it is shown and not counted. */
  distrust: z.array(z.string()),
});

const incidentSchema = z.strictObject({
  /** Number of the issue, or its key in the tool it was exported from. */
  key: z.string(),
  source: z.enum(['suite', 'label', 'pagerduty', 'opsgenie', 'jira']).default('suite'),
  url: z.string(),
  title: z.string(),
  openedAt: instantSchema,
  closedAt: instantSchema.optional(),
  severity: z.string().optional(),
  /**
   * What it belongs to. Undefined where the hidden marker is missing or was last edited by someone else: shown and not
   * counted.
   */
  marker: z
    .strictObject({
      service: nameSchema.optional(),
      environment: nameSchema,
      causedBy: id.optional(),
      /** A deployed commit that is named as the cause, whole or at least 7 characters of it. */
      causedBySha: z.string().optional(),
    })
    .optional(),
});

const commitSchema = z.strictObject({
  oid: shaSchema,
  parents: z.array(shaSchema),
  committedAt: instantSchema,
  authoredAt: instantSchema,
  headline: z.string(),
  author: personSchema.optional(),
  /** Whole shas, or at least 7 characters of them. */
  reverts: z.array(z.string().regex(/^[0-9a-f]{7,40}$/)),
  /** As `owner/repository#number`, lower case. */
  revertsPulls: z.array(z.string()).default([]),
  pull: z.string().optional(),
  /** Services of whose paths it changed something; undefined where no paths were asked for. */
  touches: z.array(z.string()).optional(),
});

const pullSchema = z.strictObject({
  number: id,
  url: z.string(),
  title: z.string(),
  author: personSchema,
  labels: z.array(z.string()),
  createdAt: instantSchema,
  mergedAt: instantSchema,
  mergeCommit: shaSchema.optional(),
  /** How many commits it had. */
  commits: count,
  firstCommitAt: instantSchema.optional(),
  /** Of someone else than its author. */
  firstReviewAt: instantSchema.optional(),
  approvedAt: instantSchema.optional(),
});

/** Everything the numbers are made of, as it was read: the same facts and question give the same report. */
export const doraFactsSchema = z.strictObject({
  readAt: instantSchema,
  /** Address of the repository's pages, for links. */
  repositoryUrl: z.string(),
  /** Newest first. */
  deployments: z.array(deploymentSchema),
  incidents: z.array(incidentSchema),
  commits: z.array(commitSchema),
  /** Merged pull requests; undefined where they were not read. */
  pulls: z.array(pullSchema).optional(),
  /**
   * Deployments of each service whose commits were read, in the order they went live; the first says what was there
   * before.
   */
  chains: z.array(z.array(id)),
  /** For each chain: commits known to be below its first deployment, where a clone said so. */
  liveBefore: z.array(z.array(shaSchema)).default([]),
  /** Deployed shas the repository no longer has. */
  missingCommits: z.array(shaSchema),
  /** Whether all there was could be read. */
  complete: z.strictObject({ deployments: z.boolean(), commits: z.boolean() }),
  /** What a reader should know of how they were read. */
  notes: z.array(z.string()).default([]),
  requests: z.strictObject({
    deployments: count,
    commits: count,
    incidents: count,
    pulls: count.default(0),
  }),
});
export type DoraFacts = z.output<typeof doraFactsSchema>;
export type DeploymentFact = DoraFacts['deployments'][number];
export type IncidentFact = DoraFacts['incidents'][number];
export type CommitFact = DoraFacts['commits'][number];
export type PullFact = NonNullable<DoraFacts['pulls']>[number];
