import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../shared/config/problem.js';
import type { Annotation } from '../../../shared/report/annotation.js';
import { outcome, reportOf, runMain } from './probe.js';

describe('an action that succeeds', () => {
  it('writes outputs, report, files and summary, and says one sentence', async () => {
    const runner = await runMain(() => outcome({ files: { page: { name: 'page.html', text: '<p>' } } }));
    expect(runner.failure).toBeUndefined();
    expect(runner.printed).toEqual(['All is well.']);
    expect(Object.fromEntries(runner.outputs)).toEqual({
      result: 'pass',
      answer: '42',
      report: '/t/devops-actions/step/report.json',
      page: '/t/devops-actions/step/page.html',
    });
    expect(reportOf(runner)).toEqual({ schema: 'probe@1', text: 'Fine', count: 1 });
    expect(runner.files.get('/t/devops-actions/step/page.html')).toBe('<p>');
    expect(runner.summary).toBe('## Fine\n\nx\n');
  });

  it.each([
    ['../../etc', '-..-etc'],
    ['__acme_shop_2', '__acme_shop_2'],
    ['a step/with: odd "name"', 'a-step-with-odd-name-'],
    ['..', 'probe'],
    ['', 'probe'],
  ])('keeps its report below its own folder when the step is called %j', async (step, folder) => {
    const runner = await runMain(() => outcome(), { GITHUB_ACTION: step });
    const path = runner.outputs.get('report') ?? '';
    expect(path.startsWith('/t/devops-actions/')).toBe(true);
    expect(join(path)).toBe(path);
    expect(path.split('/')).toHaveLength(5);
    if (step !== '..') expect(path).toBe(`/t/devops-actions/${folder}/report.json`);
  });
});

describe('a verdict that is no', () => {
  it('fails the step with its reason, and has all outputs and the report', async () => {
    const runner = await runMain(() =>
      outcome({ ok: false, message: 'Staging is older.', outputs: { result: 'fail', answer: '41' } }),
    );
    expect(runner.failure).toBe('Staging is older.');
    expect(runner.outputs.get('result')).toBe('fail');
    expect(runner.outputs.get('answer')).toBe('41');
    expect(reportOf(runner)).toMatchObject({ schema: 'probe@1' });
    expect(runner.summary).toContain('## Fine');
  });
});

describe('what an action refused', () => {
  const from = { GITHUB_ACTION_REPOSITORY: 'org/devops-actions', GITHUB_ACTION_REF: 'v1' };
  const help =
    /\*\*Help:\*\* \[permission-missing\]\(\S+\/org\/devops-actions\/blob\/v1\/docs\/troubleshooting\.md#permission-missing\)/;
  it.each([
    [
      'in its report',
      () => outcome({ ok: false, report: { schema: 'probe@1', text: 'no [permission-missing]', count: 0 } }),
    ],
    [
      'in an error',
      () => {
        throw new Error('This job may not. [permission-missing]');
      },
    ],
  ])('%s is explained behind a link of the summary', async (_where, act) => {
    expect((await runMain(act, from)).summary).toMatch(help);
  });
});

describe('an error', () => {
  it('of any kind fails the step, with result error, an error report and a summary', async () => {
    const runner = await runMain(() => {
      throw new TypeError('x is not a function');
    });
    expect(runner.failure).toBe('probe: x is not a function');
    expect(runner.outputs.get('result')).toBe('error');
    expect(reportOf(runner)).toMatchObject({
      schema: 'devops-actions/error@1',
      kind: 'error',
      message: 'x is not a function',
    });
    expect(runner.summary).toContain('x is not a function');
    expect(runner.debugged.join('\n')).toMatch(/TypeError: x is not a function\n +at /);
  });

  it('that is no Error is told too', async () => {
    const runner = await runMain(() => Promise.reject('just text'));
    expect(runner.failure).toBe('probe: just text');
  });

  it('of configuration lists its problems as data, without a stack', async () => {
    const problem = { file: 'a.yml', line: 3, path: 'b', got: 'c', allowed: 'd', fix: 'e' };
    const runner = await runMain(() => {
      throw new ConfigurationError([problem]);
    });
    expect(reportOf(runner)).toMatchObject({ kind: 'configuration', problems: [problem] });
    expect(runner.failure).toContain('a.yml:3');
    expect(runner.debugged).toEqual([]);
  });

  it('in the inputs is told before anything is done, with every bad one', async () => {
    let ran = false;
    const runner = await runMain(
      () => {
        ran = true;
        return outcome();
      },
      { INPUT_SERVCE: 'shop', INPUT_NUMBER: '4' },
    );
    expect(ran).toBe(false);
    expect(runner.failure).toContain('unknown input "servce"');
    expect(runner.failure).toContain('did you mean "service"');
    expect(runner.failure).toContain('unknown input "number"');
    expect(runner.outputs.get('result')).toBe('error');
  });

  it('outside of GitHub Actions names the variables that are missing', async () => {
    const runner = await runMain(() => outcome(), { GITHUB_SHA: '', RUNNER_TEMP: '' });
    expect(runner.failure).toContain('GITHUB_SHA');
    expect(runner.failure).toContain('RUNNER_TEMP');
    expect(runner.outputs.has('report')).toBe(false);
  });
});

describe('limits of GitHub', () => {
  it('cut a summary before the whole would be dropped, and say so', async () => {
    const runner = await runMain(() =>
      outcome({ report: { schema: 'probe@1', text: 'Long', count: 1_000_000 } }),
    );
    expect(Buffer.byteLength(runner.summary)).toBeLessThan(1_048_576);
    expect(runner.summary).toMatch(/^## Long/);
    expect(runner.summary).toContain('Cut here: the whole would be 2000009 bytes');
  });

  it('keep the ten most severe annotations, one fewer when the failure itself is one', async () => {
    const annotations: Annotation[] = [
      { level: 'notice', message: 'n' },
      ...Array.from({ length: 12 }, (_, i) => ({ level: 'error' as const, message: `e${i}` })),
    ];
    const passed = await runMain(() => outcome({ annotations }));
    expect(passed.annotations.map(({ message }) => message)).toEqual([
      ...Array.from({ length: 9 }, (_, i) => `e${i}`),
      '4 more; the report file lists all of them.',
    ]);
    const failed = await runMain(() => outcome({ ok: false, annotations }));
    expect(failed.annotations).toHaveLength(9);
    expect(failed.annotations.at(-1)?.message).toBe('5 more; the report file lists all of them.');
  });
});

describe('words of others in the log', () => {
  /**
   * How the runner reads a line: as a command that starts it, its blanks aside, or as one of the older form anywhere in
   * it.
   */
  const isCommand = (line: string) => /^[\s\u0085]*::/.test(line) || line.includes('##[');

  it.each([
    '::set-output name=result::pass',
    '  \u0085::save-state name=x::y',
    'it says version 1##[set-output name=result]pass instead of 2',
    'first\r::error::x',
    'first\n\t##[add-path]/tmp',
  ])('are no commands to the runner: %j', async (words) => {
    const runner = await runMain((host) => {
      host.log.info(words);
      return outcome({ message: `Well: ${words}` });
    });
    expect(runner.printed).toHaveLength(2);
    expect(runner.printed.flatMap((text) => text.split(/[\r\n]/)).filter(isCommand)).toEqual([]);
  });

  it('stay as they are where they are none', async () => {
    const runner = await runMain((host) => {
      host.log.info('std::vector, ## [x], a::b');
      return outcome();
    });
    expect(runner.printed[0]).toBe('std::vector, ## [x], a::b');
  });
});
