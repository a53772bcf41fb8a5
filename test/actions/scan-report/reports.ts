import type { ScannerName } from '../../../actions/scan-report/scanners/registry.js';

const pipVulnerability = {
  id: 'PYSEC-2026-1',
  aliases: ['CVE-2026-1'],
  fix_versions: ['5.2.9'],
  description: 'SQL injection',
};
const npmAdvisory = {
  source: 1,
  name: 'minimist',
  title: 'Prototype pollution',
  url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
  severity: 'critical',
  range: '<1.2.6',
};
const sarifRun = (run: object) => ({
  version: '2.1.0',
  runs: [
    {
      tool: { driver: { name: 'x', rules: [{ id: 'R1', properties: { 'security-severity': '9.1' } }] } },
      ...run,
    },
  ],
});
const checkovCheck = {
  check_id: 'CKV_AWS_18',
  check_name: 'Access logging',
  file_path: '/main.tf',
  file_line_range: [1, 3],
  resource: 'aws_s3_bucket.b',
  severity: null,
};
const checkovReport = (results: object, resources = 1) => ({
  check_type: 'terraform',
  results: { passed_checks: [], failed_checks: [], skipped_checks: [], parsing_errors: [], ...results },
  summary: { resource_count: resources },
});
const banditReport = (more: object, loc = 40) => ({
  errors: [],
  metrics: { _totals: { loc } },
  results: [],
  ...more,
});
const semgrepReport = (more: object) => ({ errors: [], paths: { scanned: ['a.py'] }, results: [], ...more });
const trivyReport = (more: object) => ({
  SchemaVersion: 2,
  ArtifactName: 'api:ci',
  Results: [{ Target: 'debian' }],
  ...more,
});
const npmReport = (vulnerabilities: object, total = 7) => ({
  auditReportVersion: 2,
  vulnerabilities,
  metadata: { dependencies: { total } },
});

const kubeconformReport = (resource: object, summary: object) => ({
  resources: [{ filename: 'm/a.yaml', kind: 'Service', name: 'a', version: 'v1', ...resource }],
  summary: { valid: 1, invalid: 0, errors: 0, skipped: 0, ...summary },
});
const pnpmReport = (advisories: object, totalDependencies = 2, vulnerabilities: object = {}) => ({
  actions: [],
  advisories,
  muted: [],
  metadata: { vulnerabilities, totalDependencies },
});
const extracted = {
  level: 'none',
  message: { text: '' },
  descriptor: { id: 'py/diagnostics/successfully-extracted-files' },
};
const codeqlReport = (results: object[], told: object[] = [extracted]) => ({
  version: '2.1.0',
  runs: [
    {
      tool: {
        driver: { name: 'CodeQL' },
        extensions: [{ rules: [{ id: 'py/sql-injection', properties: { 'security-severity': '8.8' } }] }],
      },
      invocations: [{ executionSuccessful: true, toolExecutionNotifications: told }],
      results,
    },
  ],
});
const schemathesisReport = (more: object, operations: object = {}) => ({
  complete: true,
  stop_reason: 'completed',
  operations: { total: 2, selected: 2, tested: 2, errored: 0, skipped: 0, ...operations },
  failures: [],
  errors: [],
  warnings: { missing_auth: [] },
  ...more,
});
const smokeFailure = (more: object) => ({
  flow: 'headers',
  step: 'no other site shows it in a frame',
  kind: 'expectation',
  check: 'header x-frame-options',
  expected: 'DENY',
  got: 'nothing',
  request: 'GET https://staging.example/',
  file: '.github/security/staging.yml',
  line: 9,
  ...more,
});
const smokeReportOf = (failures: object[], more: object = {}) => ({
  schema: 'devops-actions/smoke-report@1',
  result: failures.length > 0 ? 'fail' : 'pass',
  message: 'one sentence',
  suite: { name: 'staging', file: '.github/security/staging.yml' },
  target: 'https://staging.example',
  version: null,
  startedAt: '2026-11-29T10:00:00.000Z',
  durationMs: 40,
  passed: 3,
  failed: failures.length,
  notRun: 0,
  p95Ms: 9,
  latency: null,
  seed: 'a',
  budgets: [
    { flow: null, metric: 'failed-flows', limit: 0, got: failures.length, held: failures.length === 0 },
  ],
  isolation: null,
  flows: [],
  failures,
  ...more,
});
const zapReport = (...alerts: object[]) => ({
  '@programName': 'ZAP',
  site: [{ '@name': 'https://staging.example', alerts }],
});

/** What each scanner writes when it looked: nothing found, and one thing found; each with what it leaves beside it. */
export const whole: Record<
  ScannerName,
  { clean: [report: unknown, ended: string]; found: [report: unknown, ended: string]; finding: object }
> = {
  'pip-audit': {
    clean: [{ dependencies: [{ name: 'django', version: '5.2.9', vulns: [] }], fixes: [] }, '0'],
    found: [
      { dependencies: [{ name: 'django', version: '5.2.1', vulns: [pipVulnerability] }], fixes: [] },
      '1',
    ],
    finding: {
      id: 'PYSEC-2026-1',
      aliases: ['CVE-2026-1'],
      severity: 'unknown',
      title: 'SQL injection',
      package: { name: 'django', version: '5.2.1' },
      fix: 'take django 5.2.9',
    },
  },
  'npm-audit': {
    clean: [npmReport({}), '0'],
    found: [
      npmReport({
        minimist: {
          name: 'minimist',
          via: [npmAdvisory],
          fixAvailable: { name: 'mkdirp', version: '1.0.4' },
        },
        mkdirp: { name: 'mkdirp', via: ['minimist'], fixAvailable: true },
      }),
      '1',
    ],
    finding: {
      id: 'GHSA-xvch-5gv4-984h',
      severity: 'critical',
      title: 'Prototype pollution',
      package: { name: 'minimist', version: '<1.2.6' },
      fix: 'take mkdirp 1.0.4',
    },
  },
  'pnpm-audit': {
    clean: [pnpmReport({}), '0'],
    found: [
      pnpmReport({
        1: {
          module_name: 'minimist',
          severity: 'critical',
          title: 'Prototype pollution',
          url: 'https://github.com/advisories/GHSA-xvch-5gv4-984h',
          github_advisory_id: 'GHSA-xvch-5gv4-984h',
          cves: ['CVE-2021-44906'],
          vulnerable_versions: '<1.2.6',
          patched_versions: '>=1.2.6',
        },
      }),
      '1',
    ],
    finding: {
      id: 'GHSA-xvch-5gv4-984h',
      aliases: ['CVE-2021-44906'],
      severity: 'critical',
      package: { name: 'minimist', version: '<1.2.6' },
      fix: 'take minimist >=1.2.6',
    },
  },
  bandit: {
    clean: [banditReport({}), '0'],
    found: [
      banditReport({
        results: [
          {
            test_id: 'B602',
            test_name: 'subprocess_popen_with_shell_equals_true',
            issue_severity: 'HIGH',
            issue_text: 'shell=True',
            filename: 'app/a.py',
            line_number: 2,
          },
        ],
      }),
      '1',
    ],
    finding: { id: 'B602', severity: 'high', title: 'shell=True', file: 'app/a.py', line: 2 },
  },
  semgrep: {
    clean: [semgrepReport({}), '0'],
    found: [
      semgrepReport({
        results: [
          {
            check_id: 'rules.no-eval',
            path: 'a.py',
            start: { line: 4 },
            extra: { message: 'eval', severity: 'ERROR' },
          },
        ],
      }),
      '0',
    ],
    finding: {
      id: 'rules.no-eval',
      aliases: ['no-eval'],
      severity: 'high',
      title: 'eval',
      file: 'a.py',
      line: 4,
    },
  },
  gitleaks: {
    clean: [[], '0 12'],
    found: [
      [
        {
          RuleID: 'aws-access-token',
          Description: 'AWS credentials.',
          File: 'k.py',
          StartLine: 1,
          Commit: 'e16a9349f3400632893e85bb2a43820fde2b57ea',
          Secret: 'AKIA-the-secret',
          Match: 'AKIA-the-secret',
        },
      ],
      '3 12',
    ],
    finding: { id: 'aws-access-token', severity: 'critical', file: 'k.py', line: 1 },
  },
  trivy: {
    clean: [trivyReport({}), '0'],
    found: [
      trivyReport({
        Results: [
          {
            Target: 'debian',
            Vulnerabilities: [
              {
                VulnerabilityID: 'CVE-2026-2',
                PkgName: 'openssl',
                InstalledVersion: '3.0.1',
                FixedVersion: '3.0.2',
                Severity: 'CRITICAL',
                Title: 'Overflow',
              },
            ],
          },
        ],
      }),
      '0',
    ],
    finding: {
      id: 'CVE-2026-2',
      severity: 'critical',
      title: 'Overflow',
      package: { name: 'openssl', version: '3.0.1' },
      fix: 'take openssl 3.0.2',
    },
  },
  hadolint: {
    clean: [[], '0 2'],
    found: [
      [{ code: 'DL3007', column: 1, file: 'Dockerfile', level: 'warning', line: 1, message: 'latest' }],
      '1 2',
    ],
    finding: { id: 'DL3007', severity: 'medium', title: 'latest', file: 'Dockerfile', line: 1 },
  },
  checkov: {
    clean: [checkovReport({}), '0'],
    found: [[checkovReport({ failed_checks: [checkovCheck] })], '1'],
    finding: { id: 'CKV_AWS_18', severity: 'unknown', file: 'main.tf', line: 1 },
  },
  kubeconform: {
    clean: [{ resources: [], summary: { valid: 2, invalid: 0, errors: 0, skipped: 1 } }, '0'],
    found: [
      kubeconformReport(
        {
          status: 'statusInvalid',
          msg: 'problem validating schema',
          validationErrors: [{ path: '/spec', msg: "additional properties 'prots' not allowed" }],
        },
        { invalid: 1 },
      ),
      '1',
    ],
    finding: {
      id: 'invalid-manifest',
      severity: 'high',
      title: "Service a: /spec additional properties 'prots' not allowed",
      file: 'm/a.yaml',
    },
  },
  'ansible-lint': {
    clean: [sarifRun({ results: [] }), '0 4'],
    found: [
      sarifRun({
        results: [
          {
            ruleId: 'syntax-check[unknown-module]',
            level: 'error',
            message: { text: "couldn't resolve module" },
            locations: [{ physicalLocation: { artifactLocation: { uri: 'ansible/site.yml' } } }],
          },
        ],
      }),
      '2 4',
    ],
    finding: { id: 'syntax-check[unknown-module]', severity: 'high', file: 'ansible/site.yml' },
  },
  sbom: {
    clean: [
      { bomFormat: 'CycloneDX', components: [{ name: 'a', licenses: [{ license: { id: 'MIT' } }] }] },
      '0',
    ],
    found: [
      {
        bomFormat: 'CycloneDX',
        components: [{ name: 'a', version: '1', licenses: [{ license: { id: 'AGPL-3.0-only' } }] }],
      },
      '0',
    ],
    finding: { id: 'AGPL-3.0-only', severity: 'high', package: { name: 'a', version: '1' } },
  },
  codeql: {
    clean: [codeqlReport([]), '0'],
    found: [
      codeqlReport([
        {
          ruleId: 'py/sql-injection',
          message: { text: 'built from a request' },
          locations: [
            { physicalLocation: { artifactLocation: { uri: 'api/app.py' }, region: { startLine: 7 } } },
          ],
        },
      ]),
      '0',
    ],
    finding: { id: 'py/sql-injection', severity: 'high', file: 'api/app.py', line: 7 },
  },
  schemathesis: {
    clean: [schemathesisReport({}), '0'],
    found: [
      schemathesisReport({
        failures: [
          {
            type: 'ServerError',
            code: 'ST102',
            title: 'Server error',
            severity: 'critical',
            count: 1,
            operations: ['GET /items'],
          },
        ],
      }),
      '1',
    ],
    finding: { id: 'ST102', aliases: ['ServerError'], severity: 'critical', file: 'GET /items' },
  },
  smoke: {
    clean: [smokeReportOf([]), '0'],
    found: [smokeReportOf([smokeFailure({})]), '0'],
    finding: {
      id: 'header x-frame-options',
      severity: 'high',
      title: 'no other site shows it in a frame: expected DENY, got nothing',
      file: '.github/security/staging.yml',
      line: 9,
    },
  },
  zap: {
    clean: [zapReport(), '0'],
    found: [
      zapReport({
        pluginid: '10038',
        alertRef: '10038-1',
        alert: 'Content Security Policy (CSP) Header Not Set',
        riskcode: '2',
        instances: [{ uri: 'https://staging.example/login' }],
      }),
      '0',
    ],
    finding: { id: '10038-1', severity: 'medium', file: 'https://staging.example/login' },
  },
  sarif: {
    clean: [sarifRun({ results: [], artifacts: [{}] }), '0'],
    found: [
      sarifRun({
        results: [
          {
            ruleId: 'R1',
            message: { text: 'bad' },
            locations: [
              { physicalLocation: { artifactLocation: { uri: 'a.ts' }, region: { startLine: 9 } } },
            ],
          },
        ],
      }),
      '1 4',
    ],
    finding: { id: 'R1', severity: 'critical', title: 'bad', file: 'a.ts', line: 9 },
  },
  step: {
    clean: [{ outcome: 'success' }, '0'],
    found: [{ outcome: 'failure' }, '0'],
    finding: { id: 'step-failed', severity: 'unknown' },
  },
};

/** Reports of scanners that could not look, each of which its own exit code would let pass. */
export const blindReports: [what: string, ScannerName, report: unknown, ended: string, why: RegExp][] = [
  [
    'pip-audit could not look a package up, and ended with 0',
    'pip-audit',
    { dependencies: [{ name: 'django', skip_reason: 'URL requirements cannot be pinned' }] },
    '0',
    /django was not looked up: URL requirements/,
  ],
  [
    'pip-audit found no package at all on PyPI',
    'pip-audit',
    { dependencies: [{ name: 'acme-core', skip_reason: 'Dependency not found on PyPI' }] },
    '0',
    /looked at no packages/,
  ],
  [
    'kubeconform got no schema',
    'kubeconform',
    kubeconformReport({ status: 'statusError', msg: 'could not find schema for Foo' }, { errors: 1 }),
    '1',
    /m\/a\.yaml: Service a could not find schema for Foo/,
  ],
  [
    'kubeconform counts more than it names',
    'kubeconform',
    { resources: [], summary: { valid: 1, invalid: 0, errors: 2, skipped: 0 } },
    '1',
    /counts 2 manifests that are wrong and names 0/,
  ],
  [
    'kubeconform was given nothing but what it leaves out',
    'kubeconform',
    { resources: [], summary: { valid: 0, invalid: 0, errors: 0, skipped: 3 } },
    '0',
    /looked at no manifests/,
  ],
  [
    'ansible-lint could not read a file, which it calls a warning',
    'ansible-lint',
    sarifRun({
      results: [{ ruleId: 'load-failure[yaml]', level: 'warning', message: { text: 'no node content' } }],
    }),
    '2 3',
    /a file was not read: no node content/,
  ],
  ['ansible-lint saw no file', 'ansible-lint', sarifRun({ results: [] }), '5', /ended with 5/],
  ['pip-audit got an empty file', 'pip-audit', { dependencies: [] }, '0', /looked at no packages/],
  [
    'pip-audit failed, which looks like a finding',
    'pip-audit',
    { dependencies: [{ name: 'django', version: '5', vulns: [] }] },
    '1',
    /ended with 1, as after a finding, and its report has none/,
  ],
  [
    'npm has no registry, which looks like a finding',
    'npm-audit',
    { message: 'request to https://registry.example/ failed', error: { summary: '', detail: '' } },
    '1',
    /npm could not audit: request to/,
  ],
  ['npm found nothing installed', 'npm-audit', npmReport({}, 0), '0', /looked at no packages/],
  ['bandit was given an empty folder', 'bandit', banditReport({}, 0), '0', /looked at no lines of Python/],
  [
    'bandit could not parse a file',
    'bandit',
    banditReport({ errors: [{ filename: 'b.py', reason: 'syntax error while parsing AST from file' }] }),
    '0',
    /b\.py was not read: syntax error/,
  ],
  [
    'semgrep has no rules',
    'semgrep',
    { errors: [{ message: 'path `rules.yml` does not exist' }], paths: { scanned: [] }, results: [] },
    '7',
    /rules\.yml` does not exist; it ended with 7.*; it looked at no files/,
  ],
  [
    'semgrep scanned no file',
    'semgrep',
    semgrepReport({ paths: { scanned: [] } }),
    '0',
    /looked at no files/,
  ],
  ['gitleaks broke off with its own 1', 'gitleaks', [], '1 12', /ended with 1, as after an error/],
  ['gitleaks saw a shallow clone', 'gitleaks', [], '0 0', /looked at no commits/],
  ['nobody says how much gitleaks saw', 'gitleaks', [], '0', /does not say how many commits/],
  [
    'trivy recognized nothing in the image',
    'trivy',
    trivyReport({ Results: undefined }),
    '0',
    /looked at no package lists/,
  ],
  ['there was no Dockerfile', 'hadolint', [], '0 0', /looked at no Dockerfiles/],
  [
    'hadolint could not parse one',
    'hadolint',
    [{ code: 'DL1000', file: 'Dockerfile', level: 'error', line: 1, message: 'missing whitespace' }],
    '1 1',
    /Dockerfile: missing whitespace/,
  ],
  [
    'checkov recognized no file',
    'checkov',
    { passed: 0, failed: 0, resource_count: 0 },
    '0',
    /looked at no resources/,
  ],
  [
    'checkov could not parse one of them',
    'checkov',
    checkovReport({ parsing_errors: ['/infra/bad.tf'] }),
    '0',
    /bad\.tf could not be parsed/,
  ],
  [
    'checkov was quiet about what it could not parse',
    'checkov',
    { check_type: 'terraform', results: { failed_checks: [] }, summary: { resource_count: 1 } },
    '0',
    /not what this scanner writes/,
  ],
  [
    'the list of components is empty',
    'sbom',
    { bomFormat: 'CycloneDX', components: [] },
    '0',
    /looked at no components/,
  ],
  ['a SARIF run has no results', 'sarif', sarifRun({ artifacts: [{}] }), '0', /the tool did not look/],
  ['a SARIF file has no run', 'sarif', { version: '2.1.0', runs: [] }, '0', /no run of a tool/],
  [
    'a SARIF run says that it failed',
    'sarif',
    sarifRun({
      results: [],
      artifacts: [{}],
      invocations: [
        {
          executionSuccessful: false,
          toolExecutionNotifications: [{ level: 'error', message: { text: 'no database' } }],
        },
      ],
    }),
    '0',
    /did not succeed; no database/,
  ],
  ['a SARIF run tells no count', 'sarif', sarifRun({ results: [] }), '0', /does not say how many files/],
  [
    'the registry is down for pnpm',
    'pnpm-audit',
    { error: { code: 'ECONNREFUSED', message: 'request failed' } },
    '1',
    /pnpm could not audit: request failed/,
  ],
  ['pnpm audited nothing', 'pnpm-audit', pnpmReport({}, 0), '0', /looked at no packages/],
  ['CodeQL read no file', 'codeql', codeqlReport([], []), '0', /looked at no files/],
  ['CodeQL read no file, and somebody says 5', 'codeql', codeqlReport([], []), '0 5', /looked at no files/],
  ['it says itself that it was given none', 'bandit', banditReport({}), '0 0', /looked at no lines/],
  ['it looked at fewer than none', 'bandit', banditReport({}, -40), '0', /looked at no lines/],
  [
    'a SARIF run could not be set up, and ended well',
    'sarif',
    sarifRun({
      results: [],
      artifacts: [{}],
      invocations: [
        {
          executionSuccessful: true,
          toolConfigurationNotifications: [{ level: 'error', message: { text: 'rules.yml is broken' } }],
        },
      ],
    }),
    '0',
    /rules\.yml is broken/,
  ],
  [
    'a SARIF run tells of an error without a word',
    'sarif',
    sarifRun({
      results: [],
      artifacts: [{}],
      invocations: [{ executionSuccessful: true, toolExecutionNotifications: [{ level: 'error' }] }],
    }),
    '0',
    /tells of an error/,
  ],
  [
    'npm left an error in a report that looks whole',
    'npm-audit',
    { ...npmReport({}), error: { summary: 'half of it' } },
    '0',
    /npm could not audit: half of it/,
  ],
  [
    'npm left an error of another form',
    'npm-audit',
    { ...npmReport({}), error: 'half of it' },
    '0',
    /not what this scanner writes/,
  ],
  [
    'pnpm left an error in a report that looks whole',
    'pnpm-audit',
    { ...pnpmReport({}), error: { message: 'half of it' } },
    '0',
    /pnpm could not audit: half of it/,
  ],
  [
    'pnpm left out what auditConfig of the project ignores',
    'pnpm-audit',
    pnpmReport(
      {
        1: {
          module_name: 'a',
          severity: 'low',
          title: 'a',
          url: 'https://a.example/1',
          vulnerable_versions: '*',
        },
      },
      2,
      { high: 1, low: 1 },
    ),
    '1',
    /left out by auditConfig/,
  ],
  [
    'smoke-test failed and names nothing',
    'smoke',
    smokeReportOf([], { result: 'fail' }),
    '0',
    /one sentence/,
  ],
  [
    'schemathesis left an operation out',
    'schemathesis',
    schemathesisReport({}, { tested: 1, skipped: 1 }),
    '0',
    /1 of 2 operations were not called/,
  ],
  [
    'CodeQL could not read one of them',
    'codeql',
    codeqlReport(
      [],
      [
        extracted,
        {
          level: 'warning',
          message: { text: 'syntax error in api/app.py' },
          descriptor: { id: 'py/diagnostics/extraction-warnings' },
        },
      ],
    ),
    '0',
    /syntax error in api\/app\.py/,
  ],
  [
    'schemathesis reached no operation',
    'schemathesis',
    schemathesisReport({ errors: [{ title: 'Network Error', count: 2 }] }, { tested: 0, errored: 2 }),
    '1',
    /Network Error; 2 of 2 operations could not be called; it looked at no operations/,
  ],
  [
    'schemathesis stopped half-way',
    'schemathesis',
    schemathesisReport({ complete: false, stop_reason: 'interrupted' }),
    '0',
    /stopped before its end: interrupted/,
  ],
  [
    'schemathesis met only the login',
    'schemathesis',
    schemathesisReport({ warnings: { missing_auth: ['GET /orders'] } }),
    '0',
    /1 operations? answered only that a login is missing/,
  ],
  [
    'nobody answered the smoke test',
    'smoke',
    smokeReportOf([smokeFailure({ kind: 'network', got: 'connection refused' })]),
    '0',
    /connection refused/,
  ],
  [
    'flows of the smoke test were left out',
    'smoke',
    smokeReportOf([], { leftOut: ['cookies'] }),
    '0',
    /left out: cookies/,
  ],
  [
    'a step that failed hid others',
    'smoke',
    smokeReportOf([smokeFailure({})], { notRun: 2 }),
    '0',
    /2 steps behind one that failed did not run/,
  ],
  ['ZAP saw no site', 'zap', { '@programName': 'ZAP', site: [] }, '0', /looked at no sites/],
  ['ZAP could not reach the service', 'zap', zapReport(), '3', /ended with 3, as after an error/],
  ['a step was skipped', 'step', { outcome: 'skipped' }, '0', /the step ended with skipped/],
  ['a step was cancelled', 'step', { outcome: 'cancelled' }, '0', /the step ended with cancelled/],
];
