import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

describe('another attempt', () => {
  it('runs failed jobs and their dependents again and keeps the others with their outputs', async () => {
    const workflow = jobsOf(`
build:
  runs-on: x
  outputs: { n: "\${{ steps.n.outputs.n }}" }
  steps: [{ id: n, run: 'date +n=%N >> "$GITHUB_OUTPUT"' }]
gate: { runs-on: x, needs: build, steps: [{ run: 'test "$GITHUB_RUN_ATTEMPT" = 2' }] }
deploy:
  runs-on: x
  needs: [build, gate]
  steps: [{ run: 'echo "n is \${{ needs.build.outputs.n }} by $GITHUB_ACTOR for $GITHUB_TRIGGERING_ACTOR"' }]`);
    const first = await fixture.run(workflow);
    expect(first).toMatchObject({ conclusion: 'failure', jobs: { deploy: { result: 'skipped' } } });
    const sha = fixture.git('rev-parse', 'HEAD');
    const again = await fixture.run(workflow, {
      event: { sha },
      rerun: { runId: first.runId, jobs: 'failed', actor: 'rosa' },
    });
    expect(again).toMatchObject({ runId: first.runId, attempt: 2, conclusion: 'success' });
    expect(again.jobs['build']).toEqual(first.jobs['build']);
    expect(again.jobs['gate']?.id).not.toBe(first.jobs['gate']?.id);
    expect(again.jobs['deploy']?.steps[0]?.log).toContain(
      `n is ${first.jobs['build']?.outputs['n']} by ana for rosa\n`,
    );
    const attempts = fixture.control.calls.filter(({ path }) => path.endsWith('/attempts'));
    expect(attempts.map(({ body }) => body)).toEqual([{ triggeringActor: 'rosa' }]);

    const third = await fixture.run(workflow, {
      event: { sha },
      rerun: { runId: first.runId, jobs: ['deploy'] },
    });
    expect(third).toMatchObject({ attempt: 3, conclusion: 'success' });
    expect(third.jobs['gate']).toEqual(again.jobs['gate']);
  });

  it('has the inputs that the run was started with', async () => {
    const workflow = `on: { workflow_dispatch: { inputs: { kind: { default: release } } } }
jobs: { main: { runs-on: x, steps: [{ run: 'echo "kind is \${{ inputs.kind }}"; exit 1' }] } }`;
    const event = { name: 'workflow_dispatch', inputs: { kind: 'hotfix' } };
    const first = await fixture.run(workflow, { event });
    const again = await fixture.run(workflow, {
      event: { name: 'workflow_dispatch', sha: fixture.git('rev-parse', 'HEAD') },
      rerun: { runId: first.runId, jobs: 'failed' },
    });
    expect(again.jobs['main']?.steps[0]?.log).toContain('kind is hotfix\n');
  });

  it('is refused for runs and jobs that are not known', async () => {
    const { runId } = await fixture.run(workflowOf('- run: echo'));
    const sha = fixture.git('rev-parse', 'HEAD');
    const rerun = (id: number, names: string[]) =>
      fixture.run('', { event: { sha }, rerun: { runId: id, jobs: names } });
    await expect(rerun(1, ['main'])).rejects.toThrow('run 1 is not known');
    await expect(rerun(runId, ['nope'])).rejects.toThrow('there is no job nope; there are main');
  });
});
