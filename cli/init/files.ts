import { allStages, schemaLine, yours, type Answers, type InitFile, type Stage } from './answers.js';
import { deployFiles } from './deploy.js';
import { partFiles } from './parts/files.js';
import { ownedByParts } from './parts/github.js';
import { policyFile } from './policy.js';
import { rulesetFile } from './protection/ruleset.js';
import { scopeOf, trafficFiles } from './traffic-file.js';
import { workflowFiles, type Templates } from './workflow.js';

/** The lines of CODEOWNERS that are init's. */
export const marks = { begin: '# devops-actions: begin', end: '# devops-actions: end' } as const;

/** Every file that these answers come to, in the order of their paths. */
export function filesOf(answers: Answers, templates: Templates, hasCi: boolean): InitFile[] {
  return [
    ...workflowFiles(answers, templates),
    ...(hasCi || answers.checks.length === 0 ? [] : ciFiles(answers)),
    policyFile(answers, templates.policies[answers.policy]!),
    ...trafficFiles(answers),
    ...smokeFiles(answers),
    rollbackFile(answers),
    ...deployFiles(answers, templates),
    codeownersFile(answers),
    rulesetFile(answers),
    ...partFiles(answers, templates),
  ].sort((a, b) => (a.path < b.path ? -1 : 1));
}

/** A workflow that makes the checks the policy asks for, where there is none yet. */
function ciFiles({ ci, checks, branch, runner }: Answers): InitFile[] {
  const [label = 'ubuntu-24.04', ...labels] = runner;
  const runsOn = labels.length === 0 ? label : `[${runner.join(', ')}]`;
  const jobs = checks.map((name, index) => {
    const key = index === 0 ? 'test' : `check-${index + 1}`;
    return `  ${key}:
    name: ${JSON.stringify(name)}
    runs-on: ${runsOn}
    timeout-minutes: 20
    permissions:
      contents: read # the source
    steps:
      - name: Check out
        uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          persist-credentials: false
      - name: Run ci/${key}
        run: ci/${key}
`;
  });
  const scripts = checks.map((name, index) => {
    const key = index === 0 ? 'test' : `check-${index + 1}`;
    return { path: `ci/${key}`, text: ciScript(key, name), executable: true, seed: true };
  });
  const text = `# The checks that .github/release-policy.yml and the ruleset ask for, by these names. The commands stand in ci/.
name: CI

on:
  push: { branches: [${branch}, develop, 'hotfix/**'] }
  pull_request:
  merge_group:

permissions: {}

concurrency:
  group: ci-\${{ github.ref }}
  cancel-in-progress: \${{ github.event_name == 'pull_request' }}

jobs:
${jobs.join('\n')}`;
  return [{ path: ci, text, seed: true }, ...scripts];
}

/** Fails where it knows no tests: a check that tested nothing must not be green. */
const ciScript = (key: string, name: string) =>
  key === 'test'
    ? `#!/usr/bin/env bash
# ci/test: what the check "${name}" runs. ${yours}: change it to how this repository is tested.
set -euo pipefail

if test -f package-lock.json; then npm ci && npm test
elif test -f pyproject.toml; then python3 -m pip install --quiet . pytest && python3 -m pytest
elif test -f go.mod; then go test ./...
elif test -f Cargo.toml; then cargo test --locked
elif test -f pom.xml; then mvn --batch-mode verify
elif test -f gradlew; then ./gradlew check
else
  echo "ci/test knows no tests here. Fix: write in ci/test how this repository is tested." >&2
  exit 1
fi
`
    : `#!/usr/bin/env bash
# ci/${key}: what the check "${name}" runs. ${yours}
set -euo pipefail

echo "ci/${key} checks nothing yet. Fix: write in it what \\"${name}\\" means." >&2
exit 1
`;

/** One suite, or one for each of several services: promote.yml takes the one that has the service's name. */
function smokeFiles(answers: Answers): InitFile[] {
  const { place, services } = answers;
  // Pods and tasks are ready before all that leads to them knows.
  const wait = place === 'vm' ? '' : '        until: { within: 30s, every: 1s }\n';
  return services.map((service) => ({
    path: services.length === 1 ? '.github/smoke.yml' : `.github/smoke-${service}.yml`,
    seed: true,
    text: `${schemaLine(answers, 'smoke-suite')}# What must work before traffic goes to a release: docs/smoke-suite.md of the suite.
version: 1
name: ${service}
flows:
  - name: health
    steps:
      - name: is well, and is the version that was built
        http: { url: /health }
        expect: { status: 200, json: [{ path: $.version, equals: '{{ version }}' }] }
${wait}  # ${yours.slice(2)}: what a user does: log in, search, buy.
`,
  }));
}

/**
 * Where the watch reads what users met. Of one process that is its page; several behind one address would answer in
 * turn, so what counts them all is asked.
 */
function requestsSource(answers: Answers, stage: Stage): string {
  const requests = (match: string) => `requests:
          metric: http_requests_total
          match: { ${match}version: '{{ version }}' }
          errors: { label: code, matches: '^5' }
          except: { label: route, matches: '^/(health|metrics)$' }`;
  if (answers.place === 'vm')
    return `app: # ${yours.slice(2)}: the page of metrics, its counter and its labels
        type: prometheus-text
        path: /metrics
        ${requests('')}`;
  const scope = `${answers.place === 'ecs' ? 'cluster' : 'namespace'}: ${scopeOf(answers, stage)}`;
  return `app: # ${yours.slice(2)}: your Prometheus, the counter and its labels
        type: prometheus
        url: ${answers.place === 'ecs' ? 'http://prometheus.internal:9090' : 'http://prometheus-server.monitoring.svc'}
        ${requests(`app: ${stage.service}, ${scope}, `)}`;
}

function rollbackFile(answers: Answers): InitFile {
  const users = allStages(answers).filter(({ role }) => role === 'production');
  const criteria = (stage: Stage) => `  ${stage.environment}:
    watch: 10m
    interval: 5s
    warm-up: 10s
    sources:
      ${requestsSource(answers, stage)}
      health: { type: probe, path: /health, expect-status: 200 } # a quiet service has data too
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 2m, min-requests: 20, no-data: pass }
      - { name: health, source: health, fail-when: error-rate > 50 %, for: 30s, min-requests: 5 }
`;
  return {
    path: '.github/rollback.yml',
    seed: true,
    text: `${schemaLine(answers, 'rollback')}# What rolls a release back: docs/rollback-criteria.md of the suite. Read from the default branch only.
version: 1
environments:
${users.map(criteria).join('')}`,
  };
}

/** Whoever can change these files can change what a release must prove, or what it does. */
const codeownersFile = (answers: Answers): InitFile => ({
  path: '.github/CODEOWNERS',
  part: true,
  text: `${marks.begin}
${['/.github/', '/deploy/', '/ci/', ...ownedByParts(answers)]
  .map((path) => `${path} ${answers.owners.join(' ')}`)
  .join('\n')}
${marks.end}
`,
});
