import * as z from 'zod';
import { deploymentPayloadSchema } from './deployment.js';
import { digestSchema, nameSchema, shaSchema } from './formats.js';

/** What is asked: may this release go to this environment, in this attempt of this run. */
export const gateRequestSchema = z.strictObject({
  environment: nameSchema,
  service: nameSchema,
  sha: shaSchema,
  digest: digestSchema,
  /** What the caller says is released; a request, not a proof. */
  kind: z.enum(['release', 'hotfix']),
  /** Who asks. */
  actor: z.string(),
  run: z.strictObject({ id: z.int().positive(), attempt: z.int().positive() }),
  /** Address of the repository's page, the root of evidence links. */
  repositoryUrl: z.string(),
  policy: z.strictObject({ path: z.string(), commit: shaSchema }),
});

export type GateRequest = z.output<typeof gateRequestSchema>;

/** A piece of evidence: known, or unknown with the reason and, where that is the cause, the missing permission. */
function piece<S extends z.ZodType>(value: S) {
  return z.discriminatedUnion('is', [
    z.strictObject({ is: z.literal('known'), value }),
    z.strictObject({ is: z.literal('unknown'), reason: z.string(), permission: z.string().optional() }),
  ]);
}

export type Piece<T> =
  { is: 'known'; value: T } | { is: 'unknown'; reason: string; permission?: string | undefined };

const checkState = {
  /** `completed`, or what it is doing instead. */
  status: z.string(),
  conclusion: z.string().nullable(),
  url: z.string(),
};

const workflowRunSchema = z.strictObject({
  id: z.int(),
  /** Counts up for each workflow. */
  number: z.int(),
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  /** The newest attempt. */
  attempt: z.int(),
  status: z.string(),
  jobs: z.array(z.strictObject({ id: z.int(), name: z.string(), attempt: z.int(), ...checkState })),
});

/** A run of a workflow on the commit with its jobs of every attempt, as the Actions API knows them: nothing else can write these. */
export type WorkflowRunEvidence = z.output<typeof workflowRunSchema>;

const postedCheckSchema = z.strictObject({
  id: z.int(),
  name: z.string(),
  app: z.strictObject({ id: z.int(), slug: z.string() }).nullable(),
  /** The workflow run of the suite it stands in; a check posted with a job's token can stand in the suite of any. */
  run: z.strictObject({ id: z.int(), workflow: z.string(), event: z.string() }).nullable(),
  ...checkState,
});

/** A check run as it stands on the commit, whoever posted it. */
export type PostedCheck = z.output<typeof postedCheckSchema>;

const checksSchema = z.strictObject({
  runs: z.array(workflowRunSchema),
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

const deploymentStates = [
  'queued',
  'pending',
  'waiting',
  'in_progress',
  'success',
  'failure',
  'error',
  'inactive',
] as const;

const identity = z.strictObject({ login: z.string(), bot: z.boolean() });

const recordSchema = z.strictObject({
  id: z.int().positive(),
  environment: z.string(),
  service: z.string(),
  sha: z.string(),
  createdAt: z.number(),
  by: identity,
  payload: deploymentPayloadSchema,
  statuses: z.array(
    z.strictObject({
      state: z.enum(deploymentStates),
      at: z.number(),
      by: identity,
      description: z.string(),
    }),
  ),
  /** Reasons of the ledger against the record's author. */
  distrust: z.array(z.string()),
  /** Reasons against its run and tree; undefined where they were not looked up. */
  doubts: z.array(z.string()).optional(),
});

/** A ledger record as the gates judge it. */
export type EvidenceRecord = z.output<typeof recordSchema>;

const incidentSchema = z.strictObject({
  number: z.int(),
  url: z.string(),
  title: z.string(),
  severity: z.enum(['critical', 'high', 'medium', 'low']).nullable(),
  services: z.array(z.string()),
  /** From our own marker; null when there is none. */
  environment: z.string().nullable(),
  /** Opened by the suite and edited by nobody else. */
  trusted: z.boolean(),
});

export type IncidentEvidence = z.output<typeof incidentSchema>;

const comparisonStatus = z.enum(['ahead', 'behind', 'diverged', 'identical']);

/** All that was found out, by kind; a kind that no gate asked for is missing. */
export const gateEvidenceSchema = z.strictObject({
  commit: piece(z.strictObject({ sha: shaSchema, tree: shaSchema })).optional(),
  checks: piece(checksSchema).optional(),
  /** Records of the service in the environments asked for, newest first. */
  deployments: piece(
    z.strictObject({ environments: z.array(z.string()), records: z.array(recordSchema) }),
  ).optional(),
  /** Open ones. */
  incidents: piece(z.array(incidentSchema)).optional(),
  /** The released commit against the live one. `live` is null when nothing is live by the ledger. */
  comparison: piece(
    z.strictObject({
      live: z.strictObject({ deployment: z.int(), sha: shaSchema, status: comparisonStatus }).nullable(),
    }),
  ).optional(),
  /** Branches that match the patterns asked for, each with whether it contains the released commit. */
  branches: piece(
    z.strictObject({
      heads: z.array(z.strictObject({ name: z.string(), sha: shaSchema, contains: z.boolean() })),
      truncated: z.boolean(),
    }),
  ).optional(),
});

export type GateEvidence = z.output<typeof gateEvidenceSchema>;
export type EvidenceKind = keyof GateEvidence;

/** What a gate has to know before it can judge. */
export type EvidenceNeed =
  | { kind: 'commit' }
  | { kind: 'checks'; workflows: readonly string[] }
  | { kind: 'deployments'; environments: readonly string[] }
  | { kind: 'incidents' }
  | { kind: 'comparison' }
  | { kind: 'branches'; patterns: readonly string[] };
