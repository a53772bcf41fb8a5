import * as z from 'zod';
import { duration } from '../../../shared/config/fields.js';

const variable = () =>
  z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'the name of an environment variable, such as DATABASE_URL');

const command = (what: string) =>
  z
    .array(z.string().min(1))
    .min(1)
    .transform((words) => words as [string, ...string[]])
    .describe(`${what} A list of words; no shell reads it.`);

const query = () => z.string().min(1);

const by = <const T extends string>(name: T, what: string) => z.literal(name).describe(what);

const apply = z.discriminatedUnion('by', [
  z.strictObject({
    by: by('command', 'command: a tool of the team.'),
    run: command('Applies what is not applied yet, such as [python, manage.py, migrate, --no-input].'),
  }),
  z.strictObject({
    by: by('sql', 'sql: the SQL files are run from here.'),
    history: z
      .string()
      .regex(/^[a-z_][a-z0-9_]*(\.[a-z_][a-z0-9_]*)?$/, 'the name of a table, such as schema_history')
      .default('schema_history')
      .describe('Table in which each file that was applied is noted, in its own transaction.'),
  }),
]);

const fence = z.discriminatedUnion('by', [
  z.strictObject({
    by: by(
      'connections',
      'connections: takes the right to connect from every role but the one of the connection, and ends their sessions.',
    ),
  }),
  z.strictObject({
    by: by('command', 'command: stops and starts what writes.'),
    run: command('Stops everything that writes, such as maintenance mode. It may be run again.'),
    lift: command('Lets it go on. It may be run again.'),
  }),
]);

const backup = z.discriminatedUnion('by', [
  z.strictObject({
    by: by('pg_dump', 'pg_dump: a dump in the custom format.'),
    folder: z
      .string()
      .optional()
      .describe('Folder for the dump, readable only by its owner; by default the temporary one of the job.'),
    encrypt: command(
      'Encrypts the file named by BACKUP_FILE into the one named by ENCRYPTED_FILE; the plain one is removed at the end.',
    ).optional(),
    decrypt: command('The inverse of it.').optional(),
  }),
  z.strictObject({
    by: by('command', 'command: such as a snapshot.'),
    run: command(
      'Takes the back-up and prints as its last line JSON: {"location": "…"} with "file" (a dump that pg_restore can list) or "size" in bytes.',
    ),
    prove: command(
      'Ends with 0 only if the back-up in BACKUP_LOCATION can be restored. Needed where "run" gives no file.',
    ).optional(),
  }),
]);

const restore = z.discriminatedUnion('by', [
  z.strictObject({
    by: by(
      'exchange',
      'exchange: restores the dump into a database beside the live one, compares it with the back-up, and exchanges their names.',
    ),
  }),
  z.strictObject({
    by: by('command', 'command: such as a new instance.'),
    run: command(
      'Restores the back-up named by BACKUP_LOCATION. Its last line is the endpoint to use from now on, or empty.',
    ),
  }),
]);

const verify = z.strictObject({
  schema: command(
    'Prints the schema, by which is known whether an inverse brought it back; by default pg_dump --schema-only does.',
  ).optional(),
  version: z
    .strictObject({
      query: query().describe('Gives the version of the schema: one row of one column.'),
      expect: z.string().optional().describe('What it must give after the migration.'),
    })
    .optional()
    .describe('Version of the schema, by which is known what is applied.'),
  integrity: z
    .record(z.string(), query())
    .default({})
    .describe('Queries by name, each of which finds what must not be: no row is well.'),
  rows: z
    .array(
      z.string().regex(/^[A-Za-z_][\w$]*(\.[A-Za-z_][\w$]*)?$/, 'the name of a table, such as shop.orders'),
    )
    .default([])
    .describe('Tables that must not have fewer rows than before.'),
  run: command('Ends with 0 if all is well, such as a smoke suite.').optional(),
});

const runShape = z.strictObject({
  connection: variable().describe(
    'Variable of the step with postgresql://user:password@host:port/database; its role is the one of the migration alone.',
  ),
  apply: apply.describe('What applies the migrations.'),
  undo: command(
    'Takes the migration back. With "apply" by sql, files NAME.down.sql do that and this stays away.',
  ).optional(),
  fence: fence
    .optional()
    .describe('How writes are kept out from before the back-up on. Without it nothing is restored.'),
  backup: backup.describe('The back-up that is taken before, and proved to be restorable.'),
  restore: restore.optional().describe('How the back-up is brought back. Without it a person does.'),
  verify: verify.prefault({}).describe('What must hold after the migration.'),
  env: z
    .array(variable())
    .default([])
    .describe('Variables of the step that every command gets, besides the connection.'),
  attempts: z
    .int()
    .min(1)
    .max(20)
    .default(5)
    .describe('How often a migration is tried that only waited too long for a lock.'),
  'time-limit': duration().prefault('2h').describe('For each command.'),
});

const run = runShape.superRefine((config, ctx) => {
  for (const { path, message } of problemsOfRun(config)) ctx.addIssue({ code: 'custom', path, message });
});

const rehearse = z.strictObject({
  connection: variable().describe(
    'Variable of the step with postgresql://… of a server on which databases may be made and dropped; never production.',
  ),
  base: command(
    'Makes the schema of the release before in PGDATABASE, in its own checkout; by default what "run.apply" does.',
  ).optional(),
  seed: command('Puts rows into it, in the checkout of the release before.').optional(),
  'old-suite': command('The suite of the release before, in its own checkout, on the new schema.').optional(),
  env: z
    .array(variable())
    .default([])
    .describe('Variables of the step that every command gets, besides the connection.'),
  'time-limit': duration().prefault('1h').describe('For each command.'),
});

/** Keys of the migrations file for the modes that change a database. */
export const applyKeys = {
  run: run.optional().describe('mode run: how a migration is backed up, applied, verified and taken back.'),
  rehearse: rehearse
    .optional()
    .describe('mode rehearse: a server on which the migration is tried, with "apply" and "undo" of "run".'),
};

export type RehearseConfig = z.output<typeof rehearse>;
export type RunConfig = z.output<typeof run>;

/** What is wrong with a run's configuration beyond its form, by the key where it stands. */
function problemsOfRun(config: z.output<typeof runShape>): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const { apply, undo, fence, backup, restore } = config;
  if (apply.by === 'sql' && undo)
    found.push({ path: ['undo'], message: 'nothing: with "apply" by sql the files NAME.down.sql take back' });
  if (restore && !fence)
    found.push({
      path: ['restore'],
      message: 'a restore only with "fence": without it writes would be lost',
    });
  if (restore?.by === 'exchange' && backup.by !== 'pg_dump')
    found.push({ path: ['restore', 'by'], message: 'command, since the back-up is made by one too' });
  if (backup.by === 'pg_dump' && (backup.encrypt === undefined) !== (backup.decrypt === undefined))
    found.push({ path: ['backup'], message: '"encrypt" and "decrypt" together' });
  return found;
}
