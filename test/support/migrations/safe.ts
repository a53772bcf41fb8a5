import type { Setup } from './judge.js';

/** A migration that hurts nobody. */
export interface SafeMigration extends Setup {
  name: string;
  sql: string;
}

const before = {
  '0001_base.sql': `
CREATE TABLE users (id bigint PRIMARY KEY, email varchar(80) NOT NULL, name text, balance numeric(10,2), created_at timestamptz);
CREATE TABLE orders (id bigint PRIMARY KEY, user_id bigint NOT NULL, state text NOT NULL, total numeric(12,2));
CREATE TYPE color AS ENUM ('red', 'green');
CREATE TABLE settings (key text PRIMARY KEY, value text);
CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE VIEW active_users AS SELECT id, email FROM users;
CREATE INDEX users_old ON users (name);
`,
};

const limits = "SET lock_timeout = '5s';\nSET statement_timeout = '5min';\n";
const safe = (name: string, sql: string, setup: Setup = {}): SafeMigration => ({
  name,
  sql,
  before,
  ...setup,
});

/** Fifty and more that people write as they should be written. */
export const safeMigrations: readonly SafeMigration[] = [
  safe('a nullable column', `${limits}ALTER TABLE users ADD COLUMN nickname text;`),
  safe(
    'a column with a constant default',
    `${limits}ALTER TABLE users ADD COLUMN active boolean NOT NULL DEFAULT true;`,
  ),
  safe(
    'a column with a text default',
    `${limits}ALTER TABLE users ADD COLUMN plan text DEFAULT 'free' NOT NULL;`,
  ),
  safe(
    'a column with now() as default',
    `${limits}ALTER TABLE users ADD COLUMN seen_at timestamptz DEFAULT now();`,
  ),
  safe(
    'a column with current_timestamp as default',
    `${limits}ALTER TABLE users ADD COLUMN seen_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP;`,
  ),
  safe(
    'a json column with an empty default',
    `${limits}ALTER TABLE users ADD COLUMN extra jsonb NOT NULL DEFAULT '{}'::jsonb;`,
  ),
  safe(
    'a virtual generated column',
    `${limits}ALTER TABLE users ADD COLUMN lower_email text GENERATED ALWAYS AS (lower(email)) VIRTUAL;`,
  ),
  safe('two columns at once', `${limits}ALTER TABLE users ADD COLUMN a int, ADD COLUMN b int DEFAULT 0;`),
  safe(
    'a nullable column that refers to another table',
    `${limits}ALTER TABLE users ADD COLUMN order_id bigint REFERENCES orders(id);`,
  ),
  safe('a column with IF NOT EXISTS', `${limits}ALTER TABLE users ADD COLUMN IF NOT EXISTS phone text;`),
  safe('a default for rows to come', `${limits}ALTER TABLE users ALTER COLUMN name SET DEFAULT '';`),
  safe(
    'a variable default for rows to come',
    `${limits}ALTER TABLE users ALTER COLUMN name SET DEFAULT md5(random()::text);`,
  ),
  safe(
    'a column that may be NULL from now on',
    `${limits}ALTER TABLE orders ALTER COLUMN state DROP NOT NULL;`,
  ),
  safe('a longer varchar', `${limits}ALTER TABLE users ALTER COLUMN email TYPE varchar(200);`),
  safe('text instead of varchar', `${limits}ALTER TABLE users ALTER COLUMN email TYPE text;`),
  safe('a numeric with more digits', `${limits}ALTER TABLE users ALTER COLUMN balance TYPE numeric(14,2);`),
  safe(
    'a new table',
    "CREATE TABLE carts (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text UNIQUE CHECK (note <> ''));",
  ),
  safe(
    'a new table with an index in one transaction',
    'CREATE TABLE carts (id bigint PRIMARY KEY, note text);\nCREATE INDEX carts_note ON carts (note);',
    { transaction: 'file' },
  ),
  safe(
    'a new table that is changed again',
    'CREATE TABLE carts (id bigint);\nALTER TABLE carts ADD COLUMN a uuid NOT NULL DEFAULT gen_random_uuid();\nALTER TABLE carts ALTER COLUMN id TYPE int;\nALTER TABLE carts DROP COLUMN a;',
  ),
  safe(
    'a new table that is filled',
    "CREATE TABLE plans (id int, name text);\nINSERT INTO plans VALUES (1, 'free'), (2, 'paid');\nUPDATE plans SET name = upper(name);",
    { transaction: 'file' },
  ),
  safe(
    'a new table that refers to an old one',
    `${limits}CREATE TABLE carts (id bigint PRIMARY KEY, user_id bigint REFERENCES users(id));`,
  ),
  safe(
    'a new table with IF NOT EXISTS that no migration made before',
    'CREATE TABLE IF NOT EXISTS carts (id bigint);\nCREATE INDEX ON carts (id);',
  ),
  safe(
    'a new table in a new schema',
    'CREATE SCHEMA app;\nCREATE TABLE app.carts (id bigint);\nCREATE INDEX ON app.carts (id);\nDROP TABLE app.carts;',
  ),
  safe(
    'a table as the result of a query',
    'CREATE TABLE totals AS SELECT user_id, sum(total) AS total FROM orders GROUP BY user_id;\nCREATE INDEX ON totals (user_id);',
  ),
  safe('a temporary table', 'CREATE TEMP TABLE work (id bigint);\nTRUNCATE work;\nDROP TABLE work;'),
  safe('an index built concurrently', 'CREATE INDEX CONCURRENTLY orders_state ON orders (state);'),
  safe(
    'a unique index built concurrently',
    'CREATE UNIQUE INDEX CONCURRENTLY orders_one ON orders (user_id, state);',
  ),
  safe(
    'an index built concurrently by golang-migrate',
    'CREATE INDEX CONCURRENTLY IF NOT EXISTS orders_state ON orders (state);',
    { transaction: 'statements' },
  ),
  safe('an index dropped concurrently', 'DROP INDEX CONCURRENTLY IF EXISTS users_old;'),
  safe('an index rebuilt concurrently', 'REINDEX INDEX CONCURRENTLY users_old;'),
  safe(
    'a unique constraint from an index',
    `CREATE UNIQUE INDEX CONCURRENTLY users_email ON users (email);\n${limits}ALTER TABLE users ADD CONSTRAINT users_email_unique UNIQUE USING INDEX users_email;`,
  ),
  safe(
    'a check that is validated later',
    `${limits}ALTER TABLE orders ADD CONSTRAINT positive CHECK (total >= 0) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT positive;`,
  ),
  safe(
    'a foreign key that is validated later',
    `${limits}ALTER TABLE orders ADD CONSTRAINT orders_user FOREIGN KEY (user_id) REFERENCES users(id) NOT VALID;\nALTER TABLE orders VALIDATE CONSTRAINT orders_user;`,
  ),
  safe(
    'NOT NULL by a validated check',
    `${limits}ALTER TABLE users ADD CONSTRAINT name_there CHECK (name IS NOT NULL) NOT VALID;\nALTER TABLE users VALIDATE CONSTRAINT name_there;\nALTER TABLE users ALTER COLUMN name SET NOT NULL;\nALTER TABLE users DROP CONSTRAINT name_there;`,
  ),
  safe('a constraint that is dropped', `${limits}ALTER TABLE orders DROP CONSTRAINT IF EXISTS positive;`),
  safe('a new value of an enum', "ALTER TYPE color ADD VALUE IF NOT EXISTS 'blue';"),
  safe(
    'a new enum with a column of it',
    `CREATE TYPE size AS ENUM ('s', 'm');\n${limits}ALTER TABLE orders ADD COLUMN size size DEFAULT 'm';`,
  ),
  safe('a new view', "CREATE VIEW paid AS SELECT id FROM orders WHERE state = 'paid';"),
  safe(
    'a view with another definition',
    `${limits}CREATE OR REPLACE VIEW active_users AS SELECT id, email, name FROM users;`,
  ),
  safe(
    'a materialized view',
    'CREATE MATERIALIZED VIEW sums AS SELECT sum(total) FROM orders;\nCREATE UNIQUE INDEX ON sums (sum);',
  ),
  safe(
    'a new function',
    'CREATE FUNCTION add(a int, b int) RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;',
  ),
  safe(
    'a trigger on a new table',
    'CREATE TABLE carts (id bigint);\nCREATE TRIGGER t BEFORE UPDATE ON carts FOR EACH ROW EXECUTE FUNCTION touch();',
  ),
  safe('a comment', "COMMENT ON COLUMN users.name IS 'What we call them';"),
  safe('rights that are given', 'GRANT SELECT ON orders TO reporting;'),
  safe('an extension', 'CREATE EXTENSION IF NOT EXISTS pg_trgm;'),
  safe(
    'rows of settings',
    "INSERT INTO settings (key, value) VALUES ('a', '1') ON CONFLICT (key) DO UPDATE SET value = excluded.value;",
  ),
  safe('one row that is changed', "UPDATE settings SET value = '2' WHERE key = 'a';"),
  safe(
    'rows in a batch',
    'UPDATE users SET name = email WHERE id IN (SELECT id FROM users WHERE name IS NULL ORDER BY id LIMIT 1000);',
  ),
  safe('rows of a range of keys', 'DELETE FROM orders WHERE id >= 1 AND id < 1000;'),
  safe(
    'rows between two keys',
    "UPDATE orders SET state = 'new' WHERE id BETWEEN 1 AND 500 AND state IS NULL;",
  ),
  safe('a sequence', 'CREATE SEQUENCE tickets START 1000;'),
  safe(
    'better statistics',
    'ALTER TABLE users ALTER COLUMN email SET STATISTICS 1000;\nANALYZE users;\nCREATE STATISTICS s (dependencies) ON state, user_id FROM orders;',
  ),
  safe('another fill factor', 'ALTER TABLE users SET (fillfactor = 80);'),
  safe('a plain vacuum', 'VACUUM (ANALYZE) users;'),
  safe(
    'limits for the transaction alone',
    "BEGIN;\nSET LOCAL lock_timeout = '2s';\nSET LOCAL statement_timeout = '1min';\nALTER TABLE users ADD COLUMN nickname text;\nCOMMIT;",
  ),
  safe('limits that mode run sets', 'ALTER TABLE users ADD COLUMN nickname text;', { timeouts: true }),
  safe('a sequence that is set', "SELECT setval('tickets', 1000);", {
    before: { '0001_base.sql': 'CREATE SEQUENCE tickets;' },
  }),
  safe(
    'a limit by set_config',
    "SELECT set_config('lock_timeout', '5s', false);\nALTER TABLE users ADD COLUMN nickname text;",
  ),
  safe(
    'dangerous words in texts and comments',
    "-- DROP TABLE users; TRUNCATE users\n/* ALTER TABLE users DROP COLUMN name; */\nINSERT INTO settings VALUES ('sql', 'DROP TABLE users; DELETE FROM users') ON CONFLICT DO NOTHING;",
  ),
  safe(
    'what a dbmate file takes back',
    '-- migrate:up\nCREATE TABLE carts (id bigint);\n-- migrate:down\nDROP TABLE carts;\n',
    { tool: 'dbmate' },
  ),
  safe(
    'an index in a dbmate file without transaction',
    '-- migrate:up transaction:false\nCREATE INDEX CONCURRENTLY o ON orders (state);\n-- migrate:down transaction:false\nDROP INDEX CONCURRENTLY o;\n',
    { tool: 'dbmate' },
  ),
  safe('nothing but comments', '-- nothing to do any more\n'),
];
