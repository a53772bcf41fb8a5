import { writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const sha = '0123456789abcdef0123456789abcdef01234567';
const remote = (name: string) => `org/devops-actions/.github/workflows/${name}.yml@${sha}`;
const logOf = (report: Awaited<ReturnType<Fixture['run']>>, job: string) =>
  report.jobs[job]?.steps.map(({ log }) => log).join('') ?? '';
const named = () =>
  fixture.control.calls
    .filter(({ path }) => /\/jobs$/.test(path))
    .map(({ body }) => [body['key'], body['name']]);

/** A called workflow that prints and hands on its input. */
const echo = `
on:
  workflow_call:
    inputs:
      text: { type: string, default: nothing }
    outputs:
      said: { value: "\${{ jobs.echo.outputs.said }}" }
jobs:
  echo:
    name: Echo
    runs-on: x
    outputs: { said: "\${{ steps.s.outputs.said }}" }
    steps:
      - id: s
        run: echo "said=$TEXT!" | tee -a "$GITHUB_OUTPUT"
        env: { TEXT: "\${{ inputs.text }}" }`;

describe('a job that calls a workflow', () => {
  it.each([
    ['of the same repository by ./', './.github/workflows/echo.yml'],
    ['of the same repository by $/', '$/.github/workflows/echo.yml'],
    ['of the same repository by its name', 'org/shop/.github/workflows/echo.yml@main'],
    ['of another repository', remote('echo')],
  ])('runs its jobs %s, hands inputs in and outputs out', async (_where, uses) => {
    fixture.commit({ '.github/workflows/echo.yml': echo });
    fixture.release({ '.github/workflows/echo.yml': echo });
    const report = await fixture.run(
      jobsOf(`
first: { runs-on: x, outputs: { word: hello }, steps: [{ run: echo }] }
call:
  name: Call
  needs: first
  uses: ${uses}
  with: { text: "\${{ needs.first.outputs.word }}" }
after:
  needs: call
  runs-on: x
  steps: [{ run: 'echo "\${{ needs.call.result }} \${{ needs.call.outputs.said }}"' }]`),
    );
    expect(report.conclusion).toBe('success');
    expect(Object.keys(report.jobs).sort()).toEqual(['after', 'call.echo', 'first']);
    expect(logOf(report, 'call.echo')).toContain('said=hello!');
    expect(logOf(report, 'after')).toContain('success hello!');
  });

  it('is shown by its jobs alone, named after both', async () => {
    fixture.commit({ '.github/workflows/echo.yml': echo });
    await fixture.run(
      jobsOf('call: { name: "Stage ${{ github.ref_name }}", uses: ./.github/workflows/echo.yml }'),
    );
    expect(named()).toEqual([['call.echo', 'Stage main / Echo']]);
    expect(fixture.control.history('call.echo')).toEqual(['in_progress', 'completed/success']);
  });

  it('is one job, skipped, when its own `if` does not hold', async () => {
    fixture.commit({ '.github/workflows/echo.yml': echo });
    const report = await fixture.run(
      jobsOf(`
call: { name: Call, if: false, uses: ./.github/workflows/echo.yml }
after: { needs: call, if: always(), runs-on: x, steps: [{ run: 'echo "\${{ needs.call.result }}"' }] }`),
    );
    expect(named()).toEqual([
      ['call', 'Call'],
      ['after', 'after'],
    ]);
    expect(report.jobs['call']?.conclusion).toBe('skipped');
    expect(logOf(report, 'after')).toContain('skipped\n');
  });

  it('has failed when one of the called jobs has, and what needs it is skipped', async () => {
    fixture.commit({
      '.github/workflows/two.yml': `
on: workflow_call
jobs:
  good: { runs-on: x, steps: [{ run: echo }] }
  bad: { runs-on: x, steps: [{ run: exit 1 }] }
  next: { needs: bad, runs-on: x, steps: [{ run: echo }] }`,
    });
    const report = await fixture.run(
      jobsOf(`
call: { uses: ./.github/workflows/two.yml }
after: { needs: call, runs-on: x, steps: [{ run: echo }] }
rescue: { needs: call, if: failure(), runs-on: x, steps: [{ run: 'echo "\${{ needs.call.result }}"' }] }`),
    );
    expect(report.conclusion).toBe('failure');
    expect(Object.fromEntries(Object.entries(report.jobs).map(([key, { result }]) => [key, result]))).toEqual(
      {
        'call.good': 'success',
        'call.bad': 'failure',
        'call.next': 'skipped',
        after: 'skipped',
        rescue: 'success',
      },
    );
    expect(logOf(report, 'rescue')).toContain('failure\n');
  });

  it('sees the event and name of its caller, and itself under `job`', async () => {
    fixture.release({
      '.github/workflows/who.yml': `
name: Callee
on: workflow_call
env: { OWN: of the callee }
jobs:
  who:
    runs-on: x
    steps:
      - run: echo "\${{ github.workflow }}|\${{ github.job }}|$GITHUB_JOB|$GITHUB_WORKFLOW_REF|$OWN|$CALLERS|"
      - run: echo "\${{ job.workflow_repository }}|\${{ job.workflow_file_path }}|\${{ job.workflow_ref }}|\${{ job.workflow_sha }}|"`,
    });
    const report = await fixture.run(
      `name: CD\nenv: { CALLERS: of the caller }\n${jobsOf(`call: { uses: ${remote('who')} }`)}`,
    );
    expect(logOf(report, 'call.who')).toContain(
      'CD|who|who|org/shop/.github/workflows/cd.yml@refs/heads/main|of the callee||\n',
    );
    expect(logOf(report, 'call.who')).toContain(
      `org/devops-actions|.github/workflows/who.yml|${remote('who')}|${sha}|\n`,
    );
  });

  it('uses actions of its own repository by $/ and of the caller by ./', async () => {
    const action = `{ runs: { using: node24, main: m.js } }`;
    fixture.action('tell', action, { 'm.js': `console.log('the callee speaks')` });
    fixture.commit({
      'tell/action.yml': action,
      'tell/m.js': `console.log('the caller speaks')`,
    });
    fixture.release({
      '.github/workflows/tell.yml': `
on: workflow_call
jobs:
  tell:
    runs-on: x
    steps:
      - uses: actions/checkout@v4
      - { name: own, uses: $/tell }
      - { name: hook, uses: ./tell }`,
    });
    const report = await fixture.run(jobsOf(`call: { uses: ${remote('tell')} }`));
    const steps = report.jobs['call.tell']?.steps.map(({ name, log }) => `${name}: ${log.trim()}`);
    expect(steps).toContain('own: the callee speaks');
    expect(steps).toContain('hook: the caller speaks');
  });

  it('may call further: names grow, and ./ and $/ stay in the repository they are written in', async () => {
    fixture.release({
      '.github/workflows/cd.yml': `
on: { workflow_call: { outputs: { said: { value: "\${{ jobs.stage.outputs.said }}" } } } }
jobs:
  stage: { name: Staging, uses: ./.github/workflows/promote.yml, with: { text: inner } }`,
      '.github/workflows/promote.yml': echo,
    });
    const report = await fixture.run(
      jobsOf(`
cd: { name: CD, uses: ${remote('cd')} }
after: { needs: cd, runs-on: x, steps: [{ run: 'echo "\${{ needs.cd.outputs.said }}"' }] }`),
    );
    expect(named()[0]).toEqual(['cd.stage.echo', 'CD / Staging / Echo']);
    expect(logOf(report, 'after')).toContain('inner!\n');
  });

  it('runs again only what failed in it, with the outputs of what is kept', async () => {
    fixture.commit({
      '.github/workflows/two.yml': `
on:
  workflow_call:
    outputs: { word: { value: "\${{ jobs.build.outputs.word }}" } }
jobs:
  build:
    runs-on: x
    outputs: { word: "\${{ steps.w.outputs.word }}" }
    steps: [{ id: w, run: 'echo "word=first-\${{ github.run_attempt }}" >> "$GITHUB_OUTPUT"' }]
  flaky: { needs: build, runs-on: x, steps: [{ run: 'echo "\${{ needs.build.outputs.word }}"; [ -f ${fixture.root}/open ]' }] }`,
    });
    const text = jobsOf(`
call: { uses: ./.github/workflows/two.yml }
after: { needs: call, runs-on: x, steps: [{ run: 'echo "\${{ needs.call.outputs.word }}"' }] }`);
    const first = await fixture.run(text);
    expect(first.conclusion).toBe('failure');
    expect(first.jobs['after']?.result).toBe('skipped');
    writeFileSync(`${fixture.root}/open`, '');
    const again = await fixture.run(text, { rerun: { runId: first.runId, jobs: 'failed' } });
    expect(again.conclusion).toBe('success');
    expect(named().slice(3)).toEqual([
      ['call.flaky', 'call / flaky'],
      ['after', 'after'],
    ]);
    expect(logOf(again, 'after')).toContain('first-1\n');
  });
});

describe('a call that GitHub refuses', () => {
  const call = (text: string) => jobsOf(`call:\n  ${text}`);

  it.each([
    ['to a file that is not there', 'uses: ./.github/workflows/gone.yml', 'gone.yml'],
    [
      'to a file elsewhere',
      'uses: ./deploy.yml',
      "'./deploy.yml' is not a workflow: write ./.github/workflows/",
    ],
    ['without a ref', 'uses: org/shop/.github/workflows/x.yml', 'is not a workflow'],
    ['to a repository nobody mapped', 'uses: a/b/.github/workflows/x.yml@v1', "add 'a/b' to `actions`"],
    [
      'to a branch that is not there',
      'uses: org/shop/.github/workflows/x.yml@gone',
      "no branch, tag or commit 'gone'",
    ],
    ['to one that nobody may call', 'uses: ./.github/workflows/push.yml', 'workflow_call key is not defined'],
    ['to itself', 'uses: ./.github/workflows/cd.yml', 'calls itself'],
    [
      'to one that is broken',
      'uses: ./.github/workflows/broken.yml',
      'broken.yml:4: jobs.a.color: this runner does not know',
    ],
  ])('%s is told with its line before anything runs', async (_what, text, message) => {
    fixture.commit({
      '.github/workflows/push.yml': jobsOf('a: { runs-on: x, steps: [{ run: echo }] }'),
      '.github/workflows/broken.yml':
        'on: workflow_call\njobs:\n  a:\n    color: red\n    runs-on: x\n    steps: [{ run: echo }]',
    });
    await expect(fixture.run(call(text))).rejects.toThrow(
      expect.objectContaining({
        problems: [expect.stringMatching(/^\.github\/workflows\/cd\.yml:4: /)],
        message: expect.stringContaining(message),
      }),
    );
    expect(fixture.control.calls).toEqual([]);
  });

  it('over more than four levels is told with the way there', async () => {
    const level = (next: string) =>
      `on: workflow_call\njobs: { n: { uses: ./.github/workflows/${next}.yml } }`;
    fixture.commit({
      '.github/workflows/b.yml': level('c'),
      '.github/workflows/c.yml': level('d'),
      '.github/workflows/d.yml': echo,
      '.github/workflows/e.yml': level('b'),
    });
    expect((await fixture.run(call('uses: ./.github/workflows/b.yml'))).conclusion).toBe('success');
    await expect(fixture.run(call('uses: ./.github/workflows/e.yml'))).rejects.toThrow(
      'at most 4 levels of workflows',
    );
  });

  it.each([
    'environment: production',
    'timeout-minutes: 5',
    'env: { A: b }',
    'runs-on: x',
    'steps: [{ run: a }]',
  ])('with %s is told where that belongs', async (key) => {
    await expect(fixture.run(call(`uses: ./.github/workflows/x.yml\n  ${key}`))).rejects.toThrow(
      `cd.yml:5: jobs.call.${key.split(':')[0]}: a job that calls a workflow may not have this key`,
    );
  });
});
