import type { Rule } from './rule.js';

const twice =
  'While traffic is switched, and after any rollback, the live version runs on the new schema as well.';

/** What the live version would not survive. */
export const compatibility = {
  'drop-column': {
    level: 'error',
    why: `${twice} Its queries name the column, and ORMs name all they know: each of them fails.`,
    recipe:
      'First release an app that does not use the column. Drop it in a later release, with a waiver that says since which version nothing reads it.',
  },
  'drop-table': {
    level: 'error',
    why: `${twice} Its queries on the table or view fail.`,
    recipe:
      'First release an app that does not use it. Drop it in a later release, with a waiver that says since which version nothing reads it.',
  },
  'drop-object': {
    level: 'error',
    why: `${twice} What it calls or what its tables use is gone.`,
    recipe: 'First release an app that does not use it, and drop it in a later release, with a waiver.',
  },
  'drop-cascade': {
    level: 'error',
    why: 'CASCADE also drops views, foreign keys and columns that the migration does not name, and nobody reviewed those.',
    recipe: 'Drop each dependent object by name in a statement of its own, then this one without CASCADE.',
  },
  'rename-column': {
    level: 'error',
    why: `${twice} It knows the old name only.`,
    recipe:
      'Expand and contract: add a column with the new name, write both, copy the old values in batches, read the new one, and drop the old one in a later release.',
  },
  'rename-table': {
    level: 'error',
    why: `${twice} It knows the old name only.`,
    recipe:
      'Keep the old name alive: in one transaction rename the table and create a view with its old name (waive this finding then), or leave the name and change it in the app alone.',
  },
  'rename-object': {
    level: 'error',
    why: `${twice} It knows the old name or schema only.`,
    recipe: 'Create the new one beside the old, let the app use it, and drop the old one in a later release.',
  },
  'add-required-column': {
    level: 'error',
    why: 'Where the table has rows, PostgreSQL refuses the column. Where it has none, each INSERT of the live version fails, since it does not know the column.',
    recipe:
      'Give the column a constant DEFAULT that stays (in Django: db_default), or add it without NOT NULL, fill it in batches, and make it NOT NULL in a later release.',
  },
  'change-column-type': {
    level: 'error',
    why: 'PostgreSQL writes the whole table and its indexes anew while nobody can read it, and the live version still sends and expects the old type.',
    recipe:
      'Add a column of the new type, write both, copy in batches, read the new one, and drop the old one in a later release. A longer varchar, or text instead of varchar, is safe: waive it.',
  },
  'set-not-null': {
    level: 'error',
    why: 'All rows are read while nobody can read or write the table, and an INSERT of the live version without a value fails.',
    recipe:
      'ADD CONSTRAINT … CHECK (column IS NOT NULL) NOT VALID, then VALIDATE CONSTRAINT in a transaction of its own, then SET NOT NULL (which then reads no rows), then drop the constraint.',
  },
  'live-app-too-old': {
    level: 'error',
    why: `${twice} The migration itself says that this is too old for it.`,
    recipe: 'Release the app that can do with the new schema first, and this migration after it.',
  },
  'drop-default': {
    level: 'warning',
    why: 'The live version may leave the column out of its INSERTs: they fail or write NULL.',
    recipe: 'First release an app that always sends a value, and drop the default in a later release.',
  },
  'rename-enum-value': {
    level: 'error',
    why: `${twice} It reads and writes the old value.`,
    recipe: 'Add the new value, let the app write it, change the rows in batches, and leave the old value.',
  },
  'add-enum-value': {
    level: 'notice',
    why: 'The live version may not know the value when it reads a row with it, and an enum value cannot be dropped again.',
    recipe: 'Write the new value only after the old version is gone.',
  },
  'new-constraint': {
    level: 'notice',
    why: 'From now on rows of the live version that break the constraint are refused.',
    recipe: 'Make sure that the live version obeys it already.',
  },
  'drop-constraint': {
    level: 'notice',
    why: 'The live version may rely on it, and rows that break it can come in.',
    recipe: 'Make sure that no code counts on it, such as ON CONFLICT of a unique constraint.',
  },
  'change-trigger': {
    level: 'warning',
    why: 'A trigger, rule or policy changes what the statements of the live version do, at once.',
    recipe:
      'Look at what it does to rows that the live version writes; release it with an app that needs it in a later release, or waive it.',
  },
  'replace-function': {
    level: 'warning',
    why: 'The live version, its triggers and defaults call the new body at once, and a rollback of the app does not bring the old one back.',
    recipe: 'Create a function with a new name and let the app call it; or waive it where both are equal.',
  },
  'row-security': {
    level: 'error',
    why: 'With row security and no policy that lets it, the live version sees no rows: that looks like data loss.',
    recipe: 'Create and test the policies first, then enable it in a migration of its own with a waiver.',
  },
  'replace-view': {
    level: 'notice',
    why: 'The live version reads the new definition at once.',
    recipe: 'Keep its rows and the meaning of its columns.',
  },
  revoke: {
    level: 'warning',
    why: 'The role of the live version may lose a right that it needs.',
    recipe: 'Revoke it in a release after the one that does not need it any more.',
  },
  privileges: {
    level: 'notice',
    why: 'Who may do what with the data changes.',
    recipe: 'Have somebody look who answers for that.',
  },
} as const satisfies Record<string, Rule>;
