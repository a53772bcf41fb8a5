import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { runTool } from '../../../rehearsal/runner/tool.js';

let folder: string;
beforeAll(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'tool-')), 'a b', 'ü "quoted"');
  mkdirSync(folder, { recursive: true });
});
afterAll(() => rmSync(join(folder, '..', '..'), { recursive: true, force: true }));

function script(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\n${text}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('a tool in a folder with spaces and quotes gets its arguments as they are', async () => {
  const show = script('show', `printf '<%s>' "$@"`);
  expect(await runTool(show, ['a b', '$HOME', '"', ''])).toMatchObject({
    exitCode: 0,
    stdout: '<a b><$HOME><"><>',
  });
});

test('a tool sees PATH and what it is given, and nothing else of this process', async () => {
  process.env['INPUT_TOKEN'] = 's3cret';
  try {
    const { stdout } = await runTool('env', [], { env: { LANG: 'C' } });
    expect(stdout.trim().split('\n').sort()).toEqual([
      expect.stringMatching(/^LANG=C$/),
      `PATH=${process.env['PATH']}`,
    ]);
  } finally {
    delete process.env['INPUT_TOKEN'];
  }
});

test('a tool that fails gives its exit code and words', async () => {
  const fail = script('fail', 'echo broken >&2; exit 3');
  expect(await runTool(fail, [])).toEqual({ exitCode: 3, stdout: '', stderr: 'broken\n' });
});

test('a tool that is not there is an error that names it', async () => {
  await expect(runTool('no-such-tool', [])).rejects.toThrow(/no-such-tool/);
});
