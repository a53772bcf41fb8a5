import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { oldNode } from '../../../../rehearsal/story/start/node-version.js';
import { askNode, findProgram, missingPrograms } from '../../../../rehearsal/story/start/programs.js';

let folder: string;
const script = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\n${text}\n`);
  chmodSync(file, 0o755);
  return file;
};
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'pro grams-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

describe('the version of Node', () => {
  it.each(['v18.20.8', 'v20.18.3', 'v20.9.0', 'v0.12.1'])('%s is too old', (version) => {
    expect(oldNode(version, '>=20.19')).toBe(`Node 20.19 or later is needed, this is ${version.slice(1)}.`);
  });
  it.each(['v20.19.0', 'v20.20.2', 'v22.1.0', 'v100.0.0', 'v24.0.0-nightly'])('%s is fine', (version) => {
    expect(oldNode(version, '>=20.19')).toBeUndefined();
  });
});

describe('--node', () => {
  it('is asked for its version and where it really is', () => {
    expect(askNode(process.execPath, '>=20.19')).toEqual({ path: process.execPath });
  });

  it('says that there is no such program', () => {
    expect(askNode('/nope', '>=20.19')).toEqual({ problem: '--node /nope cannot be run: no such program.' });
  });

  it('says that it is too old', () => {
    const old = script('old-node', `echo '["v18.20.8","/usr/bin/node"]'`);
    expect(askNode(old, '>=20.19')).toEqual({
      problem: `--node ${old}: Node 20.19 or later is needed, this is 18.20.8.`,
    });
  });

  it.each(['true', 'echo', 'echo null', 'echo "[1,2]"', 'yes'])(
    'says that a program is no Node: %s',
    (text) => {
      const { problem } = askNode(script('other', text), '>=20.19') as { problem: string };
      expect(problem).toMatch(/is not Node\.|cannot be run/);
    },
  );
});

describe('a missing program', () => {
  const caddy = () => join(folder, 'no-caddy');

  it('is none when git is there and the router needs nothing', () => {
    script('git', '');
    script('bash', '');
    expect(missingPrograms('embedded', folder, caddy)).toEqual([]);
    expect(findProgram('git', `/nope:${folder}`)).toBe(join(folder, 'git'));
  });

  it('is said with how to install it', () => {
    expect(missingPrograms('embedded', '/nope', caddy)).toEqual([
      'git is missing. Fix: install it, for example "sudo apt-get install git" or "brew install git".',
      'bash is missing. Fix: install it, for example "sudo apt-get install bash" or "brew install bash".',
    ]);
  });

  it('is Go for a Caddy that was never built, and nothing for one that was', () => {
    expect(missingPrograms('caddy', folder, caddy)).toEqual([expect.stringContaining('Go is missing')]);
    expect(missingPrograms('caddy', folder, () => script('caddy', ''))).toEqual([]);
  });
});
