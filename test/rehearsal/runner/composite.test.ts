import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { logged, openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

// What GitHub does is read in actions/runner 2.336: CompositeActionHandler.cs, ActionRunner.cs, ActionManager.cs,
// ScriptHandler.cs and action_yaml.json.
let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

const composite = (steps: string, head = '') =>
  `name: c\n${head}runs:\n  using: composite\n  steps:\n${steps
    .trim()
    .split('\n')
    .map((line) => `    ${line}`)
    .join('\n')}\n`;

/** Runs steps after a checkout of these local actions. */
async function play(actions: Record<string, string>, steps: string, job = '') {
  fixture.commit(
    Object.fromEntries(Object.entries(actions).map(([name, yml]) => [`tools/${name}/action.yml`, yml])),
  );
  const report = await fixture.run(workflowOf(`- uses: actions/checkout@v7\n${steps.trim()}`, job));
  return { report, steps: stepsOf(report) };
}

describe('a local composite action', () => {
  it('gets inputs with defaults, and gives the outputs that it maps from its steps', async () => {
    const greet = composite(
      `
- { id: say, shell: bash, run: 'echo "text=\${{ inputs.greeting }} \${{ inputs.who }}\${{ inputs.mark }}" >> "$GITHUB_OUTPUT"' }
- { id: hidden, shell: bash, run: 'echo "secret-step=1" >> "$GITHUB_OUTPUT"' }`,
      `inputs:
  greeting: { default: hello }
  who: { required: true }
  mark: {}
outputs:
  text: { value: "\${{ steps.say.outputs.text }}" }
`,
    );
    const { steps } = await play(
      { greet },
      `
- { name: one, id: one, uses: ./tools/greet, with: { Who: ana } }
- { name: two, id: two, uses: ./tools/greet, with: { greeting: hi, who: bo, mark: '!' } }
- { name: out, run: "echo '\${{ steps.one.outputs.text }} \${{ steps.two.outputs.text }}' '\${{ steps.say.outputs.text }}'" }`,
    );
    expect(steps['one']?.outputs).toEqual({ text: 'hello ana' });
    expect(steps['out']?.log).toContain('hello ana hi bo! \n');
  });

  it('does not insist on a required input, as the runner never does', async () => {
    const { steps } = await play(
      {
        needy: composite(
          `- { shell: bash, run: 'echo "got <\${{ inputs.must }}>"' }`,
          'inputs: { must: { required: true } }\n',
        ),
      },
      `- { name: s, uses: ./tools/needy, with: { other: 1 } }`,
    );
    expect(steps['s']?.log).toContain('got <>\n');
    expect(steps['s']?.annotations).toMatchObject([
      { level: 'warning', message: "Unexpected input(s) 'other', valid inputs are ['must']" },
    ]);
  });

  it('sees only its own steps, and nobody outside sees them', async () => {
    const { steps } = await play(
      {
        isolated: composite(`
- { id: mine, shell: bash, run: 'echo a=1 >> "$GITHUB_OUTPUT"' }
- { shell: bash, run: "echo 'in:\${{ steps.mine.outputs.a }}:\${{ steps.outer.outputs.b }}:\${{ steps.mine.outcome }}'" }`),
      },
      `
- { id: outer, run: 'echo b=2 >> "$GITHUB_OUTPUT"' }
- { name: s, uses: ./tools/isolated }
- { name: after, run: "echo 'out:\${{ steps.mine.outputs.a }}:\${{ steps.outer.outputs.b }}'" }`,
    );
    expect(steps['s']?.log).toContain('in:1::success\n');
    expect(steps['after']?.log).toContain('out::2\n');
  });

  it('is one step of the job, with the log, annotations and summary of all its steps', async () => {
    const { report, steps } = await play(
      {
        loud: composite(`
- { shell: bash, run: 'echo "::warning::careful"; echo "# One" >> "$GITHUB_STEP_SUMMARY"' }
- { shell: bash, run: 'echo second; echo "# Two" >> "$GITHUB_STEP_SUMMARY"' }`),
      },
      `- { name: s, uses: ./tools/loud }`,
    );
    expect(report.jobs['main']?.steps.map(({ name }) => name)).toEqual([
      'Run actions/checkout@v7',
      's',
      'Post Run actions/checkout@v7',
    ]);
    expect(steps['s']).toMatchObject({ summary: '# One\n# Two\n', annotations: [{ message: 'careful' }] });
    expect(steps['s']?.log).toContain('second\n');
  });

  it('knows its folder; scripts run in the workspace, whatever defaults the job has', async () => {
    const { steps } = await play(
      {
        where: composite(`
- { shell: bash, run: 'echo "\${{ github.action_path }}" "$GITHUB_ACTION_PATH" "$PWD" "$GITHUB_WORKSPACE"' }
- { shell: sh, run: 'echo "$0"' }`),
      },
      `
- { name: s, uses: ./tools/where }
- { name: outside, working-directory: ., run: 'echo "<\${{ github.action_path }}>"' }`,
      'defaults: { run: { shell: python, working-directory: tools } }\n'.trim(),
    );
    const [path, same, cwd, workspace] =
      steps['s']?.log
        .split('\n')
        .find((line) => line.startsWith('/'))
        ?.split(' ') ?? [];
    expect([path, same, cwd]).toEqual([`${workspace}/tools/where`, path, workspace]);
    expect(steps['outside']?.conclusion).toBe('failure'); // python is the shell of the job's own steps
  });

  it('takes env from its own step over what earlier steps exported, and hands exports to the job', async () => {
    const { steps } = await play(
      {
        env: composite(`
- { shell: bash, run: 'echo "1: $A $B $C"; echo "A=exported" >> "$GITHUB_ENV"; echo "D=new" >> "$GITHUB_ENV"' }
- { shell: bash, env: { C: inner }, run: 'echo "2: $A $B $C $D \${{ env.C }}"' }`),
      },
      `
- { name: s, uses: ./tools/env, env: { A: step } }
- { name: after, run: 'echo "3: $A $B $D"' }`,
      'env: { A: job, B: job, C: job }',
    );
    expect(steps['s']?.log).toContain('1: step job job\n');
    expect(steps['s']?.log).toContain('2: step job inner new inner\n');
    expect(steps['after']?.log).toContain('3: exported job new\n');
  });

  it('goes on after a failure only where a step says so, and fails as a whole', async () => {
    const { report, steps } = await play(
      {
        failing: composite(`
- { id: bad, shell: bash, run: exit 3 }
- { shell: bash, run: echo never }
- { shell: bash, if: failure(), run: "echo cleans up \${{ steps.bad.outcome }}" }
- { shell: bash, if: always(), run: echo always }`),
      },
      `
- { name: s, uses: ./tools/failing }
- { name: after, run: echo }`,
    );
    expect(report.conclusion).toBe('failure');
    expect(steps['s']?.conclusion).toBe('failure');
    expect(steps['s']?.log).not.toContain('never\n');
    expect(steps['s']?.log).toMatch(/cleans up failure\n[^]*always\n/);
    expect(steps['after']?.conclusion).toBe('skipped');
  });

  it('looks at its own steps for success() and failure(), not at the job', async () => {
    const { steps } = await play(
      {
        fresh: composite(`
- { shell: bash, run: echo "runs although the job failed" }
- { shell: bash, if: failure(), run: echo "not here" }
- { shell: bash, run: 'echo "job is \${{ job.status }}"' }`),
      },
      `
- run: exit 1
- { name: s, if: always(), uses: ./tools/fresh }`,
    );
    expect(steps['s']?.log).toContain('runs although the job failed\n');
    expect(steps['s']?.log).not.toContain('not here\n');
    expect(steps['s']?.log).toContain('job is failure\n');
  });

  it('obeys if and continue-on-error of its steps', async () => {
    const { steps } = await play(
      {
        soft: composite(
          `
- { id: a, shell: bash, continue-on-error: true, run: exit 1 }
- { shell: bash, if: "inputs.loud == 'true'", run: echo LOUD }
- { shell: bash, run: 'echo "\${{ steps.a.outcome }} \${{ steps.a.conclusion }}"' }`,
          'inputs: { loud: { default: false } }\n',
        ),
      },
      `- { name: s, uses: ./tools/soft }`,
    );
    expect(steps['s']?.conclusion).toBe('success');
    expect(steps['s']?.log).not.toContain('LOUD\n');
    expect(steps['s']?.log).toContain('failure success\n');
  });

  it('may use other composite and JavaScript actions; posts run at the end of the job, latest first', async () => {
    fixture.action('posted', 'name: p\ninputs: { n: {} }\nruns: { using: node24, main: m.js, post: p.js }', {
      'm.js': `require('fs').appendFileSync(process.env.GITHUB_STATE, 'n=' + process.env.INPUT_N + '\\n');`,
      'p.js': `console.log('post', process.env.STATE_n, process.env.INPUT_N);`,
    });
    const { report, steps } = await play(
      {
        outer: composite(
          `
- { uses: org/devops-actions/posted@v1, with: { n: "\${{ inputs.n }}1" } }
- { id: in, uses: ./tools/inner, with: { n: "\${{ inputs.n }}" } }
- { uses: org/devops-actions/posted@v1, if: "false", with: { n: never } }`,
          'inputs: { n: {} }\noutputs: { deep: { value: "${{ steps.in.outputs.deep }}" } }\n',
        ),
        inner: composite(
          `
- { id: x, shell: bash, run: 'echo "v=from \${{ inputs.n }}" >> "$GITHUB_OUTPUT"; echo "\${{ github.action_path }}"' }
- { uses: org/devops-actions/posted@v1, with: { n: "\${{ inputs.n }}2" } }`,
          'inputs: { n: {} }\noutputs: { deep: { value: "${{ steps.x.outputs.v }}" } }\n',
        ),
      },
      `
- { name: s, id: s, uses: ./tools/outer, with: { n: a } }
- { name: fails, run: exit 1 }`,
    );
    expect(steps['s']?.outputs).toEqual({ deep: 'from a' });
    expect(steps['s']?.log).toContain('/tools/inner\n');
    expect(steps['Post s']?.log).toBe('post a2 a2\npost a1 a1\n');
    expect(report.jobs['main']?.steps.map(({ name }) => name).slice(-2)).toEqual([
      'Post s',
      'Post Run actions/checkout@v7',
    ]);
  });

  it('fails where an output cannot be evaluated, and its posts run all the same', async () => {
    fixture.action('tidy', 'name: t\nruns: { using: node24, main: m.js, post: p.js }', {
      'm.js': '',
      'p.js': `console.log('tidied')`,
    });
    const { steps } = await play(
      {
        odd: composite(
          '- uses: org/devops-actions/tidy@v1',
          `outputs: { bad: { value: "\${{ fromJSON('{') }}" } }\n`,
        ),
      },
      `- { name: s, uses: ./tools/odd }`,
    );
    expect(steps['s']?.conclusion).toBe('failure');
    expect(steps['Post s']?.log).toBe('tidied\n');
  });

  it('stops with the job when it is cancelled', async () => {
    fixture.commit({
      'tools/slow/action.yml': composite(`
- { shell: bash, run: 'echo composite-waits; exec sleep 60' }
- { shell: bash, run: echo never }`),
    });
    const abort = new AbortController();
    const run = fixture.run(
      workflowOf(
        `
- uses: actions/checkout@v7
- { name: s, uses: ./tools/slow }
- { name: last, if: always(), run: "echo \${{ job.status }}" }`.trim(),
      ),
      { signal: abort.signal },
    );
    await logged(fixture.progress, 'composite-waits');
    abort.abort();
    const steps = stepsOf(await run);
    expect(steps['s']?.conclusion).toBe('cancelled');
    expect(steps['s']?.log).not.toContain('never\n');
    expect(steps['last']?.log).toContain('cancelled\n');
  });
});

describe('GitHub refuses in a composite action', () => {
  const refused = async (yml: string) => {
    const { steps } = await play({ bad: yml }, `- { name: s, uses: ./tools/bad }`);
    expect(steps['s']?.conclusion).toBe('failure');
    return steps['s']?.annotations.map(({ message }) => message).join('\n');
  };

  it('a script without a shell', async () => {
    expect(await refused(composite('- { run: echo }'))).toMatch(
      /tools\/bad\/action\.yml:5: runs\.steps\.0: Required property is missing: shell$/,
    );
  });

  it('the contexts secrets, needs and vars', async () => {
    for (const name of ['secrets.X', 'needs.a.result', 'vars.X'])
      expect(await refused(composite(`- { shell: bash, run: "\${{ ${name} }}" }`))).toContain(
        `Unrecognized named-value: '${name.split('.')[0]}'`,
      );
  });

  it('an id that two of its steps have', async () => {
    const step = '{ id: a, shell: bash, run: echo }';
    expect(await refused(composite(`- ${step}\n- ${step}`))).toMatch(/runs\.steps\.1\.id: 'a' is used twice/);
  });

  it('a timeout of a step', async () => {
    expect(await refused(composite('- { shell: bash, run: echo, timeout-minutes: 1 }'))).toContain(
      "Unexpected value 'timeout-minutes'",
    );
  });

  it('an action that uses itself, at the tenth level', async () => {
    expect(await refused(composite('- uses: ./tools/bad'))).toContain(
      'Composite action depth exceeded max depth 9',
    );
  });

  it('an action that is not there, before any of its steps runs', async () => {
    const { steps } = await play(
      { bad: composite('- { shell: bash, run: echo first }\n- uses: some/action@v1') },
      `- { name: s, uses: ./tools/bad }`,
    );
    expect(steps['s']?.log).not.toContain('first\n');
    expect(steps['s']?.annotations[0]?.message).toContain("'some/action@v1' has no local equivalent");
  });
});

describe('a composite action of another repository', () => {
  it('means its own repository by $/, and the workspace by ./', async () => {
    fixture.action('sibling', composite(`- { shell: bash, run: echo "the sibling" }`), {});
    fixture.action(
      'remote',
      composite(`
- uses: $/sibling
- uses: ./tools/mine
- { shell: bash, run: "echo '<\${{ github.action_repository }}>'" }`),
      {},
    );
    const { steps } = await play(
      { mine: composite(`- { shell: bash, run: echo "the team's" }`) },
      `- { name: s, uses: org/devops-actions/remote@v1 }`,
    );
    expect(steps['s']?.log).toMatch(/the sibling\n[^]*the team's\n[^]*<>\n/);
  });

  it('is looked through before the run', async () => {
    fixture.action('hollow', composite('- uses: some/action@v1'), {});
    await expect(fixture.run(workflowOf('- uses: org/devops-actions/hollow@v1'))).rejects.toThrow(
      /cd\.yml:6: 'org\/devops-actions\/hollow@v1', line 5: 'some\/action@v1' has no local equivalent/,
    );
  });
});
