import type { Rule } from './rule.js';

const blocked = 'Reads and writes wait, and what waits for a connection soon is everything.';

/** What keeps the queries of the live version waiting. */
export const locks = {
  'add-check': {
    level: 'error',
    why: `All rows are read while nobody can read or write the table. ${blocked}`,
    recipe: 'ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a later transaction.',
  },
  'add-foreign-key': {
    level: 'error',
    why: 'All rows are looked up in the other table while nobody can write either of them.',
    recipe: 'ADD CONSTRAINT … NOT VALID, and VALIDATE CONSTRAINT in a later transaction.',
  },
  'add-unique': {
    level: 'error',
    why: `An index is built while nobody can read or write the table. ${blocked}`,
    recipe: 'CREATE UNIQUE INDEX CONCURRENTLY, then ADD CONSTRAINT … UNIQUE (or PRIMARY KEY) USING INDEX.',
  },
  'create-index': {
    level: 'error',
    why: 'Nobody can write the table while the index is built.',
    recipe: 'CREATE INDEX CONCURRENTLY in a migration of its own that runs in no transaction.',
  },
  'drop-index': {
    level: 'error',
    why: `It waits for all queries on the table and lets no new ones in. ${blocked}`,
    recipe: 'DROP INDEX CONCURRENTLY in a migration of its own that runs in no transaction.',
  },
  reindex: {
    level: 'error',
    why: 'Nobody can write the table, and most cannot read it, while its indexes are built.',
    recipe: 'REINDEX … CONCURRENTLY in a migration of its own that runs in no transaction.',
  },
  'concurrently-in-transaction': {
    level: 'error',
    why: 'PostgreSQL refuses it inside a transaction, so the release fails half-way.',
    recipe:
      'Put it alone into a migration that runs in no transaction: docs/migrations.md says how for each tool.',
  },
  'validate-with-add': {
    level: 'error',
    why: 'The lock of ADD CONSTRAINT is held until the transaction ends, so NOT VALID gained nothing.',
    recipe: 'Validate in a later migration, or in none of the same transaction.',
  },
  'rewrite-table': {
    level: 'error',
    why: `The whole table and its indexes are written anew while nobody can read or write it. ${blocked}`,
    recipe:
      'Add a column without default, fill it in batches, and then set the default; or do it in a new table and change over.',
  },
  'vacuum-full': {
    level: 'error',
    why: `The whole table is written anew while nobody can read or write it. ${blocked}`,
    recipe: 'Plain VACUUM, or a tool that repacks online, outside of a release.',
  },
  'lock-table': {
    level: 'error',
    why: `The lock is held until the transaction ends. ${blocked}`,
    recipe: 'Leave it out: each statement takes the lock that it needs.',
  },
  'refresh-view': {
    level: 'warning',
    why: 'Nobody can read the view while its query runs.',
    recipe: 'REFRESH MATERIALIZED VIEW CONCURRENTLY, which needs a unique index on it.',
  },
  'attach-partition': {
    level: 'warning',
    why: 'PostgreSQL locks the parent, and reads all rows of the new partition and of the default one unless a CHECK proves that they fit.',
    recipe:
      'Create the table alone with a validated CHECK of its bounds, then ATTACH PARTITION with a lock_timeout.',
  },
  'detach-partition': {
    level: 'error',
    why: 'The rows vanish for the live version, and without CONCURRENTLY nobody can read the parent meanwhile.',
    recipe:
      'DETACH PARTITION … CONCURRENTLY in no transaction, with a waiver that says that nothing reads it.',
  },
  'no-lock-timeout': {
    level: 'warning',
    why: 'A statement that waits for its lock makes every query after it wait too: one slow report stops the service.',
    recipe:
      "SET lock_timeout = '5s' before it, and try again when it fails; or let mode run set it (timeouts in the migrations file).",
  },
  'no-statement-timeout': {
    level: 'notice',
    why: 'A statement that takes longer than expected holds its lock for as long.',
    recipe: "SET statement_timeout = '5min' before it, or let mode run set it.",
  },
} as const satisfies Record<string, Rule>;
