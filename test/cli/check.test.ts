import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { isMap, isScalar, isSeq, LineCounter, parseDocument, type Node } from 'yaml';
import { actionOnly, wrongFiles } from '../support/wrong-files.js';
import { testShell } from './terminal.js';

type Files = Readonly<Record<string, string>>;

const traffic = `version: 1
router:
  type: nginx
  nodes: [{ name: edge-1, probe: 'http://127.0.0.1/live' }]
  flags: { blue: /run/shop/blue, green: /run/shop/green }
colours:
  blue: { url: 'http://10.0.0.11:8080' }
  green: { url: 'http://10.0.0.12:8080' }
identity: { version: { json: $.version }, digest: { header: x-digest } }
entry: { url: 'https://shop.example.com/health', for: 5s }
`;
const gates = (from = '') => `gates:
      branch: [main]
      checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }] }
${from}`;
const repository: Files = {
  '.github/traffic/staging.yml': traffic,
  '.github/traffic/production.yml': traffic,
  '.github/release-policy.yml': `version: 1
environments:
  staging:
    ${gates()}  production:
    ${gates('      promotion: { from: staging }\n')}`,
  '.github/rollback.yml': `version: 1
environments:
  production:
    watch: 5m
    sources: { home: { type: probe, path: /health } }
    criteria: [{ name: home, source: home, fail-when: error-rate > 5 %, for: 2m, min-requests: 5 }]
`,
  '.github/smoke.yml': `version: 1
flows:
  - name: health
    steps:
      - name: ready
        http: { url: /health, headers: { x-key: '{{ secrets.PASSWORD }}' } }
        expect: { headers: { x-version: { equals: '{{ version }}' } } }
`,
  '.github/workflows/ci.yml': `on: push
jobs:
  test: { runs-on: ubuntu-latest, steps: [{ run: npm test }] }
  lint: { name: Lint and types, runs-on: ubuntu-latest, steps: [{ run: npm run lint }] }
  matrix:
    name: 'on \${{ matrix.os }}'
    runs-on: ubuntu-latest
    steps: [{ run: npm test }]
`,
  '.github/workflows/cd.yml': `on: push
jobs:
  cd:
    uses: org/devops-actions/.github/workflows/cd.yml@v1
    with: { service: shop }
    secrets: { SMOKE_PASSWORD: '\${{ secrets.SMOKE_PASSWORD }}' }
`,
  'deploy/build': '#!/bin/sh\n',
  'deploy/deploy': '#!/bin/sh\n',
};

async function check(files: Files, args: readonly string[] = [], executable = true, links: Files = {}) {
  const root = await mkdtemp(join(tmpdir(), 'check-'));
  try {
    for (const [path, text] of Object.entries(files)) {
      await mkdir(dirname(join(root, path)), { recursive: true });
      await writeFile(join(root, path), text);
      if (path.startsWith('deploy/') && executable) await chmod(join(root, path), 0o755);
    }
    for (const [path, to] of Object.entries(links)) await symlink(to, join(root, path));
    const shell = testShell(root);
    const code = await dispatch(['check', ...args], shell);
    return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
  } finally {
    await rm(root, { recursive: true });
  }
}
const changed = (path: string, from: string, to: string): Files => {
  const text = repository[path]!;
  if (!text.includes(from)) throw new Error(`${path} has no ${from}`);
  return { ...repository, [path]: text.replace(from, to) };
};
const without = (path: string): Files =>
  Object.fromEntries(Object.entries(repository).filter(([name]) => name !== path));

test('a link in the place of a file is not taken for one', async () => {
  const path = '.github/release-policy.yml';
  const { code, out } = await check({ ...without(path), 'policy.yml': repository[path]! }, [], true, {
    [path]: '../policy.yml',
  });
  expect([code, out]).toEqual([1, expect.stringContaining(`WRONG ${path} (release policy)`)]);
  expect(out).toContain('a symbolic link');
});

test('a repository in order: every file is named, and nothing is wrong', async () => {
  const { code, out, err } = await check(repository);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toContain('ok   .github/traffic/staging.yml (traffic)');
  expect(out).toContain('Nothing is wrong in 5 files.');
  expect(out).toMatch(/still name an example.*:\n {2}\.github\/traffic\/production\.yml:10: entry: /);
});

test('a folder without files of the suite is no repository to check', async () => {
  const { code, err } = await check({ 'README.md': 'nothing' });
  expect(code).toBe(2);
  expect(err).toContain('Is it the root of a repository?');
});

test('other files are checked by the schema that their first comment names', async () => {
  const path = '.github/services/cart.yml';
  const text = `# yaml-language-server: $schema=https://example.com/v1/schemas/traffic.json\n${traffic}`;
  expect((await check({ ...repository, [path]: text })).code).toBe(0);
  const { code, out } = await check({ ...repository, [path]: text.replace('nginx', 'nginks') });
  expect(code).toBe(1);
  expect(out).toMatch(/\.github\/services\/cart\.yml:4:\d+ — router\.type/);
});

/** The line of a place in a file, or of the nearest above it that is there. */
function lineOf(text: string, place: string): number {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  const path = place.split('.').map((key) => (/^\d+$/.test(key) ? Number(key) : key));
  for (; path.length > 0; path.pop()) {
    const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
    const pair = isMap(parent)
      ? parent.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))
      : undefined;
    const node = pair
      ? (pair.key as Node)
      : isSeq(parent)
        ? (parent.get(path.at(-1)!, true) as Node)
        : undefined;
    if (node?.range) return lines.linePos(node.range[0]).line;
  }
  return 1;
}

describe('a mistake in one file', () => {
  const places = {
    traffic: '.github/traffic/production.yml',
    'release-policy': '.github/release-policy.yml',
    rollback: '.github/rollback.yml',
    'smoke-suite': '.github/smoke.yml',
  } as const;
  const planted = [...wrongFiles, ...actionOnly];
  test('there are more than thirty of them', () => expect(planted.length).toBeGreaterThan(30));
  test.each(planted)('$wrong is found with its line and its fix', async ({ schema, text, at }) => {
    const path = places[schema as keyof typeof places];
    const { code, out } = await check({ [path]: text });
    expect(code).toBe(1);
    const reported = [...out.matchAll(/^ {2}(\S+?):(\d+)(?::\d+)? — (\S+)\n((?: {4,}.*\n?)+)/gm)];
    const found = reported.filter(([, file, , place]) => file === path && `${at}.`.startsWith(`${place}.`));
    expect({ found: found.length > 0, out }).toMatchObject({ found: true });
    for (const [, , line, place, body] of found) {
      expect([place, Number(line)]).toEqual([place, lineOf(text, place!)]);
      expect(body).toMatch(/fix: +\S/);
    }
  });
});

describe('a mistake that no file shows alone', () => {
  test.each<[what: string, files: Files, message: RegExp]>([
    [
      'an environment of the policy without traffic',
      without('.github/traffic/staging.yml'),
      /release-policy\.yml:3:\d+ — environments\.staging\n.*has no traffic file[^]*write \.github\/traffic\/staging\.yml/,
    ],
    [
      'criteria for an environment without traffic',
      changed('.github/rollback.yml', 'production:', 'prodution:'),
      /rollback\.yml:3:\d+ — environments\.prodution[^]*did you mean "production"/,
    ],
    [
      'traffic that nobody gates',
      { ...repository, '.github/traffic/uat.yml': traffic },
      /release-policy\.yml:2:\d+ — environments\n.*no gates for uat/,
    ],
    [
      'a promotion from nowhere',
      changed('.github/release-policy.yml', 'from: staging', 'from: stagin'),
      /environments\.production\.gates\.promotion\n.*stagin, which has no gates[^]*did you mean "staging"/,
    ],
    [
      'a promotion from one of several, of which one is nowhere',
      changed('.github/release-policy.yml', 'from: staging', 'from-any: [staging, uat]'),
      /uat, which has no gates of its own/,
    ],
    [
      'a required check of a workflow that does not exist',
      changed('.github/release-policy.yml', 'workflows/ci.yml', 'workflows/test.yml'),
      /checks\.required\.0\n.*test\.yml, which does not exist/,
    ],
    [
      'a required check that no job makes',
      changed('.github/release-policy.yml', 'name: test', 'name: tests'),
      /the check "tests", which no job of \.github\/workflows\/ci\.yml makes[^]*did you mean "test"/,
    ],
    [
      'a required check by the key of a job that has a name',
      changed('.github/release-policy.yml', 'name: test', 'name: lint'),
      /the check "lint"[^]*one of test, Lint and types/,
    ],
    ['a deploy script that is not there', without('deploy/deploy'), /deploy\/deploy\n.*no such file/],
    [
      'a secret of the suite that the caller does not pass',
      changed('.github/smoke.yml', 'secrets.PASSWORD', 'secrets.DATABASE_URL'),
      /smoke\.yml:6:\d+ — .*\n.*DATABASE_URL \}\}, which \.github\/workflows\/cd\.yml does not pass[^]*under "secrets:" of the job/,
    ],
    [
      'a secret of the suite that no caller can pass',
      changed('.github/smoke.yml', 'secrets.PASSWORD', 'secrets.KEY'),
      /smoke\.yml:6:\d+ — .*\n.*KEY \}\}, which \.github\/workflows\/cd\.yml does not pass[^]*a step of your own/,
    ],
    [
      'an environment variable that the caller does not pass',
      changed('.github/smoke.yml', 'secrets.PASSWORD', 'env.HOST'),
      /smoke\.yml:6:\d+ — .*\n.*env\.HOST \}\}, which \.github\/workflows\/cd\.yml does not pass/,
    ],
    [
      'a suite of a service that nothing releases',
      {
        ...repository,
        '.github/smoke-shpo.yml': repository['.github/smoke.yml']!.replace('secrets.PASSWORD', 'version'),
      },
      /smoke-shpo\.yml[^]*the suite of shpo, which no workflow releases[^]*did you mean "shop"/,
    ],
    [
      'a secret that the suite of one service needs, and its caller does not pass',
      {
        ...repository,
        '.github/smoke-cart.yml': repository['.github/smoke.yml']!,
        '.github/workflows/cd-cart.yml': repository['.github/workflows/cd.yml']!.replace(
          'service: shop',
          'service: cart',
        ).replace(/ {4}secrets.*\n/, ''),
      },
      /smoke-cart\.yml:6:\d+ — .*\n.*PASSWORD \}\}, which \.github\/workflows\/cd-cart\.yml does not pass[^]*add {2}SMOKE_PASSWORD: /,
    ],
    [
      'a variable that nothing gives the suite',
      changed('.github/smoke.yml', 'url: /health', "url: '/{{ page }}'"),
      /smoke\.yml:\d+:\d+ — flows\.0\.steps\.0\.http\.url\n.*\{\{ page \}\}, which has no value/,
    ],
  ])('%s', async (_what, files, message) => {
    const { code, out } = await check(files);
    expect(code).toBe(1);
    expect(out).toMatch(message);
  });

  test('a deploy script that cannot be executed', async () => {
    const { code, out } = await check(repository, [], false);
    expect(code).toBe(1);
    expect(out).toContain('git update-index --chmod=+x deploy/build');
  });

  test.each(['on linux', 'Lint and types'])('but a check named "%s" is one of the jobs', async (name) => {
    expect((await check(changed('.github/release-policy.yml', 'name: test', `name: ${name}`))).code).toBe(0);
  });

  test('nor is anything wrong with a suite for each service, and values that a copy of the workflow passes', async () => {
    const cart = repository['.github/workflows/cd.yml']!.replace('service: shop', 'service: cart');
    const suite = repository['.github/smoke.yml']!;
    const { code, out } = await check({
      ...repository,
      '.github/smoke-cart.yml': suite,
      '.github/workflows/cd-cart.yml': cart,
    });
    expect([code, out]).toEqual([0, expect.stringContaining('ok   .github/smoke-cart.yml (smoke suite)')]);
    const copy = `jobs: { release: { steps: [{ uses: org/devops-actions/blue-green@v1, with: { mode: switch } }] } }\n`;
    const own = {
      ...repository,
      '.github/workflows/cd.yml': copy,
      '.github/smoke.yml': suite.replace('secrets.PASSWORD', 'env.HOST'),
    };
    expect((await check(own)).code).toBe(0);
  });

  test('and a variable that the workflow passes is given', async () => {
    const files = changed('.github/smoke.yml', 'url: /health', "url: '/{{ page }}'");
    expect((await check(files, ['.', '--var', 'page'])).code).toBe(0);
  });
});

test('all problems of all files come at once', async () => {
  const { out } = await check({
    ...changed('.github/smoke.yml', '/health', 'health'),
    '.github/traffic/staging.yml': traffic.replace('type: nginx', 'type: iis'),
    '.github/rollback.yml': 'version: 2\n',
  });
  expect(out).toMatch(/^WRONG \.github\/rollback\.yml/m);
  expect(out).toMatch(/^WRONG \.github\/smoke\.yml/m);
  expect(out).toMatch(/^WRONG \.github\/traffic\/staging\.yml/m);
  expect(out).toMatch(/^ok {3}\.github\/traffic\/production\.yml/m);
});
