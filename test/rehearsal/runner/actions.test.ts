import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeAll(async () => {
  fixture = await openFixture();
});
afterAll(() => fixture.close());

/** An action file that prints the variables a pattern chooses, sorted. */
const printer = (pattern: string) =>
  `for (const [k, v] of Object.entries(process.env).filter(([k]) => ${pattern}.test(k)).sort()) console.log(k + '=' + v);`;
const append = (variable: string, text: string) =>
  `require('fs').appendFileSync(process.env.${variable}, ${JSON.stringify(text)});`;
const node24 = (rest: string, inputs = '') =>
  `name: x\n${inputs}runs:\n  using: node24\n  main: main.js\n${rest}`;

describe('JavaScript actions', () => {
  it('get inputs as INPUT_ variables: upper case, spaces as _, hyphens kept, defaults where not given', async () => {
    fixture.action(
      'inputs',
      node24(
        '',
        `inputs:\n  dry-run: { default: true }\n  two words: { default: a }\n  given: { default: b }\n  none: {}\n`,
      ),
      { 'main.js': printer('/^INPUT_/') },
    );
    const report = await fixture.run(
      workflowOf(`- { name: s, uses: org/devops-actions/inputs@v1, with: { given: c } }`),
    );
    expect(stepsOf(report)['s']?.log).toBe(
      'INPUT_DRY-RUN=true\nINPUT_GIVEN=c\nINPUT_NONE=\nINPUT_TWO WORDS=a\n'.replace('TWO WORDS', 'TWO_WORDS'),
    );
  });

  it('may use github, job and runner in the defaults of inputs, but not env', async () => {
    const inputs = `inputs:\n  token: { default: "\${{ github.token }}" }\n  check: { default: "\${{ job.check_run_id }}" }\n`;
    fixture.action('defaults', node24('', inputs), {
      'main.js': `console.log(process.env.INPUT_CHECK, process.env.INPUT_TOKEN.length)`,
    });
    fixture.action('bad-default', node24('', `inputs:\n  x: { default: "\${{ env.X }}" }\n`), {
      'main.js': '',
    });
    const report = await fixture.run(
      workflowOf(`
- { name: good, uses: org/devops-actions/defaults@v1 }
- { name: bad, uses: org/devops-actions/bad-default@v1 }`),
    );
    const id = report.jobs['main']?.id;
    expect(stepsOf(report)['good']?.log).toBe(`${id} ${`ghs_token_of_job_${id}`.length}\n`);
    expect(stepsOf(report)['bad']?.annotations[0]?.message).toContain(
      'here allowed: github, strategy, matrix, job, runner',
    );
  });

  it('know where they come from, and run in the workspace with the node they were given', async () => {
    fixture.action('where', node24(''), {
      'main.js': `${printer('/^GITHUB_(ACTION|ACTION_PATH|ACTION_REF|ACTION_REPOSITORY)$/')}
console.log(process.cwd() === process.env.GITHUB_WORKSPACE, process.execPath === ${JSON.stringify(process.execPath)});
console.log(typeof process.env.ACTIONS_RUNTIME_TOKEN, process.env.GITHUB_TOKEN);`,
    });
    const report = await fixture.run(
      workflowOf(`- { name: s, id: here, uses: org/devops-actions/where@v1 }`),
    );
    expect(stepsOf(report)['s']?.log).toBe(
      'GITHUB_ACTION=here\nGITHUB_ACTION_REF=v1\nGITHUB_ACTION_REPOSITORY=org/devops-actions\ntrue true\nstring undefined\n',
    );
  });

  it('run their posts latest first, after all steps, also after a failure, with the state main saved', async () => {
    fixture.action('posted', node24('  post: post.js\n', 'inputs:\n  name: {}\n'), {
      'main.js': `require('fs').appendFileSync(process.env.GITHUB_STATE, 'camelCase=' + process.env.INPUT_NAME + '\\n');`,
      'post.js': `console.log('post of', process.env.STATE_camelCase, process.env.INPUT_NAME);`,
    });
    const report = await fixture.run(
      workflowOf(`
- { name: one, uses: org/devops-actions/posted@v1, with: { name: first } }
- { name: two, uses: org/devops-actions/posted@v1, with: { name: second } }
- { name: fails, run: exit 1 }
- { name: never, uses: org/devops-actions/posted@v1, with: { name: third } }`),
    );
    expect(report.jobs['main']?.steps.map(({ name, conclusion }) => `${name}: ${conclusion}`)).toEqual([
      'one: success',
      'two: success',
      'fails: failure',
      'never: skipped',
      'Post two: success',
      'Post one: success',
    ]);
    expect(stepsOf(report)['Post two']?.log).toBe('post of second second\n');
    expect(stepsOf(report)['Post one']?.log).toBe('post of first first\n');
  });

  it('run their post even when main failed, since post registers before main starts', async () => {
    fixture.action('failing', node24('  post: post.js\n'), {
      'main.js': `${append('GITHUB_STATE', 'reached=yes\n')} process.exit(1);`,
      'post.js': `console.log('reached', process.env.STATE_reached);`,
    });
    const report = await fixture.run(workflowOf(`- { name: s, uses: org/devops-actions/failing@v1 }`));
    expect(stepsOf(report)['s']?.outcome).toBe('failure');
    expect(stepsOf(report)['Post s']?.log).toBe('reached yes\n');
  });

  it('fail the job when post fails', async () => {
    fixture.action('bad-post', node24('  post: post.js\n'), { 'main.js': '', 'post.js': 'process.exit(1)' });
    expect((await fixture.run(workflowOf(`- uses: org/devops-actions/bad-post@v1`))).conclusion).toBe(
      'failure',
    );
  });

  it('obey post-if, which has no implicit success()', async () => {
    const files = { 'main.js': '', 'post.js': '' };
    fixture.action('on-failure', node24('  post: post.js\n  post-if: failure()\n'), files);
    fixture.action('on-linux', node24(`  post: post.js\n  post-if: runner.os != 'Plan9'\n`), files);
    const report = await fixture.run(
      workflowOf(`
- { name: a, uses: org/devops-actions/on-failure@v1 }
- { name: b, uses: org/devops-actions/on-linux@v1 }
- { name: fails, run: exit 1 }`),
    );
    expect(stepsOf(report)['Post a']?.conclusion).toBe('success');
    expect(stepsOf(report)['Post b']?.conclusion).toBe('success');
    const fine = await fixture.run(workflowOf(`- { name: a, uses: org/devops-actions/on-failure@v1 }`));
    expect(stepsOf(fine)['Post a']?.conclusion).toBe('skipped');
  });

  it('run pre before all steps, sharing its state with main', async () => {
    fixture.action('prepared', node24('  pre: pre.js\n'), {
      'pre.js': append('GITHUB_STATE', 'ready=1\n'),
      'main.js': `console.log('ready', process.env.STATE_ready)`,
    });
    const report = await fixture.run(
      workflowOf(`
- { name: first, run: echo }
- { name: s, uses: org/devops-actions/prepared@v1 }`),
    );
    expect(report.jobs['main']?.steps.map(({ name }) => name)).toEqual(['Pre s', 'first', 's']);
    expect(stepsOf(report)['s']?.log).toBe('ready 1\n');
  });

  it('may keep their scripts outside their folder', async () => {
    fixture.action('dist', 'name: d\nruns: { using: node24, main: shared.js }', {
      'shared.js': `console.log('shared')`,
    });
    fixture.action('stub', 'name: s\nruns: { using: node24, main: ../dist/shared.js }', {});
    const report = await fixture.run(workflowOf(`- { name: s, uses: org/devops-actions/stub@v1 }`));
    expect(stepsOf(report)['s']?.log).toBe('shared\n');
  });

  it('warn about inputs they do not have, and fail when their script is missing', async () => {
    fixture.action('scriptless', node24('', 'inputs:\n  a: {}\n'), {});
    const report = await fixture.run(
      workflowOf(`- { name: s, uses: org/devops-actions/scriptless@v1, with: { b: 1 } }`),
    );
    const [warning, error] = stepsOf(report)['s']?.annotations ?? [];
    expect(warning).toEqual({ level: 'warning', message: "Unexpected input(s) 'b', valid inputs are ['a']" });
    expect(error?.message).toMatch(/^File not found: .*main\.js/);
  });

  it('of the workspace are read when the step starts, those of $/ from the workflow commit', async () => {
    fixture.commit({
      'tools/hello/action.yml': node24('  pre: pre.js\n  post: post.js\n'),
      'tools/hello/main.js': `console.log('hello', '[' + process.env.GITHUB_ACTION_REPOSITORY + ']')`,
      'tools/hello/post.js': `console.log('bye')`,
    });
    const report = await fixture.run(
      workflowOf(`
- { name: early, uses: ./tools/hello, continue-on-error: true }
- { name: own, uses: $/tools/hello }
- uses: actions/checkout@v5
- { name: local, uses: ./tools/hello }`),
    );
    expect(stepsOf(report)['early']?.annotations[0]?.message).toContain(
      'Did you forget to run actions/checkout',
    );
    expect(stepsOf(report)['own']?.log).toContain('hello []\n');
    expect(stepsOf(report)['local']?.log).toContain('hello []\n');
    expect(stepsOf(report)['local']?.annotations[0]?.message).toContain(
      '`pre` execution is not supported for local action',
    );
    expect(stepsOf(report)['Post local']?.log).toBe('bye\n');
  });
});

describe('uses without a local equivalent', () => {
  it('stop the run before anything runs, all of them named with their lines', async () => {
    fixture.action('docker', 'name: c\nruns: { using: docker, image: Dockerfile }', {});
    const before = fixture.control.calls.length;
    const run = fixture.run(
      workflowOf(`
- run: echo
- uses: docker/build-push-action@v6
- uses: docker://alpine
- uses: org/devops-actions/docker@v1
- uses: org/devops-actions/missing@v1`),
    );
    await expect(run).rejects.toThrow(
      /cd\.yml:7: 'docker\/build-push-action@v6' has no local equivalent: add/,
    );
    await expect(run).rejects.toThrow(/cd\.yml:8: 'docker:\/\/alpine': container actions are out of scope/);
    await expect(run).rejects.toThrow(/cd\.yml:9: .*action\.yml:2: runs\.using: 'docker': only JavaScript/);
    await expect(run).rejects.toThrow(/cd\.yml:10: Can't find 'action\.yml'/);
    expect(fixture.control.calls).toHaveLength(before);
  });

  it('can be given one by the request, as code or as a folder', async () => {
    fixture.action('stand-in', node24(''), { 'main.js': `console.log('folder')` });
    const report = await fixture.run(
      workflowOf(`
- { name: code, id: code, uses: other/tool@v9, with: { x: 1 } }
- { name: folder, uses: other/tool/sub@v9 }
- { name: out, run: "echo \${{ steps.code.outputs.seen }}" }`),
      {
        thirdParty: {
          'other/tool': {
            inputs: { x: '' },
            run: async ({ inputs, setOutput }) => setOutput('seen', `x is ${inputs['x']}`),
          },
          'other/tool/sub': { folder: `${fixture.root}/release/stand-in` },
        },
      },
    );
    expect(stepsOf(report)['out']?.log).toContain('x is 1\n');
    expect(stepsOf(report)['folder']?.log).toBe('folder\n');
  });
});
