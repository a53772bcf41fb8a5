import { describe, expect, it } from '@jest/globals';
import { readPolicy } from '../../../actions/gate-check/policy.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { policyOf } from './facts.js';

function problems(text: string, environment = 'production') {
  try {
    readPolicy(text, '.github/release-policy.yml', environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.problems;
    throw error;
  }
}

const full = `
version: 1
environments:
  staging:
    gates:
      branch: [develop, main]
  production:
    valid-for: 45m
    gates:
      checks:
        required:
          - { name: test, workflow: .github/workflows/ci.yml, events: [push, pull_request] }
          - { name: security/scan, app: 12345 }
          - { status: ci/legacy, creator: jenkins-bot }
        accept-neutral: true
      branch: [main, 'hotfix/*']
      promotion: { from: staging, soak: 10m }
      window:
        timezone: Europe/Madrid
        freeze:
          - { days: fri, reason: No deploys on Fridays }
      monotonic: true
      incidents: { block-at: high }
`;

describe('a policy', () => {
  it('has for each environment its gates, in a fixed order, and the life of a verdict', () => {
    const policy = readPolicy(full, 'p', 'production');
    expect(policy.validFor).toBe(45 * 60_000);
    expect(policy.gates.map(({ gate }) => gate.name)).toEqual([
      'branch',
      'checks',
      'promotion',
      'monotonic',
      'incidents',
      'window',
    ]);
    expect(readPolicy(full, 'p', 'staging')).toMatchObject({
      validFor: 30 * 60_000,
      gates: [{ config: ['develop', 'main'] }],
    });
  });

  it('that does not list the environment is an error with those it lists', () => {
    expect(problems(full, 'prodution')).toMatchObject([
      {
        line: 3,
        got: 'no environment "prodution"',
        allowed: 'staging, production',
        didYouMean: 'production',
      },
    ]);
    expect(problems(full, 'toString')).toHaveLength(1);
    expect(problems(full, '__proto__')).toHaveLength(1);
  });

  it('without gates is refused: it would let everything through', () => {
    expect(problems('version: 1\nenvironments: { production: { gates: {} } }\n')).toMatchObject([
      { path: 'environments.production.gates' },
    ]);
  });

  it.each([
    ['monotonik: true', 'monotonik'],
    ['monotonic: false', 'monotonic'],
    ['branch: []', 'branch'],
    ["branch: ['a b']", 'branch.0'],
    ['promotion: { from: staging, soaked: 1m }', 'promotion.soaked'],
    ['promotion: { from: staging, soak: 10 }', 'promotion.soak'],
    ['incidents: { block-at: severe }', 'incidents.block-at'],
    ['checks: { required: [] }', 'checks.required'],
    ['checks: { required: [{ name: test }] }', 'checks.required.0'],
    ['checks: { required: [{ name: test, app: 15368 }] }', 'checks.required.0'],
    [
      'checks: { required: [{ name: test, app: 5, workflow: .github/workflows/ci.yml }] }',
      'checks.required.0',
    ],
    ['checks: { required: [{ name: test, workflow: ci.yml }] }', 'checks.required.0.workflow'],
    ['checks: { required: [{ status: ci/legacy }] }', 'checks.required.0'],
    [
      'checks: { required: [{ name: test, wrokflow: .github/workflows/ci.yml }] }',
      'checks.required.0.wrokflow',
    ],
    ['window: { timezone: Mars/Base, freeze: [{ days: fri }] }', 'window.timezone'],
  ])('with %s is refused at its line', (gates, path) => {
    const found = problems(policyOf(gates));
    expect(found.map((problem) => problem.path)).toEqual([`environments.production.gates.${path}`]);
    expect(found[0]).toMatchObject({ line: 2, file: '.github/release-policy.yml' });
  });

  it('whose verdicts would last too short or too long is refused', () => {
    for (const validFor of ['30s', '2d', '30']) {
      const text = `version: 1\nenvironments: { production: { valid-for: ${validFor}, gates: { monotonic: true } } }\n`;
      expect(problems(text)).toMatchObject([{ path: 'environments.production.valid-for' }]);
    }
  });
});
