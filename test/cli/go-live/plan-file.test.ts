import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { goLiveFileSchema, placeOf } from '../../../cli/steps/go-live/plan-file.js';
import { resolvePlan, type Proofs, type Standing } from '../../../cli/steps/go-live/resolve.js';
import { parseConfig } from '../../../shared/config/parse.js';

const parse = (text: string) => parseConfig(text, '.github/go-live.yml', goLiveFileSchema);
const problemsOf = (text: string) => {
  const parsed = parse(text);
  return parsed.ok ? [] : parsed.problems.map(({ line, path, fix }) => `${line} ${path}: ${fix}`);
};

describe('.github/go-live.yml', () => {
  it('the example of the docs is right', () => {
    const docs = readFileSync('docs/templates/go-live.md', 'utf8');
    const example = /```yaml\n(# yaml-language-server[\s\S]*?)```/.exec(docs)?.[1] ?? '';
    expect(problemsOf(example)).toEqual([]);
  });

  it('all problems come at once, each with its line and the change to make', () => {
    const found = problemsOf(`version: 1
from: production
database: { service: auht }
services:
  - { name: auth, rank: 1, back-with: [auth] }
  - { name: orders, rank: 2, cdn: true }
  - { name: Auth, rank: 3 }
`);
    expect(found.join('\n')).toMatch(/2 from: name the stage before/);
    expect(found.join('\n')).toMatch(/3 database\.service: write {2}auth/);
    expect(found.join('\n')).toMatch(/5 services\.0\.back-with\.0: (write|name)/);
    expect(found.join('\n')).toMatch(/6 services\.1\.cdn: add {2}url/);
    expect(found.join('\n')).toMatch(/6 services\.1\.rank: write {2}rank: 3/);
    expect(found.join('\n')).toMatch(/7 services\.2\.name: remove one/);
  });

  it.each([
    ['a rank that no job is for', 'services: [{ name: auth, rank: 6 }]', /services\.0\.rank/],
    [
      'a name that would be read as another job',
      'services: [{ name: "a / Watch", rank: 1 }]',
      /services\.0\.name/,
    ],
    ['an unknown key', 'services: [{ name: auth, rnak: 1 }]', /rename "rnak" to "rank"/],
    [
      'an environment that is the stage before of one service',
      "from: '{service}-production'\nenvironment: a-production\nservices: [{ name: b, rank: 1 }, { name: a, rank: 1 }]",
      /from: name the stage before/,
    ],
    [
      'a verification that is no web address',
      'services: [{ name: a, rank: 1 }]\nverify: { url: "file:///etc" }',
      /verify\.url/,
    ],
    [
      'a suite with a blank in its path',
      'services: [{ name: a, rank: 1 }]\nverify: { url: "https://a", suite: "a b.yml" }',
      /verify\.suite/,
    ],
  ])('refuses %s', (_, text, problem) => {
    expect(problemsOf(`version: 1\n${text}\n`).join('\n')).toMatch(problem);
  });

  it('names an environment for each service', () => {
    expect(placeOf('{service}-production', 'auth')).toBe('auth-production');
  });
});

describe('versions and digests', () => {
  const sha = 'a'.repeat(40);
  const tree = 'b'.repeat(40);
  const subject = {
    sha,
    attempt: 1,
    tree,
    commit: 'c'.repeat(40),
    file: 'go-live.yml',
    workflow: '.github/workflows/go-live.yml',
  };
  const standing = (more: Partial<Standing> = {}): Standing => ({
    version: '2.1.0',
    digest: `sha256:${'1'.repeat(64)}`,
    tree,
    releasedSha: sha,
    ...more,
  });
  const known = (value?: Standing) => ({ is: 'known' as const, value });
  const parsed = parse('version: 1\nservices: [{ name: auth, rank: 1 }, { name: orders, rank: 2 }]\n');
  if (!parsed.ok) throw new Error('the plan is wrong');
  const resolve = (proofs: Record<string, Proofs>) =>
    resolvePlan(parsed.value, subject, (name) => proofs[name]!);
  const good = { from: known(standing()), to: known(standing({ tree: 'd'.repeat(40), version: '2.0.0' })) };

  it('are those that the stage before proved', () => {
    const resolved = resolve({ auth: good, orders: good });
    expect(resolved).toMatchObject({
      ok: true,
      plan: {
        releaseId: `go-live-${sha.slice(0, 12)}`,
        services: [{ service: 'auth', version: '2.1.0' }, {}],
      },
    });
  });

  it('a service that is live already is left out', () => {
    const resolved = resolve({ auth: { ...good, to: known(standing()) }, orders: good });
    expect(resolved.ok && resolved.plan.services.map(({ live }) => live)).toEqual([true, false]);
  });

  it('every service that was not proved is named, not only the first', () => {
    const resolved = resolve({
      auth: { ...good, from: known(standing({ tree: 'e'.repeat(40), releasedSha: 'f'.repeat(40) })) },
      orders: { from: known(), to: { is: 'unknown', reason: 'Deployment 7 does not prove itself' } },
    });
    expect(resolved.ok).toBe(false);
    if (resolved.ok) return;
    expect(resolved.problems.map(({ path, got }) => `${path} ${got}`)).toEqual([
      `services.0.name auth: 2.1.0 of commit ${'f'.repeat(12)} is live in staging`,
      'services.1.name orders, which was never live in staging',
      'services.1.name orders, and what is live in production is not known: Deployment 7 does not prove itself',
    ]);
  });
});
