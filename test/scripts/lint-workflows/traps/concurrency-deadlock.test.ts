import { describe, expect, it } from '@jest/globals';
import { caught } from '../caught.js';

const callee = (more: string, inputs = '') => `name: Callee
on: { workflow_call: { inputs: { ${inputs} } } }
${more}`;
const job = `jobs: { c: { runs-on: x, steps: [{ run: a }] } }`;
const workflowGroup = (group: string, inputs = '') => callee(`concurrency: ${group}\n${job}`, inputs);
const caller = (top: string, call = 'uses: ./.github/workflows/callee.yml') => `name: CD
on: push
${top}
jobs:
  a:
    ${call}
`;
const deadlock = 'cd.yml:5 concurrency-deadlock';
const environment = 'environment: { type: string, default: staging }';

describe('a called workflow that asks for the concurrency group of its caller', () => {
  it.each([
    ['the same literal', 'deploy', workflowGroup('deploy')],
    [
      'literals that differ in case alone',
      'Deploy',
      workflowGroup('{ group: dEPLOY, cancel-in-progress: true }'),
    ],
    ['github.workflow, which is the name of the caller', 'CD', workflowGroup('${{ github.workflow }}')],
    [
      'the usual text of workflow and ref',
      '${{ github.workflow }}-${{ github.ref }}',
      workflowGroup("${{ format('{0}-{1}', github.workflow, 'x') && github.workflow }}-${{ GitHub['ref'] }}"),
    ],
    [
      'an input that has its default',
      'deploy-staging',
      workflowGroup('deploy-${{ inputs.environment }}', environment),
    ],
    ['a group of one of its jobs', 'deploy', callee('jobs: { c: { concurrency: deploy, runs-on: x } }')],
  ])('is caught: %s', (_, group, called) => {
    expect(caught({ 'cd.yml': caller(`concurrency: ${group}`), 'callee.yml': called })).toEqual([deadlock]);
  });

  it('is caught when the calling job holds the group', () => {
    const call = 'concurrency: deploy\n    uses: $/.github/workflows/callee.yml';
    expect(caught({ 'cd.yml': caller('', call), 'callee.yml': workflowGroup('deploy') })).toEqual([deadlock]);
  });

  it('is caught when an input brings the name of the group', () => {
    const call = `uses: ./.github/workflows/callee.yml\n    with: { environment: Production }`;
    const called = workflowGroup("${{ inputs.environment || 'none' }}", environment);
    expect(caught({ 'cd.yml': caller('concurrency: production', call), 'callee.yml': called })).toEqual([
      deadlock,
    ]);
  });

  it('is caught two calls further down', () => {
    const middle = callee('jobs: { m: { uses: ./.github/workflows/callee.yml } }');
    const call = 'uses: ./.github/workflows/middle.yml';
    const files = { 'cd.yml': caller('concurrency: deploy', call), 'middle.yml': middle };
    expect(caught({ ...files, 'callee.yml': workflowGroup('deploy') })).toEqual([deadlock]);
  });

  it('is caught in a workflow of the suite that another repository calls', () => {
    const call = 'uses: acme/devops-actions/.github/workflows/callee.yml@v1';
    const suite = { workflows: [] as never[] };
    const files = { 'callee.yml': workflowGroup('deploy'), 'cd.yml': caller('concurrency: deploy', call) };
    expect(caught(files)).toEqual([deadlock]);
    expect(caught(files, { suite })).toEqual([]);
  });

  it('is caught in a job that asks for the group of its own workflow', () => {
    const source =
      'name: CD\non: push\nconcurrency: cd\njobs:\n  a:\n    concurrency: ${{ github.workflow }}\n    runs-on: x\n';
    expect(caught({ 'cd.yml': source })).toEqual(['cd.yml:6 concurrency-deadlock']);
  });

  it.each([
    ['groups differ', 'cd', workflowGroup('deploy')],
    ['the caller has none', '', workflowGroup('deploy')],
    [
      'an input makes them differ',
      'deploy-production',
      workflowGroup('deploy-${{ inputs.environment }}', environment),
    ],
    [
      'an equal text means different things in both',
      '${{ needs.a.result }}',
      workflowGroup('${{ needs.a.result }}'),
    ],
  ])('is left alone when %s', (_, group, called) => {
    const top = group === '' ? '' : `concurrency: ${group}`;
    expect(caught({ 'cd.yml': caller(top), 'callee.yml': called })).toEqual([]);
  });

  it('does not follow workflows that call each other for ever', () => {
    const round = (to: string) => callee(`jobs: { m: { uses: ./.github/workflows/${to}.yml } }`);
    expect(caught({ 'a.yml': round('b'), 'b.yml': round('a') })).toEqual([]);
  });
});
