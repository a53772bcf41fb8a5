import type { Rule } from './rule.js';

/** What is done to rows. */
export const data = {
  truncate: {
    level: 'error',
    why: 'All rows are gone at once, the live version reads an empty table, and nothing but a back-up brings them back.',
    recipe: 'Delete in batches what may go; or waive it and say where the rows are kept.',
  },
  'delete-all': {
    level: 'error',
    why: 'All rows are gone, in one long transaction.',
    recipe: 'Add a WHERE, and delete in batches.',
  },
  'update-all': {
    level: 'error',
    why: 'Every row is written and stays locked until the transaction ends; the table doubles, and replicas fall behind.',
    recipe: 'Update in batches by key, outside of the migration or each in a transaction of its own.',
  },
  'unbounded-change': {
    level: 'warning',
    why: 'Nothing limits how many rows this changes, and all stay locked until the transaction ends.',
    recipe: 'Work in batches: a range of keys, or WHERE id IN (SELECT … LIMIT 1000).',
  },
  'backfill-with-ddl': {
    level: 'error',
    why: 'The lock of the schema change is held while rows are changed: nobody can use the table for as long as that takes.',
    recipe: 'Change the schema in one migration, and the rows in another, in batches.',
  },
} as const satisfies Record<string, Rule>;
