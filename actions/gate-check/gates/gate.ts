import type * as z from 'zod';
import type { Verdict } from '../../../shared/contracts/verdict.js';
import type {
  EvidenceDetail,
  EvidenceKind,
  EvidenceNeed,
  EvidenceValue,
  GateEvidence,
} from '../evidence/registry.js';
import { evidenceKinds } from '../evidence/registry.js';
import type { GateRequest } from '../../../shared/contracts/gate-report.js';

interface Answer {
  reason: string;
  /** What was seen and not counted. */
  notes?: string[];
  evidence?: { text: string; url: string }[];
}

/** A gate's answer. Instants are epoch milliseconds. */
export type GateResult =
  | ({
      is: 'pass';
      closesAt?: number | undefined;
      /** What did not hold and was let through all the same; it stands in the verdict and the Deployment. */
      waived?: string;
      /** What the switch has to look at again under the lock. */
      terms?: Pick<Verdict, 'incidents'>;
    } & Answer)
  /** Time alone can make it pass; `opensAt` where the time is known. */
  | ({ is: 'hold'; opensAt?: number | undefined } & Answer)
  | ({ is: 'fail' } & Answer);

/** What a gate has to know of one kind: a detail that does not depend on the policy, or a function that makes it. */
type Need<K extends EvidenceKind, C> =
  EvidenceDetail<K> extends true ? true : (config: C, request: GateRequest) => EvidenceDetail<K>;

/** One gate as data: its part of the policy, what it has to know, and its judgement, which is pure. */
export interface Gate<S extends z.ZodType, K extends EvidenceKind> {
  name: string;
  schema: S;
  /** The kinds of evidence it is judged by. Where one is unknown, the gate fails and is not asked. */
  needs: { [kind in K]: Need<kind, z.output<S>> };
  judge(
    config: z.output<S>,
    facts: { request: GateRequest; evidence: { [kind in K]: EvidenceValue<kind> } },
    now: number,
  ): GateResult;
}

/** A gate as the registry and the decision see it; the type of its configuration is hidden. */
export interface AnyGate {
  name: string;
  schema: z.ZodType;
  kinds: readonly EvidenceKind[];
  needs(config: unknown, request: GateRequest): EvidenceNeed[];
  judge(config: unknown, facts: { request: GateRequest; evidence: GateEvidence }, now: number): GateResult;
}

/**
 * Ties schema, needs and judgement of a gate together. What is not known never passes: an unknown piece fails the gate
 * here.
 */
export function defineGate<S extends z.ZodType, const K extends EvidenceKind>(gate: Gate<S, K>): AnyGate {
  const kinds = Object.keys(gate.needs) as K[];
  return {
    name: gate.name,
    schema: gate.schema,
    kinds,
    needs: (config, request) =>
      kinds.map((kind) => {
        const need = gate.needs[kind] as true | ((config: unknown, request: GateRequest) => unknown);
        return { kind, detail: need === true ? true : need(config, request) };
      }),
    judge: (config, { request, evidence }, now) => {
      const values: Partial<Record<EvidenceKind, unknown>> = {};
      for (const kind of kinds) {
        const piece = evidence[kind];
        if (piece?.is !== 'known') return unknown(kind, piece);
        values[kind] = piece.value;
      }
      return gate.judge(config as z.output<S>, { request, evidence: values as never }, now);
    },
  };
}

function unknown(
  kind: EvidenceKind,
  piece: { reason: string; permission?: string | undefined } | undefined,
): GateResult {
  const what = evidenceKinds.find((one) => one.kind === kind)?.what ?? kind;
  const fix = piece?.permission
    ? ` Add to this job: permissions: { ${piece.permission.replace(/\n\s*/g, ', ')} }`
    : '';
  return {
    is: 'fail',
    reason: `${what[0]!.toUpperCase()}${what.slice(1)} could not be read, and what is not known does not pass: ${piece?.reason ?? 'it was not looked up'}.${fix}`,
  };
}

/** A commit for people. */
export const shortSha = (sha: string): string => sha.slice(0, 12);
