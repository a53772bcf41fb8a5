import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as z from 'zod';
import { loadConfig } from '../../../shared/config/load.js';
import { ConfigurationError, describeProblems } from '../../../shared/config/problem.js';

let workspace: string;
const schema = z.strictObject({ name: z.string() });

beforeAll(async () => {
  workspace = await mkdtemp(join(tmpdir(), 'load-config-'));
  await mkdir(join(workspace, 'folder'));
  await writeFile(join(workspace, 'good.yml'), 'name: shop\n');
  await writeFile(join(workspace, 'bad.yml'), 'name: 4\nnmae: shop\n');
  await writeFile(join(workspace, 'big.yml'), `name: ${'x'.repeat(1_048_576)}\n`);
});

afterAll(() => rm(workspace, { recursive: true }));

async function problemsOf(path: string) {
  try {
    await loadConfig(workspace, path, 'config', schema);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
  return [];
}

describe('a configuration file', () => {
  it('is read from the workspace, and from an absolute path with a name relative to it', async () => {
    expect(await loadConfig(workspace, 'good.yml', 'config', schema)).toMatchObject({
      value: { name: 'shop' },
      file: 'good.yml',
    });
    expect(await loadConfig('/', join(workspace, 'good.yml'), 'config', schema)).toMatchObject({
      file: join(workspace, 'good.yml').slice(1),
    });
  });

  it.each([
    ['missing.yml', 'no such file', 'set the input "config"'],
    ['folder', 'EISDIR', 'set the input "config"'],
    ['good.yml/below', 'ENOTDIR', 'set the input "config"'],
    ['big.yml', '1048583 bytes', 'make big.yml smaller'],
    ['/dev/zero', 'no file', 'to a file'],
  ])('that cannot be read (%s) is one problem with the way out', async (path, got, fix) => {
    const [problem, ...others] = await problemsOf(path);
    expect(problem).toMatchObject({ file: path, got });
    expect(problem?.fix).toContain(fix);
    expect(others).toEqual([]);
  });

  it('that is wrong is an error whose text has each place, what came, what is allowed and the change', async () => {
    const text = describeProblems(await problemsOf('bad.yml'));
    expect(text).toContain('2 problems');
    expect(text).toMatch(
      /bad\.yml:1:7 — name\n +got: +4\n +allowed: text\n +fix: +put it in quotes: {2}name: "4"/,
    );
    expect(text).toMatch(
      /bad\.yml:2:1 — nmae\n.*\n.*\n +fix: +rename "nmae" to "name" \(did you mean "name"\?\)/,
    );
  });
});
