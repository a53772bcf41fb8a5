import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { workflowsStartedBy } from '../../../../rehearsal/runner/run-workflow.js';
import { openFixture, workflowOf, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const on = (event: string) => `on: ${event}\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }`;
const started = async (name: string, sha: string, payload: unknown = {}, ref = 'refs/heads/main') =>
  (
    await workflowsStartedBy({
      event: { name, ref, sha, actor: 'ana', payload },
      repository: { owner: 'org', name: 'shop', gitDir: join(fixture.repository, '.git') },
    })
  ).map((path) => path.replace('.github/workflows/', ''));

describe('an event', () => {
  it('starts every workflow at its commit whose filters let it, and those alone', async () => {
    const sha = fixture.commit({
      '.github/workflows/ci.yml': on('[push, pull_request]'),
      '.github/workflows/cd.yaml': on('{ push: { branches: [main] } }'),
      '.github/workflows/docs.yml': on('{ push: { paths: ["docs/**"] } }'),
      '.github/workflows/promote.yml': on('workflow_call'),
      '.github/workflows/notes.md': 'not a workflow',
      'src/a.ts': '1',
    });
    expect(await started('push', sha)).toEqual(['cd.yaml', 'ci.yml']);
    expect(await started('push', sha, {}, 'refs/heads/topic')).toEqual(['ci.yml']);
    const docs = fixture.commit({ 'docs/a.md': '1' });
    expect(await started('push', docs)).toEqual(['cd.yaml', 'ci.yml', 'docs.yml']);
    const later = fixture.commit({ 'src/a.ts': '2' });
    expect(await started('push', later)).toEqual(['cd.yaml', 'ci.yml']);
    expect(await started('push', later, { before: sha })).toEqual(['cd.yaml', 'ci.yml', 'docs.yml']);
    expect(await started('push', later, { before: '0'.repeat(40) })).toEqual(['cd.yaml', 'ci.yml']);
  });

  it('of a pull request is measured from where the branch left its base', async () => {
    const base = fixture.commit({
      '.github/workflows/ci.yml': on('{ pull_request: { paths: ["src/**"] } }'),
    });
    fixture.git('checkout', '-q', '-b', 'topic');
    const head = fixture.commit({ 'docs/a.md': '1' });
    fixture.git('checkout', '-q', 'main');
    const moved = fixture.commit({ 'src/a.ts': '1' });
    const payload = (sha: string) => ({
      action: 'opened',
      pull_request: { base: { ref: 'main', sha }, head: { ref: 'topic', sha: head } },
    });
    expect(await started('pull_request', head, payload(base))).toEqual([]);
    expect(await started('pull_request', head, payload(moved))).toEqual([]);
    fixture.git('checkout', '-q', 'topic');
    const code = fixture.commit({ 'src/b.ts': '1' });
    const changed = {
      ...payload(moved),
      pull_request: { base: { ref: 'main', sha: moved }, head: { sha: code } },
    };
    expect(await started('pull_request', code, changed)).toEqual(['ci.yml']);
  });

  it('that does not say what it changed is an error where a filter asks', async () => {
    const sha = fixture.commit({ '.github/workflows/ci.yml': on('{ pull_request: { paths: ["src/**"] } }') });
    const payload = { action: 'opened', pull_request: { base: { ref: 'main' } } };
    await expect(started('pull_request', sha, payload)).rejects.toThrow('give pull_request.base.sha');
  });

  it('looks at the first 300 changed files and no further, as GitHub does', async () => {
    fixture.commit({ '.github/workflows/z.yml': on('{ push: { paths: ["z"] } }') });
    const files = (count: number) =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`a/${1000 + index}`, `${count}`]));
    expect(await started('push', fixture.commit({ ...files(299), z: '1' }))).toEqual(['z.yml']);
    expect(await started('push', fixture.commit({ ...files(300), z: '2' }))).toEqual([]);
  });

  it('that does not start the workflow asked for is refused with the reason', async () => {
    const text = workflowOf('- run: echo').replace('on: push', 'on: { push: { branches: [release] } }');
    await expect(fixture.run(text)).rejects.toThrow("cd.yml: branch 'main' is not in branches: release");
    expect(fixture.control.calls).toEqual([]);
  });
});
