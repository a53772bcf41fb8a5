import * as z from 'zod';
import { instantSchema, nameSchema, versionSchema } from '../../contracts/formats.js';
import { holderSchema } from './holder.js';
import type { RefStore } from './refs.js';
import { stateFile, type StateFile } from './state.js';

/** The steps of a migration, in the order in which they come; undo and restore only after a failure. */
export const migrationSteps = ['fence', 'back-up', 'apply', 'verify', 'undo', 'restore', 'lift'] as const;

/** What a restore and the proof before it go by; taken when writes were fenced, before the back-up was begun. */
const markSchema = z.strictObject({
  /** Of the server's data folder: another server, or one restored from elsewhere, has another. */
  system: z.string(),
  database: z.strictObject({
    oid: z.string(),
    /** xmin of its row in pg_database: every grant, revoke or change of it makes another. */
    row: z.string(),
  }),
  /** The next transaction id; no transaction with a smaller one was still at work. */
  nextXid: z.string(),
  /** Whether nothing but the migration's role could connect, and what could all the same. */
  closed: z.boolean(),
  superusers: z.array(z.string()),
});

const backupSchema = z.strictObject({
  /** A file on the runner, or what the team's command says, such as the address of a snapshot. */
  location: z.string(),
  size: z.string(),
  sha256: z.string().optional(),
  /** Entries of its table of contents, as pg_restore lists them. */
  objects: z.int().nonnegative().optional(),
  /** By what it is known to be restorable. */
  proof: z.string(),
  encrypted: z.boolean(),
  at: instantSchema,
});

/** The database before the migration. */
const beforeSchema = z.strictObject({
  version: z.string().optional(),
  /** Rows of the tables that the team named. */
  rows: z.record(z.string(), z.string()),
  /** Constraints and indexes that were not valid already. */
  invalid: z.array(z.string()),
  /** SHA-256 of its schema as pg_dump writes it. */
  schemaSha256: z.string(),
});

/** The journal of a migration under way, and the lock that keeps a second one out. */
export const migrationSchema = z.strictObject({
  schema: z.literal('devops-actions/migration@1'),
  environment: nameSchema,
  service: nameSchema,
  /** Makes two otherwise equal claims differ; its sessions in the database are known by it. */
  claim: z.string(),
  holder: holderSchema,
  /** held: a person must decide. */
  phase: z.enum(['running', 'held']),
  version: versionSchema,
  since: instantSchema,
  /** Each step as it was begun, and when it was done. */
  steps: z.array(
    z.strictObject({ step: z.enum(migrationSteps), begun: instantSchema, done: instantSchema.optional() }),
  ),
  mark: markSchema.optional(),
  before: beforeSchema.optional(),
  backup: backupSchema.optional(),
  /** Why the migration did not hold, once that is known. */
  failure: z.string().optional(),
  /** Why a person must decide. */
  reason: z.string().optional(),
  /** What the person said who ended the hold. */
  settled: z
    .strictObject({
      outcome: z.enum(['applied', 'taken-back', 'other']),
      reason: z.string(),
      by: z.string(),
      at: instantSchema,
    })
    .optional(),
});

export type Migration = z.output<typeof migrationSchema>;
export type StepName = (typeof migrationSteps)[number];
export type Mark = z.output<typeof markSchema>;
export type Backup = z.output<typeof backupSchema>;
export type Before = z.output<typeof beforeSchema>;

/** The migration of a service in an environment. */
export function migrationFile(store: RefStore, environment: string, service: string): StateFile<Migration> {
  return stateFile(store, migrationSchema, environment, service, 'migration');
}
