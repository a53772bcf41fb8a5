import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { ciStage, resultsOf, teamsOwn, verdictOf, type CiStage } from './stage.js';

const all = { changes: 'success', lint: 'success', test: 'success', build: 'success', required: 'success' };
const leftOut = { ...all, lint: 'skipped', test: 'skipped', build: 'skipped' };

describe('CI for Node', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await ciStage('ci-node', ['install', 'signatures', 'lint', 'types', 'test', 'build']);
  });
  afterEach(() => stage.close());

  it('runs the executables of the team in place of its own commands', async () => {
    const run = await stage.push();
    expect(resultsOf(run)).toEqual(all);
    const said = Object.values(run.jobs).flatMap(({ steps }) => steps.map(({ log }) => log));
    for (const name of ['install', 'signatures', 'lint', 'types', 'test', 'build'])
      expect(said.join('\n')).toMatch(new RegExp(`^ours: .*/ci/${name}$`, 'm'));
  });

  it.each([
    [['signatures'], 'lint: failure'],
    [['types'], 'lint: failure'],
    [['lint', 'test', 'build'], 'lint: failure, test: failure, build: failure'],
  ])('is red when ci/%j fails', async (names, verdict) => {
    for (const name of names) stage.fixture.commit({ [`ci/${name}`]: teamsOwn('exit 3') });
    const run = await stage.push();
    expect([run.conclusion, verdictOf(run)]).toEqual(['failure', verdict]);
  });

  it('fails rather than run its own command when an executable of the team may not be run', async () => {
    stage.fixture.git('update-index', '--chmod=-x', 'ci/test');
    stage.fixture.git('commit', '-q', '-m', 'Forgotten');
    stage.fixture.git('checkout', '-q', '--', '.');
    expect(verdictOf(await stage.push())).toBe('test: failure');
  });

  it('is green at once for a pull request that changes documentation only', async () => {
    const run = await stage.pullRequest({ files: { 'docs/use.txt': 'a', 'README.md': 'b' } });
    expect(run.conclusion).toBe('success');
    expect(resultsOf(run)).toEqual(leftOut);
  });

  it.each(['app', '.github/workflows/other.yml', 'docs.ts'])(
    'looks at a pull request that changes %s beside documentation',
    async (file) => {
      const run = await stage.pullRequest({ files: { 'README.md': 'b', [file]: '2\n' } });
      expect(resultsOf(run)).toEqual(all);
    },
  );

  it('leaves out what is in another folder of the repository', async () => {
    const web = Object.fromEntries(
      ['install', 'lint', 'types', 'test', 'build'].map((n) => [`web/ci/${n}`, '']),
    );
    stage.fixture.commit(web);
    const run = await stage.pullRequest({ files: { 'api/main.py': '' } }, { env: { FOLDER: 'web' } });
    expect(resultsOf(run)).toEqual(leftOut);
  });

  it('is red when a job was left out that nobody allowed to be', async () => {
    const change = (template: { jobs: Record<string, Record<string, unknown>> }) => {
      template.jobs['test']!['if'] = 'false';
    };
    const run = await stage.pullRequest({ files: { app: '2\n' } }, { change });
    expect(run.conclusion).toBe('failure');
    expect(verdictOf(run)).toBe('test: skipped');
  });

  it('is red, and looks at everything, when it cannot tell what changed', async () => {
    const change = (template: { jobs: Record<string, Record<string, unknown>> }) => {
      template.jobs['changes']!['steps'] = [{ name: 'Breaks', run: 'exit 1' }];
    };
    const run = await stage.pullRequest({ files: { app: '2\n' } }, { change });
    expect(verdictOf(run)).toBe('changes: failure, lint: skipped, test: skipped, build: skipped');
  });

  it('answers the merge queue, with every job', async () => {
    expect(resultsOf(await stage.queue())).toEqual(all);
  });

  it('is green for a fork, whose token may not write', async () => {
    const run = await stage.pullRequest({ fork: 'mallory/shop', files: { app: '2\n' } });
    expect(resultsOf(run)).toEqual(all);
  });

  /** Who may go where is asked before anything else. */
  const onlyChanges = ({ jobs }: { jobs: Record<string, Record<string, unknown>> }) => {
    for (const name of ['lint', 'test', 'build']) delete jobs[name];
    jobs['required']!['needs'] = ['changes'];
  };

  it.each([
    ['feature', 'failure'],
    ['develop', 'success'],
    ['hotfix/1.4.1', 'success'],
    ['hotfix', 'failure'],
    ['my/hotfix/1', 'failure'],
  ])('takes a pull request from %s into main as a %s', async (from, conclusion) => {
    const pull = { from, into: 'main', files: { app: '2\n' } };
    const run = await stage.pullRequest(pull, { change: onlyChanges });
    expect(run.conclusion).toBe(conclusion);
  });

  it('takes any branch into main where the team says so', async () => {
    const pull = { into: 'main', files: { app: '2\n' } };
    const run = await stage.pullRequest(pull, { env: { INTO_MAIN: '' }, change: onlyChanges });
    expect(run.conclusion).toBe('success');
  });
});

describe('signatures of packages in CI for Node', () => {
  const { jobs } = parse(readFileSync('workflows-templates/ci-node.yml', 'utf8')) as {
    jobs: Record<string, { steps: { name: string; run?: string }[] }>;
  };
  const script = jobs['lint']!.steps.find(({ name }) => name.startsWith('Signatures'))!.run!;
  const packages = { packages: { '': {}, 'node_modules/ms': {} } };
  const none = 'found no dependencies to audit that were installed from a supported registry';
  const failed = (summary: string) => JSON.stringify({ error: { summary, detail: '' } });

  it.each([
    ['each is right', '{"invalid": [], "missing": []}', 0, packages, true, undefined],
    [
      'the registry has no keys, which is said',
      failed(none),
      1,
      packages,
      true,
      '::notice title=Signatures::The registry has no keys: no signature was looked at.',
    ],
    [
      'there is no package',
      failed('found no installed dependencies to audit'),
      1,
      { packages: { '': {} } },
      true,
      '::notice title=Signatures::There is no package.',
    ],
    ['one is wrong', '{"invalid": [{"name": "ms"}], "missing": []}', 1, packages, false, undefined],
    ['one is missing', `{"invalid": [], "missing": [{"name": "${none}"}]}`, 1, packages, false, undefined],
    [
      'nobody gives the keys',
      failed('request to https://keys.example failed'),
      1,
      packages,
      false,
      undefined,
    ],
    ['the registry never answers', '', 124, packages, false, undefined],
    [
      'nothing is installed',
      failed('found no installed dependencies to audit'),
      1,
      packages,
      false,
      '::error title=Signatures::The lock file has packages, and none is installed: no signature was looked at.',
    ],
  ])('%s', (_, said, exit, lock, isGreen, message) => {
    const folder = mkdtempSync(join(tmpdir(), 'npm-'));
    const text = `#!/bin/sh\ntest "$*" = 'audit signatures --json' || exit 9\necho '${said}'\nexit ${exit}\n`;
    writeFileSync(join(folder, 'npm'), text, { mode: 0o755 });
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lock));
    try {
      const { status, stdout } = spawnSync('bash', ['-e', '-c', script], {
        cwd: folder,
        encoding: 'utf8',
        env: { ...process.env, PATH: `${folder}:${process.env['PATH'] ?? ''}` },
      });
      expect([status === 0, /^::.*/m.exec(stdout)?.[0]]).toEqual([isGreen, message]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
