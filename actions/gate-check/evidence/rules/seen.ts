import * as z from 'zod';
import { isoInstant } from '../../../../shared/time/instant.js';
import { changes } from '../code/changes.js';
import { commit } from '../code/commit.js';
import { comparison } from '../comparison.js';
import { environment } from '../environment.js';
import { Unknowable, type Sources } from '../evidence.js';
import { incidents } from '../ledger/incidents.js';
import { tags } from '../code/tags.js';

/** The kinds of evidence that a team's own rules may see: those whose extent is the release's alone. */
const seen = { changes, commit, comparison, environment, incidents, tags };

export type SeenKind = keyof typeof seen;
export const seenKinds = Object.keys(seen) as [SeenKind, ...SeenKind[]];

/** What a team's own rule is asked with: the release, the instant, and the evidence that it names. */
export async function visibleTo(sees: readonly SeenKind[], sources: Sources) {
  const { request, now } = sources;
  const { environment, service, sha, digest, kind, actor } = request;
  return {
    release: { environment, service, sha, digest, kind, actor },
    now: isoInstant(now),
    evidence: await valuesOf([...new Set(sees)], sources),
  };
}

/** The form of what `visibleTo` gives. */
export const visibleSchema = (sees: readonly SeenKind[]) =>
  z.strictObject({
    release: z.strictObject({
      environment: z.string(),
      service: z.string(),
      sha: z.string(),
      digest: z.string(),
      kind: z.string(),
      actor: z.string(),
    }),
    now: z.string(),
    evidence: z.strictObject(Object.fromEntries(sees.map((kind) => [kind, seen[kind].schema]))),
  });

async function valuesOf(kinds: readonly SeenKind[], sources: Sources) {
  const found = await Promise.all(
    kinds.map(async (kind) => [kind, await sources.valueOf(seen[kind] as typeof commit)] as const),
  );
  const short = found.find(([, value]) => ['filesTruncated', 'truncated'].some((flag) => isCut(value, flag)));
  if (short)
    throw new Unknowable(`GitHub lists ${seen[short[0]].what} only in part, and a rule would judge by that`);
  return Object.fromEntries(found) as Record<string, unknown>;
}

const isCut = (value: unknown, flag: string) =>
  typeof value === 'object' && value !== null && (value as Record<string, unknown>)[flag] === true;
