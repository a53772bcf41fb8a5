import { chmod, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { ruleset } from '../../../cli/init/protection/ruleset.js';
import { allWrite, stage, type Octokit, type Stage } from '../../rehearsal/github/support.js';
import { inRepository, type Team } from './support.js';

const offline = ['init', '--check', '--offline'];
const caller = '.github/workflows/cd.yml';

const changed = async (team: Team, path: string, from: string, to: string) => {
  const text = await team.read(path);
  expect(text).toContain(from);
  await team.write(path, text.replace(from, to));
};

describe('init --check finds where files drifted', () => {
  test('nothing, right after init, nor where a team filled in what is its own', () =>
    inRepository(async (team) => {
      await team.init();
      await changed(team, '.github/traffic/production.yml', 'shop.example.com', 'shop.acme.com');
      await team.write('deploy/settings.sh', 'root=/opt\n');
      const { code, out } = await team.cli(offline);
      expect([code, out]).toEqual([
        0,
        expect.stringMatching(
          /^ok {6}\d+ files are as this version writes them, or yours \(2\)\nok {6}the files fit together$/,
        ),
      ]);
    }));

  test.each<[what: string, change: (team: Team) => Promise<void>, named: RegExp]>([
    [
      'a changed line, with both texts',
      (team) => changed(team, caller, 'contents: write', 'contents: read'),
      /cd\.yml:\d+ — somebody changed it\n {6}file: +contents: read.*\n {6}init: +contents: write/,
    ],
    [
      'a line that was added',
      (team) => changed(team, caller, 'permissions: {}\n', 'permissions: {}\nenv: { A: b }\n'),
      /cd\.yml:\d+ — somebody changed it\n {6}file: env: \{ A: b \}\n/,
    ],
    [
      'a line that is missing',
      (team) => changed(team, caller, 'permissions: {}\n', ''),
      /cd\.yml:\d+ — somebody changed it\n {6}init: permissions: \{\}\n/,
    ],
    [
      'an action from elsewhere',
      (team) =>
        changed(team, '.github/workflows/retire.yml', 'acme/devops-actions/', 'mallory/devops-actions/'),
      /retire\.yml:\d+ — somebody changed it\n {6}file: .*mallory/,
    ],
    [
      'a file that is gone',
      (team) => rm(join(team.root, 'deploy/deploy')),
      /deploy\/deploy — it is not there/,
    ],
    [
      'a script that cannot be executed',
      (team) => chmod(join(team.root, 'deploy/build'), 0o644),
      /deploy\/build — it cannot be executed/,
    ],
    [
      'owners that were taken out',
      (team) => team.write('.github/CODEOWNERS', '* @mallory\n'),
      /CODEOWNERS — the part that init writes is not there/,
    ],
    [
      'another owner of the policy',
      (team) => changed(team, '.github/CODEOWNERS', '/.github/ @acme/release', '/.github/ @mallory'),
      /CODEOWNERS:2 — somebody changed it\n {6}file: \/\.github\/ @mallory\n/,
    ],
    [
      'rules without their checks',
      (team) =>
        changed(team, '.github/rulesets/release-branch.json', '"context": "test"', '"context": "lint"'),
      /release-branch\.json:\d+ — somebody changed it/,
    ],
  ])('%s', (_what, change, named) =>
    inRepository(async (team) => {
      await team.init();
      await change(team);
      const { code, out } = await team.cli(offline);
      expect([code, out]).toEqual([1, expect.stringMatching(named)]);
    }),
  );

  test('every place of a file, in order', () =>
    inRepository(async (team) => {
      await team.init();
      const lines = (await team.read(caller)).split('\n');
      const places = ['permissions: {}', 'deployments: write'].map((text) =>
        String(1 + lines.findIndex((line) => line.includes(text))),
      );
      await changed(team, caller, 'permissions: {}', 'permissions: write-all');
      await changed(team, caller, 'deployments: write', 'deployments: read');
      const { out } = await team.cli(offline);
      expect([...out.matchAll(/cd\.yml:(\d+)/g)].map(([, line]) => line)).toEqual(places);
    }));

  test('has nothing to compare with where init never wrote', () =>
    inRepository(async (team) => {
      const { code, err } = await team.cli(offline);
      expect([code, err]).toEqual([2, expect.stringContaining('init has not written here')]);
    }));

  test('changes nothing', () =>
    inRepository(async (team) => {
      await team.init();
      await team.write(caller, 'x');
      await team.cli(offline);
      expect(await team.read(caller)).toBe('x');
    }));
});

describe('init --check finds what lets somebody around the gate', () => {
  let shop: Stage;
  let admin: Octokit;
  const names = ['staging', 'staging-recovery', 'production', 'production-recovery', 'fleet-update'];
  const own = { owner: 'acme', name: 'shop' };
  const administers = { ...allWrite, secrets: 'read' } as const;

  beforeAll(async () => {
    shop = await stage();
    admin = shop.octokit('octocat');
  });
  afterAll(async () => {
    await shop.close();
    expect(shop.server.control.violations()).toEqual([]);
  });

  const reviewed = (name: string) => name === 'production';
  async function protect(
    name: string,
    change: { reviewers?: boolean; selfReview?: boolean; any?: boolean; refs?: string[] } = {},
  ) {
    const { reviewers = reviewed(name), selfReview = false, any = false, refs = ['main'] } = change;
    const at = { ...shop.at, environment_name: name };
    await admin.rest.repos.deleteAnEnvironment(at).catch(() => undefined);
    await admin.rest.repos.createOrUpdateEnvironment({
      ...at,
      prevent_self_review: !selfReview,
      reviewers: reviewers
        ? [{ type: 'User', id: shop.server.control.addUser({ login: 'hubot', role: 'write' }).id }]
        : [],
      deployment_branch_policy: any ? null : { protected_branches: false, custom_branch_policies: true },
    });
    if (!any)
      for (const ref of refs) await admin.rest.repos.createDeploymentBranchPolicy({ ...at, name: ref });
    shop.server.control.setAdminBypass({ ...own, environment: name, allowed: false });
  }
  const rules = ruleset({ branch: 'main', checks: ['test'], ci: '.github/workflows/ci.yml', parts: [] });
  async function setRules(change: (given: typeof rules) => unknown = (given) => given) {
    const { data } = await admin.rest.repos.getRepoRulesets(shop.at);
    for (const { id } of data) await admin.rest.repos.deleteRepoRuleset({ ...shop.at, ruleset_id: id });
    await admin.request('POST /repos/{owner}/{repo}/rulesets', {
      ...shop.at,
      ...(change(structuredClone(rules)) as object),
    } as never);
  }
  const setTokens = (level: 'read' | 'write', mayApprove: boolean) =>
    admin.rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
      ...shop.at,
      default_workflow_permissions: level,
      can_approve_pull_request_reviews: mayApprove,
    });
  const part = (given: typeof rules, type: string) =>
    given.rules.find((rule) => rule.type === type)!.parameters as Record<string, unknown>;

  beforeEach(async () => {
    for (const name of names) await protect(name);
    await setRules();
    await setTokens('read', false);
  });

  const check = (permissions: Parameters<Stage['octokit']>[1] = administers, actor = 'octocat') =>
    inRepository(async (team) => {
      await team.init({ policy: 'startup', branch: 'main' });
      const { token } = shop.server.control.addToken({ actor, permissions: permissions! });
      return team.cli(['init', '--check'], { env: { GH_TOKEN: token, GITHUB_API_URL: shop.server.url } });
    });

  test('nothing, where everything is as init says', async () => {
    const { code, out, err } = await check();
    expect({ code, out, err }).toMatchObject({
      code: 0,
      err: '',
      out: expect.stringContaining('Nothing lets anybody around the gate.'),
    });
  });

  test.each<[what: string, change: () => Promise<unknown> | void, named: RegExp]>([
    [
      'a missing reviewer',
      () => protect('production', { reviewers: false }),
      /^WRONG {3}environment production\n.*no required reviewers/m,
    ],
    [
      'self-review',
      () => protect('production', { selfReview: true }),
      /environment production\n.*whoever starts a deployment may approve it/,
    ],
    [
      'an environment open to any branch',
      () => protect('production', { any: true }),
      /environment production\n.*any branch may deploy to it/,
    ],
    [
      'a pattern that admits everything',
      () => protect('production', { refs: ['main', '*'] }),
      /environment production\n.*admits any branch/,
    ],
    [
      'a branch that the policy does not let through',
      () => protect('production', { refs: ['main', 'test'] }),
      /it admits test, and the policy allows main/,
    ],
    [
      'administrators who may bypass',
      () => shop.server.control.setAdminBypass({ ...own, environment: 'production', allowed: true }),
      /environment production\n.*administrators may bypass/,
    ],
    [
      'an environment that is not there',
      () => admin.rest.repos.deleteAnEnvironment({ ...shop.at, environment_name: 'production-recovery' }),
      /environment production-recovery\n.*GitHub makes it at first use, open to everybody/,
    ],
    [
      'a rescue open to any branch',
      () => protect('production-recovery', { any: true }),
      /environment production-recovery\n.*any branch/,
    ],
    [
      'a rescue that waits for reviewers',
      () => protect('production-recovery', { reviewers: true }),
      /environment production-recovery\n.*a rescue would wait/,
    ],
    [
      'no rules',
      () => setRules((given) => ({ ...given, enforcement: 'disabled' })),
      /rules of main\n.*no approved pull request\n[^]*history can be rewritten\n[^]*it can be deleted/,
    ],
    [
      'rules of another branch',
      () =>
        setRules((given) => ({
          ...given,
          conditions: { ref_name: { include: ['refs/heads/dev'], exclude: [] } },
        })),
      /^WRONG {3}rules of main/m,
    ],
    [
      'owners who are not asked',
      () => setRules((given) => ((part(given, 'pull_request')['require_code_owner_review'] = false), given)),
      /rules of main\n.*without their owners/,
    ],
    [
      'a last push that nobody else approves',
      () => setRules((given) => ((part(given, 'pull_request')['require_last_push_approval'] = false), given)),
      /rules of main\n.*who pushes last may approve it/,
    ],
    [
      'a check that is not required',
      () =>
        setRules(
          (given) => (
            (part(given, 'required_status_checks')['required_status_checks'] = [
              { context: 'lint', integration_id: 15_368 },
            ]),
            given
          ),
        ),
      /rules of main\n.*the checks test are not required/,
    ],
    [
      'a check that anybody may post',
      () =>
        setRules(
          (given) => (
            (part(given, 'required_status_checks')['required_status_checks'] = [{ context: 'test' }]),
            given
          ),
        ),
      /rules of main\n.*the checks test count from anybody/,
    ],
    [
      'somebody who may bypass the rules',
      () =>
        setRules((given) => ({
          ...given,
          bypass_actors: [{ actor_type: 'RepositoryRole', actor_id: 5, bypass_mode: 'always' }],
        })),
      /bypass of the rules\n.*RepositoryRole 5 may pass by them/,
    ],
    [
      'tokens that may write everything',
      () => setTokens('write', false),
      /tokens of jobs\n.*may write everything/,
    ],
    ['tokens that may approve', () => setTokens('read', true), /tokens of jobs\n.*may approve pull requests/],
  ])('%s', async (_what, change, named) => {
    await change();
    const { code, out } = await check();
    expect([code, out]).toEqual([1, expect.stringMatching(named)]);
    expect(out).toMatch(/\n {4}Fix: /);
    expect(out).toMatch(/1 of \d+ settings may let somebody around the gate/);
  });

  test('secrets that every branch can read', async () => {
    const secrets = ['DATABASE_URL', 'MIGRATION_DATABASE_URL'];
    for (const secret of secrets) shop.server.control.addSecret({ ...own, secret });
    const { code, out } = await check();
    expect(code).toBe(1);
    for (const secret of secrets) expect(out).toMatch(new RegExp(`\\b${secret} belongs to the repository`));
  });

  test('what the token may not read is unknown, and does not pass', async () => {
    const { code, out } = await check({ actions: 'read', contents: 'read' }, 'github-actions[bot]');
    expect(code).toBe(1);
    expect(out).toMatch(/^UNKNOWN bypass of the rules\n.*"administration: write"/m);
    expect(out).toMatch(/^UNKNOWN tokens of jobs\n/m);
    expect(out).toMatch(/^UNKNOWN secrets\n/m);
    expect(out).toMatch(/^ok {6}environment production$/m);
  });

  test.each([
    ['rules', '/rules/branches/', ['rules of main', 'bypass of the rules']],
    ['the repository', '/repos/acme/shop$', ['rules of the default branch', 'bypass of the rules']],
  ])('where GitHub does not give %s, what rests on them is unknown', async (_what, path, unknown) => {
    shop.server.control.addFault({ method: 'GET', path, status: 404, times: 9 });
    const { code, out } = await check();
    shop.server.control.clearFaults();
    expect(code).toBe(1);
    for (const one of unknown) expect(out).toMatch(new RegExp(`^UNKNOWN ${one}\n`, 'm'));
  });

  test('asks for a token where there is none', () =>
    inRepository(async (team) => {
      await team.init();
      const { code, err } = await team.cli(['init', '--check']);
      expect([code, err]).toEqual([2, expect.stringContaining('GH_TOKEN=$(gh auth token)')]);
      expect(err).toContain('--offline leaves GitHub out');
    }));

  test('asks with the token of GITHUB_TOKEN where GH_TOKEN is empty, and tells of that token', () =>
    inRepository(async (team) => {
      await team.init();
      const env = { GH_TOKEN: '', GITHUB_TOKEN: 'wrong', GITHUB_API_URL: shop.server.url };
      const { code, out } = await team.cli(['init', '--check'], { env });
      expect(code).toBe(1);
      expect(out).toContain('the token of GITHUB_TOKEN');
    }));
});
