import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { places, routerPlaces, routers, type Place, type RouterName } from '../../../cli/init/answers.js';
import { catchIn } from '../../../scripts/lint-workflows/traps/registry.js';
import { readWorkflow } from '../../../scripts/lint-workflows/workflow/workflow.js';
import { routerSchema } from '../../../shared/traffic/routers/schemas.js';
import { readdirSync, readFileSync } from 'node:fs';
import { inRepository, isExecutable, ref, type Team } from './support.js';

const workflowsOf = async (team: Team) => {
  const paths = (await team.files()).filter((path) => path.startsWith('.github/workflows/'));
  return Promise.all(paths.map(async (path) => readWorkflow(path, await team.read(path))));
};
const own = readdirSync('.github/workflows').map((name) => `.github/workflows/${name}`);
const suite = { workflows: own.map((path) => readWorkflow(path, readFileSync(path, 'utf8'))) };

/** What is wrong with what init wrote, by everything that the suite has to find it. */
async function wrongIn(team: Team): Promise<string[]> {
  const checked = await team.cli(['check', '.']);
  const files = await team.files();
  const texts = await Promise.all(files.map((path) => team.read(path)));
  return [
    ...(checked.code === 0 ? [] : [checked.out + checked.err]),
    ...files
      .filter((_, index) => /\borg\/|@v1\b/.test(texts[index]!))
      .map((path) => `${path} names org/ or @v1`),
    ...catchIn({ workflows: await workflowsOf(team), suite }).map((finding) => JSON.stringify(finding)),
  ];
}

test('every router of the suite can be asked for, and no other', () => {
  const known = routerSchema.options.flatMap((one) =>
    'options' in one ? one.options.map(({ shape }) => shape.type.value) : [one.shape.type.value],
  );
  expect([...new Set<string>(known)].sort()).toEqual([...routers].sort());
});

describe('each router in each place', () => {
  const pairs = routers.flatMap((router) => places.map((place): [RouterName, Place] => [router, place]));
  const fits = ([router, place]: [RouterName, Place]) =>
    (routerPlaces[router] as readonly Place[]).includes(place);

  test.each(pairs.filter(fits))(
    '%s, %s: all files are right, and a second run writes none',
    (router, place) =>
      inRepository(async (team) => {
        const first = await team.init({ router, place });
        expect(first).toMatchObject({ code: 0, err: '' });
        expect(await wrongIn(team)).toEqual([]);
        expect(parse(await team.read('.github/traffic/production.yml'))).toMatchObject({
          router: { type: router },
        });
        for (const name of ['build', 'deploy', 'remove'])
          expect([name, await isExecutable(`${team.root}/deploy/${name}`)]).toEqual([name, true]);
        const before = await Promise.all((await team.files()).map(team.read));
        const second = await team.init({ router, place });
        expect(second).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to write: all ') });
        expect(await Promise.all((await team.files()).map(team.read))).toEqual(before);
      }),
  );

  test.each(pairs.filter((pair) => !fits(pair)))('%s, %s: refused, with where it can be', (router, place) =>
    inRepository(async (team) => {
      const { code, err } = await team.init({ router, place });
      expect([code, await team.files()]).toEqual([2, []]);
      expect(err).toContain(`--router ${router} moves traffic between pods: it needs --place kubernetes.`);
    }),
  );
});

describe('other answers', () => {
  test.each<[what: string, answers: Record<string, string>]>([
    ['one environment', { environments: 'live' }],
    ['three environments', { environments: 'dev,qa,live' }],
    ['several services', { service: 'shop,cart' }],
    [
      'several services through three environments in one file',
      { service: 'shop,cart', environments: 'dev,qa,live', shape: 'inline' },
    ],
    ['own runners', { runner: 'self-hosted,edge' }],
    ['another branch', { branch: 'trunk' }],
    ['every channel', { notify: 'slack,teams,pagerduty,webhook' }],
    ['several checks', { job: 'test,lint and types' }],
    ...['startup', 'strict', 'release-rules', 'standard', 'go-live'].map(
      (policy): [string, Record<string, string>] => [`the policy ${policy}`, { policy }],
    ),
  ])('%s', (_what, answers) =>
    inRepository(async (team) => {
      expect(await team.init(answers)).toMatchObject({ code: 0, err: '' });
      expect(await wrongIn(team)).toEqual([]);
    }),
  );

  test('the policy develop-to-main keeps its back-up, and check names the workflow that the team still has to write', () =>
    inRepository(async (team) => {
      await team.init({ policy: 'develop-to-main', job: 'test,lint' });
      const { environments } = parse(await team.read('.github/release-policy.yml')) as {
        environments: Record<string, { gates: { checks: { required: { name: string }[] } } }>;
      };
      expect(environments['production']!.gates.checks.required.map(({ name }) => name)).toEqual([
        'test',
        'lint',
        'backup',
      ]);
      expect((await wrongIn(team)).join('\n')).toContain(
        '.github/workflows/backup.yml, which does not exist',
      );
    }));

  interface Workflow {
    name: string;
    on: { push?: { branches: string[] } };
    jobs: Record<
      string,
      { uses?: string; with?: object; secrets?: object; 'runs-on'?: unknown; environment?: object }
    >;
  }
  const workflow = async (team: Team, path: string) => parse(await team.read(path)) as Workflow;

  test('environments of any name are named in the caller, in traffic and in the policy', () =>
    inRepository(async (team) => {
      await team.init({ environments: 'dev,qa,live', branch: 'trunk' });
      const { jobs, on } = await workflow(team, '.github/workflows/cd.yml');
      expect(jobs['cd']?.with).toMatchObject({
        staging: 'dev',
        uat: 'qa',
        production: 'live',
        'release-branch': 'trunk',
      });
      expect(on.push?.branches).toEqual(['trunk', 'develop']);
      const { environments } = parse(await team.read('.github/release-policy.yml')) as {
        environments: Record<string, { gates: { promotion?: { from: string }; branch: string[] } }>;
      };
      expect(Object.entries(environments).map(([name, { gates }]) => [name, gates.promotion?.from])).toEqual([
        ['dev', undefined],
        ['qa', 'dev'],
        ['live', 'qa'],
      ]);
      expect(environments['live']?.gates.branch).toContain('trunk');
      const reconcile = await workflow(team, '.github/workflows/reconcile.yml');
      expect(Object.values(reconcile.jobs).map(({ with: given }) => given)).toEqual(
        ['dev', 'qa', 'live'].map((environment) => expect.objectContaining({ environment })),
      );
      expect(parse(await team.read('.github/rollback.yml'))).toMatchObject({ environments: { live: {} } });
    }));

  test('who rolls back by hand chooses among what there is, the users first', () =>
    inRepository(async (team) => {
      await team.init({ service: 'cart', environments: 'dev,qa,live' });
      const { on } = parse(await team.read('.github/workflows/rollback.yml')) as {
        on: { workflow_dispatch: { inputs: Record<string, { options?: string[]; default?: string }> } };
      };
      const { service, environment } = on.workflow_dispatch.inputs;
      expect(service).toMatchObject({ options: ['cart'], default: 'cart' });
      expect(environment).toMatchObject({ options: ['live', 'qa', 'dev'], default: 'live' });
    }));

  test('one environment has no stage before, and nothing is about one', () =>
    inRepository(async (team) => {
      await team.init({ environments: 'production' });
      const { jobs, on } = await workflow(team, '.github/workflows/cd.yml');
      expect([jobs['cd']?.with, on.push?.branches]).toEqual([
        expect.objectContaining({ staging: '' }),
        ['main'],
      ]);
      for (const path of (await team.files()).filter((name) => /workflows\/(reconcile|retire)/.test(name)))
        expect([path, await team.read(path)]).toEqual([
          path,
          expect.not.stringMatching(/environment: staging/),
        ]);
      expect(parse(await team.read('.github/release-policy.yml'))).not.toHaveProperty(
        'environments.production.gates.promotion',
      );
    }));

  test('several services have workflows, environments and gates of their own', () =>
    inRepository(async (team) => {
      await team.init({ service: 'shop,cart' });
      const cart = await workflow(team, '.github/workflows/cd-cart.yml');
      expect(cart.name).toBe('Continuous delivery: cart');
      expect(cart.jobs['cd']?.with).toMatchObject({
        service: 'cart',
        staging: 'cart-staging',
        production: 'cart-production',
      });
      expect(await team.files()).toEqual(
        expect.arrayContaining(['cart', 'shop'].map((name) => `.github/traffic/${name}-production.yml`)),
      );
    }));

  test('the suite is pinned to its commit, with its version for people', () =>
    inRepository(async (team) => {
      await team.init();
      expect(await team.read('.github/workflows/cd.yml')).toContain(
        `uses: acme/devops-actions/.github/workflows/cd.yml@${ref} # v1.4.0\n`,
      );
    }));

  test('only the channels that were asked for are there, with all of their secrets', () =>
    inRepository(async (team) => {
      await team.init({ notify: 'teams,webhook' });
      const { jobs } = await workflow(team, '.github/workflows/cd.yml');
      expect(Object.keys(jobs['cd']!.secrets!).sort()).toEqual([
        'DATABASE_URL',
        'METRICS_TOKEN',
        'MIGRATION_DATABASE_URL',
        'SMOKE_PASSWORD',
        'TEAMS_WEBHOOK',
        'WEBHOOK_SECRET',
        'WEBHOOK_URL',
      ]);
      const all = await Promise.all((await team.files()).map(team.read));
      expect(all.filter((text) => /SLACK_WEBHOOK|pagerduty-key/.test(text))).toEqual([]);
    }));

  test('copies call no workflow, run on own runners, and have nothing that GitHub Enterprise Server lacks', () =>
    inRepository(async (team) => {
      await team.init({ shape: 'inline', runner: 'edge' });
      for (const path of (await team.files()).filter((name) => name.startsWith('.github/workflows/'))) {
        const text = await team.read(path);
        expect([path, text]).toEqual([
          path,
          expect.not.stringMatching(/deployment: false|\$\/|workflows\/\S+@/),
        ]);
        const jobs = Object.entries((parse(text) as Workflow).jobs);
        expect(jobs.filter(([, job]) => job.uses || job['runs-on'] !== 'edge')).toEqual([]);
      }
    }));

  test('the rules of the branch, the policy and the CI name the same checks', () =>
    inRepository(async (team) => {
      await team.init({ job: 'test,lint and types' });
      const ruleset = JSON.parse(await team.read('.github/rulesets/release-branch.json')) as {
        rules: { type: string; parameters?: { required_status_checks?: { context: string }[] } }[];
      };
      const required = ruleset.rules.find(({ type }) => type === 'required_status_checks')!;
      const names = required.parameters!.required_status_checks!.map(({ context }) => context);
      const ci = parse(await team.read('.github/workflows/ci.yml')) as {
        jobs: Record<string, { name: string }>;
      };
      expect(names).toEqual(Object.values(ci.jobs).map(({ name }) => name));
      expect(names).toEqual(['test', 'lint and types']);
    }));
});
