import { describe, expect, it } from '@jest/globals';
import { ConfigurationError } from '../../../shared/config/problem.js';
import type { Host } from '../../../shared/runner/host.js';
import type { TestRunner } from '../../support/runner/port.js';
import { outcome, reportOf, runMain, type ProbeOutcome } from './probe.js';

describe('a secret', () => {
  const secret = 'p_"w&*d/+ü';
  const forms = [
    secret,
    JSON.stringify(secret).slice(1, -1),
    encodeURIComponent(secret),
    Buffer.from(secret).toString('base64'),
  ];
  const everything = (runner: TestRunner) =>
    JSON.stringify([
      runner.printed,
      runner.debugged,
      runner.annotations,
      runner.failure,
      [...runner.outputs],
      runner.summary,
      [...runner.files.values()],
    ]);
  const leaky = forms.join(' | ');
  const leaks = (host: Host): ProbeOutcome => {
    host.log.info(leaky);
    host.log.warning(leaky);
    host.log.debug(leaky);
    return outcome({
      ok: false,
      message: leaky,
      outputs: { result: 'fail', answer: leaky },
      report: { schema: 'probe@1', text: leaky, count: 1 },
      annotations: [{ level: 'error', message: leaky, title: leaky, file: leaky }],
      files: { page: { name: 'page.html', text: leaky } },
    });
  };

  function expectClean(runner: TestRunner) {
    const text = everything(runner);
    for (const form of forms) expect(text).not.toContain(JSON.stringify(form).slice(1, -1));
    expect(text).toContain('***');
  }

  it('given as input is in no output, log, annotation, summary, report or file, and the runner is told to mask it', async () => {
    const runner = await runMain(leaks, { INPUT_KEY: secret });
    expectClean(runner);
    expect(runner.masked).toEqual(expect.arrayContaining(forms));
  });

  it('that came up on the way is masked from then on', async () => {
    expectClean(
      await runMain((host) => {
        host.mask(secret);
        return leaks(host);
      }),
    );
  });

  it('in an error is in no report of it, nor in its stack', async () => {
    expectClean(
      await runMain(
        () => {
          throw new Error(leaky);
        },
        { INPUT_KEY: secret },
      ),
    );
    const problem = { file: 'f', path: 'p', got: leaky, allowed: 'a', fix: 'x' };
    expectClean(
      await runMain(
        () => {
          throw new ConfigurationError([problem]);
        },
        { INPUT_KEY: secret },
      ),
    );
  });

  it('of digits leaves the report valid JSON', async () => {
    const runner = await runMain(
      () => outcome({ report: { schema: 'probe@1', text: 'pin 2026', count: 2026 } }),
      { INPUT_KEY: '2026' },
    );
    expect(reportOf(runner)).toEqual({ schema: 'probe@1', text: 'pin ***', count: 2026 });
  });

  it('is masked before inputs are refused', async () => {
    const runner = await runMain(() => outcome(), { INPUT_KEY: secret, INPUT_WRONG: secret });
    expect(runner.masked).toContain(secret);
  });
});
