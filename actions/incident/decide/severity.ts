import { coded, type Refusal } from '../../../shared/contracts/refusal-codes.js';
import type { Severity } from '../../../shared/contracts/severity.js';
import { severitySchema } from '../../../shared/contracts/severity.js';
import { isAtLeast, type Role } from '../../../shared/github/role.js';

/** Who asks for what. */
export interface SeverityQuestion {
  current: Severity;
  asked: Severity | null;
  /** Login of who asks. */
  by: string;
  /** Role read now; null where it could not be read. */
  role: Role | null;
  /** Least role of who may lower it. */
  lowerRole: Role;
  reason: string;
}

export type SeverityAnswer =
  { is: 'kept' | 'raised' | 'lowered'; severity: Severity } | { is: 'refused'; why: Refusal };

/** Shortest reason for less severity, in characters. */
const shortestReason = 10;

/** A severity may be raised by everybody who may triage, and lowered with more rights and a reason only. */
export function decideSeverity(question: SeverityQuestion): SeverityAnswer {
  const { current, asked, by, role, lowerRole, reason } = question;
  if (asked === null || asked === current) return { is: 'kept', severity: current };
  const rank = (severity: Severity) => severitySchema.options.indexOf(severity);
  if (rank(asked) < rank(current)) return { is: 'raised', severity: asked };
  if (!isAtLeast(role ?? undefined, lowerRole))
    return {
      is: 'refused',
      why: coded(
        'triage-not-allowed',
        `${by} has the role ${role ?? 'none that could be read'}, and only ${lowerRole} or above may lower ${current} to ${asked}. Fix: ask one of them to run this mode, or change triage.lower-role in the file of incidents`,
      ),
    };
  if (reason.trim().length < shortestReason)
    return {
      is: 'refused',
      why: coded(
        'triage-not-allowed',
        `lowering ${current} to ${asked} needs a reason of at least ${shortestReason} characters. Fix: under "with:" add  text: why it is less bad`,
      ),
    };
  return { is: 'lowered', severity: asked };
}
