import { once } from 'node:events';
import { createServer } from 'node:http';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { commitExecutable, resultsOf, verdictOf, type CiStage } from '../../templates/ci/stage.js';
import { realStage, sample } from './machine.js';

// Most of the time packages are installed, on a machine that may be busy.
jest.setTimeout(600_000);

const counts = { unit: 70, integration: 12, api: 8, e2e: 7, accessibility: 3 };
type Level = keyof typeof counts;
const levels = Object.keys(counts) as Level[];

/** An executable of the team that leaves the report of so many tests. */
const leaves = (level: string, count: number, inner = '', exit = 0) =>
  `#!/bin/sh
{ echo '<testsuites><testsuite>'
  for at in $(seq ${count}); do echo "<testcase name='t$at'>${inner}</testcase>"; done
  echo '</testsuite></testsuites>'
} > reports/${level}.xml
exit ${exit}
`;
const failuresOf = (run: RunReport) =>
  Object.values(run.jobs).flatMap(({ steps }) =>
    steps.filter(({ outcome }) => outcome === 'failure').map(({ name, log }) => `${name}: ${log}`),
  );
const summaryOf = (run: RunReport) => run.jobs['report']!.steps.map(({ summary }) => summary).join('\n');

describe('test-pyramid', () => {
  let stage: CiStage;
  const set = (level: string, text: string) => commitExecutable(stage.fixture, `ci/${level}`, text);
  beforeEach(async () => {
    stage = await realStage('test-pyramid', {});
    for (const name of ['install', 'install-browser']) set(name, '#!/bin/sh\n');
    for (const level of levels) set(level, leaves(level, counts[level]));
  });
  afterEach(() => stage.close());

  it('is green when every level ran, in the shares that are asked for', async () => {
    const run = await stage.push();
    expect([run.conclusion, verdictOf(run)]).toEqual(['success', undefined]);
    expect(summaryOf(run)).toContain('100 tests passed');
    expect(summaryOf(run)).toContain('| ✅ | `unit` | 70 | 0 | 0 | 0 | 70 % |');
  });

  it('is red when e2e and accessibility fail, with the names of the tests', async () => {
    for (const level of ['e2e', 'accessibility'] as const)
      set(level, leaves(level, 1, `<failure message='no ${level}'/>`, 1));
    const run = await stage.push();
    expect(verdictOf(run)).toContain('e2e: failure, accessibility: failure');
    for (const level of ['e2e', 'accessibility'])
      expect(summaryOf(run)).toContain(`| \`t1\` | no ${level} |`);
  });

  it('runs no level after one that failed, and says so', async () => {
    set('unit', leaves('unit', 70, "<failure message='no'/>", 1));
    const run = await stage.push();
    expect(resultsOf(run)).toMatchObject({
      unit: 'failure',
      integration: 'skipped',
      api: 'skipped',
      e2e: 'skipped',
    });
    expect(verdictOf(run)).toContain('integration: skipped');
  });

  it('is red when levels leave no report, have no test, skip all of them or hide a failure', async () => {
    set('integration', leaves('integration', 0));
    set('api', leaves('api', 8, '<skipped/>'));
    set('e2e', '#!/bin/sh\nexit 0\n');
    set('accessibility', leaves('accessibility', 3, "<failure message='no'/>"));
    const run = await stage.push();
    expect(resultsOf(run)).toMatchObject({
      integration: 'success',
      e2e: 'success',
      accessibility: 'success',
    });
    expect(verdictOf(run)).toBe('report: failure');
    for (const said of [
      /integration.*it has no test/,
      /every one of its 8 tests was skipped/,
      /e2e.*it is not there/,
      /3 tests failed/,
    ])
      expect(summaryOf(run)).toMatch(said);
  });

  it('is red when e2e has far more tests than it should', async () => {
    set('e2e', leaves('e2e', 90));
    const run = await stage.push();
    expect(verdictOf(run)).toBe('report: failure');
    expect(summaryOf(run)).toMatch(/of the tests, 10 % ± 15 is asked for/);
  });

  it('is green at once when only documentation changed', async () => {
    const run = await stage.pullRequest({ files: { 'docs/a.md': 'a' } });
    expect([run.conclusion, run.jobs['report']?.result]).toEqual(['success', 'skipped']);
  });

  it('is red when a level was left out that nobody allowed to be', async () => {
    const run = await stage.push({ change: ({ jobs }) => void (jobs['e2e']!['if'] = 'false') });
    expect(verdictOf(run)).toContain('e2e: skipped');
  });
});

describe('test-pyramid on a Django project, in a real browser', () => {
  const files = sample('django');
  // A run that goes on behind its test would answer the next one by its port.
  const limit = 600_000;
  let stage: CiStage;
  const open = async (changes: Record<string, [from: string, to: string]>) => {
    const changed = Object.entries(changes).map(([path, [from, to]]) => {
      expect(files[path]).toContain(from);
      return [path, files[path]!.replace(from, to)];
    });
    // The servers of end-to-end and accessibility tests have one port, on one machine here.
    stage = await realStage('test-pyramid', { ...files, ...Object.fromEntries(changed) }, { maxParallel: 1 });
    // Playwright's own browsers come from elsewhere; this machine has one.
    commitExecutable(stage.fixture, 'ci/install-browser', '#!/bin/sh\nnpm ci\n');
  };
  /** Levels that are of no interest here, and what would have to be installed for them. */
  const canned = (reports: Record<string, number>) => {
    for (const [level, count] of Object.entries(reports))
      commitExecutable(stage.fixture, `ci/${level}`, leaves(level, count));
  };
  afterEach(() => stage.close());

  it(
    'is green: unit tests, PostgreSQL and Redis, schemathesis, Chromium and axe',
    async () => {
      await open({});
      const run = await stage.push();
      expect([run.conclusion, failuresOf(run)]).toEqual(['success', []]);
      expect(summaryOf(run)).toContain('19 tests passed');
      for (const row of ['`unit` | 14', '`integration` | 2', '`api` | 1', '`e2e` | 1', '`accessibility` | 1'])
        expect(summaryOf(run)).toContain(row);
    },
    limit,
  );

  it(
    'is red end to end and for axe when a field loses the name by which both find it',
    async () => {
      await open({
        'catalogue/templates/shop.html': ['<label for="count">In the cart</label>', 'In the cart'],
      });
      canned({ unit: 14, integration: 2, api: 1 });
      const run = await stage.push();
      expect(resultsOf(run)).toMatchObject({ api: 'success', e2e: 'failure', accessibility: 'failure' });
      expect(failuresOf(run).join('\n')).toContain('label: Form elements must have labels');
      expect(verdictOf(run)).toContain('e2e: failure, accessibility: failure');
    },
    limit,
  );

  it(
    'is red for an API that does not keep to its description, and goes no further',
    async () => {
      await open({ 'catalogue/views.py': ['{"items": known}', '{"items": 1}'] });
      canned({ unit: 14, integration: 2 });
      const other = createServer((_request, response) => response.end('[]')).listen(8000, '127.0.0.1');
      await once(other, 'listening');
      expect(failuresOf(await stage.push()).join('\n')).toContain('Something else answers at port 8000');
      other.close();

      const run = await stage.push();
      expect(resultsOf(run)).toMatchObject({ api: 'failure', e2e: 'skipped', accessibility: 'skipped' });
      expect(summaryOf(run)).toContain('| `GET /items` | ST108 |');
    },
    limit,
  );
});
