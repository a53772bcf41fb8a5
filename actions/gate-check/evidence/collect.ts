import type * as z from 'zod';
import { repositoryQuery } from '../../../shared/github/repository-query.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import type { Asking, Evidence, Piece, Sources } from './evidence.js';
import { ask, Unknowable } from './evidence.js';
import { evidenceKinds, type EvidenceNeed, type GateEvidence } from './registry.js';

/** The registry's entries alike, for a loop over all. */
const kinds = evidenceKinds as unknown as readonly Evidence<string, z.ZodType, unknown>[];

/**
 * Looks up what the gates need, each kind once and all at the same time. A kind that cannot be read is unknown, and the
 * others are read all the same.
 */
export async function collectEvidence(asking: Asking, asked: readonly EvidenceNeed[]): Promise<GateEvidence> {
  const needs = withBases(asked, asking.request);
  const pieces = new Map<string, Promise<Piece<unknown>>>();
  const shared = new Map<string, Promise<unknown>>();
  const memo = <T>(memory: Map<string, Promise<T>>, key: string, make: () => Promise<T>) => {
    const made = memory.get(key) ?? make();
    memory.set(key, made);
    return made;
  };
  const asks = (kind: string) => needs.some((need) => need.kind === kind);
  const pieceOf = ({ kind, permission, collect }: (typeof kinds)[number]) =>
    memo(pieces, kind, () => ask(permission, () => collect(detailsOf(kind), sources), asking.tokenFrom));
  const detailsOf = (kind: string) => needs.filter((need) => need.kind === kind).map(({ detail }) => detail);
  const begun = kinds
    .filter(({ kind, first }) => first !== undefined && asks(kind))
    .map(({ kind, first }) => ({ kind, ...first!(detailsOf(kind), asking) }));
  const begin = async (parts: typeof begun) => {
    const variables = Object.assign({}, ...parts.map((one) => one.variables)) as Record<string, unknown>;
    const document = repositoryQuery(
      'GateEvidence',
      parts.map(({ part }) => part),
    );
    const answer = await asking.github.graphql<{ repository: unknown }>(document, variables);
    return answer.repository;
  };
  const sources: Sources = {
    ...asking,
    asks,
    // A permission that is missing for one kind must not hide the others, so each then asks for itself.
    first: async (kind) => {
      try {
        return (await memo(shared, 'first', () => begin(begun))) as never;
      } catch (error) {
        if (begun.length < 2) throw error;
        return (await begin(begun.filter((one) => one.kind === kind))) as never;
      }
    },
    once: (key, lookUp) => memo(shared, key, lookUp) as ReturnType<typeof lookUp>,
    valueOf: async ({ kind, what }) => {
      const evidence = kinds.find((one) => one.kind === kind);
      const piece = evidence && asks(kind) ? await pieceOf(evidence) : undefined;
      if (piece?.is === 'known') return piece.value as never;
      const reason = piece?.reason ?? 'it was not asked';
      throw new Unknowable(`${what} could not be read: ${reason}`, piece?.permission);
    },
  };
  const wanted = kinds.filter(({ kind }) => asks(kind));
  const found = await Promise.all(wanted.map(async (one) => [one.kind, await pieceOf(one)] as const));
  return Object.fromEntries(found) as GateEvidence;
}

interface Need {
  kind: string;
  detail: unknown;
}

/** The needs of the gates, and what the kinds they ask for rest on. */
function withBases(asked: readonly Need[], request: GateRequest): readonly Need[] {
  const names = new Set(asked.map(({ kind }) => kind));
  const bases = kinds
    .filter(({ kind }) => names.has(kind))
    .flatMap(({ restsOn }) => Object.entries(restsOn ?? {}))
    .map(([kind, detail]) => ({ kind, detail: detail(request) }));
  return bases.length === 0 ? asked : [...asked, ...withBases(bases, request)];
}
