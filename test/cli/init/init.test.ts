import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { asArguments, inRepository, options } from './support.js';

const caller = '.github/workflows/cd.yml';
const traffic = '.github/traffic/production.yml';
const next = { ref: 'b'.repeat(40), version: 'v1.5.0' };

describe('init never overwrites without being told', () => {
  test('a workflow of the team stays, is named, and the run ends with 1; --force replaces it', () =>
    inRepository(async (team) => {
      await team.write(caller, 'name: ours\n');
      const first = await team.init();
      expect(first.code).toBe(1);
      expect(first.out).toMatch(/^KEPT {5}\.github\/workflows\/cd\.yml$/m);
      expect(await team.read(caller)).toBe('name: ours\n');
      expect((await team.init()).code).toBe(1);
      expect(await team.init({}, '--force')).toMatchObject({ code: 0 });
      expect(await team.read(caller)).toContain('acme/devops-actions');
    }));

  test('what is the team’s from the beginning is left to it, even with --force', () =>
    inRepository(async (team) => {
      await team.init();
      const mine = (await team.read(traffic)).replace('shop.example.com', 'shop.acme.com');
      await team.write(traffic, mine);
      const { code, out } = await team.init({}, '--force');
      expect([code, await team.read(traffic)]).toEqual([0, mine]);
      expect(out).toContain('1 of them with changes of yours');
    }));

  test('an upgrade changes what nobody touched, and keeps what somebody did', () =>
    inRepository(async (team) => {
      await team.init();
      const reconcile = '.github/workflows/reconcile.yml';
      await team.write(reconcile, `${await team.read(reconcile)}# ours\n`);
      await team.write(traffic, (await team.read(traffic)).replace('shop.example.com', 'shop.acme.com'));
      const upgraded = await team.init(next);
      expect(upgraded.code).toBe(1);
      expect(upgraded.out).toMatch(/^update {3}\.github\/workflows\/cd\.yml$/m);
      expect(upgraded.out).toMatch(/^KEPT {5}\.github\/workflows\/reconcile\.yml$/m);
      expect(upgraded.out).toMatch(/^yours {4}\.github\/traffic\/production\.yml$/m);
      expect(await team.read(caller)).toContain(`@${next.ref} # v1.5.0`);
      expect(await team.read(reconcile)).toContain('# ours');
    }));

  test('CODEOWNERS keeps its other lines, and its part is written once', () =>
    inRepository(async (team) => {
      const path = '.github/CODEOWNERS';
      await team.write(path, '* @acme/everybody');
      await team.init();
      const whole = await team.read(path);
      expect(whole).toMatch(
        /^\* @acme\/everybody\n\n# devops-actions: begin\n[^]*\/deploy\/ @acme\/release\n[^]*end\n$/,
      );
      await team.write(path, `${whole}/docs/ @acme/writers\n`);
      await team.init({ owners: '@acme/platform' });
      const changed = await team.read(path);
      expect(changed).toContain('/deploy/ @acme/platform\n');
      expect(changed).not.toContain('@acme/release');
      expect(changed).toMatch(/^\* @acme\/everybody[^]*\/docs\/ @acme\/writers\n$/);
    }));

  test.each(['CODEOWNERS', 'docs/CODEOWNERS'])(
    '%s, which GitHub would no longer read, is not shadowed',
    (path) =>
      inRepository(async (team) => {
        await team.write(path, '* @acme/shop\n');
        expect(await team.init()).toMatchObject({
          code: 2,
          err: expect.stringContaining(`Fix: git mv ${path} .github/CODEOWNERS`),
        });
        expect(await team.files()).toEqual([path]);
        await team.write('.github/CODEOWNERS', '* @acme/shop\n');
        expect(await team.init()).toMatchObject({ code: 0 });
      }),
  );

  test('a mark of CODEOWNERS that somebody left without its end swallows nothing', () =>
    inRepository(async (team) => {
      const path = '.github/CODEOWNERS';
      await team.write(path, '# devops-actions: begin\n* @acme/everybody\n');
      await team.init();
      expect(await team.init()).toMatchObject({ code: 0, out: expect.stringContaining('Nothing to write') });
      expect(await team.read(path)).toMatch(/^# devops-actions: begin\n\* @acme\/everybody\n/);
    }));

  test('a file where a folder is needed is named before anything is written', () =>
    inRepository(async (team) => {
      await team.write('.github/traffic', 'ours');
      const { code, err } = await team.init();
      expect([code, err]).toEqual([2, expect.stringContaining('.github/traffic is no folder')]);
      expect(await team.files()).toEqual(['.github/traffic']);
    }));

  test('a workflow that makes the checks already is not written again', () =>
    inRepository(async (team) => {
      const ci = '.github/workflows/ci.yml';
      await team.write(ci, 'on: push\njobs: { test: { runs-on: x, steps: [{ run: make }] } }\n');
      expect((await team.init()).code).toBe(0);
      expect(await team.files()).not.toContain('ci/test');
      expect(await team.read(ci)).toContain('run: make');
    }));

  test('a script that lost its right to be executed gets it again', () =>
    inRepository(async (team) => {
      await team.init();
      await chmod(join(team.root, 'deploy/build'), 0o644);
      const { out } = await team.init();
      expect(out).toMatch(/^update {3}deploy\/build$/m);
    }));

  test('what an answer no longer needs is named, not removed', () =>
    inRepository(async (team) => {
      await team.init();
      const { out } = await team.init({ environments: 'production' });
      expect(out).toContain('not ours .github/traffic/staging.yml');
      expect(await team.files()).toContain('.github/traffic/staging.yml');
    }));
});

describe('init shows what it will write before it does', () => {
  test('with --dry-run it writes nothing', () =>
    inRepository(async (team) => {
      const { code, out } = await team.init({}, '--dry-run');
      expect([code, await team.files()]).toEqual([0, []]);
      expect(out).toMatch(/^write {4}\.github\/workflows\/cd\.yml$/m);
    }));

  test('without anybody at the terminal it needs --yes', () =>
    inRepository(async (team) => {
      const { code, err } = await team.cli(['init', ...asArguments({})]);
      expect([code, err, await team.files()]).toEqual([
        2,
        'Nothing was written: say --yes to write this.',
        [],
      ]);
    }));

  test.each<[answer: string | undefined, files: boolean]>([
    ['y', true],
    ['', false],
    ['no', false],
    [undefined, false],
  ])('on a terminal it asks, and "%s" is understood', (answer, files) =>
    inRepository(async (team) => {
      const ask = (question: string) => Promise.resolve(question.includes('Write these') ? answer : '');
      await team.cli(['init', ...asArguments({})], { ask });
      expect((await team.files()).length > 0).toBe(files);
    }),
  );

  test('what was not given is asked for, with what fits the answers before', () =>
    inRepository(async (team) => {
      const answers: Readonly<Record<string, string>> = {
        'Your repository': 'acme/shop',
        'Repository of the suite': options['suite']!,
        Commit: options['ref']!,
        Version: 'v1.4.0',
        Service: 'shop',
        Where: 'ecs',
        What: 'aws-alb',
        'Who owns': '@acme/release',
        Write: 'yes',
      };
      const asked: string[] = [];
      const ask = (question: string) => {
        asked.push(question.trim());
        const [, answer = ''] =
          Object.entries(answers).find(([start]) => question.trim().startsWith(start)) ?? [];
        return Promise.resolve(answer);
      };
      const { code } = await team.cli(
        ['init', '--place', 'ecs', '--suite', options['suite']!, '--ref', options['ref']!],
        {
          ask,
        },
      );
      expect(code).toBe(0);
      const router = asked.find((question) => question.startsWith('What decides'))!;
      expect(router).toContain('aws-alb');
      expect(router).not.toContain('istio');
      expect(asked.filter((question) => /^(Where|Commit)/.test(question))).toEqual([]);
    }));

  test('a runner of their own is asked for, and decides that workflows are copied', () =>
    inRepository(async (team) => {
      const asked: string[] = [];
      const ask = (question: string) => {
        asked.push(question);
        const yes = question.includes('Write these') ? 'y' : '';
        return Promise.resolve(question.startsWith('Label of your own runner') ? 'edge' : yes);
      };
      expect(await team.cli(['init', ...asArguments({})], { ask })).toMatchObject({ code: 0 });
      expect(asked.some((question) => question.startsWith('Call the workflows'))).toBe(false);
      expect(await team.read('.github/workflows/cd.yml')).toMatch(/^ {4}runs-on: edge$/m);
    }));

  test('a second run asks nothing, and takes the answers of the first', () =>
    inRepository(async (team) => {
      await team.init({ notify: 'slack' });
      const ask = () => Promise.reject(new Error('nothing is to be asked'));
      expect(await team.cli(['init'], { ask })).toMatchObject({
        code: 0,
        out: expect.stringContaining('Nothing to write'),
      });
      expect(await team.init({ notify: 'none' })).toMatchObject({ code: 0 });
      expect(await team.read(caller)).not.toContain('SLACK');
    }));
});

describe('init says all that is wrong at once', () => {
  test('every option, with what is expected', () =>
    inRepository(async (team) => {
      const { code, err } = await team.init({
        suite: 'devops-actions',
        ref: 'v1',
        version: undefined,
        service: 'Shop,shop,shop',
        environments: 'a,b,c,d',
        place: 'kubernets',
        router: 'nginks',
        notify: 'mail',
        owners: 'release',
        runner: '+x',
      });
      expect([code, await team.files()]).toEqual([2, []]);
      for (const message of [
        '--suite devops-actions: expected OWNER/NAME',
        '--ref v1: expected a full commit of 40 hex digits',
        '--service Shop: expected lower-case letters',
        'one is there twice',
        'a release goes through at most three',
        '--place kubernets: expected one of kubernetes, ecs, vm. Did you mean kubernetes?',
        '--router nginks: expected one of',
        'Did you mean nginx?',
        '--notify mail: expected one of',
        '--owners release: expected a user or team',
      ])
        expect(err).toContain(message);
    }));

  test.each([
    [{ shape: 'caller', runner: 'edge' }, '--runner needs --shape inline'],
    [{ environments: 'staging,production-recovery' }, 'names with -recovery are made by init'],
    [{ service: '../../x' }, '--service ../../x: expected'],
  ])('%j', (more, message) =>
    inRepository(async (team) => {
      const { code, err } = await team.init(more);
      expect([code, err]).toEqual([2, expect.stringContaining(message)]);
    }),
  );

  test('a broken lock file is named with its line, and nothing is done', () =>
    inRepository(async (team) => {
      await team.write('.github/devops-actions.json', '{ "version": 2 }\n');
      const { code, err } = await team.init();
      expect([code, err]).toEqual([2, expect.stringContaining('.github/devops-actions.json:1')]);
      expect(existsSync(join(team.root, caller))).toBe(false);
    }));

  test('the repository is the one that git calls origin, unless another is named', () =>
    inRepository(async (team) => {
      const git = (...args: string[]) => execFileSync('git', args, { cwd: team.root, stdio: 'ignore' });
      git('init', '--quiet');
      git('remote', 'add', 'origin', 'git@github.com:acme/warehouse.git');
      const { out } = await team.init({ repository: undefined });
      expect(out).toContain('repos/acme/warehouse/environments/production');
    }));
});
