import * as z from 'zod';
import { duration } from '../../../shared/config/fields.js';
import { applyKeys } from '../apply/config.js';
import { dialects } from '../sql/dialect.js';

const folder = () =>
  z
    .string()
    .regex(
      /^(?!\.?\/)(?!.*(?:^|\/)\.\.(?:\/|$)).*[^/]$/,
      'a folder of the repository, such as db/migrations',
    );

const command = (what: string) => z.array(z.string().min(1)).min(1).describe(what);

const transaction = z
  .enum(['file', 'statements', 'none'])
  .optional()
  .describe(
    'How the tool runs a migration. file: in one transaction. statements: in one where it has several statements. none: each statement alone. By default as the tool does.',
  );

const toolField = <const T extends string>(tool: T) =>
  z.literal(tool).describe('What applies the migrations.');

/** A folder whose SQL files are the migrations. */
const sqlFolder = <const T extends string>(tool: T) =>
  z.strictObject({
    tool: toolField(tool),
    folder: folder().describe('Folder of the migrations.'),
    transaction,
  });

const env = z
  .array(z.string().regex(/^\w+$/, 'the name of an environment variable'))
  .default([])
  .describe('Environment variables of the step that the program gets beside PATH and HOME.');

/** A folder of programs whose SQL another program prints. */
const source = z.discriminatedUnion('tool', [
  sqlFolder('flyway'),
  sqlFolder('golang-migrate'),
  sqlFolder('node-pg-migrate'),
  sqlFolder('dbmate'),
  sqlFolder('prisma'),
  sqlFolder('sql'),
  z.strictObject({
    tool: toolField('django'),
    folder: folder().describe('Folder below which the apps are; their folders "migrations" count.'),
    manage: command('How manage.py is called.').default(['python', 'manage.py']),
    database: z.string().default('default').describe('Alias of the database in the settings.'),
    env,
    transaction,
  }),
  z.strictObject({
    tool: toolField('alembic'),
    folder: folder().describe('Folder of the revisions, such as migrations/versions.'),
    alembic: command('How Alembic is called.').default(['alembic']),
    env,
    transaction,
  }),
  z.strictObject({
    tool: toolField('rails'),
    folder: folder().default('db/migrate').describe('Folder of the migrations.'),
    print: command('Prints the SQL of one migration, whose path comes as the last argument.'),
    env,
    transaction,
  }),
  z.strictObject({
    tool: toolField('command'),
    folder: folder().describe('Folder of the migrations.'),
    print: command('Prints the SQL of one migration, whose path comes as the last argument.'),
    env,
    transaction,
  }),
]);
export type Source = z.output<typeof source>;

/** The migrations file: where a service's migrations are, and with which limits they run. */
export const migrationsSchema = z.strictObject({
  version: z.literal(1).describe('Version of this format.'),
  database: z
    .enum(dialects)
    .describe(
      'What the migrations are written for. Those of mysql and mariadb are found and compared; what their SQL does is not judged, so each needs a waiver.',
    ),
  migrations: z.array(source).min(1).describe('Where migrations are, in the order in which the tools run.'),
  timeouts: z
    .strictObject({
      lock: duration().describe('lock_timeout of the session that applies them.'),
      statement: duration().describe('statement_timeout of the session that applies them.'),
    })
    .optional()
    .describe(
      'Limits that the session has whatever a migration says: mode run sets them. Leave this out where another tool applies the migrations without them.',
    ),
  waivers: z
    .array(
      z.strictObject({
        rule: z
          .enum(['deleted-after-release', 'folder-left-out', 'wrong-name'])
          .describe('Rule that is waived.'),
        file: z.string().describe('File that it is waived for.'),
        until: z.iso.date().describe('The last day (UTC) on which this counts.'),
        because: z.string().min(1).describe('Why this is safe.'),
      }),
    )
    .default([])
    .describe('Waivers of what no file can carry itself, such as a migration that was deleted.'),
  ...applyKeys,
});
export type MigrationsFile = z.output<typeof migrationsSchema>;
