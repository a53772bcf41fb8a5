import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { inRepository, type Team } from './init/support.js';

const parts = 'ci-node,hotfix,infrastructure,incident-response,release-candidate,migrations,security-scan';

async function written(team: Team, more: Record<string, string> = {}) {
  await team.init({ node: '.', terraform: 'infra', with: parts, ...more });
  for (const path of ['package-lock.json', 'infra/main.tf', '.github/infrastructure.crt'])
    await team.write(path, '\n');
}
const changed = async (team: Team, path: string, from: string | RegExp, to: string) => {
  const text = await team.read(path);
  const next = text.replace(from, to);
  expect(next).not.toBe(text);
  await team.write(path, next);
};
const workflow = (name: string) => `.github/workflows/${name}.yml`;
const policy = '.github/release-policy.yml';
const ruleset = '.github/rulesets/release-branch.json';
const gone = (path: string) => (team: Team) => rm(join(team.root, path));

describe('check finds what no file of a part shows alone', () => {
  test.each<[what: string, change: (team: Team) => Promise<unknown>, named: RegExp]>([
    [
      'a hotfix workflow without its gate',
      (team) => changed(team, policy, / {6}hotfix: .*\n/, ''),
      /environments\.production\.gates\n.*no gate "hotfix"[^]*add {2}hotfix: \{ tests/,
    ],
    [
      'candidates that no gate asks for',
      (team) => changed(team, policy, / {6}release-candidate: .*\n/, ''),
      /no gate "release-candidate" in any environment/,
    ],
    [
      'a required check that no workflow reports',
      (team) => changed(team, ruleset, '"Hotfix required"', '"Hotfix needed"'),
      /release-branch\.json:\d+.*\n.*"Hotfix needed", which no workflow makes[^]*did you mean "Hotfix required"/,
    ],
    [
      'a check that is there to be required, and is not',
      (team) =>
        changed(team, ruleset, /\{\s*"context": "Security required",\s*"integration_id": 15368\s*\},?/, ''),
      /no required check "Security required", which .*security-scan\.yml reports/,
    ],
    [
      'a required check that no pull request starts',
      (team) => changed(team, workflow('ci-node'), '  pull_request:', '  # pull_request:'),
      /"Node required", which .*ci-node\.yml makes, but not for a pull request/,
    ],
    [
      'rules that hold nobody',
      (team) => changed(team, '.github/rulesets/release-tags.json', '"active"', '"disabled"'),
      /release-tags\.json:\d+:\d+ — enforcement\n.*"disabled": GitHub holds nobody to these rules/,
    ],
    [
      'a workflow that is no YAML',
      (team) => changed(team, workflow('watch'), '\njobs:', '\njobs'),
      /watch\.yml:\d+:\d+\n.*no YAML: /,
    ],
    [
      'a workflow without jobs',
      (team) => team.write(workflow('empty'), 'on: push\n'),
      /empty\.yml\n.*no jobs/,
    ],
    [
      'an environment that is named nowhere',
      (team) => changed(team, workflow('release-candidate'), 'environment: staging', 'environment: stagign'),
      /release-candidate\.yml — jobs\.candidate\.with\.environment\n.*stagign, which has no traffic file[^]*did you mean "staging"/,
    ],
    [
      'a release to an environment that is named nowhere',
      (team) => changed(team, workflow('cd'), '\n    with:', '\n    with:\n      production: prodution'),
      /cd\.yml — jobs\.cd\.with\.production\n.*prodution, which has no traffic file[^]*did you mean "production"/,
    ],
    [
      'a secret that is not passed',
      (team) => changed(team, workflow('infrastructure'), / {6}PLAN_KEY: .*\n/, ''),
      /no PLAN_KEY, which infrastructure\.yml cannot do without\n[^]*add {2}PLAN_KEY: \$\{\{ secrets\.PLAN_KEY \}\}/,
    ],
    [
      'migrations that run without the role that migrates',
      (team) => changed(team, workflow('cd'), / {6}MIGRATION_DATABASE_URL: .*\n/, ''),
      /no MIGRATION_DATABASE_URL, which cd\.yml cannot do without/,
    ],
    [
      'two that make the environment of a hotfix',
      (team) => changed(team, workflow('ephemeral-environment'), / {6}hotfix: .*\n/, ''),
      /an environment of hotfix\/… that .*hotfix\.yml makes too[^]*add {2}hotfix: 'false'/,
    ],
    [
      'an environment for each hotfix that nothing removes',
      gone(workflow('ephemeral-environment')),
      /no workflow that removes it/,
    ],
    [
      'limits of an environment that is no user of the policy',
      (team) =>
        changed(
          team,
          workflow('hotfix'),
          '      service: shop',
          '      service: shop\n      production: prod',
        ),
      /hotfix\.yml — jobs\.hotfix\.with\.production\n.*prod, which has no traffic file/,
    ],
    ['a certificate that is not there', gone('.github/infrastructure.crt'), /openssl req -x509/],
    [
      'rules that a scanner reads',
      gone('.github/security/semgrep.yml'),
      /security\/semgrep\.yml, which does not exist/,
    ],
    [
      'a file of migrations',
      gone('.github/migrations.yml'),
      /\.github\/migrations\.yml, which does not exist/,
    ],
    ['what makes an environment', gone('deploy/ephemeral'), /deploy\/ephemeral\n.*no such file/],
    ['what users do there', gone('test/acceptance'), /test\/acceptance\n.*no such file/],
    [
      'what contains an incident',
      gone('deploy/contain'),
      /deploy\/contain\n.*no such file[^]*incidents\.yml runs/,
    ],
    [
      'a key of incidents.yml that is misspelt',
      (team) => changed(team, '.github/incidents.yml', 'on-call:', 'oncall:'),
      /incidents\.yml:\d+[^]*did you mean "on-call"/,
    ],
  ])('%s', (_what, change, named) =>
    inRepository(async (team) => {
      await written(team);
      await change(team);
      const { out } = await team.cli(['check']);
      expect(out).toMatch(named);
    }),
  );

  test('a go-live of a service that is released nowhere', () =>
    inRepository(async (team) => {
      await team.init({ service: 'auth,shop', with: 'go-live' });
      await changed(team, '.github/go-live.yml', 'name: shop', 'name: shpo');
      const { code, out } = await team.cli(['check']);
      expect(code).toBe(1);
      expect(out).toMatch(
        /go-live\.yml:\d+.*from\n.*shpo-staging of shpo, with no .github\/traffic\/shpo-staging\.yml/,
      );
    }));

  test('init --check finds it too, with files that are otherwise as they were written', () =>
    inRepository(async (team) => {
      await written(team);
      await changed(team, policy, / {6}hotfix: .*\n/, '');
      const { code, out } = await team.cli(['init', '--check', '--offline']);
      expect([code, out]).toEqual([
        1,
        expect.stringMatching(/WRONG {3}the files do not fit together:[^]*no gate "hotfix"/),
      ]);
    }));

  test('nothing, where a team copied none of the parts, or has workflows of its own by these names', () =>
    inRepository(async (team) => {
      await team.init();
      await team.write(
        workflow('hotfix'),
        'on: push\njobs: { a: { uses: acme/ci/.github/workflows/hotfix.yml@v1 } }\n',
      );
      expect(await team.cli(['check'])).toMatchObject({ code: 0 });
    }));
});
