import { describe, expect, it } from '@jest/globals';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner } from '../../support/runner/port.js';
import { outcome, probe, runMain, type ProbeOutcome } from './probe.js';

describe('the stop signal', () => {
  it('aborts the host and is said once, however often it comes', async () => {
    const runner = testRunner();
    const action = probe(async (host) => {
      runner.stop('SIGINT');
      runner.stop('SIGINT');
      runner.stop('SIGTERM');
      await host.clock.sleep(60_000, host.signal);
      return outcome({ ok: false, message: `stopped by ${String(host.signal.reason)}` });
    });
    await runAction(action, 'main', runner);
    expect(runner.failure).toBe('stopped by SIGINT');
    expect(runner.printed).toEqual(['Received SIGINT: finishing what is in flight, waiting for nothing.']);
  });

  it('is no longer listened to when the action has ended', async () => {
    const runner = testRunner();
    await runAction(
      probe(() => outcome()),
      'main',
      runner,
    );
    runner.stop();
    expect(runner.printed).toEqual(['All is well.']);
  });

  it('does not end a run that does not listen: the runner does that', async () => {
    const runner = testRunner();
    let finish: (value: ProbeOutcome) => void = () => undefined;
    const running = runAction(
      probe(() => new Promise((resolve) => (finish = resolve))),
      'main',
      runner,
    );
    runner.stop();
    const first = await Promise.race([
      running.then(() => 'ended'),
      new Promise((resolve) => setImmediate(() => resolve('still running'))),
    ]);
    expect(first).toBe('still running');
    finish(outcome());
    await running;
    expect(runner.outputs.get('result')).toBe('pass');
  });
});

describe('post', () => {
  it('without work writes nothing, and neither does an action that has none', async () => {
    for (const action of [
      probe(() => outcome()),
      probe(
        () => outcome(),
        async () => undefined,
      ),
    ]) {
      const runner = testRunner();
      await runAction(action, 'post', runner);
      expect([runner.outputs.size, runner.files.size, runner.summary, runner.failure]).toEqual([
        0,
        0,
        '',
        undefined,
      ]);
    }
  });

  it('reads the state of main and reports beside it', async () => {
    const main = await runMain((host) => {
      host.state.save('claim', 'c1');
      return outcome();
    });
    expect(main.state.get('claim')).toBe('c1');
    const runner = testRunner({ RUNNER_TEMP: '/t', GITHUB_ACTION: 'step', STATE_claim: 'c1' });
    const action = probe(
      () => outcome(),
      async (host) =>
        outcome({
          message: `released ${host.state.read('claim')}`,
          report: { schema: 'probe@1', text: 'Post', count: 0 },
        }) as never,
    );
    await runAction(action, 'post', runner);
    expect(runner.printed).toEqual(['released c1']);
    expect([...runner.files.keys()]).toEqual(['/t/devops-actions/step/post-report.json']);
  });

  it('that fails is an error of its own', async () => {
    const runner = testRunner({ RUNNER_TEMP: '/t' });
    await runAction(
      probe(
        () => outcome(),
        () => Promise.reject(new Error('the lock is gone')),
      ),
      'post',
      runner,
    );
    expect(runner.failure).toBe('probe: the lock is gone');
    expect([...runner.files.keys()]).toEqual(['/t/devops-actions/probe/post-error.json']);
  });
});
