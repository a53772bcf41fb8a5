import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

// GitHub docs, "Evaluate expressions: status check functions", and what teams found besides: actions/runner#491 and
// #2205. success() and failure() look at every ancestor, and those of a called job go on through the call.
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const job = (more: string, step = 'echo') => `{ runs-on: x, steps: [{ run: '${step}' }], ${more} }`;

async function play(jobs: string, callee = '') {
  fixture.commit({
    '.github/workflows/callee.yml': `on: workflow_call\njobs:\n${callee || `  a: ${job('')}`}`,
  });
  const report = await fixture.run(jobsOf(jobs));
  return {
    conclusion: report.conclusion,
    ...Object.fromEntries(Object.entries(report.jobs).map(([key, { result }]) => [key, result])),
  };
}

describe('a skipped job', () => {
  it('skips all that descend from it, also behind a job that ran nevertheless', async () => {
    expect(
      await play(`
off: ${job('if: "false"')}
runs: ${job('needs: off, if: always()')}
behind: ${job('needs: runs')}
asked: ${job('needs: runs, if: "!cancelled() && needs.runs.result == \'success\'"')}`),
    ).toEqual({
      conclusion: 'success',
      off: 'skipped',
      runs: 'success',
      behind: 'skipped',
      asked: 'success',
    });
  });

  it('skips the jobs of a call that runs nevertheless, unless they say otherwise themselves', async () => {
    expect(
      await play(
        `
off: ${job('if: "false"')}
call: { needs: off, if: always(), uses: ./.github/workflows/callee.yml }
after: ${job('needs: call, if: always()', 'test "${{ needs.call.result }}" = success')}`,
        `  plain: ${job('')}
  own: ${job('if: "!cancelled()"')}
  behind: ${job('needs: own')}`,
      ),
    ).toEqual({
      conclusion: 'success',
      off: 'skipped',
      'call.plain': 'skipped',
      'call.own': 'success',
      'call.behind': 'skipped',
      after: 'success',
    });
  });

  it('within a call that succeeded skips nothing behind the call', async () => {
    expect(
      await play(
        `
call: { uses: ./.github/workflows/callee.yml }
after: ${job('needs: call')}`,
        `  on: ${job('')}
  off: ${job('if: "false"')}`,
      ),
    ).toMatchObject({ 'call.off': 'skipped', after: 'success' });
  });

  it('is the result of a call in which none of the jobs ran', async () => {
    expect(
      await play(
        `
call: { uses: ./.github/workflows/callee.yml }
after: ${job('needs: call')}`,
        `  off: ${job('if: "false"')}`,
      ),
    ).toEqual({ conclusion: 'success', 'call.off': 'skipped', after: 'skipped' });
  });
});

describe('a failed job', () => {
  it('is what failure() finds however far above, within a call too', async () => {
    expect(
      await play(
        `
bad: ${job('', 'exit 1')}
between: ${job('needs: bad')}
call: { needs: between, if: always(), uses: ./.github/workflows/callee.yml }`,
        `  rescue: ${job('if: failure()')}
  plain: ${job('')}`,
      ),
    ).toEqual({
      conclusion: 'failure',
      bad: 'failure',
      between: 'skipped',
      'call.rescue': 'success',
      'call.plain': 'skipped',
    });
  });

  it('that may fail is a success to all that need it', async () => {
    expect(
      await play(`
bad: ${job('continue-on-error: true', 'exit 1')}
after: ${job('needs: bad')}
never: ${job('needs: bad, if: failure()')}`),
    ).toEqual({ conclusion: 'success', bad: 'success', after: 'success', never: 'skipped' });
  });
});

// WorkflowTemplateConverter.cs of actions/runner: what is inherited is looked at where the secrets are.
describe('a secret that a called workflow requires', () => {
  const requires = `on: { workflow_call: { secrets: { KEY: { required: true } } } }
jobs: { a: { runs-on: x, environment: { name: production, deployment: false }, steps: [{ run: 'test -n "\${{ secrets.KEY }}"' }] } }`;
  const call = (secrets: string) =>
    `on: push\njobs: { call: { uses: ./.github/workflows/requires.yml ${secrets} } }`;
  const missing = 'Secret KEY is required, but not provided while calling.';
  beforeEach(() => {
    fixture.commit({ '.github/workflows/requires.yml': requires });
  });

  it('has to be passed by name, or be there to be inherited', async () => {
    await expect(fixture.run(call(''))).rejects.toThrow(missing);
    await expect(fixture.run(call(', secrets: inherit'))).rejects.toThrow(missing);
    const there = await fixture.run(call(', secrets: inherit'), { secrets: { key: 'key-1234' } });
    expect(there.conclusion).toBe('success');
  });

  it('may be one of the environment of the called job', async () => {
    const report = await fixture.run(call(', secrets: inherit'), {
      environmentSecrets: { production: { KEY: 'key-1234' } },
    });
    expect(report.conclusion).toBe('success');
  });

  it('is not inherited through a workflow that was not given it', async () => {
    fixture.commit({
      '.github/workflows/between.yml': `on: { workflow_call: { secrets: { OTHER: {} } } }
jobs: { further: { uses: ./.github/workflows/requires.yml, secrets: inherit } }`,
    });
    const run = fixture.run(
      'on: push\njobs: { call: { uses: ./.github/workflows/between.yml, secrets: { OTHER: "${{ secrets.KEY }}" } } }',
      { secrets: { KEY: 'key-1234' } },
    );
    await expect(run).rejects.toThrow(missing);
  });
});
