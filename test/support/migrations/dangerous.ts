import type { RuleId } from '../../../actions/migration-check/rules/registry.js';
import { safeMigrations } from './safe.js';
import type { Setup } from './judge.js';

/** A migration that hurts, and the rule that must say so. */
export interface DangerousMigration extends Setup {
  name: string;
  rule: RuleId;
  sql: string;
}

const { before } = safeMigrations[0]! as { before: Record<string, string> };
const limits = "SET lock_timeout = '5s';\n";
const bad = (rule: RuleId, name: string, sql: string, setup: Setup = {}): DangerousMigration => ({
  name,
  rule,
  sql: setup.transaction === undefined && !setup.tool ? `${limits}${sql}` : sql,
  before,
  ...setup,
});

/** Fifty and more that took services down, or would. */
export const dangerousMigrations: readonly DangerousMigration[] = [
  bad('drop-column', 'a column that is dropped', 'ALTER TABLE users DROP COLUMN name;'),
  bad(
    'drop-column',
    'a column that is dropped among other changes',
    'ALTER TABLE users ADD COLUMN a int, DROP COLUMN IF EXISTS name;',
  ),
  bad('drop-column', 'a column of a quoted table', 'ALTER TABLE "public"."users" DROP COLUMN "name";'),
  bad(
    'drop-cascade',
    'a column that is dropped with what uses it',
    'ALTER TABLE users DROP COLUMN name CASCADE;',
  ),
  bad('drop-table', 'a table that is dropped', 'DROP TABLE IF EXISTS users;'),
  bad(
    'drop-table',
    'one of two tables that is old',
    'CREATE TABLE carts (id int);\nDROP TABLE carts, orders;',
  ),
  bad('drop-cascade', 'a table that is dropped with CASCADE', 'DROP TABLE orders CASCADE;'),
  bad('drop-table', 'a view that is dropped', 'DROP VIEW active_users;'),
  bad('drop-object', 'a type that is dropped', 'DROP TYPE color;'),
  bad('drop-object', 'a function that is dropped', 'DROP FUNCTION touch();'),
  bad('drop-object', 'a schema that is dropped', 'DROP SCHEMA app;'),
  bad('rename-column', 'a column that is renamed', 'ALTER TABLE users RENAME COLUMN name TO full_name;'),
  bad('rename-table', 'a table that is renamed', 'ALTER TABLE users RENAME TO people;'),
  bad('rename-object', 'a table that moves to another schema', 'ALTER TABLE users SET SCHEMA app;'),
  bad('rename-object', 'a schema that is renamed', 'ALTER SCHEMA app RENAME TO old_app;'),
  bad('rename-object', 'a type that is renamed', 'ALTER TYPE color RENAME TO colour;'),
  bad(
    'add-required-column',
    'a required column without default',
    'ALTER TABLE users ADD COLUMN plan text NOT NULL;',
  ),
  bad(
    'add-required-column',
    'a required column with NULL as default',
    'ALTER TABLE users ADD COLUMN plan text NOT NULL DEFAULT NULL;',
  ),
  bad(
    'add-required-column',
    'a required column whose default goes at once, as Django writes it',
    'ALTER TABLE "users" ADD COLUMN "total" integer DEFAULT 0 NOT NULL;\nALTER TABLE "users" ALTER COLUMN "total" DROP DEFAULT;',
  ),
  bad(
    'add-required-column',
    'a required column whose default goes in the same statement',
    'ALTER TABLE users ADD COLUMN total int NOT NULL DEFAULT 0, ALTER COLUMN total DROP DEFAULT;',
  ),
  bad(
    'validate-with-add',
    'a constraint that is added and validated in one statement',
    'ALTER TABLE orders ADD CONSTRAINT p CHECK (total > 0) NOT VALID, VALIDATE CONSTRAINT p;',
  ),
  bad(
    'delete-all',
    'rows that are deleted by the query of a new table',
    'CREATE TABLE gone AS WITH g AS (DELETE FROM orders RETURNING *) SELECT * FROM g;',
  ),
  bad(
    'unknown-code',
    'a function of a migration before that is called by the query of a new table',
    'CREATE TABLE x AS SELECT touch();',
  ),
  bad(
    'drop-column',
    'a table that is made again, which fails, and then changed',
    'CREATE TABLE users (id int);\nALTER TABLE users DROP COLUMN name;',
  ),
  bad('unknown-statement', 'a table that is there already', 'CREATE TABLE users (id int);'),
  bad('revoke', 'the password of a role', "ALTER ROLE app PASSWORD 'new';"),
  bad('session-setting', 'the settings of a role', 'ALTER ROLE app SET search_path = other;'),
  bad('change-column-type', 'an attribute of a type', 'ALTER TYPE address ADD ATTRIBUTE zip text;'),
  bad(
    'change-column-type',
    'an int that becomes a bigint',
    'ALTER TABLE orders ALTER COLUMN total TYPE bigint USING total::bigint;',
  ),
  bad('change-column-type', 'a shorter varchar', 'ALTER TABLE users ALTER COLUMN email TYPE varchar(20);'),
  bad(
    'change-column-type',
    'a varchar instead of text',
    'ALTER TABLE users ALTER COLUMN name TYPE varchar(200);',
  ),
  bad(
    'change-column-type',
    'a numeric with other decimals',
    'ALTER TABLE users ALTER COLUMN balance TYPE numeric(14,4);',
  ),
  bad('set-not-null', 'a column that becomes NOT NULL', 'ALTER TABLE users ALTER COLUMN name SET NOT NULL;'),
  bad(
    'set-not-null',
    'NOT NULL by a check that was not validated',
    'ALTER TABLE users ADD CONSTRAINT c CHECK (name IS NOT NULL) NOT VALID;\nALTER TABLE users ALTER COLUMN name SET NOT NULL;',
  ),
  bad('drop-default', 'a default that is dropped', 'ALTER TABLE orders ALTER COLUMN state DROP DEFAULT;'),
  bad(
    'rename-enum-value',
    'a value of an enum that is renamed',
    "ALTER TYPE color RENAME VALUE 'red' TO 'rojo';",
  ),
  bad(
    'add-check',
    'a check that is validated at once',
    'ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0);',
  ),
  bad('add-check', 'a column with a check', 'ALTER TABLE orders ADD COLUMN n int CHECK (n > 0);'),
  bad(
    'add-foreign-key',
    'a foreign key that is validated at once',
    'ALTER TABLE orders ADD CONSTRAINT f FOREIGN KEY (user_id) REFERENCES users(id);',
  ),
  bad('add-unique', 'a unique constraint', 'ALTER TABLE users ADD CONSTRAINT u UNIQUE (email);'),
  bad('add-unique', 'a primary key', 'ALTER TABLE events ADD PRIMARY KEY (id, at);'),
  bad('add-unique', 'a column that is unique', 'ALTER TABLE users ADD COLUMN code text UNIQUE;'),
  bad(
    'add-unique',
    'an exclusion constraint',
    'ALTER TABLE orders ADD CONSTRAINT e EXCLUDE USING gist (state WITH =);',
  ),
  bad('create-index', 'an index that blocks writes', 'CREATE INDEX orders_state ON orders (state);'),
  bad(
    'create-index',
    'an index on a table that IF NOT EXISTS did not make',
    'CREATE TABLE IF NOT EXISTS orders (id bigint);\nCREATE INDEX ON orders (state);',
  ),
  bad('drop-index', 'an index that is dropped', 'DROP INDEX users_old;'),
  bad('reindex', 'an index that is rebuilt', 'REINDEX TABLE users;'),
  bad(
    'concurrently-in-transaction',
    'an index built concurrently in a transaction',
    'CREATE INDEX CONCURRENTLY o ON orders (state);',
    { transaction: 'file' },
  ),
  bad(
    'concurrently-in-transaction',
    'an index built concurrently behind BEGIN',
    'BEGIN;\nCREATE INDEX CONCURRENTLY o ON orders (state);\nCOMMIT;',
    { transaction: 'none' },
  ),
  bad(
    'concurrently-in-transaction',
    'two statements that golang-migrate sends at once',
    "SET lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY o ON orders (state);",
    { transaction: 'statements' },
  ),
  bad(
    'concurrently-in-transaction',
    'an index built concurrently by Flyway beside another statement',
    "SET lock_timeout = '5s';\nCREATE INDEX CONCURRENTLY o ON orders (state);",
    { transaction: 'file' },
  ),
  bad(
    'validate-with-add',
    'a constraint that is validated in the transaction that adds it',
    `${limits}ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;`,
    { transaction: 'file' },
  ),
  bad(
    'rewrite-table',
    'a column with a random default',
    'ALTER TABLE users ADD COLUMN token uuid DEFAULT gen_random_uuid();',
  ),
  bad(
    'rewrite-table',
    'a column with clock_timestamp() as default',
    'ALTER TABLE users ADD COLUMN at timestamptz NOT NULL DEFAULT clock_timestamp();',
  ),
  bad('rewrite-table', 'a serial', 'ALTER TABLE users ADD COLUMN number bigserial;'),
  bad(
    'rewrite-table',
    'an identity',
    'ALTER TABLE users ADD COLUMN number bigint GENERATED ALWAYS AS IDENTITY;',
  ),
  bad(
    'rewrite-table',
    'a stored generated column',
    'ALTER TABLE users ADD COLUMN lower_email text GENERATED ALWAYS AS (lower(email)) STORED;',
  ),
  bad('rewrite-table', 'another tablespace', 'ALTER TABLE users SET TABLESPACE fast;'),
  bad('rewrite-table', 'a table that is not logged any more', 'ALTER TABLE users SET UNLOGGED;'),
  bad('vacuum-full', 'VACUUM FULL', 'VACUUM FULL users;'),
  bad('vacuum-full', 'VACUUM with the option FULL', 'VACUUM (FULL, ANALYZE) users;'),
  bad('vacuum-full', 'CLUSTER', 'CLUSTER users USING users_old;'),
  bad('lock-table', 'LOCK TABLE', 'BEGIN;\nLOCK TABLE users IN ACCESS EXCLUSIVE MODE;\nCOMMIT;'),
  bad('refresh-view', 'a materialized view that is refreshed', 'REFRESH MATERIALIZED VIEW sums;'),
  bad(
    'attach-partition',
    'a partition that is attached',
    "ALTER TABLE events ATTACH PARTITION events_1 FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
  ),
  bad(
    'attach-partition',
    'a table made as a partition',
    "CREATE TABLE events_1 PARTITION OF events FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');",
  ),
  bad('detach-partition', 'a partition that is detached', 'ALTER TABLE events DETACH PARTITION events_1;'),
  bad('no-lock-timeout', 'a lock without a limit', 'ALTER TABLE users ADD COLUMN nickname text;', {
    transaction: 'none',
  }),
  bad(
    'no-lock-timeout',
    'a limit of zero',
    'SET lock_timeout = 0;\nALTER TABLE users ADD COLUMN nickname text;',
    { transaction: 'none' },
  ),
  bad(
    'no-lock-timeout',
    'a limit that is taken away again',
    "SET lock_timeout = '5s';\nRESET ALL;\nALTER TABLE users ADD COLUMN nickname text;",
    { transaction: 'none' },
  ),
  bad(
    'no-lock-timeout',
    'SET LOCAL outside of a transaction',
    "SET LOCAL lock_timeout = '5s';\nALTER TABLE users ADD COLUMN nickname text;",
    { transaction: 'none' },
  ),
  bad(
    'no-lock-timeout',
    'a limit of a transaction that is over',
    "BEGIN;\nSET LOCAL lock_timeout = '5s';\nCOMMIT;\nALTER TABLE users ADD COLUMN nickname text;",
    { transaction: 'none' },
  ),
  bad('truncate', 'a table that is emptied', 'TRUNCATE orders;'),
  bad('drop-cascade', 'tables that are emptied with CASCADE', 'TRUNCATE users CASCADE;'),
  bad('delete-all', 'all rows that are deleted', 'DELETE FROM orders;'),
  bad('delete-all', 'all rows that are deleted with WHERE true', 'DELETE FROM orders WHERE 1 = 1;'),
  bad('update-all', 'all rows that are changed', "UPDATE users SET name = '';"),
  bad(
    'delete-all',
    'rows that are deleted inside of a WITH',
    'WITH gone AS (DELETE FROM orders RETURNING *) INSERT INTO settings SELECT id::text, state FROM gone;',
  ),
  bad(
    'drop-table',
    'a table behind a temporary one of its name',
    'CREATE TEMP TABLE users (id int);\nDROP TABLE users;\nDROP TABLE users;',
  ),
  bad(
    'drop-table',
    'a table behind a temporary one that is gone with its transaction',
    'CREATE TEMP TABLE users (id int) ON COMMIT DROP;\nDROP TABLE users;',
    { transaction: 'none' },
  ),
  bad(
    'unknown-statement',
    'a ROLLBACK of what was judged',
    'BEGIN;\nCREATE TEMP TABLE users (id int);\nROLLBACK;\nDROP TABLE users;',
    { transaction: 'none' },
  ),
  bad(
    'unbounded-change',
    'a state that many rows have',
    "UPDATE orders SET state = 'new' WHERE state = 'old';",
  ),
  bad(
    'unbounded-change',
    'states that many rows have',
    "DELETE FROM orders WHERE state IN ('old', 'older');",
  ),
  bad('unbounded-change', 'a backfill in one statement', 'UPDATE users SET name = email WHERE name IS NULL;'),
  bad(
    'unbounded-change',
    'a join that changes rows',
    'UPDATE orders o SET state = u.name FROM users u WHERE o.user_id = u.id;',
  ),
  bad('unbounded-change', 'an OR that lets all in', "DELETE FROM orders WHERE id = 1 OR state <> 'x';"),
  bad(
    'unbounded-change',
    'a merge',
    'MERGE INTO orders o USING users u ON o.user_id = u.id WHEN MATCHED THEN UPDATE SET state = u.name;',
  ),
  bad(
    'backfill-with-ddl',
    'a column and its backfill in one transaction',
    `${limits}ALTER TABLE users ADD COLUMN plan text;\nUPDATE users SET plan = 'free';`,
    { transaction: 'file' },
  ),
  bad(
    'backfill-with-ddl',
    'a copy of rows in the transaction of a schema change',
    `${limits}ALTER TABLE users ADD COLUMN plan text;\nINSERT INTO settings SELECT email, name FROM users;`,
    { transaction: 'file' },
  ),
  bad(
    'backfill-with-ddl',
    'a backfill before the schema change',
    `${limits}BEGIN;\nUPDATE users SET name = '' WHERE name IS NULL;\nALTER TABLE users ALTER COLUMN name SET DEFAULT '';\nCOMMIT;`,
    { transaction: 'none' },
  ),
  bad(
    'change-trigger',
    'a trigger on an old table',
    'CREATE TRIGGER t BEFORE UPDATE ON users FOR EACH ROW EXECUTE FUNCTION touch();',
  ),
  bad('change-trigger', 'a trigger that is dropped', 'DROP TRIGGER t ON users;'),
  bad('change-trigger', 'triggers that are turned off', 'ALTER TABLE users DISABLE TRIGGER ALL;'),
  bad('change-trigger', 'a policy', 'CREATE POLICY p ON users USING (true);'),
  bad('change-trigger', 'a rule', 'CREATE RULE r AS ON DELETE TO users DO INSTEAD NOTHING;'),
  bad(
    'replace-function',
    'a function that gets another body',
    'CREATE OR REPLACE FUNCTION add(a int) RETURNS int LANGUAGE sql AS $$ SELECT 1 $$;',
  ),
  bad(
    'replace-function',
    'a function of a migration before that gets another body',
    'CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;',
  ),
  bad('row-security', 'row security', 'ALTER TABLE users ENABLE ROW LEVEL SECURITY;'),
  bad('revoke', 'rights that are taken away', 'REVOKE SELECT ON users FROM app;'),
  bad('session-setting', 'constraints that are turned off', 'SET session_replication_role = replica;'),
  bad('unknown-code', 'a DO block', "DO $$ BEGIN EXECUTE 'DROP TABLE users'; END $$;"),
  bad('unknown-code', 'a procedure', 'CALL migrate_everything();'),
  bad('unknown-code', 'a function that is called', 'SELECT migrate_everything();'),
  bad(
    'unknown-code',
    'a function of this migration that is called in an INSERT',
    "CREATE FUNCTION evil() RETURNS text LANGUAGE sql AS $$ SELECT 'x' $$;\nINSERT INTO settings VALUES (evil(), '');",
  ),
  bad(
    'unknown-code',
    'a text that is run as a query',
    "INSERT INTO settings SELECT 'x', query_to_xml('DELETE FROM users', true, true, '')::text;",
  ),
  bad('unknown-code', 'a prepared statement', 'PREPARE p AS SELECT 1;\nEXECUTE p;'),
  bad('unknown-code', 'rows from a program', "COPY users FROM PROGRAM 'curl example.org';"),
  bad('unknown-statement', 'a setting of the server', 'ALTER SYSTEM SET max_connections = 10;'),
  bad('unknown-statement', 'a database that is made', 'CREATE DATABASE other;'),
  bad('unparsable', 'a word that is no SQL', 'ALTR TABLE users ADD COLUMN a int;'),
  bad('unparsable', 'a text that does not end', "INSERT INTO settings VALUES ('a, 'b');"),
  bad('unparsable', 'a placeholder that a tool fills in', 'ALTER TABLE ${table} ADD COLUMN a int;'),
  bad('unparsable', 'a command of psql', '\\connect other\nDROP TABLE users;'),
  bad(
    'transaction-control',
    'a COMMIT in the transaction of the tool',
    "SET lock_timeout = '5s';\nALTER TABLE users ADD COLUMN a int;\nCOMMIT;\nALTER TABLE users ADD COLUMN b int;",
    { transaction: 'file' },
  ),
  bad(
    'irreversible',
    'no way back where the tool has one',
    '-- migrate:up\nCREATE TABLE carts (id bigint);\n',
    { tool: 'dbmate' },
  ),
  bad(
    'wrong-waiver',
    'a waiver without a date',
    '-- migration-check: allow drop-column because I say so\nALTER TABLE users DROP COLUMN name;',
  ),
  bad(
    'wrong-waiver',
    'a waiver of a rule that is not there',
    '-- migration-check: allow drop-colum until 2026-12-31 because nothing reads it\nALTER TABLE users DROP COLUMN name;',
  ),
  bad(
    'wrong-waiver',
    'a waiver for ever',
    '-- migration-check: allow drop-column until 2999-12-31 because nothing reads it\nALTER TABLE users DROP COLUMN name;',
  ),
  bad(
    'drop-column',
    'a waiver that is over',
    '-- migration-check: allow drop-column until 2026-11-28 because nothing reads it\nALTER TABLE users DROP COLUMN name;',
  ),
  bad(
    'drop-column',
    'a waiver of the statement before',
    '-- migration-check: allow drop-column until 2026-12-31 because nothing reads it\nALTER TABLE users ADD COLUMN x int;\nALTER TABLE users DROP COLUMN name;',
  ),
  bad(
    'drop-column',
    'a waiver inside of a text',
    "INSERT INTO settings VALUES ('a', '-- migration-check: allow drop-column until 2026-12-31 because x');\nALTER TABLE users DROP COLUMN name;",
  ),
  bad(
    'unbounded-change',
    'rows by the key of another table',
    'DELETE FROM users USING orders WHERE orders.id = 5;',
  ),
  bad(
    'unbounded-change',
    'rows by the key of another table under another name',
    'UPDATE users u SET name = o.state FROM orders o WHERE o.id = 5;',
  ),
  bad(
    'unbounded-change',
    'rows by a key that may be of either table',
    'DELETE FROM users USING orders WHERE id BETWEEN 1 AND 9;',
  ),
  bad(
    'unbounded-change',
    'two ends of two ranges',
    'UPDATE orders SET total = 1 WHERE total > 0 AND id < 5;',
  ),
  bad(
    'unbounded-change',
    'a LIMIT that is none',
    'UPDATE users SET name = NULL WHERE id IN (SELECT id FROM users LIMIT ALL);',
  ),
  bad(
    'unbounded-change',
    'all but a batch',
    'DELETE FROM users WHERE id <> ALL (SELECT id FROM users LIMIT 10);',
  ),
  bad(
    'unbounded-change',
    'all rows after the first of a batch',
    'DELETE FROM users WHERE id > ANY (SELECT id FROM users LIMIT 10);',
  ),
  bad(
    'unbounded-change',
    'rows for each of which a batch has something',
    'DELETE FROM users WHERE EXISTS (SELECT 1 FROM orders WHERE user_id = users.id LIMIT 1);',
  ),
  bad(
    'unbounded-change',
    'rows by a value that many share, from a batch',
    'DELETE FROM orders WHERE state IN (SELECT state FROM orders LIMIT 10);',
  ),
  bad(
    'unknown-statement',
    'a table behind a temporary one, by its schema',
    'CREATE TEMP TABLE users (id int);\nDROP TABLE public.users;',
  ),
];
