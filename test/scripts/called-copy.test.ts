import { expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { calledCopies, calledCopy } from '../../scripts/inline/called-copy.js';
import { inlineWorkflow } from '../../scripts/inline/inline-workflow.js';

const caller = 'on: push\njobs: { night: { name: Night, uses: org/suite/.github/workflows/night.yml@v1 } }\n';
const night = `on: { workflow_call: { inputs: {} } }
jobs:
  plan: { runs-on: x, outputs: { all: a }, steps: [{ uses: $/plan }] }
  each:
    name: 'Each \${{ matrix.service }}'
    needs: plan
    if: needs.plan.outputs.all != '[]'
    strategy: { fail-fast: false, matrix: { include: '\${{ fromJSON(needs.plan.outputs.all) }}' } }
    uses: $/.github/workflows/promote.yml
    with: { service: '\${{ matrix.service }}' }
  last: { needs: [plan, each], if: "needs.each.result == 'success'", runs-on: x, steps: [{ uses: $/last }] }
`;
const promote = `on: { workflow_call: { inputs: { service: { type: string, required: true } } } }
jobs:
  release:
    runs-on: x
    environment: { name: production, deployment: false }
    steps: [{ uses: $/gate-check }, { uses: ./.github/actions/deploy-setup }]
`;

it('a matrix of calls stays one, of a copy in the repository of its caller', () => {
  const whole = inlineWorkflow(caller, () => night);
  const { jobs } = parse(whole.toString()) as { jobs: Record<string, Record<string, unknown>> };
  expect(jobs['each']).toMatchObject({
    name: 'Night / Each ${{ matrix.service }}',
    needs: 'plan',
    uses: './.github/workflows/called-promote.yml',
    strategy: { 'fail-fast': false, matrix: { include: '${{ fromJSON(needs.plan.outputs.all) }}' } },
    with: { service: '${{ matrix.service }}' },
  });
  expect(jobs['last']).toMatchObject({ if: "${{ needs.each.result == 'success' }}" });
  expect(calledCopies(whole)).toEqual(['.github/workflows/promote.yml']);
});

it('the copy names the actions as others can, leaves the hook of the team alone, and has no key that Enterprise Server lacks', () => {
  const copy = calledCopy('promote.yml', { repository: 'org/suite', ref: 'v1' }, promote);
  const { release } = (parse(copy.toString()) as { jobs: Record<string, unknown> }).jobs;
  expect(release).toEqual({
    'runs-on': 'x',
    environment: { name: 'production' },
    steps: [{ uses: 'org/suite/gate-check@v1' }, { uses: './.github/actions/deploy-setup' }],
  });
});

it('a copy that would call again is refused', () => {
  expect(() => calledCopy('night.yml', { repository: 'org/suite', ref: 'v1' }, night)).toThrow(
    /each calls again/,
  );
});
