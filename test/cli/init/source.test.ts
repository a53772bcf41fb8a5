import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { readTemplates, suiteFacts, suiteRoot } from '../../../cli/init/source.js';

const commit = 'c'.repeat(40);
let folder = '';
beforeEach(() => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'source-')));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** The suite as npx keeps it, with what npm wrote down. */
function fetched(resolved: string | undefined): string {
  const root = join(folder, 'node_modules', 'devops-actions');
  mkdirSync(root, { recursive: true });
  writeFileSync(join(root, 'package.json'), JSON.stringify({ version: '1.4.0' }));
  const packages = { 'node_modules/devops-actions': { version: '1.4.0', ...(resolved ? { resolved } : {}) } };
  writeFileSync(join(folder, 'node_modules', '.package-lock.json'), JSON.stringify({ packages }));
  return root;
}

describe('which suite this is', () => {
  test.each([
    `git+ssh://git@github.com/acme/devops-actions.git#${commit}`,
    `git+https://github.com/acme/devops-actions.git#${commit}`,
    `git+https://token@ghe.acme.com/acme/devops-actions#${commit}`,
  ])('is what npm resolved: %s', (resolved) => {
    expect(suiteFacts(fetched(resolved))).toEqual({
      repository: 'acme/devops-actions',
      ref: commit,
      version: 'v1.4.0',
    });
  });

  test('is not known of a folder that nobody fetched, not even inside of another repository', () => {
    execFileSync('git', ['init', '--quiet'], { cwd: folder });
    expect(suiteFacts(fetched(undefined))).toEqual({});
  });

  test('is what git says of a clone', () => {
    const git = (...args: string[]) =>
      execFileSync('git', ['-c', 'user.name=a', '-c', 'user.email=a@example.com', ...args], {
        cwd: folder,
        encoding: 'utf8',
      });
    git('init', '--quiet');
    git('commit', '--quiet', '--allow-empty', '--message', 'first');
    git('remote', 'add', 'origin', 'https://github.com/acme/devops-actions.git');
    git('tag', 'v2.0.1');
    expect(suiteFacts(folder)).toEqual({
      repository: 'acme/devops-actions',
      ref: git('rev-parse', 'HEAD').trim(),
      version: 'v2.0.1',
    });
  });
});

test('a published tree has its templates under the name that GitHub reads, and modes do not matter', () => {
  cpSync('workflows-templates', join(folder, 'workflow-templates'), { recursive: true });
  chmodSync(join(folder, 'workflow-templates/deploy/vm/build'), 0o644);
  expect(suiteRoot(join(folder, 'workflow-templates', 'deploy'))).toBe(folder);
  const { workflows, policies, deploy } = readTemplates(folder);
  expect([Object.keys(workflows), Object.keys(policies)]).toEqual([
    expect.arrayContaining(['cd']),
    expect.arrayContaining(['standard']),
  ]);
  expect(deploy['vm']?.['build']?.executable).toBe(true);
  expect(deploy['vm']?.['transport.sh']?.executable).toBe(false);
});

test('without templates it says where init runs from', () => {
  expect(() => suiteRoot(folder)).toThrow('from a clone of the suite, or from its release tree');
});
