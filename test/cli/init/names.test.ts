import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { inRepository } from './support.js';

interface Policy {
  environments: Record<
    string,
    { gates: { branch?: string[]; checks: { required: { workflow: string; events: string[] }[] } } }
  >;
}

describe('two answers that come to one name', () => {
  test.each<[what: string, more: Record<string, string>, why: RegExp]>([
    [
      'services and environments whose names meet',
      { service: 'a,a-b', environments: 'b-c,c' },
      /environment a-b-c,/,
    ],
    [
      'a rescue of one service, and an environment of another',
      { service: 'a,a-b', environments: 'b,recovery' },
      /environment a-b-recovery,/,
    ],
    [
      'an environment of a part',
      { environments: 'ephemeral,production', with: 'ephemeral-environment' },
      /environment ephemeral,/,
    ],
    [
      'the environment that holds the key of proposals',
      { environments: 'staging,fleet-update' },
      /environment fleet-update,/,
    ],
    [
      'the suite of a service, and that of all',
      { service: 'go-live,shop', with: 'go-live' },
      /written to \.github\/smoke-go-live\.yml/,
    ],
    ['two workflows', { ci: '.github/workflows/cd.yml' }, /written to \.github\/workflows\/cd\.yml/],
  ])('%s: nothing is written, and it says which', (_what, more, why) =>
    inRepository(async (team) => {
      const { code, err } = await team.init(more);
      expect([code, err]).toEqual([2, expect.stringMatching(why)]);
      expect(await team.files()).toEqual([]);
    }),
  );
});

describe('names as GitHub takes them', () => {
  test('a job of a matrix has a comma in its name, and is one check', () =>
    inRepository(async (team) => {
      await team.init({ job: 'build (20, ubuntu),lint' });
      const rules = await team.read('.github/rulesets/release-branch.json');
      expect([...rules.matchAll(/"context": "(.*)"/g)].map(([, name]) => name)).toEqual([
        'build (20, ubuntu)',
        'lint',
      ]);
    }));

  test('a variable begins with neither a digit nor GITHUB_', () =>
    inRepository(async (team) => {
      const { out } = await team.init({ service: '1shop,github-x,cart', with: 'release-candidate' });
      const names = [...out.matchAll(/gh variable set (\w+_STAGING_URL)/g)].map(([, name]) => name);
      expect(names).toEqual(['_1SHOP_STAGING_URL', '_GITHUB_X_STAGING_URL', 'CART_STAGING_URL']);
      expect(await team.read('.github/workflows/release-candidate-1shop.yml')).toContain(
        'vars._1SHOP_STAGING_URL',
      );
    }));

  test('a folder that may not stand in a workflow is taken for no answer', () =>
    inRepository(async (team) => {
      await team.write('Müller Shop/package-lock.json', '{}\n');
      expect(await team.init()).toMatchObject({ code: 0 });
      const { code, err } = await team.init({ with: 'ci-node' });
      expect([code, err]).toEqual([2, expect.stringContaining('--with ci-node needs --node FOLDER')]);
    }));
});

describe('a CI that is there', () => {
  const path = '.github/workflows/ci.yml';
  const jobs = 'lint: { runs-on: x }, build: { runs-on: x, strategy: { matrix: { v: [20] } } }';
  const ci = `on: [push, pull_request]\njobs: { ${jobs}, all: { uses: ./.github/workflows/all.yml } }\n`;

  test.each(['test', 'build', 'all', 'lint,deploy'])(
    'that makes no check "%s": every pull request would wait for it, so nothing is written',
    (job) =>
      inRepository(async (team) => {
        await team.write(path, ci);
        const { code, err } = await team.init({ job });
        expect([code, err]).toEqual([
          2,
          expect.stringContaining('it has lint, build (${{ matrix }}), all / ${{ job }}'),
        ]);
        expect(await team.files()).toEqual([path]);
      }),
  );

  test('is asked for its checks, where somebody answers', () =>
    inRepository(async (team) => {
      await team.write(path, ci);
      const asked: string[] = [];
      const given = ['--suite', 'acme/devops-actions', '--ref', 'a'.repeat(40), '--version', 'v1.4.0'];
      const answers: Readonly<Record<string, string>> = {
        'Your repository': 'acme/shop',
        'Service,': 'shop',
        'Where does': 'vm',
        'What decides': 'nginx',
        'Who owns': '@acme/release',
        'Which checks': 'lint, build (20)',
        '\nWrite': 'y',
      };
      const ask = (text: string) => {
        asked.push(text);
        return Promise.resolve(Object.entries(answers).find(([start]) => text.startsWith(start))?.[1] ?? '');
      };
      expect(await team.cli(['init', ...given], { ask })).toMatchObject({ code: 0 });
      expect(asked.join('\n')).toContain('lint, build (${{ matrix }}), all / ${{ job }}');
      expect(await team.cli(['check'])).toMatchObject({ code: 0 });
      expect(await team.read('.github/release-policy.yml')).toContain('build (20)');
    }));
});

describe('a link', () => {
  const outside = async (body: (folder: string) => Promise<void>) => {
    const folder = mkdtempSync(join(tmpdir(), 'outside-'));
    try {
      await body(folder);
      expect(readdirSync(folder)).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  };

  test.each<[what: string, link: string, to: string]>([
    ['a folder', 'deploy', ''],
    ['a file that is not there yet', '.github/CODEOWNERS', 'owners'],
    ['the folder of the answers', '.github', ''],
  ])('that leads out of the repository, as %s: nothing is written there or here', (_what, link, to) =>
    inRepository((team) =>
      outside(async (folder) => {
        if (link.includes('/')) mkdirSync(join(team.root, '.github'));
        symlinkSync(join(folder, to), join(team.root, link));
        const { code, err } = await team.init();
        expect([code, err]).toEqual([2, expect.stringContaining(`${link} is a link that leads out`)]);
        expect(await team.files()).toEqual([]);
      }),
    ),
  );

  test('to a folder of the repository is followed', () =>
    inRepository(async (team) => {
      mkdirSync(join(team.root, 'ops'));
      symlinkSync('ops', join(team.root, 'deploy'));
      expect(await team.init()).toMatchObject({ code: 0 });
      expect(existsSync(join(team.root, 'ops/deploy'))).toBe(true);
    }));
});

describe('the checks that a gate asks for on the commit', () => {
  test.each(['standard', 'strict', 'release-rules', 'develop-to-main'])(
    'are made by a push to every branch that the policy %s lets out: a hotfix may go from its own',
    (name) =>
      inRepository(async (team) => {
        const parts = 'ci-python,ci-node,test-pyramid,security-scan,hotfix';
        await team.init({ policy: name, with: parts, python: '.', node: '.', branch: 'trunk' });
        const policy = parse(await team.read('.github/release-policy.yml')) as Policy;
        let asked = 0;
        for (const { gates } of Object.values(policy.environments))
          for (const { workflow } of gates.checks.required) {
            // The back-up is a workflow of the team's.
            if (!(await team.files()).includes(workflow)) continue;
            const { on } = parse(await team.read(workflow)) as { on: { push: { branches: string[] } } };
            for (const branch of gates.branch ?? ['trunk', 'hotfix/*']) {
              asked += 1;
              expect([workflow, on.push.branches]).toEqual([
                workflow,
                expect.arrayContaining([branch.replace(/\*$/, '**')]),
              ]);
            }
          }
        expect(asked).toBeGreaterThanOrEqual(8);
      }),
  );
});
