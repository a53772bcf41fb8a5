import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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
async function run(inputs: Record<string, string>) {
  const runner = testRunner({
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
    expect(ran.failure).toBe('Not known: coverage: coverage.xml: it is not there');
  });
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
