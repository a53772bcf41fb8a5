import { mkdtempSync, readFileSync, rmSync, writeFileSync, existsSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { runAction } from '../../../shared/runner/run-action.js';
import { actionsRunner } from '../../../shared/runner/port.js';
import { testRunner, type TestRunner } from '../../support/runner/port.js';
import { outcome, probe, runMain } from './probe.js';

const full = () => Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });

/** What a runner with these broken places writes of an outcome that has a page beside its report. */
const publishOn = (broken: (runner: TestRunner) => void, parts: Parameters<typeof outcome>[0] = {}) =>
  runMain(() => outcome({ files: { page: { name: 'page.html', text: '<p>' } }, ...parts }), {}, broken);

const fullFile = (name: string) => (runner: TestRunner) => {
  const { writeFile } = runner;
  runner.writeFile = (path, text) => (path.endsWith(name) ? Promise.reject(full()) : writeFile(path, text));
};
const fullOutput = (broken: string) => (runner: TestRunner) => {
  const { setOutput } = runner;
  runner.setOutput = (name, value) => {
    if (name === broken) throw full();
    setOutput(name, value);
  };
};
const fullSummary = (runner: TestRunner) => {
  runner.appendSummary = () => Promise.reject(full());
};
const everythingFull = (runner: TestRunner) => {
  runner.writeFile = runner.appendSummary = () => Promise.reject(full());
  runner.setOutput = runner.saveState = () => {
    throw full();
  };
};

describe('switch fault 22: a full disk of the runner', () => {
  it.each([
    ['the report', fullFile('report.json'), ['answer', 'page', 'result'], true],
    ['another file', fullFile('page.html'), ['answer', 'report', 'result'], true],
    ['one output', fullOutput('answer'), ['page', 'report', 'result'], true],
    ['the summary', fullSummary, ['answer', 'page', 'report', 'result'], false],
  ] as const)('loses %s and nothing else', async (_, broken, outputs, summarised) => {
    const runner = await publishOn(broken);
    expect(runner.failure).toBeUndefined();
    expect([...runner.outputs.keys()].sort()).toEqual(outputs);
    expect(runner.summary !== '').toBe(summarised);
    expect(runner.printed.at(-1)).toBe('All is well.');
    expect(runner.annotations).toMatchObject([
      { level: 'warning', message: expect.stringMatching(/^Not written: .*ENOSPC.* Fix: free space/) },
    ]);
  });

  it.each([
    [true, undefined],
    [false, 'Staging is older.'],
  ])('leaves a verdict as it is where ok is %s, and the log has what it took', async (ok, failure) => {
    const message = 'Staging is older.';
    const runner = await publishOn(everythingFull, { ok, message });
    expect(runner.failure).toBe(failure);
    const log = runner.printed.join('\n');
    for (const text of ['result=pass', 'answer=42', '"schema": "probe@1"', '<p>'])
      expect(log).toContain(text);
    const [{ message: lost } = { message: '' }] = runner.annotations;
    for (const place of ['output "result"', 'report (/t/', 'page (/t/', 'the job summary'])
      expect(lost).toContain(place);
  });

  it('keeps secrets and commands out of what goes to the log instead', async () => {
    const report = { schema: 'probe@1' as const, text: 'key s3cr3t-key, ##[error]', count: 1 };
    const runner = testRunner({ RUNNER_TEMP: '/t', INPUT_KEY: 's3cr3t-key' });
    everythingFull(runner);
    await runAction(
      probe(() => outcome({ report, outputs: { result: 's3cr3t-key', answer: '::error::x' } })),
      'main',
      runner,
    );
    const lines = runner.printed.join('\n').split('\n');
    expect(lines.filter((line) => /s3cr3t|^\s*::|##\[/.test(line))).toEqual([]);
  });

  it('leaves ten annotations: the failure, what is lost, and the eight most severe', async () => {
    const annotations = Array.from({ length: 12 }, (_, i) => ({ level: 'error' as const, message: `e${i}` }));
    const runner = await publishOn(everythingFull, { ok: false, annotations });
    expect(runner.annotations).toHaveLength(9);
    expect(runner.annotations.at(-1)?.message).toContain('Not written: ');
  });

  it('leaves an error as it is', async () => {
    const runner = await runMain(
      () => {
        throw new Error('first');
      },
      {},
      everythingFull,
    );
    expect(runner.failure).toBe('probe: first');
    expect(runner.printed.join('\n')).toContain('result=error');
    expect(runner.annotations[0]?.message).toContain('ENOSPC');
  });

  it('stops no step that notes something for its clean-up, and says what that means', async () => {
    const runner = await runMain(
      (host) => {
        host.state.save('armed', 'x');
        return outcome();
      },
      {},
      everythingFull,
    );
    expect(runner.failure).toBeUndefined();
    expect(runner.annotations[0]).toMatchObject({
      level: 'warning',
      message: expect.stringMatching(/could not be noted.*ENOSPC/),
    });
  });
});

describe('the real runner on a disk that is full', () => {
  const names = ['GITHUB_OUTPUT', 'GITHUB_STATE', 'GITHUB_STEP_SUMMARY'] as const;
  const before = names.map((name) => [name, process.env[name]] as const);
  let folder: string;
  beforeEach(() => void (folder = mkdtempSync(join(tmpdir(), 'full-disk-'))));
  afterEach(() => {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
    rmSync(folder, { recursive: true, force: true });
  });

  it('says what the system says, and fails the step only for its verdict', async () => {
    for (const name of names) process.env[name] = '/dev/full';
    const { setOutput, saveState, appendSummary, writeFile } = actionsRunner();
    const runner = testRunner({ RUNNER_TEMP: folder, GITHUB_ACTION: 'step' });
    Object.assign(runner, { setOutput, saveState, appendSummary, writeFile });
    const action = probe((host) => {
      host.state.save('armed', 'x');
      return outcome({ ok: false, message: 'no' });
    });
    await runAction(action, 'main', runner);
    expect(runner.failure).toBe('no');
    expect(runner.annotations.map(({ message }) => message)).toEqual([
      expect.stringContaining('ENOSPC'),
      expect.stringMatching(/^Not written: output "result": ENOSPC.*the job summary: ENOSPC/),
    ]);
    expect(existsSync(join(folder, 'devops-actions/step/report.json'))).toBe(true);
  });

  it('takes out again what was written of a value or file that did not fit', async () => {
    const output = join(folder, 'output');
    const room = 'first=1\n'.padEnd(1_048_500, '#') + '\n';
    writeFileSync(output, room);
    const child = ['--import', 'tsx', 'test/shared/runner/full-disk-step.ts', join(folder, 'report.json')];
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', 'trap "" XFSZ; ulimit -f 1024; exec "$@"', 'bash', process.execPath, ...child],
      { env: { ...process.env, GITHUB_OUTPUT: output } },
    );
    expect(stdout).toBe('output: EFBIG\nfile: EFBIG\n');
    expect(readFileSync(output, 'utf8')).toBe(room);
    expect(existsSync(join(folder, 'report.json'))).toBe(false);
  });
});
