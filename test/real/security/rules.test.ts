import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { tools } from '../ci/machine.js';

const rules = 'workflows-templates/security/semgrep.yml';
const examples = 'test/support/semgrep';
let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'semgrep-'))));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('each rule of semgrep catches its example, and nothing beside it', () => {
  for (const name of readdirSync(examples))
    copyFileSync(join(examples, name), join(folder, name.replace(/\.txt$/, '')));
  const text = execFileSync(
    join(tools(), 'bin', 'pipx'),
    [
      'run',
      'semgrep==1.185.0',
      'scan',
      '--config',
      rules,
      '--metrics',
      'off',
      '--disable-version-check',
      '--json',
      folder,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, PIPX_HOME: join(tools(), 'pipx') },
      stdio: ['ignore', 'pipe', 'ignore'],
    },
  );
  const { results } = JSON.parse(text) as { results: { check_id: string; path: string }[] };
  const { rules: all } = parse(readFileSync(rules, 'utf8')) as { rules: { id: string }[] };
  const caught = new Set(results.map(({ check_id: id }) => id.split('.').at(-1)));
  expect(all.map(({ id }) => id).filter((id) => !caught.has(id))).toEqual([]);
  expect(results.filter(({ path }) => path.includes('good')).map(({ check_id: id }) => id)).toEqual([]);
});
