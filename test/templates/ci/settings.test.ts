/** A setting that is misspelt or names nothing must not turn a template into one that looks at nothing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';

interface Template {
  env?: Record<string, string>;
  jobs: Record<string, { env?: Record<string, string>; steps: { name: string; run?: string }[] }>;
}

/** The step that looks at the settings, and the settings as they are shipped. */
function settingsOf(template: string, job: string, step: string) {
  const read = parse(readFileSync(`workflows-templates/${template}.yml`, 'utf8')) as Template;
  const { steps, env } = read.jobs[job]!;
  return { script: steps.find(({ name }) => name === step)!.run!, env: { ...read.env, ...env } };
}

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'settings-'));
  execFileSync('git', ['init', '-q'], { cwd: folder });
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const commit = (...files: string[]) => {
  for (const file of files) {
    mkdirSync(join(folder, dirname(file)), { recursive: true });
    writeFileSync(join(folder, file), '');
  }
  execFileSync('git', ['add', '-A'], { cwd: folder });
};

/** The error that the step prints; undefined where it ends well. */
function said(
  { script, env }: ReturnType<typeof settingsOf>,
  changes: Record<string, string | undefined> = {},
) {
  const given = Object.entries({ ...env, ...changes }).filter(([, value]) => value !== undefined);
  const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
    cwd: folder,
    encoding: 'utf8',
    env: {
      PATH: process.env['PATH'],
      RUNNER_TEMP: folder,
      GITHUB_WORKFLOW_REF: 'acme/shop/.github/workflows/ci.yml@refs/heads/main',
      ...Object.fromEntries(given),
    },
  });
  const error = /^::error title=\w+::(.*)$/m.exec(stdout)?.[1];
  expect([status !== 0, stdout]).toEqual([error !== undefined, stdout]);
  return error;
}

const step = 'Do the settings fit this repository?';
const shipped = {
  'ci-node': [
    'package-lock.json',
    '.github/workflows/ci.yml',
    'src/a.js',
    'ci/lint',
    'ci/types',
    'ci/test',
    'ci/build',
  ],
  'ci-python': ['manage.py', '.github/workflows/ci.yml', 'api/a.py', 'ci/install'],
  'test-pyramid': ['manage.py', '.github/workflows/ci.yml', 'api/a.py', 'ci/install'],
};

describe.each(Object.entries(shipped))('the settings of %s', (template, files) => {
  const settings = settingsOf(template, 'changes', step);
  beforeEach(() => commit(...files, 'docs/a.txt', 'README.md'));

  it('as they are shipped fit a project', () => {
    expect(said(settings)).toBeUndefined();
  });

  it.each(Object.keys(settings.env))('without %s, or with it spelt otherwise, are refused', (key) => {
    expect(said(settings, { [key]: undefined, [`${key}S`]: settings.env[key] })).toBe(
      `${key} is missing there, or spelt otherwise. Fix: in .github/workflows/ci.yml under env write  ${key}:`,
    );
  });

  it.each([
    ['FOLDER', 'wbe', 'wbe'],
    ['FOLDER', 'docs', 'docs'],
    ['FOLDER', '', ''],
    ['ALSO', '.github shraed', 'shraed'],
    ['ALSO', '*.md', '*.md'],
  ])('with %s "%s", where nothing of a project is, are refused', (key, value, named) => {
    expect(said(settings, { [key]: value })).toBe(
      `There is nothing but documentation in '${named}'. Fix: in .github/workflows/ci.yml under env name the right folder for FOLDER and ALSO.`,
    );
  });

  it('may name nothing else that the project is made of', () => {
    expect(said(settings, { ALSO: '' })).toBeUndefined();
  });
});

describe('the settings of a Python project', () => {
  const settings = settingsOf('ci-python', 'changes', step);
  const install = ['requirements.txt', 'requirements-dev.txt', '.github/a.yml'];
  it.each([
    ['manage.py', ['a.py'], /no manage\.py in '\.'.* under env write its place for MANAGE, or {2}MANAGE: ''/],
    ['', ['manage.py'], /There is a manage\.py\..*write {2}MANAGE: {2}with its place in '\.'/],
    ['', ['src/manage.py'], /There is a src\/manage\.py/],
  ])('with MANAGE "%s" and %j are refused', (value, files, what) => {
    commit(...files, ...install);
    expect(said(settings, { MANAGE: value })).toMatch(what);
  });

  it.each([
    ['without Django', '', 'a.py'],
    ['with Django below src', 'src/manage.py', 'src/manage.py'],
  ])('fit %s', (_, value, file) => {
    commit(file, ...install);
    expect(said(settings, { MANAGE: value })).toBeUndefined();
  });

  it('with a SOURCE in which there is no Python are refused', () => {
    commit('src/shop/a.py', 'web/a.js', ...install);
    expect(said(settings, { MANAGE: '', SOURCE: 'src' })).toBeUndefined();
    expect(said(settings, { MANAGE: '', SOURCE: 'src web' })).toBe(
      "There is no Python in './web'. Fix: in .github/workflows/ci.yml under env name the folders of your code for SOURCE, told from FOLDER.",
    );
  });

  it('are refused where nothing says what to install, with what to write', () => {
    commit('a.py', '.github/a.yml', 'requirements.txt', 'uv.lock');
    expect(said(settings, { MANAGE: '' })).toBe(
      "There is no requirements-dev.txt in '.'. Fix: commit it, or an executable ci/install of yours, such as for uv or Poetry.",
    );
    commit('ci/install');
    expect(said(settings, { MANAGE: '' })).toBeUndefined();
  });
});

describe('the settings of a Node project', () => {
  const settings = settingsOf('ci-node', 'changes', step);
  it.each([
    ['yarn', ['yarn.lock'], /PACKAGE_MANAGER is 'yarn'/],
    ['pnpm', ['package-lock.json'], /There is no pnpm-lock\.yaml in '\.'/],
    ['npm', ['pnpm-lock.yaml'], /There is no package-lock\.json in '\.'/],
  ])('with %s and %j are refused', (manager, files, what) => {
    commit(...files, '.github/a.yml');
    expect(said(settings, { PACKAGE_MANAGER: manager })).toMatch(what);
  });

  const own = ['lint', 'types', 'test', 'build'].map((name) => `web/ci/${name}`);
  it.each([
    ['the lock file of all projects', 'package-lock.json'],
    ['an install of the team', 'web/ci/install'],
  ])('fit with %s', (_, file) => {
    commit('web/a.js', file, '.github/a.yml', ...own);
    expect(said(settings, { FOLDER: 'web' })).toBeUndefined();
  });

  it('are refused where package.json lacks a script, with what to write or delete', () => {
    commit('package-lock.json', '.github/a.yml', 'ci/test');
    const scripts = { lint: 'eslint .', build: 'vite build' };
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ scripts }));
    expect(said(settings)).toBe(
      "package.json in '.' has no script type-check. Fix: add it, or an executable ci/types of yours, or delete the step Types here and from this list.",
    );
    const all = JSON.stringify({ scripts: { ...scripts, 'type-check': 'tsc' } });
    writeFileSync(join(folder, 'package.json'), all);
    expect(said(settings)).toBeUndefined();
  });
});

describe('the settings of the documentation', () => {
  const settings = settingsOf('docs', 'pages', 'Which pages?');
  beforeEach(() => commit('README.md', 'docs/a.md', 'handbook/a.txt'));

  it('as they are shipped fit', () => {
    expect(said(settings)).toBeUndefined();
    expect(readFileSync(join(folder, 'pages'), 'utf8')).toBe('README.md\ndocs/a.md\n');
  });

  it.each([
    ['PAGES', 'README.md dcos', /There is no page in dcos/],
    ['PAGES', 'handbook', /There is no page in handbook/],
    ['PAGES', '', /PAGES names no page/],
    ['FRONT_MATTER', 'dcos', /There is no page in dcos/],
    ['LEAVE_OUT', undefined, /LEAVE_OUT is missing/],
  ])('with %s "%s" are refused', (key, value, what) => {
    expect(said(settings, { [key]: value })).toMatch(what);
  });
});
