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
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import { tokenFix } from '../../../shared/github/permissions.js';
import { proveHotfix, refusesHotfix, type HotfixLevel, type HotfixProof } from './hotfix-proof.js';

interface Answer {
  reason: string;
  /** What was seen and not counted. */
  notes?: string[];
  evidence?: { text: string; url: string }[];
}

/** What the switch has to look at again under the lock. */
type Terms = Pick<Verdict, 'incidents'>;

/** What did not hold and was let through all the same; it stands in the verdict and the Deployment. */
export interface Waived {
  /** Without texts of others. */
  reason: string;
  by: string;
}

interface Waivable {
  /** What may be let through, in the middle of a sentence and without texts of others; none where nothing may. */
  despite?: string | undefined;
  /** What a person may let through where that is more than a hotfix may; like `despite`. */
  byPerson?: string | undefined;
  /** For the switch, if it is let through. */
  terms?: Terms;
}

/** A gate's answer. Instants are epoch milliseconds. */
export type GateResult =
  | ({ is: 'pass'; closesAt?: number | undefined; waived?: Waived; terms?: Terms } & Answer)
  /** Time alone can make it pass; `opensAt` where the time is known. */
  | ({ is: 'hold'; opensAt?: number | undefined } & Waivable & Answer)
  | ({
      is: 'fail';
      /**
       * What was not found may still come: within seconds, as a run that GitHub makes of a push, or whenever its author
       * posts it. Every other failure stays.
       */
      mayCome?: 'soon' | 'later' | undefined;
    } & Waivable &
      Answer);

/**
 * What a gate has to know of one kind: a detail that does not depend on the policy, or a function that makes it;
 * undefined where this policy does not need it.
 */
type Need<K extends EvidenceKind, C> =
  EvidenceDetail<K> extends true ? true : (config: C, request: GateRequest) => EvidenceDetail<K> | undefined;

interface GateFacts<K extends EvidenceKind> {
  request: GateRequest;
  evidence: { [kind in K]: EvidenceValue<kind> };
  /** Whether it is a hotfix, where the release asks to be one and the gate may let one through. */
  hotfix: HotfixProof;
}

/** One gate as data: its part of the policy, what it has to know, and its judgement, which is pure. */
export interface Gate<S extends z.ZodType, K extends EvidenceKind> {
  name: string;
  schema: S;
  /** The kinds of evidence it is judged by. Where one is unknown, the gate fails and is not asked. */
  needs: { [kind in K]: Need<kind, z.output<S>> };
  /** What a proven hotfix is let past, as the policy says; by default nothing. */
  hotfixLevels?(config: z.output<S>): readonly HotfixLevel[];
  /** Whether a policy may let people override it: for what is no quality of the release itself. */
  byPeople?: boolean;
  /**
   * What it does before a pull request is merged: decides, where the pull request can change it (some only where it is
   * released from its branch), or tells how it stands now. By default it is not asked, since what it looks at comes with
   * the merge.
   */
  beforeMerge?: 'decides' | 'decides-on-branch' | 'tells';
  judge(config: z.output<S>, facts: GateFacts<K>, now: number): GateResult;
}

/** A gate as the registry and the decision see it; the type of its configuration is hidden. */
export interface AnyGate {
  name: string;
  schema: z.ZodType;
  kinds: readonly EvidenceKind[];
  byPeople: boolean;
  beforeMerge: 'decides' | 'decides-on-branch' | 'tells' | undefined;

  needs(config: unknown, request: GateRequest): EvidenceNeed[];
  judge(config: unknown, facts: { request: GateRequest; evidence: GateEvidence }, now: number): GateResult;
}

/** The kinds by which a hotfix is proved. */
export const hotfixKinds = ['changes', 'incidents'] as const satisfies readonly EvidenceKind[];

/**
 * Ties schema, needs and judgement of a gate together. What is not known never passes: an unknown piece fails the gate
 * here. What a gate may let through is let through here, and only for a hotfix that is proved.
 */
export function defineGate<S extends z.ZodType, const K extends EvidenceKind>(gate: Gate<S, K>): AnyGate {
  const kinds = Object.keys(gate.needs) as K[];
  const levelsOf = (config: unknown, { kind }: GateRequest): readonly HotfixLevel[] =>
    kind === 'hotfix' ? (gate.hotfixLevels?.(config as z.output<S>) ?? []).filter(Boolean) : [];
  const needed = (config: unknown, request: GateRequest): EvidenceNeed[] =>
    kinds.flatMap((kind) => {
      const need = gate.needs[kind] as true | ((config: unknown, request: GateRequest) => unknown);
      const detail = need === true ? true : need(config, request);
      return detail === undefined ? [] : [{ kind, detail }];
    });
  return {
    name: gate.name,
    schema: gate.schema,
    kinds,
    byPeople: gate.byPeople ?? false,
    beforeMerge: gate.beforeMerge,
    needs: (config, request) => [
      ...needed(config, request),
      ...(levelsOf(config, request).length > 0 ? hotfixKinds.map((kind) => ({ kind, detail: true })) : []),
    ],
    judge: (config, { request, evidence }, now) => {
      const values: Partial<Record<EvidenceKind, unknown>> = {};
      for (const { kind } of needed(config, request)) {
        const piece = evidence[kind];
        if (piece?.is !== 'known') return unknown(kind, piece);
        values[kind] = piece.value;
      }
      const levels = levelsOf(config, request);
      const hotfix: HotfixProof =
        levels.length === 0
          ? { proved: false, why: 'it is released as no hotfix' }
          : readProof(request, evidence);
      const facts = { request, evidence: values as never, hotfix };
      return letThrough(gate.judge(config as z.output<S>, facts, now), levels, hotfix);
    },
  };
}

/** A release's proof as a hotfix; what cannot be read proves nothing. */
export function readProof(request: GateRequest, evidence: GateEvidence): HotfixProof {
  const { changes, incidents } = evidence;
  if (changes?.is !== 'known') return { proved: false, why: describeUnknown('changes', changes) };
  if (incidents?.is !== 'known') return { proved: false, why: describeUnknown('incidents', incidents) };
  return proveHotfix(changes.value, incidents.value, request);
}

/** Passes what a proven hotfix may pass; says why not where one was asked for. */
function letThrough(result: GateResult, levels: readonly HotfixLevel[], proof: HotfixProof): GateResult {
  const [level] = levels;
  if (result.is === 'pass' || result.despite === undefined || level === undefined) return result;
  const { reason, despite, terms, notes, evidence } = result;
  const refusal = refusesHotfix(level, proof);
  if (refusal !== undefined || !proof.proved)
    return { ...result, reason: `${reason}. It does not pass as a hotfix: ${refusal}` };
  return {
    is: 'pass',
    reason: `the hotfix (${proof.what}) is allowed despite: ${reason}`,
    waived: { reason: `the hotfix (${proof.what}) is allowed despite ${despite}`, by: proof.by.join(', ') },
    ...(terms ? { terms } : {}),
    ...(notes ? { notes } : {}),
    ...(evidence ? { evidence } : {}),
  };
}

type Unread = { reason: string; permission?: string | undefined; tokenFrom?: string | undefined } | undefined;

function unknown(kind: EvidenceKind, piece: Unread): GateResult {
  return { is: 'fail', reason: describeUnknown(kind, piece) };
}

export function describeUnknown(kind: EvidenceKind, piece: Unread): string {
  const what = evidenceKinds.find((one) => one.kind === kind)?.what ?? kind;
  const lines = piece?.permission?.split(/\n\s*/) ?? [];
  const fix =
    lines.length === 0
      ? ''
      : piece?.tokenFrom === undefined
        ? ` Add to this job: permissions: { ${lines.join(', ')} }`
        : ` Fix: ${tokenFix(piece.tokenFrom, lines)}`;
  return `${what[0]!.toUpperCase()}${what.slice(1)} could not be read, and what is not known does not pass: ${piece?.reason ?? 'it was not looked up'}.${fix}`;
}

/** A commit for people. */
export const shortSha = (sha: string): string => sha.slice(0, 12);
