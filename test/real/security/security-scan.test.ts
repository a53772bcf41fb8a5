import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { commitLink, verdictOf, type CiStage, type Options } from '../../templates/ci/stage.js';
import { realStage, tools } from '../ci/machine.js';
import { bad, clean, links } from './project.js';
import { actionsOf, fakeDocker, goFolders, serveAdvisories, type Services, type World } from './services.js';

// Twenty scanners run one after the other, on a machine that may be busy.
jest.setTimeout(900_000);

const scans = [
  'gitleaks',
  'semgrep',
  'bandit',
  'pip-audit',
  'sbom-python',
  'npm-audit',
  'sbom-node',
  'pnpm-audit',
  'hadolint',
  'trivy-api',
  'trivy-frontend',
  'checkov',
  'kubeconform-manifests',
  'kubeconform-charts',
  'step-helm',
  'ansible-lint',
  'codeql-python',
  'schemathesis',
  'smoke',
  'zap',
];
const cleanImage = { SchemaVersion: 2, ArtifactName: 'scan:api', Results: [{ Target: 'debian' }] };
const badImage = {
  ...cleanImage,
  Results: [
    {
      Target: 'debian',
      Vulnerabilities: [
        {
          VulnerabilityID: 'CVE-2026-2',
          PkgName: 'openssl',
          InstalledVersion: '3.0.1',
          Severity: 'CRITICAL',
        },
      ],
    },
  ],
};

/** Rows of the summary's table: what stands before the name of each scan. */
function signsOf(run: RunReport): Record<string, string> {
  const summary = run.jobs['scan.report']!.steps.map((step) => step.summary).join('\n');
  return Object.fromEntries(
    summary
      .split('\n')
      .map((line) => /^\| (✅|❌|🙈) \| `([^`]+)` \|/u.exec(line))
      .flatMap((match) => (match ? [[match[2]!, match[1]!]] : [])),
  );
}
const summaryOf = (run: RunReport) => run.jobs['scan.report']!.steps.map(({ summary }) => summary).join('\n');
const each = (sign: string) => Object.fromEntries(scans.map((name) => [name, sign]));

describe('security-scan with its real scanners', () => {
  let world: World;
  let services: Services;
  let stage: CiStage;
  const open = async (files: Record<string, string>) => {
    stage = await realStage('security-scan', files, {
      thirdParty: actionsOf(world),
      vars: { CODE_SCANNING: 'true' },
      path: `${fakeDocker(world)}:${tools()}/bin:${process.env['PATH'] ?? ''}`,
      machineEnvironment: {
        ...goFolders(),
        PIP_AUDIT_VULNERABILITY_SERVICE: 'osv',
        PIP_AUDIT_OSV_URL: `${services.url}/v1/query`,
        npm_config_registry: services.url,
        pnpm_config_registry: services.url,
        pnpm_config_fetch_retries: '0',
        npm_config_fetch_retries: '0',
      },
    });
  };
  const everything: Options = {
    change: ({ jobs }) => {
      const given = jobs['scan']!['with'] as Record<string, string>;
      Object.assign(given, {
        codeql: '["python"]',
        staging: services.staging,
        zap: 'yes',
        pnpm: 'web',
        kubernetes: 'k8s',
        helm: 'charts/shop',
        'kubernetes-schemas': `${services.url}/schemas/{{.ResourceKind}}{{.KindSuffix}}.json`,
        ansible: 'ansible',
      });
    },
  };
  beforeEach(async () => {
    world = {
      python: [],
      node: false,
      reachable: true,
      image: cleanImage,
      review: 'success',
      staging: 'good',
      alerts: [],
      codeql: [],
    };
    services = await serveAdvisories(world);
  });
  afterEach(async () => {
    await stage.close();
    await services.close();
  });

  it('is green for a fork, whose token may not write, when every scanner looked and found nothing', async () => {
    await open(clean);
    const pull = { fork: 'mallory/shop', files: { 'api/more.py': 'MORE = 1\n' } };
    const run = await stage.pullRequest(pull, everything);
    expect([signsOf(run), verdictOf(run), run.conclusion]).toEqual([
      { ...each('✅'), 'step-dependency-review': '✅' },
      undefined,
      'success',
    ]);
    expect(run.jobs['code-scanning']?.result).toBe('skipped');
  });

  it('is red for each scanner that finds its defect, whatever comments and ignore files say', async () => {
    Object.assign(world, {
      python: ['PYSEC-2026-1', 'PYSEC-2026-2'],
      node: true,
      image: badImage,
      staging: 'bad',
      alerts: [{ pluginid: '40018', alert: 'SQL Injection', riskcode: '3' }],
      codeql: [{ ruleId: 'py/sql-injection', message: { text: 'built from a request' } }],
    });
    await open(bad);
    for (const [name, target] of Object.entries(links)) commitLink(stage.fixture, name, target);
    const run = await stage.push(everything);
    expect(signsOf(run)).toEqual({ ...each('❌'), 'sbom-python': '✅', 'sbom-node': '✅' });
    const summary = summaryOf(run);
    for (const id of [
      'aws-access-token',
      'python-shell',
      'B602',
      'PYSEC-2026-1',
      'GHSA-xvch-5gv4-984h',
      'DL3004',
      'CVE-2026-2',
      'CKV_AWS_26',
      'infrastructure/main.tf',
      'invalid-manifest',
      'acme.shop.restart',
      'py/sql-injection',
      'ST108',
      'header x-frame-options',
      '40018',
    ])
      expect(summary).toContain(id);
    expect(summary).toMatch(/`PYSEC-2026-2` .*waived: Not reached/);
    expect(summary).toMatch(/`PYSEC-2026-1` .*its waiver ended on/);
    expect(verdictOf(run)).toBe('scan: failure');
    expect(run.jobs['code-scanning']?.result).toBe('success');
  });

  it('is red for each scanner that could not look', async () => {
    const { '.github/security/semgrep.yml': _rules, 'infrastructure/main.tf': _main, ...rest } = clean;
    world.reachable = false;
    await open({
      ...rest,
      'api/app.py': 'def broken(:\n',
      'api/Dockerfile': 'FROM\n',
      'infrastructure/a.txt': 'x',
      '.gitleaks.toml': '[broken',
      'k8s/service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: { name: a\n',
      'ansible/site.yml': '- hosts: [\n',
    });
    const run = await stage.push(everything);
    // The list of components is read from the lock files, and charts are rendered here.
    expect(signsOf(run)).toEqual({
      ...each('🙈'),
      'sbom-python': '✅',
      'sbom-node': '✅',
      'step-helm': '✅',
    });
    expect(verdictOf(run)).toBe('scan: failure');
  });
});
