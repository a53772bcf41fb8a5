import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

describe('signatures of packages in CI for Node', () => {
  const { jobs } = parse(readFileSync('workflows-templates/ci-node.yml', 'utf8')) as {
    jobs: Record<string, { steps: { name: string; run?: string }[] }>;
  };
  const script = jobs['lint']!.steps.find(({ name }) => name.startsWith('Signatures'))!.run!;
  const packages = { packages: { '': {}, 'node_modules/ms': {} } };
  const none = 'found no dependencies to audit that were installed from a supported registry';
  const old =
    '::error title=Signatures::pnpm did not say that it looked at signatures (before 11.1 it cannot). Fix: in package.json write  "packageManager": "pnpm@12.16.0"  or later.';
  const failed = (summary: string) => JSON.stringify({ error: { summary, detail: '' } });

  it.each([
    ['each is right', '{"invalid": [], "missing": []}', 0, packages, true, undefined],
    [
      'the registry has no keys, which is said',
      failed(none),
      1,
      packages,
      true,
      '::notice title=Signatures::The registry has no keys: no signature was looked at.',
    ],
    [
      'there is no package',
      failed('found no installed dependencies to audit'),
      1,
      { packages: { '': {} } },
      true,
      '::notice title=Signatures::There is no package.',
    ],
    ['one is wrong', '{"invalid": [{"name": "ms"}], "missing": []}', 1, packages, false, undefined],
    ['one is missing', `{"invalid": [], "missing": [{"name": "${none}"}]}`, 1, packages, false, undefined],
    [
      'nobody gives the keys',
      failed('request to https://keys.example failed'),
      1,
      packages,
      false,
      undefined,
    ],
    ['the registry never answers', '', 124, packages, false, undefined],
    [
      'nothing is installed',
      failed('found no installed dependencies to audit'),
      1,
      packages,
      false,
      '::error title=Signatures::The lock file has packages, and none is installed: no signature was looked at.',
    ],
  ])('of npm: %s', (_, said, exit, lock, isGreen, message) => {
    expect(play('npm', said, exit, lock)).toEqual([isGreen, message]);
  });

  it.each([
    ['each is right', '{"audited": 2, "invalid": [], "missing": [], "verified": 2}', 0, true, undefined],
    [
      'the registry has no keys, which is said',
      '{"audited": 0, "invalid": [], "missing": [], "verified": 0}',
      0,
      true,
      '::notice title=Signatures::The registry has no keys: no signature was looked at.',
    ],
    ['one is wrong', '{"audited": 2, "invalid": [{}], "missing": [], "verified": 1}', 1, false, undefined],
    ['pnpm 10 audits vulnerabilities instead', '{"advisories": {}, "metadata": {}}', 0, false, old],
    ['it says nothing', '', 0, false, old],
    ['it says no JSON', 'Error: ERR_PNPM', 1, false, old],
  ])('of pnpm: %s', (_, said, exit, isGreen, message) => {
    expect(play('pnpm', said, exit, packages)).toEqual([isGreen, message]);
  });

  /** Runs the step with a package manager that answers so. */
  function play(manager: string, said: string, exit: number, lock: object): [boolean, string | undefined] {
    const folder = mkdtempSync(join(tmpdir(), 'npm-'));
    const text = `#!/bin/sh\ntest "$*" = 'audit signatures --json' || exit 9\necho '${said}'\nexit ${exit}\n`;
    writeFileSync(join(folder, manager), text, { mode: 0o755 });
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    try {
      const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          PACKAGE_MANAGER: manager,
          PATH: `${folder}:${process.env['PATH'] ?? ''}`,
        },
      });
      return [status === 0, /^::.*/m.exec(stdout)?.[0]];
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});
