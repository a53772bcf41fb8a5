import * as z from 'zod';
import { instantSchema } from '../../shared/contracts/formats.js';
import { gateEvidenceSchema } from './evidence/registry.js';
import { gateRequestSchema } from './request.js';
import { verdictSchema } from '../../shared/contracts/verdict.js';

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
  /** What was seen and not counted. */
  notes: z.array(z.string()),
  evidence: z.array(linkSchema),
});

export type GateJudgement = z.output<typeof gateJudgementSchema>;

/** The report of a gate check: the decision, and all it was made from, so that it can be made again from the file alone. */
export const gateReportSchema = z.strictObject({
  schema: z.literal('devops-actions/gate-report@1'),
  result: z.enum(['pass', 'hold', 'fail']),
  message: z.string(),
  request: gateRequestSchema,
  /** When it was judged. */
  now: instantSchema,
  /** Text of the policy file at the request's policy commit. */
  policy: z.string(),
  evidence: gateEvidenceSchema,
  gates: z.array(gateJudgementSchema).min(1),
  /** When all gates pass by the evidence at hand, if nothing else changes. */
  opensAt: instantSchema.optional(),
  verdict: verdictSchema.optional(),
});

export type GateReport = z.output<typeof gateReportSchema>;
