import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../../actions/gate-check/policy.js';
import { action } from '../../../actions/gate-check/main.js';
import { render } from '../../../actions/gate-check/render.js';
import { replay } from '../../../actions/gate-check/replay.js';
import { gateReportSchema } from '../../../actions/gate-check/report.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { testHost } from '../../support/runner/host.js';
import { cdPath, digest, gatePermissions, gateStage, policyPath, type GateStage } from './stage.js';

const text = `
version: 1
environments:
  production:
    valid-for: 20m
    gates:
      branch: [main]
      monotonic: true
      blockers: { labels: [blocker] }
    overrides: [{ gate: blockers, role: admin }]
    first-release: [cart]
  staging: { gates: { branch: [main] } }
`;
const base = { repository: 'acme/policies', path: 'production.yml', text };
const own = (environments: string, replaces = '') =>
  `version: 1\nextends: { repository: acme/policies, path: production.yml, sha: ${'a'.repeat(40)}${replaces && `, replaces: [${replaces}]`} }\nenvironments: ${environments}\n`;
const replacing = (gate: string) =>
  `{ environment: production, gate: ${gate}, reason: This service has no such thing }`;

function problemOf(
  policy: string,
  under = base,
  environment = 'production',
): { path: string; got: string } | undefined {
  try {
    readPolicy(policy, 'release-policy.yml', environment, under);
    return undefined;
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems[0];
    throw error;
  }
}

describe('a policy that extends another', () => {
  it('has the gates of both, the shorter life of a verdict, and the overrides of both', () => {
    const joined = readPolicy(
      own('{ production: { valid-for: 30m, gates: { version: {} } } }'),
      'p',
      'production',
      base,
    );
    expect(joined.gates.map(({ gate }) => gate.name)).toEqual(['branch', 'version', 'monotonic', 'blockers']);
    expect(joined).toMatchObject({ validFor: 20 * 60_000, overrides: [{ gate: 'blockers' }], replaced: [] });
    const { gates } = readPolicy(own('{}'), 'p', 'staging', base);
    expect(gates.map(({ gate }) => gate.name)).toEqual(['branch']);
  });

  it('sets a gate otherwise, or leaves it out, only by name and with a reason; its overrides go with it', () => {
    const less = readPolicy(own('{}', replacing('blockers')), 'p', 'production', base);
    expect(less.gates.map(({ gate }) => gate.name)).toEqual(['branch', 'monotonic']);
    expect(less).toMatchObject({
      overrides: [],
      replaced: [{ gate: 'blockers', reason: 'This service has no such thing' }],
    });
    const other = readPolicy(
      own(`{ production: { gates: { branch: ['release/*'] } } }`, replacing('branch')),
      'p',
      'production',
      base,
    );
    expect(other.gates[0]).toMatchObject({ config: ['release/*'] });
    // What is said for production changes nothing in staging.
    expect(readPolicy(own('{}', replacing('branch')), 'p', 'staging', base).replaced).toEqual([]);
  });

  it.each([
    [
      'sets a gate of the base without a word',
      own('{ production: { gates: { branch: [x] } } }'),
      'environments.production.gates',
      '"branch"',
    ],
    ['replaces what the base does not set', own('{}', replacing('version')), 'extends.replaces', '"version"'],
    [
      'lets people override a gate of the base',
      own('{ production: { gates: { version: {} }, overrides: [{ gate: blockers }] } }'),
      'environments.production.overrides',
      '"blockers"',
    ],
    [
      'says of a service to be new of which the base does not say so',
      own('{ production: { gates: { version: {} }, first-release: [Cart, shop] } }'),
      'environments.production.first-release',
      '"shop"',
    ],
    [
      'replaces a list of new services that the base does not have',
      own('{}', '{ environment: staging, gate: first-release, reason: There is none in staging }'),
      'extends.replaces',
      '"first-release"',
      'staging',
    ],
    [
      'leaves every gate out',
      own('{}', ['branch', 'monotonic', 'blockers'].map(replacing).join(', ')),
      'extends.replaces',
      'every gate',
    ],
  ])('is refused where it %s', (_, policy, path, got, environment = 'production') => {
    expect(problemOf(policy, base, environment)).toMatchObject({ path, got: expect.stringContaining(got) });
  });

  it.each([
    ['a branch', 'sha: main'],
    ['a short sha', 'sha: abcdef0'],
  ])('is refused where it names %s: that could change', (_, sha) => {
    expect(problemOf(own('{}').replace(/sha: a{40}/, sha))).toMatchObject({ path: 'extends.sha' });
  });

  it('has the new services of the base, fewer of them, or others with a reason that is shown', () => {
    const firstOf = (policy: string, environment = 'production') => {
      const { firstRelease, replaced } = readPolicy(policy, 'p', environment, base);
      return { firstRelease, replaced };
    };
    const list = (names: string) => `{ production: { gates: { version: {} }, first-release: ${names} } }`;
    expect(firstOf(own('{}'))).toEqual({ firstRelease: ['cart'], replaced: [] });
    expect(firstOf(own(list('[]')))).toEqual({ firstRelease: [], replaced: [] });
    const replaced = [{ gate: 'first-release', reason: 'This service has no such thing' }];
    expect(firstOf(own(list('[shop]'), replacing('first-release')))).toEqual({
      firstRelease: ['shop'],
      replaced,
    });
    expect(firstOf(own('{}', replacing('first-release')))).toEqual({ firstRelease: undefined, replaced });
    // Where the base says nothing of it, the policy may.
    const staging = '{ staging: { gates: { version: {} }, first-release: [shop] } }';
    expect(firstOf(own(staging), 'staging')).toEqual({ firstRelease: ['shop'], replaced: [] });
  });

  it('is refused where the base extends a third, or has a fault, which is named with its file', () => {
    const third = `${text}extends: { repository: acme/x, path: x.yml, sha: ${'b'.repeat(40)} }\n`;
    expect(problemOf(own('{}'), { ...base, text: third })).toMatchObject({ path: 'extends' });
    const faulty = text.replace('monotonic', 'monotonik');
    expect(problemOf(own('{}'), { ...base, text: faulty })).toMatchObject({
      file: 'acme/policies/production.yml',
      line: 8,
    });
  });

  it('names the environments of both where one is asked for that neither has', () => {
    expect(problemOf(own('{ canary: { gates: { branch: [main] } } }'), base, 'prod')).toMatchObject({
      allowed: 'canary, production, staging',
    });
  });
});

describe('a policy of another repository, as a step', () => {
  let world: GateStage;
  let folder: string;
  let merged: string;
  let foreign: string;
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.com', ...args], {
      cwd: folder,
      encoding: 'utf8',
    }).trim();
  const commit = (policy: string) => {
    writeFileSync(join(folder, 'production.yml'), policy);
    git('add', '.');
    git('commit', '-q', '-m', 'Policy');
    return git('rev-parse', 'HEAD');
  };
  beforeAll(async () => {
    world = await gateStage();
    folder = mkdtempSync(join(tmpdir(), 'gate-base-'));
    git('init', '-q', '-b', 'main');
    merged = commit(text);
    git('checkout', '-q', '-b', 'soft');
    foreign = commit('version: 1\nenvironments: { production: { gates: { branch: [main] } } }\n');
    git('checkout', '-q', 'main');
    world.server.control.addRepository({
      owner: 'acme',
      name: 'policies',
      gitDir: folder,
      defaultBranch: 'main',
    });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    rmSync(folder, { recursive: true });
    expect(violations).toEqual([]);
  });

  async function step(sha: string, replaces = '') {
    const head = world.push({
      [policyPath]: own('{ production: { gates: { branch: [main] } } }', replaces).replace(
        'a'.repeat(40),
        sha,
      ),
    });
    const runId = world.ran({ sha: head, path: cdPath });
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: gatePermissions,
    });
    const context = { apiUrl: world.server.url, serverUrl: world.server.url, runId, sha: head };
    const given = { environment: 'production', service: 'shop', sha: head, digest, 'github-token': token };
    const { report } = await action.run(action.inputs.parse(given), testHost({ context }));
    return gateReportSchema.parse(JSON.parse(JSON.stringify(report)));
  }
  it('judges by both, says in the summary what is left out, and is judged alike from the report alone', async () => {
    const report = await step(merged, [replacing('branch'), replacing('blockers')].join(', '));
    expect(report.gates.map(({ gate }) => gate)).toEqual(['branch', 'monotonic']);
    const summary = render(report);
    expect(summary).toContain('Left out of acme/policies/production.yml');
    expect(summary).toContain('This service has no such thing');
    expect(replay(report)).toMatchObject({ result: report.result, gates: report.gates });
  });

  it.each([
    ['a commit that is not on the default branch there', () => foreign, 'is not on main'],
    ['a commit that does not exist', () => 'f'.repeat(40), 'could not be read'],
    ['a branch', () => 'main', '40'],
  ])('Extend a policy by a branch, by a commit of a fork, or with fewer gates: %s', async (_, sha, got) => {
    await expect(step(sha(), replacing('branch'))).rejects.toThrow(got);
  });
});
