import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { verdictOf, type CiStage } from '../../templates/ci/stage.js';
import { realStage, tools } from '../ci/machine.js';
import { bad, clean } from './project.js';
import { actionsOf, fakeDocker, goFolders, serveAdvisories, type Services, type World } from './services.js';

const scans = [
  'gitleaks',
  'semgrep',
  'bandit',
  'pip-audit',
  'sbom-python',
  'npm-audit',
  'sbom-node',
  'hadolint',
  'trivy-api',
  'trivy-frontend',
  'checkov',
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
      path: `${fakeDocker()}:${tools()}/bin:${process.env['PATH'] ?? ''}`,
      machineEnvironment: {
        ...goFolders(),
        PIP_AUDIT_VULNERABILITY_SERVICE: 'osv',
        PIP_AUDIT_OSV_URL: `${services.url}/v1/query`,
        npm_config_registry: services.url,
        npm_config_fetch_retries: '0',
      },
    });
  };
  beforeEach(async () => {
    world = { python: [], node: false, reachable: true, image: cleanImage, review: 'success' };
    services = await serveAdvisories(world);
  });
  afterEach(async () => {
    await stage.close();
    await services.close();
  });

  it('is green when every scanner looked and found nothing', async () => {
    await open(clean);
    const run = await stage.push();
    expect([signsOf(run), verdictOf(run), run.conclusion]).toEqual([each('✅'), undefined, 'success']);
  });

  it('is red for each scanner that finds its defect, whatever comments and ignore files say', async () => {
    await open(bad);
    Object.assign(world, { python: ['PYSEC-2026-1'], node: true, image: badImage });
    const run = await stage.push();
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
    ])
      expect(summary).toContain(id);
    expect(verdictOf(run)).toBe('scan: failure');
  });

  it('is red for each scanner that could not look', async () => {
    const { '.github/security/semgrep.yml': _rules, 'infrastructure/main.tf': _main, ...rest } = clean;
    await open({
      ...rest,
      'api/app.py': 'def broken(:\n',
      'api/Dockerfile': 'FROM\n',
      'infrastructure/a.txt': 'x',
    });
    world.reachable = false;
    const run = await stage.push();
    expect(signsOf(run)).toEqual({ ...each('🙈'), gitleaks: '✅', 'sbom-python': '✅', 'sbom-node': '✅' });
    expect(verdictOf(run)).toBe('scan: failure');
  });

  it('is green for a fork, whose token may not write, and looks at its new dependencies', async () => {
    await open(clean);
    const pull = { fork: 'mallory/shop', files: { 'api/more.py': 'MORE = 1\n' } };
    const run = await stage.pullRequest(pull);
    expect([signsOf(run), run.conclusion]).toEqual([
      { ...each('✅'), 'step-dependency-review': '✅' },
      'success',
    ]);
    expect(run.jobs['code-scanning']?.result).toBe('skipped');
  });
});
