import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { fakeTools, inRepository, ref, type Team } from './support.js';

/** Runs what init printed for GitHub in a shell, and gives every request that its command line was to make. */
async function requestsOf(team: Team, printed: string) {
  const tools = await fakeTools(join(team.root, 'tools'), {
    gh: `case "$*" in
  "api orgs/"*|"api users/"*) echo 42 ;;
  *--input\\ -*) echo "BODY $(cat)" >> '${join(team.root, 'tools')}/calls.log' ;;
esac`,
  });
  const script = printed.slice(printed.indexOf('\n# Environments'), printed.indexOf('\nThen: check'));
  const { status, stderr } = spawnSync('bash', ['--norc', '-euo', 'pipefail', '-c', script], {
    cwd: team.root,
    encoding: 'utf8',
    env: { PATH: `${tools}:${process.env['PATH'] ?? ''}` },
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  const calls = (await readFile(join(tools, 'calls.log'), 'utf8')).split('\n');
  const bodies = calls.flatMap((line, index) => {
    const name = /^gh api --method PUT repos\/acme\/shop\/environments\/(\S+) /.exec(line)?.[1];
    const body = calls[index + 1] ?? '';
    return name === undefined ? [] : [[name, JSON.parse(body.replace(/^BODY /, '')) as object] as const];
  });
  return { calls, environments: Object.fromEntries(bodies) };
}

describe('what is left to do on GitHub', () => {
  test('are commands that make every environment, reviewed where users are, and open to listed branches only', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ owners: '@acme/release,@mona' });
      const { calls, environments } = await requestsOf(team, out);
      expect(Object.keys(environments)).toEqual([
        'staging',
        'staging-recovery',
        'production',
        'production-recovery',
        'fleet-update',
      ]);
      for (const body of Object.values(environments))
        expect(body).toMatchObject({
          can_admins_bypass: false,
          deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
        });
      expect(environments['production']).toMatchObject({
        prevent_self_review: true,
        reviewers: [
          { type: 'Team', id: 42 },
          { type: 'User', id: 42 },
        ],
      });
      expect(environments['production-recovery']).not.toHaveProperty('reviewers');
      const refs = calls.flatMap(
        (line) => /environments\/production\/deployment-branch-policies -f name=(\S+)/.exec(line)?.[1] ?? [],
      );
      expect(refs).toEqual(['main', 'hotfix/*']);
      // Where nobody reviews, a branch that anybody makes gives its login away.
      expect(out).toContain(
        '# production-recovery has a login and no reviewer: whoever may push to hotfix/* may use it',
      );
      expect(calls).toContain(
        'gh api --method POST repos/acme/shop/rulesets --input .github/rulesets/release-branch.json',
      );
    }));

  test('branches are those that the policy lets through, so that the two never disagree', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ policy: 'strict', branch: 'trunk' });
      const { calls } = await requestsOf(team, out);
      const policies = calls.filter((line) =>
        line.includes('environments/production/deployment-branch-policies'),
      );
      expect(policies).toEqual([expect.stringContaining('name=trunk ')]);
      expect(out).not.toContain('production-recovery has a login and no reviewer');
    }));

  test('the trust for logins is printed in both forms of the subject, with the called workflow', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ place: 'ecs', router: 'aws-alb' });
      expect(out).toContain('#   repo:acme/shop:environment:production\n');
      expect(out).toContain(String.raw`repo:acme@\(.owner.id)/shop@\(.id):environment:production`);
      expect(out).toContain(
        `# job_workflow_ref of each: acme/devops-actions/.github/workflows/*.yml@${ref}\n`,
      );
      const copied = await team.init({ place: 'ecs', router: 'aws-alb', shape: 'inline' });
      expect(copied.out).toContain('#   acme/shop/.github/workflows/*.yml@refs/heads/main\n');
    }));

  test('secrets are asked for, never written', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ notify: 'slack,webhook' });
      for (const line of [
        'SLACK_WEBHOOK --repo acme/shop',
        'WEBHOOK_SECRET --repo acme/shop',
        'DATABASE_URL --repo acme/shop --env production',
      ])
        expect(out).toContain(`gh secret set ${line}`);
    }));

  test('every line whose value init could not know is named', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ place: 'ecs', router: 'aws-alb' });
      for (const place of [
        '.github/traffic/production.yml:',
        'deploy/settings.sh:',
        '.github/actions/deploy-setup/action.yml:',
      ])
        expect(out).toContain(`  ${place}`);
    }));
});
