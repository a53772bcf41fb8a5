import { describe, expect, it } from '@jest/globals';
import { lookOf } from '../../../actions/scan-report/look.js';
import type { ReportOfJob } from '../../../shared/runner/report-of-job.js';
import { scannerNames, scannerOf, type ScannerName } from '../../../actions/scan-report/scanners/registry.js';
import { severityOf, severityOfScore } from '../../../actions/scan-report/scanners/scanner.js';
import { blindReports, whole } from './reports.js';

const given = (text: string | undefined): ReportOfJob =>
  text === undefined ? { why: 'it is not there' } : { text };
const look = (name: ScannerName, report: unknown, ended: string | undefined, denied = ['AGPL-3.0-only']) =>
  lookOf(name, scannerOf(name, denied), {
    report: given(report === undefined ? undefined : JSON.stringify(report)),
    ended: given(ended),
  });

describe.each(scannerNames)('a report of %s', (name) => {
  const { clean, found, finding } = whole[name];

  it('that has nothing is believed when it looked at something', () => {
    const seen = look(name, ...clean);
    expect({ ...seen, lookedAt: seen.lookedAt > 0 }).toEqual({ lookedAt: true, findings: [], blind: [] });
  });

  it('says what was found', () => {
    const seen = look(name, ...found);
    expect(seen.blind).toEqual([]);
    expect(seen.findings).toMatchObject([finding]);
    expect(JSON.stringify(seen)).not.toContain('AKIA-the-secret');
  });

  it.each([
    ['nobody wrote how it ended', clean[0], undefined, /did not end/],
    ['how it ended is no number', clean[0], 'ok', /must be "EXIT" or "EXIT LOOKED-AT"/],
    ['its time limit stopped it', clean[0], '124', /stopped by its time limit/],
    ['it was killed', clean[0], '137', /killed by signal 9/],
    ['it was not installed', clean[0], '127', /was not there/],
    ['it ended as after an error', clean[0], '9 5', /ended with 9, as after an error/],
    ['it left no report', undefined, '0 5', /left no .*\.json/],
    ['it wrote another form', { hello: 'world' }, '0 5', /not what this scanner writes/],
    ['it wrote null', null, '0 5', /not what this scanner writes/],
  ])('is no look when %s', (_, report, ended, why) => {
    expect(look(name, report, ended).blind.join('; ')).toMatch(why);
  });

  it('is no look when it is empty', () => {
    const files = { report: given('\n'), ended: given(clean[1]) };
    expect(lookOf(name, scannerOf(name, []), files).blind.join()).toMatch(/is empty/);
  });

  it.each([0.3, 0.7])('is no look when it was cut', (share) => {
    const text = JSON.stringify(found[0]);
    const report = text.slice(0, Math.max(1, Math.floor(text.length * share)));
    const files = { report: given(report), ended: given(found[1]) };
    expect(lookOf(name, scannerOf(name, []), files).blind).not.toEqual([]);
  });
});

it.each(blindReports)('%s: that is no look', (_, name, report, ended, why) => {
  expect(look(name, report, ended).blind.join('; ')).toMatch(why);
});

it('a package that is not public is a finding, which a team may waive', () => {
  const reason = 'Dependency not found on PyPI and could not be audited: acme-core (1.2)';
  const { findings, blind } = look(
    'pip-audit',
    {
      dependencies: [
        { name: 'django', version: '5', vulns: [] },
        { name: 'acme-core', skip_reason: reason },
      ],
    },
    '0',
  );
  expect(blind).toEqual([]);
  expect(findings).toMatchObject([
    { id: 'not-on-pypi', severity: 'unknown', package: { name: 'acme-core' } },
  ]);
});

it('a finding of checkov stands where the file is in the repository', () => {
  const check = (whole.checkov.found[0] as [{ results: { failed_checks: object[] } }])[0].results
    .failed_checks[0];
  const report = {
    check_type: 'terraform',
    results: {
      failed_checks: [{ ...check, repo_file_path: '/infrastructure/main.tf' }],
      skipped_checks: [],
      parsing_errors: [],
    },
    summary: { resource_count: 1 },
  };
  expect(look('checkov', report, '1').findings).toMatchObject([{ file: 'infrastructure/main.tf' }]);
});

it('an image whose system gets no advisories any more is a finding, not a clean one', () => {
  const image = {
    SchemaVersion: 2,
    ArtifactName: 'api:ci',
    Metadata: { OS: { Family: 'debian', Name: '9', EOSL: true } },
    Results: [{ Target: 'debian' }],
  };
  expect(look('trivy', image, '0').findings).toMatchObject([{ id: 'end-of-life', severity: 'high' }]);
});

it('a check that a comment skips is a finding all the same', () => {
  const skipped = {
    ...(whole.checkov.found[0] as [{ results: { failed_checks: unknown[] } }])[0].results.failed_checks,
  };
  const report = {
    check_type: 'terraform',
    results: { failed_checks: [], skipped_checks: Object.values(skipped), parsing_errors: [] },
    summary: { resource_count: 1 },
  };
  expect(look('checkov', report, '0').findings).toMatchObject([
    { id: 'CKV_AWS_18', title: expect.stringContaining('skipped by a comment') },
  ]);
});

describe('what a report says of a finding', () => {
  const rules = [
    { id: 'R0', defaultConfiguration: { level: 'note' } },
    { id: 'R1', properties: { 'security-severity': '9.8' } },
    { id: 'R2', properties: { 'security-severity': '' } },
    { id: 'R3', properties: { 'security-severity': null } },
    { id: 'R4' },
  ];
  const extensions = [{ rules: [{ id: 'E0', properties: { 'security-severity': 9.8 } }] }];
  const found = (result: object) => {
    const text = { message: { text: 'x' } };
    const run = {
      tool: { driver: { rules }, extensions },
      results: [{ ...text, ...result }],
      artifacts: [{}],
    };
    const seen = look('sarif', { version: '2.1.0', runs: [run] }, '1');
    expect(seen.blind).toEqual([]);
    return seen.findings.map(({ id, severity }) => `${id} ${severity}`);
  };

  it.each([
    ['names its rule', { ruleId: 'R0' }, 'R0 low'],
    ['gives the place of its rule', { ruleIndex: 1 }, 'R1 critical'],
    ['gives it in its reference', { rule: { index: 1 } }, 'R1 critical'],
    ['names a rule of a pack', { rule: { index: 0, toolComponent: { index: 0 } } }, 'E0 critical'],
    ['names a part of a rule', { ruleId: 'R1/part' }, 'R1/part critical'],
    ['has a rule whose score is empty', { ruleId: 'R2' }, 'R2 unknown'],
    ['has a rule whose score is null', { ruleId: 'R3' }, 'R3 unknown'],
    ['has a rule that says nothing', { ruleId: 'R4' }, 'R4 medium'],
    ['has a rule that nobody knows', { ruleId: 'R9' }, 'R9 unknown'],
    ['has a place where no rule is', { ruleIndex: 1e15 }, 'no rule unknown'],
    ['has a level that nobody knows', { ruleId: 'R4', level: 'apocalyptic' }, 'R4 unknown'],
    ['claims to be suppressed', { ruleId: 'R1', suppressions: [{ kind: 'external' }] }, 'R1 critical'],
    ['claims to be old', { ruleId: 'R1', baselineState: 'absent' }, 'R1 critical'],
  ])('of SARIF that %s', (_, result, expected) => {
    expect(found(result)).toEqual([expected]);
  });

  it('of CodeQL counts although the report says that it is suppressed', () => {
    const [report] = whole.codeql.found as [{ runs: { results: object[] }[] }, string];
    const results = report.runs[0]!.results.map((each) => ({
      ...each,
      suppressions: [{ kind: 'inSource' }],
    }));
    expect(look('codeql', { ...report, runs: [{ ...report.runs[0], results }] }, '0').findings).toHaveLength(
      1,
    );
  });

  it.each([
    ['0', 'low'],
    ['3', 'high'],
    ['', 'unknown'],
    ['4', 'unknown'],
    ['-1', 'unknown'],
    ['0x0', 'unknown'],
    [' ', 'unknown'],
  ])('of ZAP with the risk "%s" is %s', (riskcode, severity) => {
    const site = [{ '@name': 'staging', alerts: [{ pluginid: '1', alert: 'x', riskcode }] }];
    expect(look('zap', { site }, '0').findings).toMatchObject([{ severity }]);
  });

  it('of a line that no file has is one all the same', () => {
    const region = { region: { startLine: -7 } };
    const at = [{ physicalLocation: { artifactLocation: { uri: 'a' }, ...region } }];
    expect(found({ ruleId: 'R1', locations: at })).toEqual(['R1 critical']);
  });
});

it('tenants whose isolation could not be shown are no look, whatever else was found', () => {
  const [report] = whole.smoke.found as [object, string];
  const check = {
    tenant: 'a',
    other: 'b',
    step: 'reads an order',
    request: 'GET /',
    status: 200,
    evidence: 'b',
  };
  const isolation = { result: 'unproven', tenants: ['a', 'b'], checks: [{ ...check, result: 'unproven' }] };
  expect(look('smoke', { ...report, isolation }, '0').blind).toEqual(['reads an order: b']);
});

describe('denied licences', () => {
  const licensed = (...licenses: object[]) =>
    look('sbom', { bomFormat: 'CycloneDX', components: [{ name: 'a', licenses }] }, '0', [
      'GPL-3.0-only',
      'AGPL-3.0-only',
    ]).findings.map(({ id }) => id);

  it.each([
    ['MIT', []],
    ['gpl-3.0-only', ['GPL-3.0-only']],
    ['MIT OR GPL-3.0-only', []],
    ['(MIT OR GPL-3.0-only)', []],
    ['MIT AND GPL-3.0-only', ['GPL-3.0-only']],
    ['GPL-3.0-only AND (MIT OR ISC)', ['GPL-3.0-only']],
    ['GPL-3.0-only OR AGPL-3.0-only', ['GPL-3.0-only', 'AGPL-3.0-only']],
    ['GPL-3.0-only WITH Classpath-exception-2.0', ['GPL-3.0-only']],
  ])('%s', (expression, denied) => {
    expect(licensed({ expression })).toEqual(denied);
  });

  it('are found by a name of several words', () => {
    const name = 'GNU Affero General Public License v3';
    const report = { bomFormat: 'CycloneDX', components: [{ name: 'a', licenses: [{ license: { name } }] }] };
    expect(look('sbom', report, '0', [name]).findings).toMatchObject([{ id: name }]);
  });

  it('cannot be told of a component that names none, which is shown', () => {
    const report = { bomFormat: 'CycloneDX', components: [{ name: 'a' }] };
    expect(look('sbom', report, '0').findings).toMatchObject([{ id: 'no-licence', severity: 'low' }]);
    expect(look('sbom', report, '0', []).findings).toEqual([]);
  });

  it('are found by name too, and each of several holds', () => {
    expect(licensed({ license: { name: 'AGPL-3.0-only' } }, { license: { id: 'MIT' } })).toEqual([
      'AGPL-3.0-only',
    ]);
  });
});

it.each([
  ['CRITICAL', 'critical'],
  ['Moderate', 'medium'],
  ['catastrophic', 'unknown'],
  ['', 'unknown'],
  [null, 'unknown'],
  [undefined, 'unknown'],
])('the word %s means %s', (word, severity) => {
  expect(severityOf(word)).toBe(severity);
});

it.each([
  [9, 'critical'],
  [8.9, 'high'],
  [6.9, 'medium'],
  [3.9, 'low'],
  [0, 'low'],
  [11, 'unknown'],
  [-1, 'unknown'],
  [NaN, 'unknown'],
])('the score %s means %s', (score, severity) => {
  expect(severityOfScore(score)).toBe(severity);
});
