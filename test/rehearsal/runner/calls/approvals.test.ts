import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../../support/until.js';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
  fixture.commit({ '.github/workflows/promote.yml': promote });
});
afterEach(() => fixture.close());

// Each job says what it needs: success() would also look at the stage that the caller skips on purpose.
const promote = `
on: { workflow_call: { inputs: { environment: { type: string, required: true } } } }
jobs:
  gate: { if: "!cancelled()", runs-on: x, steps: [{ run: 'echo the gate of \${{ inputs.environment }} is green' }] }
  release:
    needs: gate
    if: "!cancelled() && needs.gate.result == 'success'"
    runs-on: x
    environment: { name: "\${{ inputs.environment }}", deployment: false }
    steps: [{ run: echo released }]
  settle:
    needs: release
    if: always()
    runs-on: x
    environment: { name: "\${{ inputs.environment }}-recovery", deployment: false }
    steps: [{ run: echo settled }]`;
const stages = jobsOf(`
uat: { name: UAT, if: "vars.UAT != ''", uses: ./.github/workflows/promote.yml, with: { environment: "\${{ vars.UAT }}" } }
production:
  name: Production
  needs: uat
  if: "!cancelled() && contains(fromJSON('[\\"success\\", \\"skipped\\"]'), needs.uat.result)"
  uses: ./.github/workflows/promote.yml
  with: { environment: production }`);
const conclusions = ({ jobs }: Awaited<ReturnType<Fixture['run']>>) =>
  Object.fromEntries(Object.entries(jobs).map(([key, { conclusion }]) => [key, conclusion]));
const environments = () =>
  fixture.control.calls
    .filter(({ method, path }) => method === 'POST' && path.endsWith('/environment'))
    .map(({ body }) => [body['environment'], body['deployment']]);

describe('the environment of a called job', () => {
  it('is the one its input names, and its reviewers are asked after the gate before it', async () => {
    fixture.control.protectedEnvironments.add('production');
    const gateSaid: string[] = [];
    const report = await fixture.run(stages, {
      approve: async (environment) => {
        gateSaid.push(...fixture.control.history('production.gate'));
        fixture.control.approved.add(environment);
      },
    });
    expect(gateSaid).toEqual(['in_progress', 'completed/success']);
    expect(fixture.control.history('production.release')).toEqual([
      'waiting',
      'in_progress',
      'completed/success',
    ]);
    expect(conclusions(report)).toEqual({
      uat: 'skipped',
      'production.gate': 'success',
      'production.release': 'success',
      'production.settle': 'success',
    });
    expect(environments()).toEqual([
      ['production', false],
      ['production-recovery', false],
    ]);
  });

  it('refused by a reviewer fails the call; its rescue runs in the recovery environment all the same', async () => {
    fixture.control.protectedEnvironments.add('uat');
    const report = await fixture.run(stages, {
      vars: { UAT: 'uat' },
      approve: async (environment) => {
        fixture.control.refused.set(environment, 'Deployment was rejected by rosa.');
      },
    });
    expect(report.conclusion).toBe('failure');
    expect(conclusions(report)).toEqual({
      'uat.gate': 'success',
      'uat.release': 'failure',
      'uat.settle': 'success',
      production: 'skipped',
    });
    expect(report.jobs['uat.release']).toMatchObject({
      steps: [],
      annotations: [{ message: 'Deployment was rejected by rosa.' }],
    });
  });

  it('approved in one stage is asked again in the next', async () => {
    for (const environment of ['uat', 'production']) fixture.control.protectedEnvironments.add(environment);
    const asked: string[] = [];
    const report = await fixture.run(stages, {
      vars: { UAT: 'uat' },
      approve: async (environment) => {
        asked.push(environment);
        fixture.control.approved.add(environment);
      },
    });
    expect(report.conclusion).toBe('success');
    expect(asked).toEqual(['uat', 'production']);
  });

  it('that is an empty text is none: nobody is asked', async () => {
    const report = await fixture.run(
      jobsOf('call: { runs-on: x, environment: "${{ vars.NONE }}", steps: [{ run: echo }] }'),
    );
    expect(report.conclusion).toBe('success');
    expect(environments()).toEqual([]);
  });

  it('wanted by two jobs at once is reviewed once for both', async () => {
    fixture.control.protectedEnvironments.add('production');
    let asked = 0;
    const waiting = () =>
      ['a', 'b'].every((job) => fixture.control.history(job).includes('waiting')) || undefined;
    const report = await fixture.run(
      jobsOf(`
a: { runs-on: x, environment: production, steps: [{ run: echo }] }
b: { runs-on: x, environment: production, steps: [{ run: echo }] }`),
      {
        approve: async (environment) => {
          asked += 1;
          await until(() => waiting() === true);
          fixture.control.approved.add(environment);
        },
      },
    );
    expect([report.conclusion, asked]).toEqual(['success', 1]);
  });
});

describe('a release that waits for its reviewer', () => {
  const release = (top: string) => `${top}\n${stages}`;
  const approveLater = () => {
    fixture.control.protectedEnvironments.add('production');
    return fixture.control.approved;
  };

  it('is overtaken by a hotfix where the workflow has no group', async () => {
    const approved = approveLater();
    const first = fixture.run(release(''));
    await until(() => fixture.control.history('production.release').includes('waiting'));
    const hotfix = await fixture.run(jobsOf('fix: { runs-on: x, steps: [{ run: echo fixed }] }'));
    expect(hotfix.conclusion).toBe('success');
    expect(fixture.control.history('production.release')).toEqual(['waiting']);
    approved.add('production');
    expect((await first).conclusion).toBe('success');
  });

  it('holds the hotfix for ever where the workflow has one', async () => {
    const approved = approveLater();
    const first = fixture.run(release('concurrency: { group: cd, queue: max }'));
    await until(() => fixture.control.history('production.release').includes('waiting'));
    const hotfix = fixture.run(
      `concurrency: { group: cd, queue: max }\n${jobsOf('fix: { runs-on: x, steps: [{ run: echo fixed }] }')}`,
    );
    await until(() => fixture.control.history('run').includes('pending'));
    expect(fixture.control.history('fix')).toEqual([]);
    approved.add('production');
    expect([(await first).conclusion, (await hotfix).conclusion]).toEqual(['success', 'success']);
  });
});
