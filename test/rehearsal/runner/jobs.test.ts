import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const calls = (method: string, path: RegExp) =>
  fixture.control.calls
    .filter((call) => call.method === method && path.test(call.path))
    .map(({ body }) => body);

describe('the graph of jobs', () => {
  it('runs jobs in parallel and hands results and outputs along needs', async () => {
    // Each job waits to see the other: one after the other they would never end.
    const meet = (mine: string, other: string) =>
      `touch ${fixture.root}/${mine}; for i in $(seq 500); do [ -f ${fixture.root}/${other} ] && exit 0; sleep 0.02; done; exit 1`;
    const report = await fixture.run(
      jobsOf(`
build:
  runs-on: x
  outputs: { digest: "\${{ steps.b.outputs.digest }}" }
  steps: [{ id: b, run: 'echo digest=sha256:1 >> "$GITHUB_OUTPUT"; ${meet('build', 'lint')}' }]
lint: { runs-on: x, steps: [{ run: '${meet('lint', 'build')}' }] }
deploy:
  runs-on: x
  needs: [build, lint]
  steps: [{ run: 'echo "\${{ needs.build.outputs.digest }} \${{ needs.lint.result }} \${{ toJSON(needs.lint.outputs) }}"' }]`),
    );
    expect(report.conclusion).toBe('success');
    expect(report.jobs['deploy']?.steps[0]?.log).toContain('sha256:1 success {}\n');
  });

  it('looks at all ancestors: a job after a rescued failure is skipped unless it says otherwise', async () => {
    const report = await fixture.run(
      jobsOf(`
a: { runs-on: x, steps: [{ run: exit 1 }] }
b: { runs-on: x, needs: a, if: always(), steps: [{ run: echo }] }
c: { runs-on: x, needs: b, steps: [{ run: echo }] }
d: { runs-on: x, needs: b, if: failure(), steps: [{ run: echo }] }
e: { runs-on: x, needs: c, steps: [{ run: echo }] }
f: { runs-on: x, needs: [a, b], if: "!cancelled() && needs.b.result == 'success'", steps: [{ run: echo }] }
g: { runs-on: x, needs: b, if: "success('b')", steps: [{ run: echo }] }`),
    );
    expect(Object.fromEntries(Object.entries(report.jobs).map(([key, { result }]) => [key, result]))).toEqual(
      {
        a: 'failure',
        b: 'success',
        c: 'skipped',
        d: 'success',
        e: 'skipped',
        f: 'success',
        g: 'success',
      },
    );
    expect(report.conclusion).toBe('failure');
    expect(fixture.control.history('c')).toEqual(['completed/skipped']);
    expect(fixture.control.history('a')).toEqual(['in_progress', 'completed/failure']);
  });

  it('forgives a job with continue-on-error towards others, not in its own check', async () => {
    const report = await fixture.run(
      jobsOf(`
flaky: { runs-on: x, continue-on-error: true, steps: [{ run: exit 1 }] }
after: { runs-on: x, needs: flaky, steps: [{ run: echo }] }`),
    );
    expect(report).toMatchObject({
      conclusion: 'success',
      jobs: { flaky: { result: 'success', conclusion: 'failure' }, after: { result: 'success' } },
    });
    expect(fixture.control.history('flaky')).toEqual(['in_progress', 'completed/failure']);
  });

  it('runs no more jobs at a time than allowed', async () => {
    await fixture.run(
      jobsOf(['a', 'b', 'c'].map((key) => `${key}: { runs-on: x, steps: [{ run: sleep 0.05 }] }`).join('\n')),
      { maxParallel: 1 },
    );
    const events = fixture.progress.filter((event) => event.type === 'job' && event.status !== 'queued');
    expect(events.map((event) => 'status' in event && event.status)).toEqual(
      Array(3).fill(['in_progress', 'completed']).flat(),
    );
  });

  it('gives each job a workspace of its own', async () => {
    const report = await fixture.run(
      jobsOf(`
a: { runs-on: x, steps: [{ run: touch left-behind }] }
b: { runs-on: x, needs: a, steps: [{ run: 'ls -A | wc -l' }] }`),
    );
    expect(report.jobs['b']?.steps[0]?.log).toMatch(/^\s*0$/m);
  });
});

describe('what the stand-in is told', () => {
  it('is the run, its jobs with evaluated names, and how they end', async () => {
    const report = await fixture.run(
      `name: CD\n${workflowOf('- run: echo', `name: "Deploy \${{ github.ref_name }}"`)}`,
    );
    expect(calls('POST', /^\/runs$/)).toEqual([
      {
        owner: 'org',
        name: 'shop',
        workflowPath: '.github/workflows/cd.yml',
        workflowName: 'CD',
        event: 'push',
        headSha: fixture.git('rev-parse', 'HEAD'),
        headBranch: 'main',
        actor: 'ana',
      },
    ]);
    expect(calls('POST', /\/jobs$/)).toEqual([{ name: 'Deploy main', key: 'main', attempt: 1 }]);
    expect(fixture.control.history('main')).toEqual(['in_progress', 'completed/success']);
    expect(fixture.control.history('run')).toEqual(['in_progress', 'completed/success']);
    expect(report).toMatchObject({ attempt: 1, runNumber: 7 });
  });

  it.each([
    ['', '', { metadata: 'read', contents: 'read', packages: 'read' }],
    ['permissions: {}', '', { metadata: 'read' }],
    [
      'permissions: {}',
      'permissions: { contents: read, deployments: write, issues: none }',
      { metadata: 'read', contents: 'read', deployments: 'write' },
    ],
    ['permissions: { issues: write }', '', { metadata: 'read', issues: 'write' }],
    ['permissions: { pull-requests: read }', '', { metadata: 'read', pull_requests: 'read' }],
  ])('are the permissions of the token of a job (%j, %j)', async (workflow, job, permissions) => {
    const report = await fixture.run(
      `${workflow}\n${workflowOf(`- run: 'echo "\${{ github.token == secrets.GITHUB_TOKEN }}"'`, job)}`,
    );
    const { runId, jobs: reports } = report;
    expect(calls('POST', /^\/tokens$/)).toEqual([
      { actor: 'github-actions[bot]', permissions, runId, attempt: 1, jobId: reports['main']?.id },
    ]);
    expect(reports['main']?.steps[0]?.log).toContain('\ntrue\n');
  });

  it('are all permissions for read-all and write-all, but no id-token to read', async () => {
    await fixture.run(`permissions: read-all\n${workflowOf('- run: echo', 'permissions: write-all')}`);
    await fixture.run(`permissions: read-all\n${workflowOf('- run: echo')}`);
    const [write, read] = calls('POST', /^\/tokens$/).map(
      ({ permissions }) => permissions as Record<string, string>,
    );
    expect(write).toMatchObject({
      contents: 'write',
      id_token: 'write',
      deployments: 'write',
      models: 'read',
    });
    expect(read).toMatchObject({ contents: 'read', deployments: 'read' });
    expect(read).not.toHaveProperty('id_token');
  });
});

describe('the machine', () => {
  it('gives its own variables to every step, which a step may replace', async () => {
    const steps = `
- run: echo "$AUTHORITY $COLOUR"
- env: { COLOUR: green }
  run: echo "$AUTHORITY $COLOUR"`;
    const report = await fixture.run(workflowOf(steps), {
      machineEnvironment: { AUTHORITY: '/etc/authority.pem', COLOUR: 'grey' },
    });
    const logs = report.jobs['main']?.steps.map(({ log }) => log);
    expect(logs).toEqual([
      expect.stringContaining('/etc/authority.pem grey\n'),
      expect.stringContaining('/etc/authority.pem green\n'),
    ]);
  });
});

describe('environments', () => {
  const deploy = workflowOf(
    `
- env: { KEY: "\${{ secrets.KEY }}" }
  run: echo "\${{ vars.COLOUR }} \${{ vars.SHARED }} $(echo -n "$KEY" | rev)"`,
    `environment: { name: production, url: "https://\${{ vars.COLOUR }}.example.test", deployment: false }`,
  );

  it('hold the job until somebody approves, then lend it their secrets and variables', async () => {
    fixture.control.protectedEnvironments.add('production');
    const asked: [string, number][] = [];
    const report = await fixture.run(deploy, {
      secrets: { KEY: 'repository-key' },
      environmentSecrets: { production: { KEY: 'production-key' }, staging: { KEY: 'staging-key' } },
      vars: { SHARED: 'repository', COLOUR: 'grey' },
      environmentVars: { production: { COLOUR: 'green' } },
      approve: async (environment, runId) => {
        asked.push([environment, runId]);
        fixture.control.approved.add(environment);
      },
    });
    expect(asked).toEqual([['production', report.runId]]);
    expect(calls('POST', /environment$/)).toEqual([{ environment: 'production', deployment: false }]);
    expect(fixture.control.history('main')).toEqual(['waiting', 'in_progress', 'completed/success']);
    expect(report.jobs['main']?.steps[0]?.log).toContain('green repository yek-noitcudorp\n');
    expect(report.jobs['main']?.environmentUrl).toBe('https://green.example.test');
  });

  it('fail the job when they refuse it', async () => {
    fixture.control.refused.set('production', 'Branch "main" is not allowed to deploy to production');
    const report = await fixture.run(deploy);
    expect(report.jobs['main']).toMatchObject({ result: 'failure', steps: [] });
    expect(report.jobs['main']?.annotations[0]?.message).toContain('not allowed to deploy');
  });

  it('let go of a job that is cancelled while it waits', async () => {
    fixture.control.protectedEnvironments.add('production');
    const abort = new AbortController();
    const report = await fixture.run(deploy, { signal: abort.signal, approve: async () => abort.abort() });
    expect(report).toMatchObject({
      conclusion: 'cancelled',
      jobs: { main: { result: 'cancelled', steps: [] } },
    });
    expect(calls('POST', /^\/tokens$/)).toEqual([]);
  });
});

describe('secrets', () => {
  it('are masked in logs, annotations, names and summaries, as is what add-mask adds and the token', async () => {
    const report = await fixture.run(
      workflowOf(`
- name: "with \${{ vars.HOST }} \${{ secrets.KEY }}"
  env: { KEY: "\${{ secrets.KEY }}", T: "\${{ github.token }}" }
  run: |
    echo "key $KEY token $T"
    echo "::add-mask::later-$((40 + 2))"
    echo "then later-$((40 + 2))"
    echo "::warning::key $KEY"
    echo "summary $KEY later-$((40 + 2))" >> "$GITHUB_STEP_SUMMARY"`),
      { secrets: { KEY: 'open sesame' }, vars: { HOST: 'db' } },
    );
    const step = report.jobs['main']?.steps[0];
    expect(step?.name).toBe('with db ***');
    expect(step?.log).toContain('\nkey *** token ***\nthen ***\n');
    expect(step?.annotations).toEqual([{ level: 'warning', message: 'key ***' }]);
    expect(step?.summary).toBe('summary *** ***\n');
    expect(JSON.stringify(fixture.progress)).not.toMatch(/open sesame|later-42|ghs_/);
  });
});

describe('dispatch inputs', () => {
  const workflow = `
on:
  workflow_dispatch:
    inputs:
      colour: { type: choice, options: [blue, green], required: true }
      dry-run: { type: boolean, default: true }
      weight: { type: number }
      note: { default: none }
jobs:
  main:
    runs-on: x
    steps:
      - run: echo "\${{ inputs.colour }} \${{ inputs.dry-run == true }} \${{ inputs.weight }} \${{ inputs.note }}"
      - run: echo "\${{ github.event.inputs.dry-run == 'true' }}"; grep -c colour "$GITHUB_EVENT_PATH"
      - { name: dry, if: inputs.dry-run, run: echo }`;
  const dispatch = (inputs: Record<string, string>) =>
    fixture.run(workflow, { event: { name: 'workflow_dispatch', inputs } });

  it('have types and defaults in the inputs context and are text in the event', async () => {
    const report = await dispatch({ colour: 'green' });
    expect(report.jobs['main']?.steps[0]?.log).toContain('\ngreen true 0 none\n');
    expect(report.jobs['main']?.steps[1]?.log).toContain('\ntrue\n1\n');
    const wet = await dispatch({ colour: 'green', 'dry-run': 'false', weight: '2.5' });
    expect(wet.jobs['main']?.steps[0]?.log).toContain('\ngreen false 2.5 none\n');
    expect(stepsOf(wet)['dry']?.conclusion).toBe('skipped');
  });

  it('are refused all at once when wrong', async () => {
    const wrong = dispatch({ colour: 'red', 'dry-run': 'yes', other: '1' });
    await expect(wrong).rejects.toThrow("input 'colour' is 'red', allowed: blue, green");
    await expect(wrong).rejects.toThrow("input 'dry-run' is 'yes', allowed: true, false");
    await expect(wrong).rejects.toThrow(
      "input 'other' is not declared; declared are colour, dry-run, weight, note",
    );
    await expect(dispatch({})).rejects.toThrow("input 'colour' is required and was not given");
  });
});
