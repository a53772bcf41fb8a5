import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { askSquawk } from '../../../actions/migration-check/squawk/ask.js';
import { onlySquawk } from '../../../actions/migration-check/squawk/said.js';
import { loadParser } from '../../../actions/migration-check/sql/parser.js';
import type { Statement } from '../../../actions/migration-check/sql/statement.js';

let folder: string;
let warned: string[];
beforeEach(() => {
  warned = [];
  folder = mkdtempSync(join(tmpdir(), 'squawk-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function statementsOf(sql: string): Promise<Statement[]> {
  const parsed = (await loadParser())(sql);
  return parsed.ok ? parsed.statements : [];
}

/** Asks a program of this name about one migration. */
async function ask(script: string | undefined, name = 'squawk') {
  if (script !== undefined) {
    writeFileSync(join(folder, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(folder, name), 0o755);
  }
  const sql = 'DROP TABLE users;';
  return askSquawk([{ path: 'a.sql', sql, statements: await statementsOf(sql), transaction: 'none' }], {
    path: script === undefined ? folder : `${folder}${delimiter}${process.env['PATH']}`,
    signal: new AbortController().signal,
    log: { warning: (line) => void warned.push(line) },
  });
}
const version = 'if [ "$1" = --version ]; then echo squawk 2.66.0; exit 0; fi; cat >/dev/null';

describe('squawk that cannot be asked is said, and its silence is not taken for an answer', () => {
  test.each([
    ['another program of its name', 'echo squawk, a messenger; exit 0', 'a messenger'],
    ['one that fails at once', 'echo no libc >&2; exit 127', 'exit code 127: no libc'],
    [
      'one that fails half-way',
      `${version}; echo boom >&2; exit 101`,
      'of a.sql it gave exit code 101: boom',
    ],
    ['an answer that is no JSON', `${version}; echo fine`, 'of a.sql it gave exit code 0: fine'],
    ['JSON of another shape', `${version}; echo '{"ok":true}'`, '"ok":true'],
    ['no answer', `${version}; exit 0`, 'nothing'],
    ['one that dies', `${version}; kill -9 $$`, 'of a signal'],
  ])('%s', async (_, script, why) => {
    const { said, notes } = await ask(script);
    expect([said.size, warned]).toEqual([0, notes]);
    expect(notes).toEqual([expect.stringMatching(/^squawk is on the path and could not be asked/)]);
    expect(notes[0]).toContain(why);
  });

  test('one without the right to be run', async () => {
    writeFileSync(join(folder, 'squawk'), '#!/bin/sh\n');
    const { notes } = await ask(undefined);
    expect(notes).toEqual([expect.stringContaining('EACCES')]);
  });
});

test('where there is no squawk nothing is said', async () =>
  expect(await ask(undefined)).toEqual({ said: new Map(), notes: [] }));

test('what it says keeps its rule and gets the line of the file', async () => {
  const { said } = await ask(`${version}; echo '[{"rule_name":"x","message":"m","line":0}]'; exit 1`);
  expect(said.get('a.sql')).toEqual([{ rule: 'x', message: 'm', line: 1 }]);
});

describe('what squawk says', () => {
  const two = 'DROP TABLE a;\nDROP TABLE b; DROP INDEX c;';
  const said = (rule: string, line: number) => [{ rule, message: 'm', line }];
  const only = async (...[rule, line, found]: [string, number, { rule: 'drop-table'; at: number }[]]) =>
    onlySquawk(said(rule, line), await statementsOf(two), found).map((one) => `${one.rule} ${one.at}`);

  test('is left out where the same was found of the same statement, or is style', async () => {
    expect(await only('ban-drop-table', 2, [{ rule: 'drop-table', at: 1 }])).toEqual([]);
    expect(await only('prefer-robust-stmts', 1, [])).toEqual([]);
  });
  test('differs where it was found of another statement alone', async () =>
    expect(await only('ban-drop-table', 1, [{ rule: 'drop-table', at: 1 }])).toEqual(['squawk-differs 0']));
  test('is a warning where its rule is not known here, whatever it is called', async () => {
    expect(await only('ban-something-new', 2, [])).toEqual(['squawk 1']);
    expect(await only('constructor', 2, [])).toEqual(['squawk 1']);
  });
  test('of the way back is left out', async () => expect(await only('ban-drop-table', 9, [])).toEqual([]));
});
