import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
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
import { action } from '../../../actions/scan-report/main.js';
import { scannerNames, type ScannerName } from '../../../actions/scan-report/scanners/registry.js';
import { scanReportSchema, type ScanReport } from '../../../shared/contracts/reports/scan-report.js';
import type { ActionDefinition } from '../../../shared/runner/define-action.js';
import { inputVariable } from '../../../shared/runner/read-inputs.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner } from '../../support/runner/port.js';
import { whole } from './reports.js';

let folder: string;
beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'scan-report-'))));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const leave = (name: string, report: unknown, ended: string) => {
  mkdirSync(join(folder, 'scans'), { recursive: true });
  writeFileSync(join(folder, 'scans', `${name}.json`), JSON.stringify(report));
  writeFileSync(join(folder, 'scans', `${name}.ended`), `${ended}\n`);
};

const waive = (text: string) => writeFileSync(join(folder, 'waivers.yml'), text);
const waiver = (changes: Record<string, string> = {}) =>
  `version: 1\nwaivers:\n${[
    Object.entries({
      finding: 'CVE-2026-1',
      where: 'django',
      reason: 'Not reachable',
      by: 'ana',
      until: dayIn(30),
      ...changes,
    }).map(([key, value], at) => `  ${at === 0 ? '-' : ' '} ${key}: '${value}'\n`),
  ]
    .flat()
    .join('')}`;
const dayIn = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);

/** Runs the step as a workflow does; the report is there unless its inputs were refused. */
async function run(scans: string, inputs: Record<string, string> = {}, env: Record<string, string> = {}) {
  const runner = testRunner({
    ...env,
    GITHUB_WORKSPACE: folder,
    ...Object.fromEntries(
      Object.entries({ scans, ...inputs }).map(([name, value]) => [inputVariable(name), value]),
    ),
  });
  await runAction(action as unknown as ActionDefinition, 'main', runner);
  return runner;
}

const reportOf = ({ files }: Awaited<ReturnType<typeof run>>): ScanReport =>
  scanReportSchema.parse(JSON.parse([...files].find(([path]) => path.endsWith('/report.json'))![1]));
const standings = (of: Awaited<ReturnType<typeof run>>) =>
  reportOf(of).findings.map(({ standing }) => standing);

describe('the verdict over all scans', () => {
  it('is clean when every scan looked and nothing counts', async () => {
    for (const name of scannerNames) leave(name, ...whole[name].clean);
    const ran = await run(scannerNames.join('\n'));
    expect([ran.failure, ran.outputs.get('result'), ran.outputs.get('counted')]).toEqual([
      undefined,
      'clean',
      '0',
    ]);
    expect(ran.printed.join()).toContain(`${scannerNames.length} scans looked: no finding at high or worse`);
    expect(ran.summary).toContain(`## ✅ ${scannerNames.length} scans looked`);
  });

  it('is found when one scan found something that counts', async () => {
    leave('pip-audit', ...whole['pip-audit'].found);
    leave('bandit', ...whole.bandit.clean);
    const ran = await run('pip-audit\nbandit');
    expect(ran.failure).toBe('2 scans looked: 1 finding at high or worse');
    expect([ran.outputs.get('result'), ran.outputs.get('counted')]).toEqual(['found', '1']);
    expect(ran.annotations).toMatchObject([
      {
        level: 'error',
        title: 'pip-audit: PYSEC-2026-1',
        message: expect.stringContaining('Fix: take django 5.2.9'),
      },
    ]);
    expect(ran.summary).toContain('`django 5.2.1`');
  });

  it.each(scannerNames)(
    'is blind when %s left nothing, as after a skipped or cancelled job',
    async (name) => {
      const other = name === 'bandit' ? 'hadolint' : 'bandit';
      leave(other, ...whole[other].found);
      const ran = await run(`${other}\n${name}`);
      expect(ran.outputs.get('result')).toBe('blind');
      expect(ran.failure).toContain(`1 scan of 2 could not look: ${name} (it did not end`);
      expect(ran.summary).toContain('🙈');
    },
  );

  it('says of a blind scan what the others found', async () => {
    leave('bandit', ...whole.bandit.found);
    expect((await run('bandit\ntrivy api')).failure).toBe(
      '1 scan of 2 could not look: trivy-api (it did not end: trivy-api.ended is not there); 1 finding at high or worse',
    );
  });

  it('has its verdict in one line of the summary, and why in the row of each', async () => {
    leave('bandit', ...whole.bandit.found);
    const { summary } = await run('bandit\ntrivy api');
    expect(summary.split('\n')[0]).toBe(
      '## 🙈 1 of 2 scans could not look: trivy-api · 1 finding at high or worse',
    );
    expect(summary).toContain('| 🙈 | `trivy-api` | **could not look:** it did not end');
    expect((await run(scannerNames.join('\n'))).summary.split('\n')[0]).toContain(
      'npm-audit, pnpm-audit and 14 more ·',
    );
  });

  it('counts from the severity that is asked for, and shows the rest', async () => {
    leave('hadolint', ...whole.hadolint.found);
    const high = await run('hadolint');
    expect([high.failure, standings(high)]).toEqual([undefined, ['below']]);
    expect(high.summary).toContain('Below the bound, or waived: 1');
    const medium = await run('hadolint', { 'fail-at': 'medium' });
    expect(medium.outputs.get('result')).toBe('found');
  });

  it('counts what no scanner gives a severity, at any bound', async () => {
    leave('pip-audit', ...whole['pip-audit'].found);
    expect((await run('pip-audit', { 'fail-at': 'critical' })).outputs.get('result')).toBe('found');
  });

  it('keeps scanners that run more than once apart', async () => {
    leave('trivy-api', ...whole.trivy.clean);
    leave('trivy-web', ...whole.trivy.found);
    const { scans } = reportOf(await run('trivy api\ntrivy web'));
    expect(scans.map(({ name, counted }) => [name, counted])).toEqual([
      ['trivy-api', 0],
      ['trivy-web', 1],
    ]);
  });

  it.each([
    ['', 'no scan'],
    ['pip-audti', 'an unknown scanner'],
    ['trivy ../api', 'a name with a path'],
    ['trivy api\ntrivy api', 'the same twice'],
    ['bandit\nsecrets', 'one of two unknown'],
  ])('refuses %j: %s', async (scans) => {
    leave('bandit', ...whole.bandit.clean);
    const ran = await run(scans);
    expect(ran.failure).toMatch(/scans/);
    expect(ran.outputs.get('result')).not.toBe('clean');
  });
});

describe('a report that this job did not write', () => {
  const began = () => {
    writeFileSync(join(folder, 'event.json'), '{}');
    return { GITHUB_EVENT_PATH: join(folder, 'event.json') };
  };
  /** A day older than it is: by its own time, whatever clock the process has. */
  const age = (file: string) => {
    const yesterday = new Date(statSync(file).mtimeMs - 86_400_000);
    utimesSync(file, yesterday, yesterday);
  };

  it.each(['json', 'ended'])('is no look when its .%s is from yesterday', async (kind) => {
    const env = began();
    leave('bandit', ...whole.bandit.clean);
    age(join(folder, 'scans', `bandit.${kind}`));
    const ran = await run('bandit', {}, env);
    expect(ran.failure).toMatch(/bandit\.(json|ended):? (it )?is 24 h older than this job/);
    expect(ran.outputs.get('result')).toBe('blind');
  });

  it.each(['json', 'ended'])('is no look when its .%s is a link', async (kind) => {
    const env = began();
    leave('bandit', ...whole.bandit.clean);
    const file = join(folder, 'scans', `bandit.${kind}`);
    renameSync(file, join(folder, 'old'));
    symlinkSync('../old', file);
    expect((await run('bandit', {}, env)).failure).toMatch(/is a link/);
  });

  it('is no look when the folder of reports is a link', async () => {
    leave('bandit', ...whole.bandit.clean);
    renameSync(join(folder, 'scans'), join(folder, 'old'));
    symlinkSync('old', join(folder, 'scans'));
    expect((await run('bandit')).failure).toMatch(/is a link/);
  });

  it('is one when the folder stands elsewhere, such as in the temporary folder of the job', async () => {
    const { GITHUB_EVENT_PATH } = began();
    leave('bandit', ...whole.bandit.clean);
    const ran = await run('bandit', { reports: join(folder, 'scans') }, { GITHUB_EVENT_PATH });
    expect(ran.failure).toBeUndefined();
  });
});

describe('a waiver', () => {
  const { found } = whole['pip-audit'];
  const scanned = async (text: string) => {
    leave('pip-audit', ...found);
    waive(text);
    return run('pip-audit', { waivers: 'waivers.yml' });
  };

  it('lets its finding stay until its day, and everybody sees it', async () => {
    const ran = await scanned(waiver());
    expect([ran.failure, standings(ran)]).toEqual([undefined, ['waived']]);
    expect(ran.summary).toContain('waived: Not reachable (ana, until');
  });

  it('holds on its last day', async () => {
    expect(standings(await scanned(waiver({ until: dayIn(0) })))).toEqual(['waived']);
  });

  it('ends: its finding is red again, and the report says why', async () => {
    const ran = await scanned(waiver({ until: dayIn(-1) }));
    expect([ran.outputs.get('result'), standings(ran)]).toEqual(['found', ['expired']]);
    expect(ran.summary).toContain('its waiver ended on');
  });

  it.each([
    ['another id', { finding: 'CVE-2026-10' }],
    ['part of the id', { finding: 'CVE-2026' }],
    ['another package', { where: 'flask' }],
    ['another version', { where: 'django@5.2.2' }],
  ])('for %s waives nothing, and is named', async (_, changes) => {
    const ran = await scanned(waiver(changes));
    expect(standings(ran)).toEqual(['counts']);
    expect(ran.summary).toContain('nothing needs any more');
    expect(reportOf(ran).idleWaivers).toMatchObject([{ line: 3 }]);
  });

  it.each([
    ['the version', { where: 'django@5.2.1' }],
    ['a pattern', { where: 'dj*' }],
    ['the main id', { finding: 'PYSEC-2026-1' }],
  ])('may name %s', async (_, changes) => {
    expect(standings(await scanned(waiver(changes)))).toEqual(['waived']);
  });

  it('may name a file', async () => {
    leave('bandit', ...whole.bandit.found);
    waive(waiver({ finding: 'B602', where: 'app/**' }));
    expect(standings(await run('bandit', { waivers: 'waivers.yml' }))).toEqual(['waived']);
  });

  it.each([
    ['reason', /reason/],
    ['by', /by/],
    ['where', /where/],
    ['until', /until/],
  ])('without its %s is refused, with the line', async (key, what) => {
    const ran = await scanned(waiver().replace(new RegExp(`^.*${key}: .*\n`, 'm'), ''));
    expect(ran.failure).toMatch(what);
    expect(ran.failure).toMatch(/waivers\.yml:\d/);
  });

  it.each([
    ['a year and two days', dayIn(368)],
    ['for ever', '9999-12-31'],
    ['a day that is none', '2026-02-31'],
    ['a word', 'never'],
  ])('that lasts %s is refused', async (_, until) => {
    const ran = await scanned(waiver({ until }));
    expect(ran.failure).toMatch(/waivers\.yml/);
    expect(ran.outputs.get('result')).not.toBe('clean');
  });

  it('cannot waive a scan that did not look', async () => {
    waive(waiver({ finding: 'pip-audit', where: '**' }));
    expect((await run('pip-audit', { waivers: 'waivers.yml' })).outputs.get('result')).toBe('blind');
  });

  it('file that is named and missing is an error, not an empty one', async () => {
    leave('bandit', ...whole.bandit.clean);
    expect((await run('bandit', { waivers: 'waivers.yml' })).failure).toMatch(/no such file/);
  });

  it('below the bound is not asked for', async () => {
    leave('hadolint', ...whole.hadolint.found);
    waive(waiver({ finding: 'DL3007', where: 'Dockerfile', until: dayIn(-1) }));
    const ran = await run('hadolint', { waivers: 'waivers.yml' });
    expect([ran.failure, standings(ran)]).toEqual([undefined, ['below']]);
  });
});

it('text of a scanner cannot format, link or mention in the summary, nor grow without end', async () => {
  const text = `@everyone [x](http://evil.test) <img src=x> | a\n# b ${'y'.repeat(5_000)}`;
  leave(
    'semgrep',
    {
      errors: [],
      paths: { scanned: ['a'] },
      results: [
        { check_id: text, path: text, start: { line: 1 }, extra: { message: text, severity: 'ERROR' } },
      ],
    },
    '0',
  );
  const { summary } = await run('semgrep');
  expect(await marked.parse(summary)).not.toMatch(/<img|<a /);
  expect(summary).toContain('| @\u200Beveryone');
  expect(summary.length).toBeLessThan(4_000);
});

it('a thousand findings end in a summary that GitHub shows, and all stand in the report', async () => {
  const one = (whole.semgrep.found[0] as { results: object[] }).results[0];
  leave(
    'semgrep',
    { errors: [], paths: { scanned: ['a'] }, results: Array.from({ length: 1_000 }, () => one) },
    '0',
  );
  const ran = await run('semgrep');
  expect(ran.summary).toContain('950 more stand in the report');
  expect(reportOf(ran).findings).toHaveLength(1_000);
});

it('SARIF for code scanning has a run for each scan that looked, and suppresses what is waived', async () => {
  leave('pip-audit', ...whole['pip-audit'].found);
  leave('bandit', ...whole.bandit.found);
  waive(waiver());
  const ran = await run('pip-audit\nbandit\ntrivy', { waivers: 'waivers.yml' });
  const sarif = JSON.parse([...ran.files].find(([path]) => path.endsWith('.sarif'))![1]) as {
    runs: { automationDetails: { id: string }; results: { ruleId: string; suppressions?: object[] }[] }[];
  };
  expect(
    sarif.runs.map(({ automationDetails, results }) => [
      automationDetails.id,
      results.map(({ ruleId, suppressions }) => [ruleId, suppressions?.length ?? 0]),
    ]),
  ).toEqual([
    ['scan-report/pip-audit/', [['PYSEC-2026-1', 1]]],
    ['scan-report/bandit/', [['B602', 0]]],
  ]);
});

it('the README describes every scanner', () => {
  const readme = readFileSync('actions/scan-report/README.md', 'utf8');
  for (const name of scannerNames satisfies ScannerName[]) expect(readme).toContain(`| \`${name}\``);
});
