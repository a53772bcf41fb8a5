import * as z from 'zod';
import { attestations } from './attestations.js';
import { blockers } from './blockers.js';
import { calendars } from './rules/calendars.js';
import { branches } from './code/branches.js';
import { changes } from './code/changes.js';
import { checks } from './checks.js';
import { commit } from './code/commit.js';
import { comparison } from './comparison.js';
import { deployments } from './ledger/deployments.js';
import { pieceSchema, type Evidence, type Piece } from './evidence.js';
import { dora } from './dora.js';
import { environment } from './environment.js';
import { incidents } from './ledger/incidents.js';
import { metrics } from './metrics.js';
import { migrations } from './ledger/migrations.js';
import { overrides } from './overrides.js';
import { rego } from './rules/rego.js';
import { rules } from './rules/rules.js';
import { pushes } from './code/pushes.js';
import { tags } from './code/tags.js';
import { head } from './tested/head.js';
import { mergeGroups } from './tested/merge-groups.js';

/** All kinds of evidence. Collection, the types, the report and the table of permissions follow from this list. */
export const evidenceKinds = [
  commit,
  checks,
  head,
  mergeGroups,
  deployments,
  incidents,
  blockers,
  comparison,
  changes,
  pushes,
  branches,
  tags,
  environment,
  attestations,
  metrics,
  dora,
  migrations,
  rules,
  rego,
  calendars,
  overrides,
] as const;

type Registered = (typeof evidenceKinds)[number];
type Of<K extends EvidenceKind> = Extract<Registered, { kind: K }>;

export type EvidenceKind = Registered['kind'];

/** The value of a kind when it is known. */
export type EvidenceValue<K extends EvidenceKind> = z.output<Of<K>['schema']>;

/** What a gate says to get a kind. */
export type EvidenceDetail<K extends EvidenceKind> =
  Of<K> extends Evidence<K, z.ZodType, infer N> ? N : never;

/** One gate's need of one kind. */
export interface EvidenceNeed {
  kind: EvidenceKind;
  detail: unknown;
}

/** All that was found out, by kind; a kind that no gate asked for is missing. */
export type GateEvidence = { [K in EvidenceKind]?: Piece<EvidenceValue<K>> | undefined };

export const gateEvidenceSchema = z.strictObject(
  Object.fromEntries(evidenceKinds.map(({ kind, schema }) => [kind, pieceSchema(schema).optional()])),
) as unknown as z.ZodType<GateEvidence>;
