import { coded, type Refusal } from './refusal-codes.js';
import * as z from 'zod';
import { parseInstant } from '../time/instant.js';
import { severitySchema } from './severity.js';
import { digestSchema, instantSchema, nameSchema, shaSchema } from './formats.js';

/** A gate that did not pass by itself, let through by someone allowed to. */
export const waiverSchema = z.strictObject({ gate: z.string(), reason: z.string(), by: z.string() });

/** From the policy: open incidents at or above this block a release, but for those let through by number. */
export const incidentRuleSchema = z.strictObject({ blockAt: severitySchema, waived: z.array(z.int()) });

/**
 * What gate-check hands to the switch: this release, and no other, may go to this environment, in this attempt of this
 * run, until it expires. There is no verdict for anything but a pass.
 */
export const verdictSchema = z.strictObject({
  schema: z.literal('devops-actions/verdict@1'),
  result: z.literal('pass'),
  environment: nameSchema,
  service: nameSchema,
  kind: z.enum(['release', 'hotfix']),
  sha: shaSchema,
  digest: digestSchema,
  policyCommit: shaSchema,
  runId: z.int().positive(),
  attempt: z.int().positive(),
  issuedAt: instantSchema,
  /** The earlier of the policy's validity and the end of the allowed window. */
  expiresAt: instantSchema,
  gates: z.array(z.string()).min(1),
  incidents: incidentRuleSchema.optional(),
  waivers: z.array(waiverSchema),
});

export type Verdict = z.output<typeof verdictSchema>;

/** What the asker is about to do, to be compared with what was allowed. */
export interface Claim {
  environment: string;
  service: string;
  /** Undefined where the asker does not say, as the switch of what was reserved. */
  kind?: Verdict['kind'];
  sha: string;
  digest: string;
  runId: number;
  attempt: number;
  /** Epoch milliseconds. */
  now: number;
}

/** The longest a policy can make a verdict last, in milliseconds. */
const longestMs = 86_400_000;

export type VerdictCheck = { accepted: true; verdict: Verdict } | { accepted: false; reasons: Refusal[] };

/** Whether a verdict allows exactly this claim; every reason against it is listed. */
export function checkVerdict(text: string | undefined, claim: Claim): VerdictCheck {
  if (!text) {
    return {
      accepted: false,
      reasons: [
        coded(
          'verdict-missing',
          'there is no verdict: pass the output "verdict" of a gate-check job of this run',
        ),
      ],
    };
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    return {
      accepted: false,
      reasons: [
        coded(
          'verdict-unreadable',
          'the verdict is not JSON: pass the output "verdict" of gate-check unchanged',
        ),
      ],
    };
  }
  const parsed = verdictSchema.safeParse(json);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(
      (issue) => `${issue.path.join('.') || 'verdict'}: ${issue.message}`,
    );
    return {
      accepted: false,
      reasons: [coded('verdict-unreadable', `the verdict is not one of gate-check's (${wrong.join('; ')})`)],
    };
  }
  const verdict = parsed.data;
  const reasons: Refusal[] = [];
  for (const field of ['environment', 'service', 'sha', 'digest', 'runId'] as const) {
    // Names of environments and services have no case; the rest is lower case already.
    if (String(verdict[field]).toLowerCase() !== String(claim[field]).toLowerCase())
      reasons.push(
        coded(
          'verdict-for-another-release',
          `the verdict is for ${field} ${verdict[field]}, this is ${claim[field]}`,
        ),
      );
  }
  if (claim.kind !== undefined && verdict.kind !== claim.kind) {
    reasons.push(
      coded('verdict-for-another-release', `the verdict is for a ${verdict.kind}, this is a ${claim.kind}`),
    );
  }
  if (verdict.attempt !== claim.attempt) {
    reasons.push(
      coded(
        'verdict-of-another-attempt',
        `the verdict was given in attempt ${verdict.attempt}, this is attempt ${claim.attempt}: choose "Re-run all jobs", so that the gate looks again`,
      ),
    );
  }
  const expiresAt = parseInstant(verdict.expiresAt) ?? 0;
  if (expiresAt - (parseInstant(verdict.issuedAt) ?? 0) > longestMs)
    reasons.push(coded('verdict-too-long', 'the verdict claims to last longer than a day'));
  if (claim.now >= expiresAt)
    reasons.push(coded('verdict-expired', `the verdict expired at ${verdict.expiresAt}: run the gate again`));
  if (claim.now < (parseInstant(verdict.issuedAt) ?? Infinity) - 60_000) {
    reasons.push(
      coded('verdict-from-the-future', `the verdict is dated ${verdict.issuedAt}, which has not come yet`),
    );
  }
  return reasons.length > 0 ? { accepted: false, reasons } : { accepted: true, verdict };
}
