import type * as z from 'zod';
import type {
  EvidenceNeed,
  GateEvidence,
  GateRequest,
  Piece,
} from '../../../shared/contracts/gate-evidence.js';

/** The world as a gate sees it: what is asked, and what was found out. */
export interface Facts {
  request: GateRequest;
  evidence: GateEvidence;
}

interface Said {
  reason: string;
  /** What was seen and not counted. */
  notes?: string[];
  evidence?: { text: string; url: string }[];
}

/** A gate's answer. Instants are epoch milliseconds. */
export type GateResult =
  /** `waived` says what did not hold and was let through all the same; it stands in the verdict and the Deployment. */
  | ({ is: 'pass'; closesAt?: number | undefined; waived?: string } & Said)
  /** Time alone can make it pass; `opensAt` where the time is known. */
  | ({ is: 'hold'; opensAt?: number | undefined } & Said)
  | ({ is: 'fail' } & Said);

/** One gate as data: its part of the policy, what it has to know, and its judgement, which is pure. */
export interface Gate<S extends z.ZodType = z.ZodType> {
  name: string;
  schema: S;
  needs(config: z.output<S>, request: { environment: string }): EvidenceNeed[];
  judge(config: z.output<S>, facts: Facts, now: number): GateResult;
}

/** Ties schema and judgement of a gate together, and hides the type of its configuration from the registry. */
export function defineGate<S extends z.ZodType>(gate: Gate<S>): Gate {
  return gate as unknown as Gate;
}

/** The value of a piece of evidence, or the failure of the gate that needs it: what is not known never passes. */
export function known<T>(
  piece: Piece<T> | undefined,
  what: string,
): { value: T; failure?: never } | { value?: never; failure: GateResult } {
  if (piece?.is === 'known') return { value: piece.value };
  const reason = piece?.reason ?? 'it was not looked up';
  const fix = piece?.permission
    ? ` Add to this job: permissions: { ${piece.permission.replace(/\n\s*/g, ', ')} }`
    : '';
  return {
    failure: {
      is: 'fail',
      reason: `${what} could not be read, and what is not known does not pass: ${reason}.${fix}`,
    },
  };
}

/** A commit for people. */
export const shortSha = (sha: string): string => sha.slice(0, 12);

/** Same name, as GitHub compares names of environments and the ledger those of services. */
export const sameName = (a: string, b: string): boolean => a.toLowerCase() === b.toLowerCase();
