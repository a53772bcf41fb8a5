import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { resultsOf, settingsOf, teamsOwn, verdictOf, ciStage, type CiStage } from './stage.js';

/** What both templates promise, whatever the language. */
const templates = [
  {
    name: 'ci-node',
    jobs: ['lint', 'test', 'build'],
    own: ['install', 'signatures', 'lint', 'types', 'test', 'build'],
  },
  { name: 'ci-python', jobs: ['lint', 'test'], own: ['install', 'lint', 'types', 'test'] },
];
type Template = { jobs: Record<string, Record<string, unknown>> };

describe.each(templates)('$name', ({ name, jobs, own }) => {
  const plain: Record<string, string> = name === 'ci-python' ? { MANAGE: '' } : {};
  const ended = (result: string) => Object.fromEntries(jobs.map((job) => [job, result]));
  const all = { changes: 'success', ...ended('success'), required: 'success' };
  const leftOut = { ...all, ...ended('skipped') };
  const allOf = (result: string) => jobs.map((job) => `${job}: ${result}`).join(', ');

  let stage: CiStage;
  beforeEach(async () => {
    stage = await ciStage(name, own);
  });
  afterEach(() => stage.close());

  it('runs the executables of the team in place of its own commands', async () => {
    const run = await stage.push({ env: plain });
    expect(resultsOf(run)).toEqual(all);
    const said = Object.values(run.jobs).flatMap(({ steps }) => steps.map(({ log }) => log));
    for (const file of own) expect(said.join('\n')).toMatch(new RegExp(`^ours: .*/ci/${file}$`, 'm'));
  });

  it('is red for each job whose executable fails, and names it', async () => {
    for (const file of ['lint', 'test', 'build'].filter((each) => own.includes(each)))
      stage.fixture.commit({ [`ci/${file}`]: teamsOwn('exit 3') });
    const run = await stage.push({ env: plain });
    expect([run.conclusion, verdictOf(run)]).toEqual(['failure', allOf('failure')]);
  });

  it('is red for what runs in a job beside another', async () => {
    for (const file of ['signatures', 'types'].filter((each) => own.includes(each)))
      stage.fixture.commit({ [`ci/${file}`]: teamsOwn('exit 3') });
    expect(verdictOf(await stage.push({ env: plain }))).toBe('lint: failure');
  });

  it('fails rather than run its own command when an executable of the team may not be run', async () => {
    stage.fixture.git('update-index', '--chmod=-x', 'ci/test');
    stage.fixture.git('commit', '-q', '-m', 'Forgotten');
    stage.fixture.git('checkout', '-q', '--', '.');
    expect(verdictOf(await stage.push({ env: plain }))).toBe('test: failure');
  });

  it('is red when the tests do not end in time', async () => {
    stage.fixture.commit({ 'ci/test': teamsOwn('exec sleep 120') });
    const change = ({ jobs: of }: Template) => void (of['test']!['timeout-minutes'] = 0.03);
    const run = await stage.push({ env: plain, change });
    expect(run.conclusion).toBe('failure');
    expect(verdictOf(run)).toMatch(/^test: (failure|cancelled)$/);
  });

  it('is green at once for a pull request that changes documentation only', async () => {
    const files = { 'docs/use.txt': 'a', 'README.md': 'b' };
    expect(resultsOf(await stage.pullRequest({ files }, { env: plain }))).toEqual(leftOut);
  });

  it.each(['app', '.github/workflows/other.yml', 'docs.ts', 'mail/welcome.md', 'web/docs/a.txt'])(
    'looks at a pull request that changes %s beside documentation',
    async (file) => {
      const files = { 'README.md': 'b', [file]: '2\n' };
      expect(resultsOf(await stage.pullRequest({ files }, { env: plain }))).toEqual(all);
    },
  );

  it('leaves out what is in another folder of the repository, and takes in what the project is made of', async () => {
    stage.fixture.commit(Object.fromEntries(own.map((file) => [`web/ci/${file}`, teamsOwn()])));
    stage.fixture.commit({ 'shared/a.txt': '1\n' });
    const files = { 'api/main.txt': '' };
    const folder = { ...plain, FOLDER: 'web' };
    expect(resultsOf(await stage.pullRequest({ files }, { env: folder }))).toEqual(leftOut);
    const also = { files: { 'shared/a.txt': '2\n' }, from: 'second' };
    const env = { ...folder, ALSO: '.github shared' };
    expect(resultsOf(await stage.pullRequest(also, { env }))['test']).not.toBe('skipped');
  });

  it('is red when a job was left out that nobody allowed to be', async () => {
    const change = ({ jobs: of }: Template) => void (of['test']!['if'] = 'false');
    const run = await stage.pullRequest({ files: { app: '2\n' } }, { env: plain, change });
    expect([run.conclusion, verdictOf(run)]).toEqual(['failure', 'test: skipped']);
  });

  it('is red when it cannot tell what changed', async () => {
    const change = ({ jobs: of }: Template) =>
      void (of['changes']!['steps'] = [{ name: 'Breaks', run: 'exit 1' }]);
    const run = await stage.pullRequest({ files: { app: '2\n' } }, { env: plain, change });
    expect(verdictOf(run)).toBe(`changes: failure, ${allOf('skipped')}`);
  });

  it('answers the merge queue, with every job', async () => {
    expect(resultsOf(await stage.queue({ env: plain }))).toEqual(all);
  });

  it('is green for a fork, whose token may not write', async () => {
    const pull = { fork: 'mallory/shop', files: { app: '2\n' } };
    expect(resultsOf(await stage.pullRequest(pull, { env: plain }))).toEqual(all);
  });

  /** Who may go where is asked before anything else. */
  const onlyChanges = ({ jobs: of }: Template) => {
    for (const job of jobs) delete of[job];
    of['required']!['needs'] = ['changes'];
  };

  it.each([
    ['feature', 'failure'],
    ['develop', 'success'],
    ['hotfix/1.4.1', 'success'],
    // What a rescue opens must not wait for a rule.
    ['rollback/shop-100018', 'success'],
    ['hotfix', 'failure'],
    ['my/hotfix/1', 'failure'],
  ])('takes a pull request from %s into main as a %s', async (from, conclusion) => {
    const pull = { from, into: 'main', files: { app: '2\n' } };
    const run = await stage.pullRequest(pull, { env: plain, change: onlyChanges });
    expect(run.conclusion).toBe(conclusion);
  });

  it('takes any branch into main where the team says so', async () => {
    const pull = { into: 'main', files: { app: '2\n' } };
    const run = await stage.pullRequest(pull, { env: { ...plain, INTO_MAIN: '' }, change: onlyChanges });
    expect(run.conclusion).toBe('success');
  });

  it('is red for a folder that is not there, although a pull request changes nothing in it', async () => {
    const env = { ...plain, FOLDER: 'wbe' };
    const run = await stage.pullRequest({ files: { 'README.md': '2\n' } }, { env });
    expect(verdictOf(run)).toBe(`changes: failure, ${allOf('skipped')}`);
    expect(settingsOf(run)).toBe(
      "There is nothing but documentation in 'wbe'. Fix: in .github/workflows/cd.yml under env name the right folder for FOLDER and ALSO.",
    );
  });
});
