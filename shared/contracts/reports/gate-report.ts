import * as z from 'zod';
import { digestSchema, instantSchema, nameSchema, shaSchema } from '../formats.js';
import { verdictSchema } from '../verdict.js';

/** The digest of a question that is asked before anything is built: no artifact has it. */
export const nothingBuilt = `sha256:${'0'.repeat(64)}`;

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
  /**
   * A pull request that is not merged yet. `sha` is then the merge by which GitHub tries it, or, released from its
   * branch, its last commit. No verdict comes of it.
   */
  ahead: z
    .strictObject({
      pull: z.int().positive(),
      way: z.enum(['merge', 'branch']),
      head: shaSchema,
      branch: z.string(),
      into: z.string(),
    })
    .optional(),
});

export type GateRequest = z.output<typeof gateRequestSchema>;

const linkSchema = z.strictObject({ text: z.string(), url: z.string() });

/** What one gate said. `hold` means that time alone can make it pass. */
export const gateJudgementSchema = z.strictObject({
  gate: z.string(),
  result: z.enum(['pass', 'hold', 'fail']),
  reason: z.string(),
  /** When a held gate opens, where that is known. */
  opensAt: instantSchema.optional(),
  /** Until when a pass lasts, where it does not last. */
  closesAt: instantSchema.optional(),
  /** Before a merge: it is shown and decides nothing, since the pull request cannot change it. */
  advisory: z.literal(true).optional(),
  /** What was seen and not counted. */
  notes: z.array(z.string()),
  evidence: z.array(linkSchema),
});

export type GateJudgement = z.output<typeof gateJudgementSchema>;

/** A policy of another repository that the policy builds on, as it was read. */
export const basePolicySchema = z.strictObject({
  repository: z.string(),
  path: z.string(),
  sha: shaSchema,
  text: z.string(),
});

export type BasePolicy = z.output<typeof basePolicySchema>;

/** The report of a gate check without a word on its evidence, which only gate-check itself reads. */
export const gateDecisionSchema = z.strictObject({
  schema: z.literal('devops-actions/gate-report@1'),
  result: z.enum(['pass', 'hold', 'fail']),
  message: z.string(),
  request: gateRequestSchema,
  /** When it was judged. */
  now: instantSchema,
  /** Text of the policy file at the request's policy commit. */
  policy: z.string(),
  /** What the policy extends, and the gates of it that it leaves out or sets otherwise. */
  base: basePolicySchema
    .extend({ replaced: z.array(z.strictObject({ gate: z.string(), reason: z.string() })) })
    .optional(),
  evidence: z.unknown(),
  gates: z.array(gateJudgementSchema).min(1),
  /** When all gates pass by the evidence at hand, if nothing else changes. */
  opensAt: instantSchema.optional(),
  verdict: verdictSchema.optional(),
});

export type GateDecision = z.output<typeof gateDecisionSchema>;
