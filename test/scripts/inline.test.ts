import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { inlineWorkflow } from '../../scripts/inline/inline-workflow.js';
import { grantPermissions } from '../../scripts/inline/permissions.js';

interface Whole {
  jobs: Record<string, { if?: string; needs?: string | string[]; env?: object; steps: object[] }>;
}

const caller = (extra = '') => `on: push
jobs:
  cd:
    uses: org/suite/.github/workflows/cd.yml@v1
    with: { stage: staging }
${extra}`;

const called = (jobs: string, inputs = 'stage: { type: string, required: true }') =>
  `on: { workflow_call: { inputs: { ${inputs} } } }\njobs:\n${jobs}`;

const inline = (files: Record<string, string>, from = caller()) =>
  inlineWorkflow(from, (path) => files[path.split('/').at(-1)!]!).toJS() as Whole;

const oneJob = (more: string) => called(`  a:\n    runs-on: x\n    steps: [{ run: echo }]\n    ${more}\n`);

describe('a workflow and what it calls, as one file', () => {
  it('puts what the caller says in the place of inputs, with the other parts as they were', () => {
    const { jobs } = inline({
      'cd.yml': oneJob(`env: { A: '\${{ inputs.stage }}-x', B: '\${{ github.sha }}' }`),
    });
    expect(jobs['a']?.env).toEqual({ A: 'staging-x', B: '${{ github.sha }}' });
  });

  it.each([
    ["inputs.stage == ''", undefined],
    ["inputs.stage != ''", 'runs always'],
    ["github.ref == 'x' && inputs.stage != ''", "${{ github.ref == 'x' }}"],
    [
      "!cancelled() && (inputs.stage == '' || github.actor == 'ana')",
      "${{ success() && !cancelled() && github.actor == 'ana' }}",
    ],
  ])('works out what it can of "%s"', (condition, wanted) => {
    const job = inline({ 'cd.yml': oneJob(`if: "\${{ ${condition} }}"`) }).jobs['a'];
    expect(job && (job.if ?? 'runs always')).toBe(wanted);
  });

  const nested = (condition: string) =>
    called(`  first: { uses: $/.github/workflows/inner.yml }
  last:
    needs: first
    if: ${condition}
    runs-on: x
    steps: [{ uses: $/gate-check }]
`);
  const inner = called(
    `  one: { runs-on: x, steps: [{ run: echo }] }\n  two: { needs: one, if: always(), runs-on: x, steps: [{ run: echo }] }\n`,
    '',
  );

  it('asks a job that waited for one which never runs for what was asked of the call', () => {
    const outer = called(`  first: { runs-on: x, steps: [{ run: echo }] }
  call:
    needs: first
    if: github.ref == 'x'
    uses: $/.github/workflows/inner.yml
`);
    const whole = called(
      `  never: { if: "inputs.more != ''", runs-on: x, steps: [{ run: echo }] }
  then: { needs: never, if: '!cancelled()', runs-on: x, steps: [{ run: echo }] }
`,
      "more: { type: string, default: '' }",
    );
    const { jobs } = inline({ 'cd.yml': outer, 'inner.yml': whole });
    expect(jobs['call-then']).toMatchObject({
      needs: 'first',
      if: "${{ success() && github.ref == 'x' && !cancelled() }}",
    });
  });

  it('knows what steps that never run give: nothing', () => {
    const { jobs } = inline({
      'cd.yml': called(`  a:
    runs-on: x
    steps:
      - { id: plan, if: "inputs.stage == 'uat'", run: echo }
      - { id: then, run: echo, env: { A: "\${{ steps.plan.outputs.a || steps.then.outputs.b }}", B: "\${{ steps.plan.outcome }}" } }
`),
    });
    expect(jobs['a']?.steps).toMatchObject([
      { id: 'then', env: { A: '${{ steps.then.outputs.b }}', B: '' } },
    ]);
  });

  it('asks every job of a call for what was asked of the call', () => {
    const { jobs } = inline({
      'cd.yml': nested("${{ !cancelled() && needs.first.result == 'success' }}"),
      'inner.yml': inner,
    });
    expect(Object.keys(jobs)).toEqual(['first-one', 'first-two', 'last']);
    expect(jobs['last']).toMatchObject({
      needs: ['first-one', 'first-two'],
      if: "${{ !cancelled() && needs.first-one.result == 'success' && needs.first-two.result == 'success' }}",
      steps: [{ uses: 'org/suite/gate-check@v1' }],
    });
  });

  it('writes a list that the caller hands over as JSON as a list', () => {
    const job = oneJob('strategy: { matrix: { image: "${{ fromJSON(inputs.stage) }}" } }');
    const from = caller().replace('staging', `'[{"name": "api"}, {"name": "web"}]'`);
    const { jobs } = inline({ 'cd.yml': job }, from) as { jobs: Record<string, { strategy?: object }> };
    expect(jobs['a']?.strategy).toEqual({ matrix: { image: [{ name: 'api' }, { name: 'web' }] } });
  });

  it('lets a job of the caller wait for all that it waited for, and look at all of them', () => {
    const own = `  required:
    needs: cd
    if: always()
    runs-on: x
    env: { NEEDS: "\${{ toJSON(needs) }}" }
    steps: [{ run: echo }]
`;
    const { jobs } = inline({ 'cd.yml': nested('always()'), 'inner.yml': inner }, caller(own));
    expect(jobs['required']).toMatchObject({
      needs: ['first-one', 'first-two', 'last'],
      env: { NEEDS: '${{ toJSON(needs) }}' },
    });
    const single = own.replace('toJSON(needs)', 'needs.cd.result');
    expect(() => inline({ 'cd.yml': nested('always()'), 'inner.yml': inner }, caller(single))).toThrow(
      'write toJSON(needs)',
    );
  });

  it('leaves a star as it was', () => {
    const condition = "contains(github.event.pull_request.labels.*.name, 'x')";
    const { jobs } = inline({ 'cd.yml': nested(condition), 'inner.yml': inner });
    expect(JSON.stringify(jobs)).toContain('github.event.pull_request.labels.*.name');
  });

  it('refuses a caller that calls nothing', () => {
    expect(() => inline({}, 'on: push\njobs: { a: { runs-on: x, steps: [{ run: echo }] } }')).toThrow(
      'no job calls',
    );
  });

  it('refuses what has no equal in one file, and says what', () => {
    const files = { 'cd.yml': nested("needs.first.result == 'failure'"), 'inner.yml': inner };
    expect(() => inline(files)).toThrow('needs.first.result has no equal in one workflow');
    expect(() => inline({ 'cd.yml': oneJob('env: { A: "${{ inputs.other }}" }') })).toThrow('inputs.other');
    expect(() =>
      inline({ 'cd.yml': called('  a: { runs-on: x }', 'more: { required: true, type: string }') }),
    ).toThrow('the input more is missing');
  });
});

describe('the permissions of a caller', () => {
  it('are the most that any called job asks for, at any depth, skipped jobs too', () => {
    const files: Record<string, string> = {
      'cd.yml': called(`  a:
    permissions:
      contents: read
      issues: write # incidents
  b:
    if: false
    uses: $/.github/workflows/inner.yml
`),
      'inner.yml': called('  c: { permissions: { contents: write, checks: read } }\n'),
    };
    const { jobs } = grantPermissions(caller(), (path) => files[path.split('/').at(-1)!]!).toJS() as {
      jobs: Record<string, { permissions: object }>;
    };
    expect(jobs['cd']?.permissions).toEqual({ contents: 'write', issues: 'write', checks: 'read' });
    expect(
      parse(grantPermissions(caller(), (path) => files[path.split('/').at(-1)!]!).toString()),
    ).toMatchObject({
      jobs,
    });
  });
});
