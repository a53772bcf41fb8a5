import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { BuiltinAction, BuiltinContext } from './action.js';
import { checkedAction, free } from './checked.js';

/** What a canned scan is to find. */
export interface Finding {
  id: string;
  package: string;
  severity: 'UNKNOWN' | 'LOW' | 'MEDIUM' | 'HIGH' | 'CRITICAL';
}

const severities = ['UNKNOWN', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'];

/** What Trivy writes of an image with these findings; one that has none has been looked at nevertheless. */
function trivyReport(format: string, target: string, findings: readonly Finding[]): string {
  if (format === 'sarif') {
    const results = findings.map(({ id, package: name }) => ({
      ruleId: id,
      message: { text: `Package: ${name}` },
      locations: [{ physicalLocation: { artifactLocation: { uri: target } } }],
    }));
    const driver = { name: 'Trivy', rules: findings.map(({ id }) => ({ id })) };
    return JSON.stringify({ version: '2.1.0', runs: [{ tool: { driver }, results }] });
  }
  if (format === 'json') {
    const Vulnerabilities = findings.map(({ id, package: name, severity }) => ({
      VulnerabilityID: id,
      PkgName: name,
      InstalledVersion: '1.0.0',
      Severity: severity,
    }));
    const Packages = [{ Name: 'base-files', Version: '12' }];
    const Results = [{ Target: target, Class: 'os-pkgs', Type: 'debian', Packages, Vulnerabilities }];
    return JSON.stringify({ SchemaVersion: 2, ArtifactName: target, Results });
  }
  return findings.map(({ id, package: name, severity }) => `${name} ${id} ${severity}\n`).join('');
}

/** `aquasecurity/trivy-action` that finds these things wherever it looks. */
export const trivyAction = (findings: readonly Finding[] = []): BuiltinAction =>
  checkedAction(
    {
      'scan-type': {
        default: 'image',
        allowed: ['image', 'fs', 'filesystem', 'rootfs', 'repo', 'repository', 'config', 'sbom', 'vm'],
      },
      'scan-ref': { default: '.' },
      'exit-code': { allowed: /^\d+$/ },
      severity: { default: severities.join(','), list: true, allowed: severities },
      format: {
        default: 'table',
        allowed: [
          'table',
          'json',
          'template',
          'sarif',
          'cyclonedx',
          'spdx',
          'spdx-json',
          'github',
          'cosign-vuln',
        ],
      },
      scanners: { list: true, allowed: ['vuln', 'misconfig', 'secret', 'license'] },
      'vuln-type': { default: 'os,library', list: true, allowed: ['os', 'library'] },
      cache: { default: 'true', allowed: ['true', 'false'] },
      ...free(
        'image-ref',
        'input',
        'ignore-unfixed',
        'template',
        'output',
        'skip-dirs',
        'skip-files',
        'cache-dir',
      ),
      ...free('timeout', 'ignore-policy', 'hide-progress', 'list-all-pkgs', 'trivyignores', 'github-pat'),
      ...free('trivy-config', 'tf-vars', 'limit-severities-for-sarif', 'docker-host', 'version'),
      ...free('skip-setup-trivy', 'token-setup-trivy'),
    },
    async ({ inputs, workspace, log }) => {
      const { format = '', output = '', severity = '' } = inputs;
      const target = inputs['image-ref'] || inputs['input'] || inputs['scan-ref'] || '.';
      if (inputs['scan-type'] === 'image' && !inputs['image-ref'] && !inputs['input'])
        throw new Error('image-ref or input is missing: there is no image to look at');
      const counted = findings.filter((finding) => severity.includes(finding.severity));
      const report = trivyReport(format, target, counted);
      const file = resolve(workspace, output);
      if (output === '') report.split('\n').forEach(log);
      else {
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, report);
      }
      const code = inputs['exit-code'] || '0';
      if (counted.length > 0 && code !== '0') throw new Error(`Process completed with exit code ${code}.`);
    },
  );

const levels = ['low', 'moderate', 'high', 'critical'];

/** The pull request's own change, or two refs to compare. */
function comparesSomething({ event, inputs }: BuiltinContext): boolean {
  if (['pull_request', 'pull_request_target', 'merge_group'].includes(event.name)) return true;
  return inputs['base-ref'] !== '' && inputs['head-ref'] !== '';
}

/** `actions/dependency-review-action` for a change that brings these vulnerable packages. */
export const dependencyReviewAction = (
  brought: readonly { package: string; severity: string }[] = [],
): BuiltinAction =>
  checkedAction(
    {
      'fail-on-severity': { allowed: levels },
      'fail-on-scopes': { list: true, allowed: ['runtime', 'development', 'unknown'] },
      'comment-summary-in-pr': { allowed: ['always', 'on-failure', 'never', 'true', 'false'] },
      ...free(
        'repo-token',
        'base-ref',
        'head-ref',
        'config-file',
        'allow-licenses',
        'deny-licenses',
        'deny-groups',
      ),
      ...free(
        'allow-dependencies-licenses',
        'allow-ghsas',
        'external-repo-token',
        'license-check',
        'deny-packages',
      ),
      ...free('vulnerability-check', 'retry-on-snapshot-warnings', 'retry-on-snapshot-warnings-timeout'),
      ...free(
        'warn-only',
        'show-openssf-scorecard',
        'warn-on-openssf-scorecard-level',
        'show-patched-versions',
      ),
    },
    async (context) => {
      const { inputs, log } = context;
      if (!comparesSomething(context)) {
        throw new Error(
          'Both a base ref and head ref must be provided, either via the `base-ref` and `head-ref` inputs, ' +
            'or by running on pull_request, pull_request_target or merge_group',
        );
      }
      const least = levels.indexOf(inputs['fail-on-severity'] || 'low');
      const bad = brought.filter(({ severity }) => levels.indexOf(severity) >= least);
      for (const { package: name, severity } of bad) log(`${name}: ${severity}`);
      if (bad.length > 0 && inputs['warn-only'] !== 'true')
        throw new Error('Dependency review detected vulnerable packages.');
    },
  );
