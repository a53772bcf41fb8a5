import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { partNames } from '../../../cli/init/parts/names.js';
import { parts } from '../../../cli/init/parts/parts.js';
import { catchIn } from '../../../scripts/lint-workflows/traps/registry.js';
import { readWorkflow } from '../../../scripts/lint-workflows/workflow/workflow.js';
import { inRepository, isExecutable, type Team } from './support.js';

const own = readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`);
const suite = { workflows: own.map((path) => readWorkflow(path, readFileSync(path, 'utf8'))) };

/** What a team has, or makes by the lines that init prints, where the parts look at it. */
async function fillIn(team: Team) {
  for (const path of ['requirements.txt', 'package-lock.json', 'infra/main.tf', '.github/infrastructure.crt'])
    await team.write(path, '\n');
  for (const path of await team.files()) {
    const text = await team.read(path);
    if (/example\.com/.test(text)) await team.write(path, text.replaceAll('example.com', 'acme.io'));
  }
}

const folders = { python: '.', node: '.', terraform: 'infra' };
const every = partNames.join(',');
const alone = partNames.filter((name) => name !== 'go-live').join(',');

const workflowsOf = async (team: Team) => {
  const paths = (await team.files()).filter((path) => path.startsWith('.github/workflows/'));
  return Promise.all(paths.map(async (path) => readWorkflow(path, await team.read(path))));
};

const workflow = async (team: Team, name: string) =>
  parse(await team.read(`.github/workflows/${name}.yml`)) as {
    name: string;
    on: Record<string, unknown>;
    env?: Record<string, string>;
    jobs: Record<string, { with?: Record<string, string>; secrets?: object; env?: Record<string, string> }>;
  };
const gatesOf = async (team: Team, environment: string) =>
  (
    parse(await team.read('.github/release-policy.yml')) as {
      environments: Record<string, { gates: Record<string, unknown> }>;
    }
  ).environments[environment]!.gates;

describe('what init writes with parts fits together', () => {
  test.each<[what: string, answers: Record<string, string>]>([
    ...partNames
      .filter((name) => name !== 'go-live')
      .map((name): [string, Record<string, string>] => [`${name} alone`, { with: name }]),
    ['all of one service', { with: alone }],
    ['all of several services', { with: every, service: 'auth,shop' }],
    [
      'all, three stages, every channel',
      { with: alone, environments: 'dev,qa,live', notify: 'slack,teams,pagerduty,webhook' },
    ],
    ['all in one file each', { with: alone, shape: 'inline' }],
    ['several services in one file each', { with: every, service: 'auth,shop', runner: 'edge' }],
    ['all on own runners', { with: alone, runner: 'edge', place: 'kubernetes', router: 'gateway-api' }],
    ['those that name the branch, from another', { with: 'ci-node,hotfix,infrastructure', branch: 'trunk' }],
    ['those with a login, on ECS', { with: 'hotfix,infrastructure', place: 'ecs', router: 'aws-alb' }],
    [
      'incidents and infrastructure where nothing is before the users',
      { with: 'incident-response,infrastructure,hotfix', environments: 'live' },
    ],
    ['go-live of six services', { with: 'go-live,migrations', service: 'a,b,c,d,e,f' }],
    ...['startup', 'release-rules'].map((policy): [string, Record<string, string>] => [
      `gates with the policy ${policy}`,
      { with: 'hotfix,release-candidate', policy },
    ]),
  ])('%s: check finds nothing, nor the linters, and a second run writes nothing', (_what, answers) =>
    inRepository(async (team) => {
      expect(await team.init({ ...folders, ...answers })).toMatchObject({ code: 0, err: '' });
      await fillIn(team);
      const checked = await team.cli(['check']);
      expect([checked.out + checked.err, checked.code]).toEqual([
        expect.stringContaining('Nothing is wrong in'),
        0,
      ]);
      expect(catchIn({ workflows: await workflowsOf(team), suite })).toEqual([]);
      const texts = await Promise.all(
        (await team.files()).map(async (path) => [path, await team.read(path)]),
      );
      expect(
        texts
          .filter(([, text]) => /\borg\/devops-actions|devops-actions\S*@v1\b/.test(text!))
          .map(([path]) => path),
      ).toEqual([]);
      expect(await team.cli(['init', '--yes'])).toMatchObject({
        code: 0,
        out: expect.stringContaining('Nothing to write'),
      });
      expect(await team.cli(['init', '--check', '--offline'])).toMatchObject({ code: 0 });
    }),
  );
});

describe('nothing is switched on that nobody asked for', () => {
  test('without --with there is no file, gate or check of a part', () =>
    inRepository(async (team) => {
      await team.init();
      const files = await team.files();
      for (const name of partNames) expect(files).not.toContain(`.github/workflows/${name}.yml`);
      expect(await gatesOf(team, 'production')).not.toHaveProperty('hotfix');
    }));

  test('a part stays on until it is switched off, and its files are named then', () =>
    inRepository(async (team) => {
      await team.init({ with: 'incident-response' });
      await team.init({ with: 'hotfix' });
      const files = await team.files();
      for (const name of ['hotfix', 'ephemeral-environment', 'incident-response'])
        expect(files).toContain(`.github/workflows/${name}.yml`);
      const { out } = await team.init({ without: 'incident-response' });
      expect(out).toContain('not ours .github/workflows/incident-response.yml');
    }));

  test('a hotfix brings what removes its environment, and only one of the two makes it', () =>
    inRepository(async (team) => {
      await team.init({ with: 'hotfix' });
      expect((await workflow(team, 'ephemeral-environment')).jobs['ephemeral']!.with).toMatchObject({
        hotfix: 'false',
      });
    }));
});

describe('executables that a team has to write', () => {
  test.each([
    ['deploy/ephemeral', ['up', 'pr-1']],
    ['deploy/ephemeral', ['down', 'pr-1']],
    ['deploy/ephemeral', ['list']],
    ['deploy/contain', ['maintenance', 'shop', 'production']],
    ['test/acceptance', ['https://pr-1.test']],
  ])('%s %j fails, and says where to write what it does', (path, args) =>
    inRepository(async (team) => {
      await team.init({ with: 'hotfix,incident-response' });
      expect(await isExecutable(join(team.root, path))).toBe(true);
      expect(() => execFileSync(join(team.root, path), args, { cwd: team.root, stdio: 'pipe' })).toThrow(
        `Fix: in ${path} write what`,
      );
      const { out } = await team.cli(['check']);
      expect(out).toMatch(new RegExp(`${path}:\\d+: .*unfilled`));
    }),
  );
});

describe('what the answers decide', () => {
  test('each check of a part is required, and the gate asks for those that a push has', () =>
    inRepository(async (team) => {
      await team.init({ ...folders, with: 'ci-node,security-scan,docs,hotfix' });
      const ruleset = await team.read('.github/rulesets/release-branch.json');
      for (const name of ['ci-node', 'security-scan', 'docs', 'hotfix'] as const)
        expect(ruleset).toContain(`"context": "${parts[name].check!.name}"`);
      const { checks } = (await gatesOf(team, 'production')) as { checks: { required: object[] } };
      expect(checks.required).toEqual([
        { name: 'Node required', workflow: '.github/workflows/ci-node.yml', events: ['push'] },
        { name: 'Security required', workflow: '.github/workflows/security-scan.yml', events: ['push'] },
      ]);
      expect(await team.files()).not.toContain('ci/test');
    }));

  test('gates of hotfix and candidate stand where users are, and those that are there stay', () =>
    inRepository(async (team) => {
      await team.init({ with: 'hotfix,release-candidate' });
      expect(await gatesOf(team, 'production')).toMatchObject({ hotfix: {}, 'release-candidate': {} });
      expect(await gatesOf(team, 'staging')).not.toHaveProperty('hotfix');
    }));

  test('a hotfix may come to main where the policy lists who may', () =>
    inRepository(async (team) => {
      await team.init({ with: 'hotfix', policy: 'develop-to-main' });
      expect(await gatesOf(team, 'production')).toMatchObject({
        approvals: { 'pull-requests': { from: ['develop', 'hotfix/*'] } },
      });
    }));

  test('several services do not share their tags, and their candidates know their own', () =>
    inRepository(async (team) => {
      await team.init({ service: 'auth,shop', with: 'release-candidate' });
      expect((await workflow(team, 'release-candidate-shop')).jobs['candidate']!.with).toMatchObject({
        environment: 'shop-staging',
        prefix: 'shop-v',
        'release-workflows': '.github/workflows/cd-shop.yml',
      });
      expect(await gatesOf(team, 'shop-production')).toMatchObject({
        'release-candidate': { prefix: 'shop-v' },
      });
      expect(await team.read('.github/rulesets/release-tags.json')).toContain('refs/tags/shop-v*');
    }));

  test('a go-live knows every service, and the deliveries count what it released', () =>
    inRepository(async (team) => {
      await team.init({ service: 'auth,shop', with: 'go-live' });
      expect(parse(await team.read('.github/go-live.yml'))).toMatchObject({
        from: '{service}-staging',
        environment: '{service}-production',
        services: [
          { name: 'auth', rank: 1 },
          { name: 'shop', rank: 2 },
        ],
      });
      const { jobs } = await workflow(team, 'cd-shop');
      expect(jobs['cd']!.with!['release-workflows']!.split('\n')).toEqual([
        '.github/workflows/cd-shop.yml',
        '.github/workflows/go-live.yml',
      ]);
    }));

  test('who answers an incident by hand chooses among what there is', () =>
    inRepository(async (team) => {
      await team.init({ service: 'auth,shop', with: 'incident-response' });
      const { on, jobs, name } = await workflow(team, 'incident-response');
      const { inputs } = on['workflow_dispatch'] as { inputs: Record<string, { options?: string[] }> };
      expect([name, inputs['service']!.options]).toEqual(['Incident response', ['', 'auth', 'shop']]);
      expect(inputs['environment']!.options).toContain('shop-production');
      expect(jobs['incident']!.with!['environment']).toContain("'auth-production'");
    }));

  test('a webhook is told wherever Slack would be', () =>
    inRepository(async (team) => {
      await team.init({ ...folders, notify: 'webhook', with: 'infrastructure' });
      expect(Object.keys((await workflow(team, 'infrastructure')).jobs['production']!.secrets!)).toEqual([
        'PLAN_KEY',
        'WEBHOOK_URL',
        'WEBHOOK_SECRET',
      ]);
    }));
});

describe('what a team sets itself', () => {
  test('stays when the files are written anew, and goes when it is taken back', () =>
    inRepository(async (team) => {
      await team.init({ ...folders, with: 'hotfix,ci-node', set: 'hotfix.target-minutes=20' });
      await team.init({ ref: 'b'.repeat(40), version: 'v1.5.0', set: 'ci-node.COVERAGE=90' });
      expect((await workflow(team, 'hotfix')).jobs['hotfix']!.with!['target-minutes']).toBe('20');
      expect((await workflow(team, 'ci-node')).env!['COVERAGE']).toBe('90');
      await team.init({ set: 'hotfix.target-minutes' });
      expect((await workflow(team, 'hotfix')).jobs['hotfix']!.with!['target-minutes']).toBe('35');
    }));

  test.each([
    ['hotfix.target-minute=20', 'Did you mean target-minutes?'],
    ['hotfixes.target-minutes=20', 'Did you mean hotfix?'],
    ['ci-node.COVERAG=90', 'Did you mean COVERAGE?'],
    ['target-minutes=20', 'expected WORKFLOW.INPUT=VALUE'],
  ])('%s is refused: %s', (set, message) =>
    inRepository(async (team) => {
      const { code, err } = await team.init({ ...folders, with: 'hotfix,ci-node', set });
      expect([code, err, await team.files()]).toEqual([2, expect.stringContaining(message), []]);
    }),
  );
});

describe('what a part cannot do without is asked for', () => {
  test.each([
    ['ci-python', '--with ci-python needs --python FOLDER'],
    ['ci-node', '--with ci-node needs --node FOLDER'],
    ['infrastructure', '--with infrastructure needs --terraform FOLDER'],
    ['go-live', '--with go-live needs several services'],
    ['hotfxi', '--with hotfxi: expected one of'],
  ])('%s', (part, message) =>
    inRepository(async (team) => {
      const { code, err } = await team.init({ with: part });
      expect([code, err, await team.files()]).toEqual([2, expect.stringContaining(message), []]);
    }),
  );

  test('a candidate needs a stage that proves it', () =>
    inRepository(async (team) => {
      const { err } = await team.init({ with: 'release-candidate', environments: 'production' });
      expect(err).toContain('--with release-candidate needs a stage before the users');
    }));

  test('a project is found where there is only one', () =>
    inRepository(async (team) => {
      await team.write('web/package-lock.json', '{}');
      await team.write('terraform/main.tf', '');
      await team.init({ with: 'ci-node,infrastructure' });
      expect((await workflow(team, 'ci-node')).env!['FOLDER']).toBe('web');
      expect((await workflow(team, 'infrastructure')).jobs['production']!.with!['folders']).toBe('terraform');
    }));
});
