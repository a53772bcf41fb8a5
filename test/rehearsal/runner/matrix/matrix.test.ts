import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../../rehearsal/runner/run-workflow.js';
import { jobsOf, logged, openFixture, type Fixture } from '../fixture.js';

// GitHub docs: "Running variations of jobs in a workflow", "Contexts reference", and the parser in actions/runner.
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const names = ({ jobs }: RunReport) => Object.values(jobs).map(({ name }) => name);
const results = ({ jobs }: RunReport) =>
  Object.fromEntries(Object.entries(jobs).map(([key, { result }]) => [key, result]));
const logs = ({ jobs }: RunReport) =>
  Object.values(jobs).flatMap(({ steps }) =>
    steps.flatMap(({ log }) => log.split('\n').filter((line) => line.startsWith('>'))),
  );

describe('a job with a matrix', () => {
  it('runs once for each combination, and sees it everywhere', async () => {
    const report = await fixture.run(
      jobsOf(`
test:
  strategy: { matrix: { node: [20, 22], os: [ubuntu], include: [{ node: 22, tag: next }] } }
  runs-on: \${{ matrix.os }}-24.04
  environment: { name: "env-\${{ matrix.node }}", deployment: false }
  timeout-minutes: \${{ matrix.node }}
  env: { NODE: "\${{ matrix.node }}" }
  steps:
    - { if: "matrix.tag == 'next'", run: echo ">next" }
    - run: echo ">$NODE \${{ toJSON(matrix.node) }} \${{ strategy.job-index }}/\${{ strategy.job-total }} $GITHUB_JOB \${{ strategy.fail-fast }} \${{ strategy.max-parallel }}"`),
    );
    expect(report.conclusion).toBe('success');
    expect(names(report).sort()).toEqual(['test (20, ubuntu)', 'test (22, ubuntu)']);
    expect(logs(report).sort()).toEqual(['>20 20 0/2 test true 2', '>22 22 1/2 test true 2', '>next']);
    const environments = fixture.control.calls.filter(({ path }) => path.endsWith('/environment'));
    expect(environments.map(({ body }) => body['environment']).sort()).toEqual(['env-20', 'env-22']);
  });

  it('has a name of its own where the name has an expression, else the values behind it', async () => {
    const report = await fixture.run(
      jobsOf(`
a: { name: Node, runs-on: x, strategy: { matrix: { n: [1] } }, steps: [{ run: echo }] }
b: { name: "Node \${{ matrix.n }}", runs-on: x, strategy: { matrix: { n: [1] } }, steps: [{ run: echo }] }`),
    );
    expect(names(report).sort()).toEqual(['Node (1)', 'Node 1']);
  });

  it('takes its matrix from the output of another job', async () => {
    const report = await fixture.run(
      jobsOf(`
plan:
  runs-on: x
  outputs: { matrix: "\${{ steps.p.outputs.m }}" }
  steps: [{ id: p, run: "echo 'm={\\"app\\":[\\"web\\",\\"api\\"],\\"include\\":[{\\"app\\":\\"api\\",\\"port\\":80}]}' >> $GITHUB_OUTPUT" }]
test:
  needs: plan
  runs-on: x
  strategy: { matrix: "\${{ fromJSON(needs.plan.outputs.matrix) }}" }
  steps: [{ run: 'echo ">\${{ matrix.app }}:\${{ matrix.port }}"' }]
list:
  needs: plan
  runs-on: x
  strategy: { matrix: { n: "\${{ fromJSON('[1, 2]') }}", k: [z] } }
  steps: [{ run: 'echo ">\${{ matrix.n }}\${{ matrix.k }}"' }]`),
    );
    expect(logs(report).sort()).toEqual(['>1z', '>2z', '>api:80', '>web:']);
  });

  it('fails, with the line, where the output gives no matrix, and what needs it does not run', async () => {
    const report = await fixture.run(
      jobsOf(`
plan: { runs-on: x, outputs: { m: "\${{ steps.p.outputs.m }}" }, steps: [{ id: p, run: 'echo "m=[]" >> "$GITHUB_OUTPUT"' }] }
test:
  needs: plan
  runs-on: x
  strategy: { matrix: { app: "\${{ fromJSON(needs.plan.outputs.m) }}" } }
  steps: [{ run: echo }]
after: { needs: test, runs-on: x, steps: [{ run: echo }] }`),
    );
    expect(results(report)).toEqual({ plan: 'success', test: 'failure', after: 'skipped' });
    expect(report.jobs['test']?.annotations[0]?.message).toBe(
      "Error when evaluating 'strategy' for job 'test'. .github/workflows/cd.yml:7: " +
        "Matrix vector 'app' does not contain any values",
    );
  });

  it('is refused before anything runs where what is written gives no matrix, or too many jobs', async () => {
    const of = (strategy: string) =>
      fixture.run(jobsOf(`test: { runs-on: x, strategy: ${strategy}, steps: [{ run: echo }] }`));
    const many = JSON.stringify(Array.from({ length: 17 }, (_, index) => index));
    await expect(of('{ matrix: { a: [] } }')).rejects.toThrow(
      /cd\.yml:3: jobs\.test\.strategy: Matrix vector 'a' does not contain any values/,
    );
    await expect(of('{ matrix: { a: [1], exclude: [{ a: 1 }] } }')).rejects.toThrow(
      /has no combination left: exclude takes them all away/,
    );
    await expect(of('{ fail-fast: nope }')).rejects.toThrow(/fail-fast: Unexpected value 'nope'/);
    await expect(of('{ parallel: 3 }')).rejects.toThrow(/Unexpected value 'parallel'/);
    await expect(of('{ matrix: { a: ["${{ matrix.b }}"] } }')).rejects.toThrow(
      /Unrecognized named-value: 'matrix'/,
    );
    await expect(of(`{ matrix: { a: ${many}, b: ${many} } }`)).rejects.toThrow(
      /Strategy for job 'test' produced 289 configurations which exceeds the maximum of 256 configurations/,
    );
    expect(fixture.control.calls).toEqual([]);
  });

  it('is one skipped job, named as it is written, where its if does not hold', async () => {
    const report = await fixture.run(
      jobsOf(`
test: { name: "T \${{ matrix.n }}", if: "false", runs-on: x, strategy: { matrix: { n: [1, 2] } }, steps: [{ run: echo }] }
after: { needs: test, if: always(), runs-on: x, steps: [{ run: 'echo ">\${{ needs.test.result }}"' }] }`),
    );
    expect(report.jobs['test']).toMatchObject({ name: 'T ${{ matrix.n }}', result: 'skipped' });
    expect(logs(report)).toEqual(['>skipped']);
  });

  it('cannot look at its matrix in if', async () => {
    await expect(
      fixture.run(
        jobsOf(`
test: { if: matrix.n == 1, runs-on: x, strategy: { matrix: { n: [1] } }, steps: [{ run: echo }] }`),
      ),
    ).rejects.toThrow(/Unrecognized named-value: 'matrix'/);
  });

  it('gives one set of outputs: the last to end wins, and an empty one overwrites nothing', async () => {
    const report = await fixture.run(
      jobsOf(`
test:
  runs-on: x
  strategy: { max-parallel: 1, matrix: { n: [1, 2, 3] } }
  outputs: { last: "\${{ steps.s.outputs.v }}", two: "\${{ steps.s.outputs.two }}" }
  steps: [{ id: s, run: 'if test \${{ matrix.n }} != 3; then echo "v=\${{ matrix.n }}" >> "$GITHUB_OUTPUT"; fi; if test \${{ matrix.n }} = 2; then echo two=yes >> "$GITHUB_OUTPUT"; fi' }]
after: { needs: test, runs-on: x, steps: [{ run: 'echo ">\${{ needs.test.outputs.last }} \${{ needs.test.outputs.two }}"' }] }`),
    );
    expect(logs(report)).toEqual(['>2 yes']);
  });

  it('runs all at once where max-parallel is no number of jobs', async () => {
    const report = await fixture.run(
      jobsOf(`
test:
  runs-on: x
  strategy: { max-parallel: -1, matrix: { n: [1, 2] } }
  steps: [{ run: 'echo ">\${{ strategy.max-parallel }}"' }]`),
    );
    expect(logs(report)).toEqual(['>2', '>2']);
  });

  it('runs no more jobs at a time than max-parallel', async () => {
    const report = await fixture.run(
      jobsOf(`
test:
  runs-on: x
  strategy: { max-parallel: 2, matrix: { n: [1, 2, 3, 4, 5] } }
  steps: [{ run: echo }]`),
      { maxParallel: 5 },
    );
    expect(Object.keys(report.jobs)).toHaveLength(5);
    let running = 0;
    const most = fixture.progress.map((event) => {
      if (event.type === 'job' && event.status === 'in_progress') running += 1;
      if (event.type === 'job' && event.status === 'completed') running -= 1;
      return running;
    });
    expect(Math.max(...most)).toBe(2);
  });
});

describe('fail-fast', () => {
  const workflow = (strategy: string, extra = '') =>
    jobsOf(`
test:
  runs-on: x
  ${extra}
  strategy: { ${strategy} matrix: { n: [bad, slow, queued] } }
  steps:
    - if: matrix.n == 'slow'
      run: 'echo slow-runs; exec sleep \${{ github.event.seconds }}'
    - if: matrix.n == 'bad'
      run: 'while ! test -f "$GO"; do sleep 0.05; done; exit 1'
    - { name: cleanup, if: always(), run: "echo '>cleanup \${{ job.status }}'" }
after: { needs: test, if: always(), runs-on: x, steps: [{ run: 'echo ">\${{ needs.test.result }}"' }] }`);

  async function play(text: string, seconds: number) {
    const run = fixture.run(text, {
      machineEnvironment: { GO: `${fixture.root}/go` },
      event: { payload: { seconds } },
      maxParallel: 2,
    });
    await Promise.race([run, logged(fixture.progress, 'slow-runs')]);
    fixture.commit({ '../go': '' });
    return run;
  }

  it('cancels the jobs of the matrix that run or wait when one fails', async () => {
    const report = await play(workflow('max-parallel: 2,'), 60);
    expect(results(report)).toEqual({
      'test.bad': 'failure',
      'test.slow': 'cancelled',
      'test.queued': 'cancelled',
      after: 'success',
    });
    expect(report.jobs['test.slow']?.annotations[0]?.message).toBe(
      'The strategy configuration was canceled because "test.bad" failed',
    );
    expect(logs(report)).toEqual(['>cleanup failure', '>cleanup cancelled', '>failure']);
  });

  it('lets them be where it is false', async () => {
    const report = await play(workflow('fail-fast: false,'), 0.2);
    expect(results(report)).toMatchObject({ 'test.slow': 'success', 'test.queued': 'success' });
    expect(report.conclusion).toBe('failure');
  });

  it('does not count a job that continues on error', async () => {
    const report = await play(workflow('', "continue-on-error: ${{ matrix.n == 'bad' }}"), 0.2);
    expect(report.conclusion).toBe('success');
    expect(report.jobs['test.bad']).toMatchObject({ result: 'success', conclusion: 'failure' });
    expect(results(report)).toMatchObject({ 'test.slow': 'success', 'test.queued': 'success' });
  });

  it('is not asked when the run is cancelled: all its jobs end cancelled', async () => {
    const abort = new AbortController();
    const run = fixture.run(workflow('max-parallel: 1,').replace('[bad, slow, queued]', '[slow, queued]'), {
      signal: abort.signal,
      event: { payload: { seconds: 60 } },
    });
    await Promise.race([run, logged(fixture.progress, 'slow-runs')]);
    abort.abort();
    const report = await run;
    expect(report.conclusion).toBe('cancelled');
    expect(results(report)).toMatchObject({ 'test.slow': 'cancelled', 'test.queued': 'cancelled' });
  });
});

describe('a matrix of calls', () => {
  const callee = `on:
  workflow_call:
    inputs: { app: { type: string, required: true }, port: { type: number, default: 0 } }
    outputs: { done: { value: "\${{ jobs.go.outputs.done }}" } }
jobs:
  go:
    name: Go
    runs-on: x
    outputs: { done: "\${{ steps.s.outputs.done }}" }
    steps:
      - { id: s, run: 'echo ">\${{ inputs.app }}:\${{ inputs.port }}:\${{ matrix.app }}"; echo "done=\${{ inputs.app }}" >> "$GITHUB_OUTPUT"; test \${{ inputs.app }} != bad || exit 1' }
`;

  it('calls the workflow once for each combination', async () => {
    fixture.commit({ '.github/workflows/deploy.yml': callee });
    const report = await fixture.run(
      jobsOf(`
deploy:
  strategy: { max-parallel: 1, matrix: { app: [web, api], include: [{ app: api, port: 80 }] } }
  uses: ./.github/workflows/deploy.yml
  with: { app: "\${{ matrix.app }}", port: "\${{ fromJSON(matrix.port || 0) }}" }
after: { needs: deploy, runs-on: x, steps: [{ run: 'echo ">\${{ needs.deploy.result }} \${{ needs.deploy.outputs.done }}"' }] }`),
    );
    expect(Object.keys(report.jobs)).toEqual(['deploy.web.go', 'deploy.api.go', 'after']);
    expect(names(report)).toEqual(['deploy (web) / Go', 'deploy (api) / Go', 'after']);
    expect(logs(report)).toEqual(['>web:0:', '>api:80:', '>success api']);
  });

  it('cancels the calls that have not ended when one fails', async () => {
    fixture.commit({ '.github/workflows/deploy.yml': callee });
    const report = await fixture.run(
      jobsOf(`
deploy:
  strategy: { max-parallel: 1, matrix: { app: [bad, web] } }
  uses: ./.github/workflows/deploy.yml
  with: { app: "\${{ matrix.app }}" }`),
    );
    expect(report.conclusion).toBe('failure');
    expect(results(report)).toEqual({ 'deploy.bad.go': 'failure', 'deploy.web': 'cancelled' });
  });
});

describe('another attempt of a run with a matrix', () => {
  it('runs the jobs again that failed, and what needs the matrix', async () => {
    const workflow = jobsOf(`
test:
  runs-on: x
  strategy: { fail-fast: false, matrix: { n: [1, 2] } }
  outputs: { n: "\${{ matrix.n }}" }
  steps: [{ run: 'test \${{ matrix.n }} = 1 || test "$GITHUB_RUN_ATTEMPT" = 2' }]
after: { needs: test, runs-on: x, steps: [{ run: echo }] }`);
    const first = await fixture.run(workflow);
    expect(results(first)).toEqual({ 'test._1': 'success', 'test._2': 'failure', after: 'skipped' });
    const sha = fixture.git('rev-parse', 'HEAD');
    const again = await fixture.run(workflow, {
      event: { sha },
      rerun: { runId: first.runId, jobs: 'failed' },
    });
    expect(results(again)).toEqual({ 'test._1': 'success', 'test._2': 'success', after: 'success' });
    expect(again.jobs['test._1']).toEqual(first.jobs['test._1']);
    const third = await fixture.run(workflow, {
      event: { sha },
      rerun: { runId: first.runId, jobs: ['test'] },
    });
    expect(third.jobs['test._1']?.id).not.toBe(first.jobs['test._1']?.id);
    const fourth = await fixture.run(workflow, {
      event: { sha },
      rerun: { runId: first.runId, jobs: ['test._2'] },
    });
    expect(fourth.jobs['test._1']).toEqual(third.jobs['test._1']);
    expect(fourth.jobs['test._2']?.id).not.toBe(third.jobs['test._2']?.id);
    expect(fourth.jobs['after']?.id).not.toBe(third.jobs['after']?.id);
  });

  it('leaves the calls of a matrix alone that succeeded', async () => {
    fixture.commit({
      '.github/workflows/deploy.yml': `on: { workflow_call: { inputs: { app: { type: string } } } }
jobs: { go: { runs-on: x, steps: [{ run: 'test \${{ inputs.app }} = web || test "$GITHUB_RUN_ATTEMPT" = 2' }] } }`,
    });
    const workflow = jobsOf(`
deploy:
  strategy: { fail-fast: false, matrix: { app: [web, api] } }
  uses: ./.github/workflows/deploy.yml
  with: { app: "\${{ matrix.app }}" }`);
    const first = await fixture.run(workflow);
    expect(results(first)).toEqual({ 'deploy.web.go': 'success', 'deploy.api.go': 'failure' });
    const again = await fixture.run(workflow, {
      event: { sha: fixture.git('rev-parse', 'HEAD') },
      rerun: { runId: first.runId, jobs: 'failed' },
    });
    expect(again.conclusion).toBe('success');
    expect(again.jobs['deploy.web.go']).toEqual(first.jobs['deploy.web.go']);
    expect(again.jobs['deploy.api.go']?.id).not.toBe(first.jobs['deploy.api.go']?.id);
  });
});
