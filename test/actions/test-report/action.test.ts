import {
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { marked } from 'marked';
import { action } from '../../../actions/test-report/main.js';
import { readJunit } from '../../../actions/test-report/read/junit.js';
import type { TestReport } from '../../../shared/contracts/reports/test-report.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { inputVariable } from '../../../shared/runner/read-inputs.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner } from '../../support/runner/port.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'test-report-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const write = (name: string, text: string) => writeFileSync(join(folder, name), text);
const cases = (count: number, inner = '') =>
  `<testsuite>${Array.from({ length: count }, (_, at) => `<testcase name="t${at}" time="0.5">${inner}</testcase>`).join('')}</testsuite>`;
const coverage = (covered: number, lines: number) =>
  write('coverage.xml', `<coverage lines-valid="${lines}" lines-covered="${covered}"/>`);

/** Runs the step as a workflow does. */
async function run(inputs: Record<string, string>, env: Record<string, string> = {}) {
  const runner = testRunner({
    ...env,
    GITHUB_WORKSPACE: folder,
    ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [inputVariable(name), value])),
  });
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  return runner;
}
const fileOf = ({ files }: Awaited<ReturnType<typeof run>>, name: string) =>
  [...files].find(([path]) => path.endsWith(`/${name}`))?.[1] ?? '';
const reportOf = (ran: Awaited<ReturnType<typeof run>>) =>
  JSON.parse(fileOf(ran, 'report.json')) as TestReport;

const pyramid = {
  junit: 'unit: u.xml\nintegration: i.xml\ne2e: e.xml',
  shares: 'unit: 70\nintegration: 20\ne2e: 10',
};
const levels = (unit: number, integration: number, e2e: number) => {
  write('u.xml', cases(unit));
  write('i.xml', cases(integration));
  write('e.xml', cases(e2e));
};

describe('the verdict', () => {
  it('is passed when every level ran and nothing failed', async () => {
    levels(70, 20, 10);
    coverage(80, 100);
    const ran = await run({ ...pyramid, coverage: 'coverage.xml' });
    expect(ran.failure).toBeUndefined();
    expect(Object.fromEntries(ran.outputs)).toMatchObject({ result: 'passed', tests: '100', coverage: '80' });
    expect(ran.printed.join()).toContain('100 tests passed, coverage 80 %');
    expect(ran.summary).toContain('| ✅ | `unit` | 70 | 0 | 0 | 35 | 70 % |');
  });

  it('is failed when a test failed, with its name and why', async () => {
    levels(2, 1, 1);
    write('e.xml', cases(1, '<failure message="expected 200, got 500">trace</failure>'));
    const ran = await run({ junit: pyramid.junit });
    expect(ran.failure).toBe('1 test failed');
    expect(ran.annotations).toMatchObject([{ title: 'e2e: t0', message: 'expected 200, got 500' }]);
  });

  it.each([
    ['is not there', undefined, /e2e: e\.xml: it is not there/],
    ['has no test', '<testsuites/>', /e2e: e\.xml: it has no test/],
    ['was cut', '<testsuites><testsuite>', /e2e: e\.xml: it is no XML/],
    ['has only skipped tests', cases(3, '<skipped/>'), /e2e: every one of its 3 tests was skipped/],
  ])('is blind when the report of a level %s', async (_, text, why) => {
    levels(2, 1, 1);
    rmSync(join(folder, 'e.xml'));
    if (text !== undefined) write('e.xml', text);
    const ran = await run({ junit: pyramid.junit });
    expect(ran.outputs.get('result')).toBe('blind');
    expect(ran.failure).toMatch(why);
    expect(ran.summary).toContain('🙈');
  });

  it('is blind when one of several reports of a level is not there', async () => {
    write('u.xml', cases(5));
    const ran = await run({ junit: 'unit: u.xml\nunit: u2.xml' });
    expect(ran.failure).toMatch(/u2\.xml: it is not there/);
  });

  it.each([
    [7999, 'failed', '79.99'],
    [8000, 'passed', '80'],
    [10_000, 'passed', '100'],
    [0, 'failed', '0'],
  ])('with %i of 10000 lines covered is %s', async (covered, result, shown) => {
    write('u.xml', cases(1));
    coverage(covered, 10_000);
    const ran = await run({ junit: 'unit: u.xml', coverage: 'coverage.xml' });
    expect([ran.outputs.get('result'), ran.outputs.get('coverage')]).toEqual([result, shown]);
  });

  it('does not round 79.9996 up to 80', async () => {
    write('u.xml', cases(1));
    coverage(799_996, 1_000_000);
    expect((await run({ junit: 'unit: u.xml', coverage: 'coverage.xml' })).failure).toBe(
      'coverage is 79.99 %, at least 80 % is asked for',
    );
  });

  it('is blind when the coverage is asked for and not there', async () => {
    write('u.xml', cases(1));
    const ran = await run({ junit: 'unit: u.xml', coverage: 'coverage.xml', 'coverage-at-least': '0' });
    expect([ran.outputs.get('result'), ran.outputs.get('coverage')]).toEqual(['blind', '']);
    expect(ran.failure).toBe(
      'Not known: coverage: coverage.xml: it is not there. Fix: let the tests write it there, or name its place in the input "coverage"',
    );
  });
});

describe('a report that the tests of this job did not write', () => {
  /** A day older than it is: by its own time, whatever clock the process has. */
  const age = (file: string) => {
    const yesterday = new Date(statSync(file).mtimeMs - 86_400_000);
    utimesSync(file, yesterday, yesterday);
  };
  const began = () => {
    write('event.json', '{}');
    return { GITHUB_EVENT_PATH: join(folder, 'event.json') };
  };

  it.each(['u.xml', 'coverage.xml'])('is none when %s is from yesterday', async (file) => {
    write('u.xml', cases(1));
    coverage(9, 10);
    age(join(folder, file));
    const ran = await run({ junit: 'unit: u.xml', coverage: 'coverage.xml' }, began());
    expect(ran.outputs.get('result')).toBe('blind');
    expect(ran.failure).toContain(`${file}: it is 24 h older than this job: this run did not write it. Fix:`);
  });

  it('is one when it is as old as the job', async () => {
    const env = began();
    write('u.xml', cases(1));
    expect((await run({ junit: 'unit: u.xml' }, env)).failure).toBeUndefined();
  });

  it.each([
    [
      'it',
      () => (
        renameSync(join(folder, 'r', 'u.xml'), join(folder, 'old.xml')),
        symlinkSync('../old.xml', join(folder, 'r', 'u.xml'))
      ),
    ],
    [
      'its folder',
      () => (renameSync(join(folder, 'r'), join(folder, 'old')), symlinkSync('old', join(folder, 'r'))),
    ],
  ])('is none when %s is a link', async (_, linked) => {
    mkdirSync(join(folder, 'r'));
    write('r/u.xml', cases(1));
    linked();
    const ran = await run({ junit: 'unit: r/u.xml' });
    expect(ran.failure).toMatch(/unit: r\/u\.xml: it is a link/);
  });

  it('is none when it is a folder', async () => {
    mkdirSync(join(folder, 'u.xml'));
    expect((await run({ junit: 'unit: u.xml' })).failure).toMatch(/u\.xml: it could not be read: EISDIR/);
  });
});

describe('coverage of another project', () => {
  const of = async (text: string, path = 'coverage/lcov.info') => {
    for (const name of ['coverage', 'web', 'web/src', 'web/coverage', 'src'])
      mkdirSync(join(folder, name), { recursive: true });
    for (const name of ['src/a.js', 'src/b.js', 'web/src/c.js']) write(name, '');
    write('u.xml', cases(1));
    write(path, text);
    return run({ junit: 'unit: u.xml', coverage: path });
  };
  const lcov = (...files: string[]) =>
    files.map((file) => `SF:${file}\nLF:10\nLH:9\nend_of_record\n`).join('');
  const cobertura = (source: string, ...files: string[]) =>
    `<coverage lines-valid="10" lines-covered="9"><sources>${source}</sources><packages><package><classes>${files
      .map((file) => `<class filename="${file}"/>`)
      .join('')}</classes></package></packages></coverage>`;

  it.each([
    ['lcov of none of its files', lcov('lib/x.js', 'lib/y.js')],
    ['lcov of few of its files', lcov('lib/x.js', 'lib/y.js', 'src/a.js')],
    ['Cobertura', cobertura('<source>/home/other</source>', 'x.py', 'y.py')],
    ['a summary', JSON.stringify({ total: { lines: { total: 10, covered: 9 } }, '/app/lib/x.js': {} })],
    ['a path out of the repository', lcov('../../../../../../../../../etc/passwd')],
  ])('is not known: %s', async (_, text) => {
    const ran = await of(text);
    expect(ran.outputs.get('result')).toBe('blind');
    expect(ran.failure).toMatch(
      /coverage: coverage\/lcov\.info: \d of its \d files are not in this repository, such as .*Fix: name the report/,
    );
  });

  it.each([
    ['from the root', lcov('src/a.js'), 'coverage/lcov.info'],
    ['from a folder below', lcov('src/c.js'), 'web/coverage/lcov.info'],
    ['of a container', lcov('/app/src/a.js'), 'coverage/lcov.info'],
    ['with one that was generated', lcov('src/a.js', 'src/b.js', 'src/generated.js'), 'coverage/lcov.info'],
    [
      'by the second folder of several',
      cobertura('<source>/x/lib</source><source>/x/src</source>', 'a.js'),
      'c.xml',
    ],
    ['in total only', '<coverage lines-valid="10" lines-covered="9"/>', 'c.xml'],
  ])('is not what files are that it names %s', async (_, text, path) => {
    expect((await of(text, path)).failure).toBeUndefined();
  });
});

it('the summary has its verdict in one line, and every reason below', async () => {
  levels(70, 1, 1);
  write('i.xml', cases(2, '<failure message="no"/>'));
  coverage(71, 100);
  rmSync(join(folder, 'e.xml'));
  const { summary } = await run({ ...pyramid, coverage: 'coverage.xml' });
  expect(summary.split('\n')[0]).toBe(
    '## 🙈 Not known: e2e · 2 tests failed · coverage 71 % of 80 % · 2 shares are off',
  );
  expect(summary).toContain('| 🙈 | `e2e` | **not known** |');
  expect(summary).toContain('- 🙈 `e2e` e.xml: it is not there. Fix: let the tests write it there');
});

describe('shares', () => {
  it.each([
    [[55, 30, 15], 'passed'],
    [[85, 10, 5], 'passed'],
    [[54, 31, 15], 'failed'],
    [[10, 20, 70], 'failed'],
  ])('of %j tests are %s', async ([unit, integration, e2e], result) => {
    levels(unit!, integration!, e2e!);
    expect((await run(pyramid)).outputs.get('result')).toBe(result);
  });

  it('may be of several levels together', async () => {
    levels(70, 10, 10);
    write('a.xml', cases(10));
    const ran = await run({
      junit: `${pyramid.junit}\napi: a.xml`,
      shares: 'unit: 70\nintegration api: 20\ne2e: 10',
      within: '0',
    });
    expect([ran.failure, reportOf(ran).shares.map(({ share }) => share)]).toEqual([undefined, [70, 20, 10]]);
  });

  it('count tests that ran, not those that were skipped', async () => {
    levels(70, 20, 10);
    write('e.xml', cases(10).replace('</testsuite>', `${cases(90, '<skipped/>').slice(11)}`));
    expect((await run(pyramid)).outputs.get('result')).toBe('passed');
  });

  it('of a level that is none are not held', async () => {
    levels(70, 20, 10);
    expect((await run({ ...pyramid, shares: 'unti: 0' })).failure).toContain('unti');
  });
});

it.each([
  [{ junit: '' }, /junit/],
  [{ junit: 'unit.xml' }, /junit/],
  [{ junit: 'unit: u.xml', shares: 'unit: 101' }, /shares/],
  [{ junit: 'unit: u.xml', shares: 'unit 70' }, /shares/],
  [{ junit: 'unit: u.xml', 'coverage-at-least': '80%' }, /coverage-at-least/],
  [{ junit: 'unit: u.xml', coverage: '', 'coverage-at-least': '80' }, /add {2}coverage: coverage\.xml/],
])('inputs %j are refused', async (given, what) => {
  write('u.xml', cases(1));
  const ran = await run(given);
  expect(ran.failure).toMatch(what);
  expect(ran.outputs.get('result')).not.toBe('passed');
});

it('one report of all levels says the same, also of a level that did not run', async () => {
  write('u.xml', cases(2, '<failure message="a &lt; &quot;b&quot;"/>'));
  const ran = await run({ junit: 'unit: u.xml\ne2e: e.xml' });
  const merged = readJunit(fileOf(ran, 'junit.xml'));
  expect(merged).toMatchObject([
    { name: 't0', result: 'failed', message: 'a < "b"' },
    { name: 't1', result: 'failed' },
    { name: 'e2e ran', result: 'failed' },
  ]);
});

it('text of a test cannot format or link in the summary, and a thousand failures fit', async () => {
  const inner = '<failure message="&lt;img src=x&gt; [x](http://evil.test) | @everyone"/>';
  write('u.xml', cases(1_000, inner));
  const ran = await run({ junit: 'unit: u.xml' });
  expect(await marked.parse(ran.summary)).not.toMatch(/<img|<a /);
  expect(ran.summary).toContain('180 more stand in the report');
  expect(ran.failure).toBe('1000 tests failed');
});
