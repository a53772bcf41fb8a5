import { expect, test } from '@jest/globals';
import { parseConfig } from '../../../../shared/config/parse.js';
import { migrationsSchema } from '../../../../actions/migration-check/config/schema.js';

const head = `version: 1
database: postgresql
migrations: [{ tool: sql, folder: db }]
`;

test('a file that says only what it must gets the rest', () => {
  const parsed = parseConfig(
    `${head}run:
  connection: DATABASE_URL
  apply: { by: sql }
  backup: { by: pg_dump }
`,
    'migrations.yml',
    migrationsSchema,
  );
  expect(parsed.ok && parsed.value.run).toMatchObject({
    apply: { history: 'schema_history' },
    verify: { integrity: {}, rows: [] },
    attempts: 5,
    'time-limit': 7_200_000,
  });
});

test('everything that does not go together is told at once, with its line', () => {
  const parsed = parseConfig(
    `${head}run:
  connection: DATABASE_URL
  apply: { by: sql }
  undo: [deploy/undo]
  backup: { by: pg_dump, encrypt: [deploy/encrypt] }
  restore: { by: exchange }
`,
    'migrations.yml',
    migrationsSchema,
  );
  expect(parsed.ok ? [] : parsed.problems.map(({ line, path }) => `${line} ${path}`)).toEqual([
    '7 run.undo',
    '9 run.restore',
    '8 run.backup',
  ]);
});

test.each([
  ['connection: postgresql://u:p@h/d', /name of an environment variable/],
  ['connection: A\n  apply: { by: sql, history: "x; DROP TABLE y" }', /name of a table/],
  ['connection: A\n  apply: { by: command, run: "manage.py migrate" }', /list/],
])('%s is refused', (text, allowed) => {
  const parsed = parseConfig(`${head}run:\n  ${text}\n`, 'migrations.yml', migrationsSchema);
  expect(parsed.ok ? '' : parsed.problems.map((problem) => problem.allowed).join('\n')).toMatch(allowed);
});
