import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../actions/gate-check/evidence/registry.js';
import { readPolicy } from '../../../actions/gate-check/policy.js';
import {
  checksStanding,
  standing,
  waitUntilSettled,
  type Standing,
} from '../../../actions/gate-check/waiting.js';
import { checksSeen, job, now, policyOf, request, run } from './facts.js';

const test = 'checks: { required: [{ name: test, workflow: .github/workflows/ci.yml, events: [push] }] }';
const scan = 'checks: { required: [{ name: security/scan, app: 12345 }] }';
const legacy = 'checks: { required: [{ status: ci/legacy, creator: jenkins-bot }] }';
const closed = 'window: { timezone: UTC, allow: [{ cron: "0 8 * * 1", for: 1h }] }';

const stateOf = (gates: string, evidence: GateEvidence) =>
  checksStanding(readPolicy(policyOf(gates), 'policy.yml', 'production'), { request, evidence }, now);
const running = run({ status: 'in_progress', jobs: [job({ status: 'in_progress', conclusion: null })] });

describe('checks are worth waiting for', () => {
  it('while they run', () => {
    expect(stateOf(test, checksSeen({ runs: [running] })).is).toBe('running');
  });

  it('as a run of the push that GitHub has not made yet', () => {
    expect(stateOf(test, checksSeen({}))).toMatchObject({ is: 'missing', comes: 'soon' });
  });

  it.each([scan, legacy])('as what another App or person has not posted yet: %s', (gates) => {
    expect(stateOf(gates, checksSeen({}))).toMatchObject({ is: 'missing', comes: 'later' });
  });

  it('when GitHub did not answer, but not when the job may not read them', () => {
    expect(stateOf(test, { checks: { is: 'unknown', reason: 'GitHub answered 502' } }).is).toBe('running');
    const denied = { is: 'unknown', reason: 'refused', permission: 'checks: read' } as const;
    expect(stateOf(test, { checks: denied }).is).toBe('settled');
  });

  it('not once they passed or failed, nor when one failed and another runs', () => {
    const failed = run({ jobs: [job({ conclusion: 'failure' })] });
    expect(stateOf(test, checksSeen({ runs: [run()] })).is).toBe('settled');
    expect(stateOf(test, checksSeen({ runs: [failed] })).is).toBe('settled');
    const both = `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml, events: [push] }, { status: ci/legacy, creator: jenkins-bot }] }`;
    expect(stateOf(both, checksSeen({ runs: [failed] })).is).toBe('settled');
    expect(stateOf(both, checksSeen({ runs: [running] })).is).toBe('missing');
  });

  it('not when another gate would refuse the release all the same', () => {
    expect(stateOf(`${test}, ${closed}`, checksSeen({ runs: [running] })).is).toBe('settled');
  });
});

describe('everything that time can mend is worth waiting for', () => {
  const of = (gates: string, evidence: GateEvidence) =>
    standing(readPolicy(policyOf(gates), 'policy.yml', 'production'), { request, evidence }, now);

  it('a window that opens, with the time until then', () =>
    expect(of(closed, {})).toMatchObject({ is: 'held', opensIn: 20 * 3_600_000 }));

  it('a window and a check at once', () =>
    expect(of(`${test}, ${closed}`, checksSeen({ runs: [running] })).is).toBe('held'));

  it('what GitHub did not answer, but not a missing permission', () => {
    const gates = `blockers: { labels: [blocker] }, ${closed}`;
    expect(of(gates, { blockers: { is: 'unknown', reason: 'GitHub answered 502' } }).is).toBe('running');
    const denied = { is: 'unknown', reason: 'refused', permission: 'issues: read' } as const;
    expect(of(gates, { blockers: denied }).is).toBe('settled');
  });

  it('not a gate that failed for good, whatever else is held', () => {
    const failed = run({ jobs: [job({ conclusion: 'failure' })] });
    expect(of(`${test}, ${closed}`, checksSeen({ runs: [failed] })).is).toBe('settled');
    expect(of(test, checksSeen({ runs: [run()] })).is).toBe('settled');
  });
});

describe('waiting', () => {
  const runs: Standing = { is: 'running', why: 'test is still running' };
  const soon: Standing = { is: 'missing', comes: 'soon', why: 'no run was found' };
  const later: Standing = { is: 'missing', comes: 'later', why: 'no status was found' };
  const settled: Standing = { is: 'settled' };

  async function wait(first: Standing, next: (at: number) => Standing, limit = 1_200_000) {
    let time = 0;
    let looks = 0;
    const lines: string[] = [];
    const stop = new AbortController();
    const of = (state: Standing) => ({ state, limit, checksAlone: true });
    const waited = await waitUntilSettled(
      of(first),
      () => {
        looks += 1;
        return Promise.resolve(of(next(time)));
      },
      {
        clock: {
          now: () => time,
          sleep: (ms) => {
            time += ms;
            return Promise.resolve();
          },
        },
        signal: stop.signal,
        tell: (line) => lines.push(line),
      },
    );
    return { waited, time, looks, lines };
  }

  it('ends with the first look that finds them settled', async () => {
    const { waited, time } = await wait(soon, (at) => (at < 15_000 ? soon : at < 100_000 ? runs : settled));
    expect(waited).toBe(true);
    expect(time).toBeGreaterThanOrEqual(100_000);
    expect(time).toBeLessThan(160_000);
  });

  it('does not begin without a limit, nor when they are settled', async () => {
    expect(await wait(runs, () => runs, 0)).toMatchObject({ waited: false, time: 0, looks: 0 });
    expect(await wait(settled, () => settled)).toMatchObject({ waited: false, time: 0, looks: 0 });
  });

  it('ends at its limit to the millisecond, after few looks', async () => {
    const { time, looks } = await wait(runs, () => runs);
    expect(time).toBe(1_200_000);
    expect(looks).toBeLessThan(30);
  });

  it('gives up after two minutes on a run that a push would have made at once, not on what others post', async () => {
    expect((await wait(soon, () => soon)).time).toBeLessThan(200_000);
    expect((await wait(later, () => later)).time).toBe(1_200_000);
  });

  it('says what it waits for, once', async () => {
    const { lines } = await wait(runs, (at) => (at < 600_000 ? runs : settled));
    expect(lines).toEqual(['Waiting at most 20 min more: test is still running']);
  });

  it('looks again at the very moment it opens, and not at all for what opens too late', async () => {
    const held = (at: number): Standing => ({ is: 'held', why: 'frozen', opensIn: 777_000 - at });
    const opened = await wait(held(0), (at) => (at < 777_000 ? held(at) : settled));
    expect(opened.time).toBe(777_000);
    expect(await wait(held(0), held, 700_000)).toMatchObject({ waited: false, time: 0, looks: 0 });
  });

  it('ends at once when the step is asked to stop, without another look', async () => {
    const stop = new AbortController();
    let looks = 0;
    const of = (state: Standing) => ({ state, limit: 1_200_000, checksAlone: false });
    const waiting = waitUntilSettled(
      of(runs),
      () => {
        looks += 1;
        return Promise.resolve(of(settled));
      },
      {
        clock: {
          now: () => 0,
          sleep: (_, signal) =>
            new Promise((resolve) => signal?.addEventListener('abort', () => resolve(), { once: true })),
        },
        signal: stop.signal,
        tell: () => undefined,
      },
    );
    stop.abort();
    await waiting;
    expect(looks).toBe(0);
  });
});
