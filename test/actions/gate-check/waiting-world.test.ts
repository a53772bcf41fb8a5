import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../shared/runner/port.js';
import type { Clock } from '../../../shared/time/clock.js';
import { ciPath, gateStage, policyPath, type GateStage } from './stage.js';

const policy = (more = '') =>
  `version: 1
environments:
  production:
    gates:
      checks: { required: [{ name: test, workflow: ${ciPath}, events: [push] }] }
${more}`;

describe('a gate that waits', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
  });
  afterAll(() => world.close());

  /** A clock on which each sleep is over at once, and the world changes in it. */
  const clockThat = (turns: (() => void)[], { advance = true } = {}) => {
    let ahead = 0;
    let sleeps = 0;
    const clock: Clock = {
      now: () => systemClock.now() + ahead,
      sleep: (ms) => {
        if (advance) ahead += ms;
        turns[sleeps]?.();
        sleeps += 1;
        return Promise.resolve();
      },
    };
    return { clock, sleeps: () => sleeps };
  };

  let releases = 0;
  const begun = () => {
    const sha = world.push({ [policyPath]: policy(), version: String((releases += 1)) });
    const { server, at } = world;
    const { id } = server.control.addRun({
      owner: at.owner,
      name: at.repo,
      workflowPath: ciPath,
      workflowName: ciPath,
      event: 'push',
      headSha: sha,
      headBranch: 'main',
      actor: 'octocat',
    });
    const { id: job } = server.control.addJob(id, { name: 'test', key: 'test' });
    const end = () => {
      server.control.progressJob(job, { status: 'completed', conclusion: 'success' });
      server.control.progressRun(id, { status: 'completed', conclusion: 'success' });
    };
    return { sha, end };
  };
  const ask = (sha: string, clock: Clock, signal?: AbortSignal) =>
    world.check({ service: 'shop', sha, runId: 4_200, wait: '10m', clock, ...(signal ? { signal } : {}) });

  it('passes once the check it waits for has passed', async () => {
    const { sha, end } = begun();
    const { clock, sleeps } = clockThat([() => undefined, end]);
    expect((await ask(sha, clock)).result).toBe('pass');
    expect(sleeps()).toBe(2);
  });

  it('judges by the policy as it stands when it is done, not as it stood when it began', async () => {
    const { sha, end } = begun();
    const { clock } = clockThat([
      () => {
        end();
        world.push({ [policyPath]: policy('      branch: [release/*]\n') });
      },
    ]);
    const { result, gates } = await ask(sha, clock);
    expect(result).toBe('fail');
    expect(gates['branch']!.result).toBe('fail');
  });

  it('ends with a hold when its time is over, after few looks', async () => {
    const { sha } = begun();
    const { clock, sleeps } = clockThat([]);
    const { result, verdict } = await ask(sha, clock);
    expect({ result, verdict }).toEqual({ result: 'hold', verdict: '' });
    expect(sleeps()).toBeLessThan(20);
  });

  it('gives no pass when it is cancelled, whatever came in the meantime', async () => {
    const { sha, end } = begun();
    const stop = new AbortController();
    const { clock, sleeps } = clockThat([
      () => {
        end();
        stop.abort();
      },
    ]);
    expect((await ask(sha, clock, stop.signal)).result).toBe('hold');
    expect(sleeps()).toBe(1);
  });

  it('survives an outage of GitHub while it waits, and judges by what it sees once that is over', async () => {
    const { sha, end } = begun();
    const outage = () => world.server.control.addFault({ path: '.*', status: 502, times: 1_000 });
    const over = () => {
      world.server.control.clearFaults();
      end();
    };
    // Retries of one look sleep on the same clock: the outage ends in one of them or at a later look.
    const { clock } = clockThat([outage, ...Array.from({ length: 11 }, () => () => undefined), over]);
    expect((await ask(sha, clock)).result).toBe('pass');
  });

  it('fails, and names the outage, when that is longer than its one limit', async () => {
    const { sha, end } = begun();
    const begunAt = systemClock.now();
    let last = 0;
    const { clock } = clockThat([
      () => {
        end();
        world.server.control.addFault({ path: '.*', status: 502, times: 10_000 });
      },
    ]);
    const watched = { ...clock, now: () => (last = clock.now()) };
    const { result, verdict, gates } = await ask(sha, watched);
    expect({ result, verdict }).toEqual({ result: 'fail', verdict: '' });
    expect(gates['checks']!.reason).toContain('502');
    world.server.control.clearFaults();
    // Ten minutes, the retries of its last look, and the seconds of this test.
    expect(last - begunAt).toBeLessThan(13 * 60_000);
  });
});
