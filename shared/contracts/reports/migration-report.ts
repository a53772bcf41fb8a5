import * as z from 'zod';
import { instantSchema, nameSchema, shaSchema, versionSchema } from '../formats.js';

/** What migration-check can be asked to do. */
export const migrationModes = ['check', 'plan', 'run', 'rehearse', 'settle'] as const;
export type MigrationMode = (typeof migrationModes)[number];

/** Tools whose migrations can be read. */
export const migrationTools = [
  'flyway',
  'golang-migrate',
  'node-pg-migrate',
  'dbmate',
  'prisma',
  'rails',
  'django',
  'alembic',
  'sql',
  'command',
] as const;
export type MigrationTool = (typeof migrationTools)[number];

const line = z.int().min(1);

/** A migration of the release that production does not have yet, in the order in which it runs. */
export const migrationFileSchema = z.strictObject({
  path: z.string(),
  tool: z.enum(migrationTools),
  order: z.int().min(1).describe('Its place among the migrations of this release, from 1.'),
  version: z.string().describe('What the tool calls it, such as 43 or shop.0043_prices.'),
  reversible: z
    .enum(['yes', 'no', 'not-said'])
    .describe('no: it says itself that it has no inverse. not-said: it has none and does not say why.'),
  statements: z.int().min(0).nullable().describe('Null where they could not be read.'),
});
export type MigrationFile = z.output<typeof migrationFileSchema>;

/** Error stops the release unless it is waived; a warning does where "fail-on" says so; a notice never does. */
export const migrationLevels = ['error', 'warning', 'notice'] as const;

const waiver = z.strictObject({
  reason: z.string(),
  until: z.iso.date().describe('The last day (UTC) on which it counts.'),
  expired: z.boolean(),
  line: line.nullable().describe('Null where it stands in the migrations file.'),
});

export const migrationFindingSchema = z.strictObject({
  rule: z.string(),
  level: z.enum(migrationLevels),
  file: z.string(),
  line: line.nullable(),
  statement: z.string().describe('Shortened; empty where the whole file is meant.'),
  detail: z.string().describe('What was found, in one sentence.'),
  why: z.string().describe('Why it hurts.'),
  recipe: z.string().describe('What to do instead.'),
  waiver: waiver
    .nullable()
    .describe('The comment in the file that lets it through; an expired one does not.'),
});
export type MigrationFinding = z.output<typeof migrationFindingSchema>;

const lockModes = [
  'ACCESS SHARE',
  'ROW SHARE',
  'ROW EXCLUSIVE',
  'SHARE UPDATE EXCLUSIVE',
  'SHARE',
  'SHARE ROW EXCLUSIVE',
  'EXCLUSIVE',
  'ACCESS EXCLUSIVE',
] as const;

export const migrationStepSchema = z.strictObject({
  order: z.int().min(1),
  file: z.string(),
  line: line.nullable(),
  statement: z.string().describe('Shortened.'),
  transaction: z.boolean().describe('Whether it runs in one transaction with others.'),
  lock: z
    .strictObject({
      mode: z.enum(lockModes),
      relation: z.string(),
      for: z.enum(['moment', 'scan', 'rewrite', 'index-build', 'unknown']),
      blocks: z.enum(['nothing', 'schema changes', 'writes', 'reads and writes']),
      rows: z
        .number()
        .min(0)
        .nullable()
        .describe("Estimated rows of the relation, from PostgreSQL's statistics; null when not asked."),
      bytes: z.number().min(0).nullable().describe('Its size with indexes; null when not asked.'),
    })
    .nullable()
    .describe('The strongest lock on a relation that exists already; null when it takes none.'),
});
export type MigrationStep = z.output<typeof migrationStepSchema>;
export type LockMode = (typeof lockModes)[number];

/** What was done to a database: steps, back-up and endpoint. Only in modes that change one. */
export const appliedSchema = z.strictObject({
  steps: z.array(
    z.strictObject({
      name: z.string(),
      result: z.enum(['done', 'failed', 'skipped']),
      startedAt: instantSchema,
      endedAt: instantSchema.nullable(),
      detail: z.string(),
    }),
  ),
  backup: z
    .strictObject({
      id: z.string(),
      takenAt: instantSchema,
      bytes: z.number().min(0).nullable(),
      checksum: z.string().nullable(),
      restorable: z.boolean(),
    })
    .nullable(),
  endpoint: z.string().describe('Database to use from now on; empty when it is the one it was.'),
});

export type AppliedReport = z.output<typeof appliedSchema>;

export const migrationResults = [
  'none-changed',
  'safe',
  'waived',
  'unsafe',
  'applied',
  'rehearsed',
  'restored',
  'failed',
  'held',
  'settled',
  'busy',
] as const;

/** What is wrong with the schema changes of a release, and how they run. */
export const migrationReportSchema = z.strictObject({
  schema: z.literal('devops-actions/migration-report@1'),
  mode: z.enum(migrationModes),
  result: z.enum(migrationResults),
  allowed: z.boolean(),
  message: z.string(),
  service: nameSchema,
  environment: nameSchema,
  now: instantSchema,
  database: z.enum(['postgresql', 'mysql', 'mariadb']),
  from: z
    .strictObject({
      sha: shaSchema,
      version: versionSchema.nullable(),
      deployment: z.int().nullable(),
      by: z.enum(['ledger', 'input']).describe('Who says that this is what runs in production.'),
    })
    .nullable()
    .describe('Null for a first deployment: every migration is new then.'),
  to: z.strictObject({ sha: shaSchema, version: versionSchema.nullable() }),
  files: z.array(migrationFileSchema),
  findings: z.array(migrationFindingSchema),
  plan: z.array(migrationStepSchema),
  schemaVersion: z.string().nullable().describe('Version of the schema once this release is out.'),
  oldestCompatibleApp: versionSchema
    .nullable()
    .describe('Oldest app version that may run on that schema; null when it is not known.'),
  notes: z.array(z.string()),
  run: z
    .strictObject({ id: z.int().positive(), attempt: z.int().positive() })
    .nullable()
    .describe('Null on a laptop.'),
  applied: appliedSchema.optional(),
});
export type MigrationReport = z.output<typeof migrationReportSchema>;
