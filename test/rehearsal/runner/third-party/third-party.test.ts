import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, stepsOf, workflowOf, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
  fixture.commit({ 'README.md': 'one' });
  fixture.git('tag', 'v1');
  fixture.git('checkout', '-q', '-b', 'release/2');
  fixture.commit({ 'README.md': 'two' });
  fixture.git('checkout', '-q', 'main');
});
afterAll(() => fixture.close());

const lines = async (steps: string) =>
  (await fixture.run(workflowOf(steps))).jobs['main']?.steps.map(({ log }) => log).join('') ?? '';

describe('checkout', () => {
  it('brings the commit of the event on its branch, one commit deep', async () => {
    const text = await lines(`
- uses: actions/checkout@v5
- run: 'git rev-parse HEAD; git branch --show-current; git rev-list --count HEAD; cat README.md; test "$(git rev-parse HEAD)" = "$GITHUB_SHA" && echo same'`);
    expect(text).toContain(`${fixture.git('rev-parse', 'main')}\nmain\n1\none`);
    expect(text).toContain('same\n');
  });

  it('brings history and tags with fetch-depth 0, and other refs into other folders', async () => {
    const text = await lines(`
- uses: actions/checkout@v5
  with: { fetch-depth: 0 }
- run: 'test "$(git rev-list --count HEAD)" -gt 1 && git tag && git branch -r --list "origin/rel*"'
- { id: other, uses: actions/checkout@v5, with: { ref: release/2, path: other } }
- run: 'cat other/README.md; git -C other branch --show-current; ls; echo "\${{ steps.other.outputs.commit }}"'
- uses: actions/checkout@v5
  with: { ref: v1, path: tagged }
- run: 'cat tagged/README.md; git -C tagged describe --tags'`);
    expect(text).toContain('v1\n  origin/release/2\n');
    expect(text).toContain(`tworelease/2\nREADME.md\nother\n${fixture.git('rev-parse', 'release/2')}\n`);
    expect(text).toContain('onev1\n');
  });

  it('checks out the event commit even when the branch has moved on', async () => {
    const sha = fixture.commit({
      '.github/workflows/cd.yml': workflowOf(`
- uses: actions/checkout@v5
  with: { fetch-depth: 0 }
- run: git rev-parse HEAD`),
    });
    fixture.commit({ 'README.md': 'three' });
    const report = await fixture.run('', { event: { sha } });
    expect(report.jobs['main']?.steps[1]?.log).toContain(`${sha}\n`);
    fixture.commit({ 'README.md': 'one' });
  });

  it('leaves credentials until its post unless told not to', async () => {
    const config = 'git config --get-regexp extraheader | wc -l';
    const report = await fixture.run(
      workflowOf(`
- { name: kept, uses: actions/checkout@v5 }
- { name: with, run: '${config}' }
- { uses: actions/checkout@v5, with: { path: other, persist-credentials: false } }
- { name: without, run: '${config}', working-directory: other }`),
    );
    expect(stepsOf(report)['with']?.log).toMatch(/^1$/m);
    expect(stepsOf(report)['without']?.log).toMatch(/^0$/m);
    expect(stepsOf(report)['Post kept']?.conclusion).toBe('success');
    const workspace = join(
      fixture.root,
      'work',
      'runs',
      String(report.runId),
      'attempt-1',
      'main',
      'work',
      'shop',
      'shop',
    );
    expect(existsSync(join(workspace, '.git'))).toBe(true);
    const { readFileSync } = await import('node:fs');
    expect(readFileSync(join(workspace, '.git', 'config'), 'utf8')).not.toContain('extraheader');
  });

  it.each([
    ['ref: nowhere', "name 'nowhere' could not be found"],
    ['repository: other/repo', 'only holds org/shop'],
    ['submodules: recursive', "'submodules' is not served"],
    ['path: ../out', 'is not under'],
  ])('refuses %s', async (input, message) => {
    const report = await fixture.run(workflowOf(`- { uses: actions/checkout@v5, with: { ${input} } }`));
    expect(report.jobs['main']?.steps[0]?.annotations[0]?.message).toContain(message);
  });
});

describe('setup-node', () => {
  it('puts the node of the run first on PATH', async () => {
    const text = await lines(`
- { id: n, uses: actions/setup-node@v5, with: { node-version: 24 } }
- run: 'which node; node --version; echo "\${{ steps.n.outputs.node-version }}"'`);
    expect(text).toContain(`_temp/setup-node/node\n${process.version}\n${process.version}\n`);
  });
});

describe('artifacts', () => {
  it('travel between jobs, rooted at what their paths share', async () => {
    const report = await fixture.run(`
on: push
jobs:
  make:
    runs-on: x
    steps:
      - run: mkdir -p out/deep .hidden; echo 1 > out/a.json; echo 2 > out/deep/b.json; echo 3 > out/c.txt; echo 4 > out/.secret
      - { uses: actions/upload-artifact@v4, with: { name: folder, path: out } }
      - uses: actions/upload-artifact@v4
        with:
          name: globbed
          path: |
            out/**/*.json
            !out/deep/**
      - { id: up, uses: actions/upload-artifact@v4, with: { name: file, path: out/deep/b.json } }
      - run: echo "\${{ steps.up.outputs.artifact-id }} \${{ steps.up.outputs.artifact-url }}"
  take:
    runs-on: x
    needs: make
    steps:
      - { id: d, uses: actions/download-artifact@v4, with: { name: folder, path: here } }
      - run: cd here; find . -type f | sort; test "$PWD" = "\${{ steps.d.outputs.download-path }}" && echo same
      - uses: actions/download-artifact@v4
        with: { path: all }
      - run: cd all; find . -type f | sort`);
    const [, here, , all] = report.jobs['take']?.steps ?? [];
    expect(report.conclusion).toBe('success');
    expect(here?.log).toContain('./a.json\n./c.txt\n./deep/b.json\nsame\n');
    expect(all?.log).toContain(
      './file/b.json\n./folder/a.json\n./folder/c.txt\n./folder/deep/b.json\n./globbed/a.json\n',
    );
    expect(report.jobs['make']?.steps.at(-1)?.log).toContain(
      `3 ${fixture.control.url}/org/shop/actions/runs/${report.runId}/artifacts/3\n`,
    );
  });

  it('of the same name clash unless overwritten, and missing ones are named', async () => {
    const report = await fixture.run(
      workflowOf(`
- run: echo 1 > a
- { uses: actions/upload-artifact@v4, with: { path: a } }
- { name: again, uses: actions/upload-artifact@v4, with: { path: a }, continue-on-error: true }
- { name: over, uses: actions/upload-artifact@v4, with: { path: a, overwrite: true } }
- { name: none, uses: actions/upload-artifact@v4, with: { name: n, path: gone } }
- { name: none error, uses: actions/upload-artifact@v4, with: { name: n, path: gone, if-no-files-found: error }, continue-on-error: true }
- { name: missing, uses: actions/download-artifact@v4, with: { name: other } }`),
    );
    const first = (name: string) => stepsOf(report)[name]?.annotations[0];
    expect(first('again')?.message).toContain('(409) Conflict');
    expect(stepsOf(report)['over']?.outcome).toBe('success');
    expect(first('none')).toMatchObject({
      level: 'warning',
      message: expect.stringContaining('No files were found'),
    });
    expect(stepsOf(report)['none error']?.outcome).toBe('failure');
    expect(first('missing')?.message).toContain('Artifact not found for name: other');
    expect(first('missing')?.message).toContain('has: artifact');
  });
});
