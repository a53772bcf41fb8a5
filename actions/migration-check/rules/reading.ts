import type { Rule } from './rule.js';

/** What cannot be known, and what is wrong with the migrations themselves. */
export const reading = {
  unparsable: {
    level: 'error',
    why: 'PostgreSQL itself would not take this text, or it is no SQL before another tool has filled it in.',
    recipe: 'Correct it, or use tool: command with a program that prints the SQL as it will be run.',
  },
  'not-judged': {
    level: 'error',
    why: 'What it locks and what the live version loses by it, nobody has looked at.',
    recipe:
      'Have somebody read it who knows what the live version reads and whether it runs with ALGORITHM=INSTANT or with LOCK=NONE, and waive it in the file: -- migration-check: allow not-judged until … because …',
  },
  unreadable: {
    level: 'error',
    why: 'What cannot be read cannot be called safe.',
    recipe: 'Make it a SQL file, or say in the migrations file which command prints its SQL.',
  },
  'unknown-code': {
    level: 'error',
    why: 'What a block of code, a function or a prepared text does is not known before it runs.',
    recipe: 'Write the statements themselves; or have somebody read the code, and waive it.',
  },
  'unknown-statement': {
    level: 'error',
    why: 'No rule knows what this statement does to the live version.',
    recipe: 'Look up in the manual of PostgreSQL which lock it takes and what it changes, and waive it.',
  },
  'session-setting': {
    level: 'warning',
    why: 'It changes who the later statements run as, or turns triggers and constraints off.',
    recipe: 'Leave it out, or waive it and say what it is for.',
  },
  'transaction-control': {
    level: 'warning',
    why: 'The tool runs the file in a transaction of its own: what comes after this is not in it, so a failure leaves half of the migration.',
    recipe: 'Leave it out, or tell the tool to use no transaction for this file.',
  },
  irreversible: {
    level: 'warning',
    why: 'It has no inverse: a rollback of the schema is a restore of the back-up.',
    recipe: 'Write the inverse, or say why there is none: -- migration-check: irreversible because …',
  },
  'changed-after-release': {
    level: 'error',
    why: 'It ran as it was. Tools compare checksums and stop, or skip it, and then new databases differ from production.',
    recipe: 'Put it back as it was, and write a new migration.',
  },
  'deleted-after-release': {
    level: 'error',
    why: 'It ran in production. Tools stop because it is missing, and a new database lacks what it made.',
    recipe: 'Put it back. To undo it, write a new migration.',
  },
  'out-of-order': {
    level: 'error',
    why: 'Production is past its number already: the tool skips it or stops.',
    recipe: 'Give it a number above the newest released one.',
  },
  'same-version': {
    level: 'error',
    why: 'Two migrations have the same number: the tool stops, or runs one of them only.',
    recipe: 'Give the newer one the next number.',
  },
  'wrong-name': {
    level: 'error',
    why: 'The tool does not run a file of this name, so the release would miss a change of its schema.',
    recipe: 'Name it as the tool wants it (docs/migrations.md), or move it out of the folder.',
  },
  'nothing-live': {
    level: 'warning',
    why: 'Nothing is live by the ledger, so every migration counts as new and every table as empty. Where a version runs already, that is wrong.',
    recipe:
      'For a first deployment, nothing. Else record what runs (blue-green-switch, mode: adopt), or set the input "base" to its tag.',
  },
  'folder-left-out': {
    level: 'error',
    why: 'The migrations file of the live release names the folder and this one does not: its changes would not be seen.',
    recipe: 'Name it again, or say in "waivers" of the migrations file why nobody runs it any more.',
  },
  'wrong-waiver': {
    level: 'error',
    why: 'A waiver that cannot be read lets nothing through, and its author thinks that it does.',
    recipe: 'Write -- migration-check: allow RULE until YYYY-MM-DD because REASON',
  },
  'unused-waiver': {
    level: 'notice',
    why: 'It lets through what is not there.',
    recipe: 'Delete the comment.',
  },
} as const satisfies Record<string, Rule>;
