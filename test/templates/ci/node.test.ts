import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ciStage, resultsOf, teamsOwn, verdictOf, type CiStage } from './stage.js';

const all = { changes: 'success', lint: 'success', test: 'success', build: 'success', required: 'success' };
const leftOut = { ...all, lint: 'skipped', test: 'skipped', build: 'skipped' };

describe('CI for Node', () => {
  let stage: CiStage;
  beforeEach(async () => {
    stage = await ciStage('ci-node', ['install', 'lint', 'types', 'test', 'build']);
  });
  afterEach(() => stage.close());

  it('runs the executables of the team in place of its own commands', async () => {
    const run = await stage.push();
    expect(resultsOf(run)).toEqual(all);
    const said = Object.values(run.jobs).flatMap(({ steps }) => steps.map(({ log }) => log));
    for (const name of ['install', 'lint', 'types', 'test', 'build'])
      expect(said.join('\n')).toMatch(new RegExp(`^ours: .*/ci/${name}$`, 'm'));
  });

  it.each(['lint', 'types', 'test', 'build'])('is red when ci/%s fails', async (name) => {
    stage.fixture.commit({ [`ci/${name}`]: teamsOwn('exit 3') });
    const run = await stage.push();
    const job = name === 'types' ? 'lint' : name;
    expect(run.conclusion).toBe('failure');
    expect(resultsOf(run)).toEqual({ ...all, [job]: 'failure', required: 'failure' });
    expect(verdictOf(run)).toBe(`${job}: failure`);
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

  it.each([
    ['feature', 'failure'],
    ['develop', 'success'],
    ['hotfix/1.4.1', 'success'],
    ['hotfix', 'failure'],
    ['my/hotfix/1', 'failure'],
  ])('takes a pull request from %s into main as a %s', async (from, conclusion) => {
    const run = await stage.pullRequest({ from, into: 'main', files: { app: '2\n' } });
    expect(run.conclusion).toBe(conclusion);
  });

  it('takes any branch into main where the team says so', async () => {
    const run = await stage.pullRequest({ into: 'main', files: { app: '2\n' } }, { env: { INTO_MAIN: '' } });
    expect(run.conclusion).toBe('success');
  });
});
