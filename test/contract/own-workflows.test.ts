import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openFixture, type Fixture } from '../rehearsal/runner/fixture.js';

const published = (name: string) => readFileSync(`.github/workflows/${name}.yml`, 'utf8');
const head = { ref: 'patch', repo: { full_name: 'mallory/shop' } };
const pullRequest = {
  name: 'pull_request',
  ref: 'refs/pull/7/merge',
  payload: { action: 'opened', pull_request: { head, base: { ref: 'main' } } },
};

let fixture: Fixture;
let path: string;
beforeEach(async () => {
  fixture = await openFixture();
  const bin = join(fixture.root, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'go'), '#!/bin/sh\necho "go version go1.26.8 linux/amd64"\n');
  chmodSync(join(bin, 'go'), 0o755);
  path = `${bin}:${process.env['PATH']}`;
});
afterEach(() => fixture.close());

describe('our own ci.yml', () => {
  const commitParts = (body: string) => {
    fixture.commit({ '.ci/run': `#!/bin/sh\necho "part $1"\n${body}\n`, 'scripts/install/go': '1' });
    fixture.git('update-index', '--chmod=+x', '.ci/run');
    fixture.git('commit', '-q', '-m', 'Executable');
    fixture.git('checkout', '-q', '--', '.');
  };
  const results = (jobs: Record<string, { name: string; result: string }>) =>
    Object.fromEntries(Object.values(jobs).map(({ name, result }) => [name, result]));

  it('runs every part, named by it, and Required stands for them all', async () => {
    commitParts('');
    const run = await fixture.run(published('ci'), { path });
    expect(run.conclusion).toBe('success');
    expect(results(run.jobs)).toMatchObject({
      test: 'success',
      checks: 'success',
      rehearsal: 'success',
      real: 'success',
      Required: 'success',
    });
    const logs = Object.values(run.jobs).map(({ steps }) => steps.map(({ log }) => log).join(''));
    for (const part of ['test', 'checks', 'rehearsal', 'real'])
      expect(logs.filter((log) => log.includes(`part ${part}\n`))).toHaveLength(1);
  });

  it('lets the other parts end when one fails, and Required is red', async () => {
    commitParts('test "$1" != checks');
    const run = await fixture.run(published('ci'), { path });
    expect(results(run.jobs)).toMatchObject({
      test: 'success',
      checks: 'failure',
      real: 'success',
      Required: 'failure',
    });
  });

  it('is green on the pull request of a fork and in the merge queue', async () => {
    commitParts('');
    const fork = await fixture.run(published('ci'), { path, event: pullRequest });
    const queue = await fixture.run(published('ci'), {
      path,
      event: {
        name: 'merge_group',
        ref: 'refs/heads/gh-readonly-queue/main/pr-7',
        payload: { action: 'checks_requested' },
      },
    });
    expect([fork.conclusion, queue.conclusion]).toEqual(['success', 'success']);
  });
});

describe('our own codeql.yml', () => {
  it('analyzes each language, and uploads what it finds', async () => {
    const run = await fixture.run(published('codeql'));
    expect(run.conclusion).toBe('success');
    const names = Object.values(run.jobs).map(({ name }) => name);
    expect(names.sort()).toEqual(['Analyze actions', 'Analyze javascript-typescript']);
  });
});
