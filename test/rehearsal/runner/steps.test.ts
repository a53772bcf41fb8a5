import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { shellCommand } from '../../../rehearsal/runner/run/step/script-step.js';
import { openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const log = async (steps: string, job = '') => {
  const report = await fixture.run(workflowOf(steps, job));
  return { report, log: (report.jobs['main']?.steps ?? []).map((step) => step.log).join('') };
};

describe('run steps', () => {
  it('run in the workspace, with bash unless another shell is named', async () => {
    const { log: text } = await log(`
- run: 'echo "in \${PWD##*/} by \${BASH_VERSION:+bash}"'
- { shell: 'sh -x {0}', run: 'echo traced' }`);
    expect(text).toContain('in shop by bash\n');
    expect(text).toContain('+ echo traced\n');
  });

  it.each([
    [undefined, 'bash -e {0}', '.sh'],
    ['bash', 'bash --noprofile --norc -e -o pipefail {0}', '.sh'],
    ['sh', 'sh -e {0}', '.sh'],
    ['python', 'python {0}', '.py'],
    ['bash -x {0}', 'bash -x {0}', '.sh'],
    ['perl {0}', 'perl {0}', ''],
  ])('have for shell %s the command line %s', (shell, line, extension) => {
    const { file, args, extension: ends } = shellCommand(shell);
    expect([[file, ...args].join(' '), ends]).toEqual([line, extension]);
  });

  it('fail for a shell that does not say where the script goes', async () => {
    const report = await fixture.run(workflowOf(`- { shell: perl, run: print }`));
    expect(report.jobs['main']?.steps[0]?.annotations[0]?.message).toContain("Invalid shell option 'perl'");
  });

  it('show debug lines and set RUNNER_DEBUG when ACTIONS_STEP_DEBUG is on', async () => {
    const text = workflowOf(`- run: 'echo "::debug::deep [$RUNNER_DEBUG]"'`);
    const plain = await fixture.run(text);
    const debug = await fixture.run(text, { secrets: { ACTIONS_STEP_DEBUG: 'true' } });
    expect(plain.jobs['main']?.steps[0]?.log).not.toContain('##[debug]');
    expect(debug.jobs['main']?.steps[0]?.log).toContain('##[debug]deep [1]\n');
  });

  it('have pipefail with shell: bash and not without a shell', async () => {
    const report = await fixture.run(
      workflowOf(`
- { name: bare, run: 'false | true' }
- { name: piped, shell: bash, run: 'false | true' }`),
    );
    expect(stepsOf(report)['bare']?.outcome).toBe('success');
    expect(stepsOf(report)['piped']?.outcome).toBe('failure');
    expect(stepsOf(report)['piped']?.annotations).toEqual([
      { level: 'error', message: 'Process completed with exit code 1.' },
    ]);
  });

  it('take shell and working-directory from the job defaults over those of the workflow', async () => {
    const { log: text } = await log(
      `
- { run: 'mkdir -p deep/er', working-directory: . }
- run: 'echo "here \${PWD##*/}"'`,
      `defaults: { run: { working-directory: deep/er } }`,
    );
    expect(text).toContain('here er\n');
  });

  it('fail with the folder named when the working directory is missing', async () => {
    const report = await fixture.run(workflowOf(`- { run: echo, working-directory: nowhere }`));
    expect(report.conclusion).toBe('failure');
    expect(report.jobs['main']?.steps[0]?.annotations[0]?.message).toContain('nowhere');
  });

  it('get an environment made for them, not that of this process', async () => {
    process.env['RUNNER_TEST_LEAK'] = 'leaked';
    const { log: text } = await log(`- run: env`);
    delete process.env['RUNNER_TEST_LEAK'];
    expect(text).not.toContain('leaked');
    expect(text).not.toMatch(/^GITHUB_TOKEN=/m);
    expect(text).not.toMatch(/^ACTIONS_RUNTIME_TOKEN=/m);
    expect(text).toMatch(/^GITHUB_ACTIONS=true$/m);
    expect(text).toMatch(/^CI=true$/m);
    expect(text).toMatch(/^GITHUB_RUN_ATTEMPT=1$/m);
    expect(text).toMatch(new RegExp(`^GITHUB_API_URL=${fixture.control.url}$`, 'm'));
    expect(text).toMatch(new RegExp(`^GITHUB_GRAPHQL_URL=${fixture.control.url}/graphql$`, 'm'));
    expect(text).toMatch(/^RUNNER_TEMP=.*_temp$/m);
    expect(text).toMatch(/^HOME=.*\/home$/m);
  });
});

describe('conditions and results', () => {
  it('skip later steps after a failure unless they ask for it', async () => {
    const report = await fixture.run(
      workflowOf(`
- { name: fails, id: fails, run: exit 3 }
- { name: plain, run: echo }
- { name: literal, if: "steps.fails.outcome == 'failure'", run: echo }
- { name: on failure, if: "\${{ failure() }}", run: echo }
- { name: always, if: always(), run: echo }
- { name: cancelled, if: cancelled(), run: echo }`),
    );
    expect(
      Object.fromEntries(Object.entries(stepsOf(report)).map(([name, step]) => [name, step.conclusion])),
    ).toEqual({
      fails: 'failure',
      plain: 'skipped',
      literal: 'skipped',
      'on failure': 'success',
      always: 'success',
      cancelled: 'skipped',
    });
    expect(report.conclusion).toBe('failure');
  });

  it('keep the outcome and forgive the conclusion with continue-on-error', async () => {
    const { report, log: text } = await log(`
- { id: forgiven, continue-on-error: true, run: exit 1 }
- run: echo "\${{ steps.forgiven.outcome }} \${{ steps.forgiven.conclusion }} \${{ job.status }}"`);
    expect(text).toContain('failure success success\n');
    expect(report.conclusion).toBe('success');
  });

  it('end a step at its timeout as a failure', async () => {
    const report = await fixture.run(workflowOf(`- { name: slow, run: exec sleep 20, timeout-minutes: 5 }`), {
      timings: { minuteMs: 20 },
    });
    const step = stepsOf(report)['slow'];
    expect(step?.outcome).toBe('failure');
    expect(step?.annotations[0]?.message).toBe("The action 'slow' has timed out after 5 minutes.");
    expect(step?.durationMs).toBeLessThan(6_000);
  });

  it('cancel a job at its own timeout, and still run what asks for it', async () => {
    const report = await fixture.run(
      workflowOf(
        `
- { name: slow, run: exec sleep 20 }
- { name: cleanup, if: cancelled(), run: echo cleaned }`,
        'timeout-minutes: 5',
      ),
      { timings: { minuteMs: 20 } },
    );
    expect(report.jobs['main']?.result).toBe('cancelled');
    expect(stepsOf(report)['slow']?.outcome).toBe('cancelled');
    expect(stepsOf(report)['cleanup']?.outcome).toBe('success');
    expect(report.jobs['main']?.annotations[0]?.message).toContain('maximum execution time of 5 minutes');
  });

  it('fail a step whose expression cannot be evaluated', async () => {
    const report = await fixture.run(workflowOf(`- run: echo "\${{ github.event }}"`));
    expect(report.jobs['main']?.steps[0]?.annotations[0]?.message).toContain('use toJSON');
  });
});

describe('environment variables', () => {
  it('come from workflow, job and step, the nearest winning', async () => {
    const report = await fixture.run(`
on: push
env: { A: workflow, B: workflow, C: workflow }
jobs:
  main:
    runs-on: ubuntu-24.04
    env: { B: job, C: job }
    steps:
      - env: { C: "step after \${{ env.C }}" }
        run: echo "$A, $B, $C, \${{ env.C }}"
      - run: echo "then $C"`);
    expect(report.jobs['main']?.steps[0]?.log).toContain('workflow, job, step after job, step after job\n');
    expect(report.jobs['main']?.steps[1]?.log).toContain('then job\n');
  });

  it('set through GITHUB_ENV reach later steps and the env context', async () => {
    const { log: text } = await log(`
- run: |
    echo "ONE=first" >> "$GITHUB_ENV"
    printf 'MANY<<END\\nline 1\\nline 2\\nEND\\n' >> "$GITHUB_ENV"
    echo "now=\${ONE:-unset}"
- run: |
    echo "later $ONE"
    echo "$MANY"
    echo "context \${{ env.ONE }}"`);
    expect(text).toContain('now=unset\n');
    expect(text).toContain('later first\nline 1\nline 2\ncontext first\n');
  });

  it('cannot be NODE_OPTIONS', async () => {
    const report = await fixture.run(
      workflowOf(`
- { name: tries, run: 'echo "node_options=--require evil" >> "$GITHUB_ENV"' }
- { name: looks, run: 'echo "[$NODE_OPTIONS$node_options]"' }`),
    );
    expect(stepsOf(report)['tries']?.annotations[0]?.message).toContain("Can't store node_options");
    expect(stepsOf(report)['tries']?.outcome).toBe('success');
    expect(stepsOf(report)['looks']?.log).toContain('[]\n');
  });

  it('set through GITHUB_PATH come first on PATH, the latest foremost', async () => {
    const { log: text } = await log(`
- run: |
    for v in one two; do mkdir -p bin/$v; printf '#!/bin/sh\\necho %s\\n' $v > bin/$v/which-one; chmod +x bin/$v/which-one; done
    echo "$PWD/bin/one" >> "$GITHUB_PATH"
    echo "$PWD/bin/two" >> "$GITHUB_PATH"
- run: which-one`);
    expect(text).toContain('\ntwo\n');
  });
});

describe('outputs and summaries', () => {
  it('reach later steps and the job when the step has an id, and are dropped without', async () => {
    const report = await fixture.run(
      workflowOf(
        `
- { id: named, run: 'echo "colour=green" >> "$GITHUB_OUTPUT"' }
- { name: nameless, run: 'echo "colour=blue" >> "$GITHUB_OUTPUT"' }
- run: echo "got \${{ steps.named.outputs.colour }}"`,
        `outputs: { colour: "\${{ steps.named.outputs.colour }}", none: "\${{ steps.named.outputs.none }}" }`,
      ),
    );
    expect(report.jobs['main']?.outputs).toEqual({ colour: 'green' });
    expect(stepsOf(report)['nameless']?.outputs).toEqual({});
    expect(report.jobs['main']?.steps[2]?.log).toContain('got green\n');
  });

  it('of a job are withheld when they hold a secret', async () => {
    const report = await fixture.run(
      workflowOf(
        `- { id: s, env: { P: "\${{ secrets.PASSWORD }}" }, run: 'echo "p=$P" >> "$GITHUB_OUTPUT"' }`,
        `outputs: { p: "\${{ steps.s.outputs.p }}" }`,
      ),
      { secrets: { PASSWORD: 'correct horse' } },
    );
    expect(report.jobs['main']?.outputs).toEqual({});
    expect(report.jobs['main']?.annotations[0]?.message).toBe("Skip output 'p' since it may contain secret.");
  });

  it('of a job over 1 MB fail it', async () => {
    const big = (bytes: number) =>
      fixture.run(
        workflowOf(
          `- { id: s, run: 'printf "big=%s\\n" "$(head -c ${bytes / 2} /dev/zero | tr "\\0" x)" >> "$GITHUB_OUTPUT"' }`,
          `outputs: { big: "\${{ steps.s.outputs.big }}" }`,
        ),
      );
    expect((await big(1_048_576)).jobs['main']?.outputs['big']).toHaveLength(524_288);
    const over = await big(1_048_578);
    expect(over.jobs['main']).toMatchObject({ result: 'failure', outputs: {} });
    expect(over.jobs['main']?.annotations[0]?.message).toContain('take 1048578 bytes');
  });

  it('are processed even when the step fails', async () => {
    const report = await fixture.run(
      workflowOf(
        `- { name: s, id: s, run: 'echo "a=1" >> "$GITHUB_OUTPUT"; echo "# hi" >> "$GITHUB_STEP_SUMMARY"; exit 1' }`,
      ),
    );
    expect(stepsOf(report)['s']).toMatchObject({
      outcome: 'failure',
      outputs: { a: '1' },
      summary: '# hi\n',
    });
  });

  it('fail the step when a file is malformed, keeping what stands before', async () => {
    const report = await fixture.run(
      workflowOf(`- { name: s, id: s, run: 'printf "good=1\\nbad line\\nlost=2\\n" >> "$GITHUB_OUTPUT"' }`),
    );
    expect(stepsOf(report)['s']).toMatchObject({ outcome: 'failure', outputs: { good: '1' } });
    expect(stepsOf(report)['s']?.annotations.map(({ message }) => message)).toEqual([
      "Unable to process file command 'output' successfully.",
      "Invalid format 'bad line'",
    ]);
  });

  it('drop a summary over 1 MiB as a whole, with an error and no failure', async () => {
    const report = await fixture.run(
      workflowOf(`
- { name: fits, run: 'head -c 1048576 /dev/zero | tr "\\0" x >> "$GITHUB_STEP_SUMMARY"' }
- { name: too big, run: 'head -c 1049600 /dev/zero | tr "\\0" x >> "$GITHUB_STEP_SUMMARY"' }`),
    );
    expect(stepsOf(report)['fits']?.summary).toHaveLength(1_048_576);
    expect(stepsOf(report)['too big']).toMatchObject({ summary: '', outcome: 'success' });
    expect(stepsOf(report)['too big']?.annotations[0]?.message).toContain('up to a size of 1024k, got 1025k');
  });
});
