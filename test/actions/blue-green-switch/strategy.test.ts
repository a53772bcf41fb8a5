import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../actions/blue-green-switch/inputs.js';
import { switchOver } from '../../../actions/blue-green-switch/modes/switch.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { decideRecovery } from '../../../shared/traffic/recovery/decide.js';
import { parseStrategy } from '../../../shared/traffic/stops.js';
import { trafficStage, type TrafficStage } from '../../support/traffic/stage.js';
import { until } from '../../support/until.js';

describe('a strategy', () => {
  it.each([
    ['instant', []],
    ['10 % for 5m', [{ percent: 10, stay: 300_000 }]],
    [
      '- 10% for 30s\n- 50 % pause',
      [
        { percent: 10, stay: 30_000 },
        { percent: 50, stay: 'pause' },
      ],
    ],
  ])('%j is understood', (text, stops) => expect(parseStrategy(text)).toEqual(stops));

  it.each([
    '',
    'fast',
    '10 %',
    '10 % for',
    '10 % for 5',
    '0 % for 5m',
    '100 % for 5m',
    '50 % for 1m\n10 % for 1m',
    '10 % for 0s',
    'instant\n10 % pause',
  ])('%j is refused', (text) => expect(parseStrategy(text)).toBeUndefined());
});

describe('a weighted switch', () => {
  let at: TrafficStage;
  beforeEach(async () => {
    at = await trafficStage({}, 'servers');
  });
  afterEach(() => at.close());

  it('gives the new colour its shares one after the other, then everything', async () => {
    const switched = await at.release(at.startRun(), { strategy: '10 % for 20ms\n50 % for 20ms' });
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(at.weights()).toEqual({ blue: 0, green: 100 });
    const message = switched.report.timeline.map((event) => event.message);
    expect(message.filter((line) => line.startsWith('Done on'))).toEqual([
      'Done on edge-1: set server shop_both/green1 weight 10',
      'Done on edge-1: set server shop_both/blue1 weight 90',
      'Done on edge-1: set server shop_both/green1 weight 50',
      'Done on edge-1: set server shop_both/blue1 weight 50',
      'Done on edge-1: set server shop_both/green1 weight 100',
      'Done on edge-1: set server shop_both/blue1 weight 0',
    ]);
    expect(await at.refs()).toEqual([]);
  });

  it('is completed once it is verified, even by a reconcile that cannot read every node', async () => {
    const job = at.startRun();
    const control = await at.control(job);
    const { lock, github } = control;
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: JSON.parse(at.verdict(job)).digest });
    const inputs = {
      verdict: at.verdict(job),
      'on-interrupt': 'revert',
      strategy: [{ percent: 10, stay: 20 }],
    } as unknown as Inputs;
    const rest = (route: string, parameters: { state?: string }) =>
      parameters.state === 'success'
        ? Promise.reject(new GitHubError('GitHub answered 500', 500))
        : github.rest(route as never, parameters as never);
    const broken = { ...control, github: { ...github, rest: rest as never } };
    await expect(switchOver(broken, inputs, () => undefined)).rejects.toThrow(/^green has all traffic/);
    const { state } = (await lock.read())!;
    expect(decideRecovery(state, await control.router.read(), 'in-flight', true)).toBe('complete');
    expect(decideRecovery(state, await control.router.read(), 'in-flight', false)).toBe('wait');
    control.close();
    at.finishRun(job);
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ result: 'completed' });
    expect(at.weights()).toEqual({ blue: 0, green: 100 });
  });

  it('goes back when the new colour falls ill at a stop', async () => {
    const job = at.startRun();
    const running = at.release(job, { strategy: '10 % for 10s' });
    await until(() => at.weights().green === 10);
    at.green.well = false;
    expect(await running).toMatchObject({ ok: false, result: 'reverted' });
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
    expect(await at.refs()).toEqual([]);
  });

  it('goes back when an incident of the service is opened at a stop, however well the colour is', async () => {
    const running = at.release(at.startRun(), { strategy: '10 % for 2s\n50 % for 20ms' });
    await until(() => at.weights().green === 10);
    const labels = ['incident', 'severity:critical', 'service:shop'];
    await at.stand
      .octokit('octocat')
      .rest.issues.create({ owner: 'acme', repo: 'shop', title: 'Checkout is down', labels });
    const back = await running;
    expect(back).toMatchObject({ ok: false, result: 'reverted' });
    expect(back.message).toMatch(/incident #\d+ \(critical\) is open .*; traffic is back on blue$/);
    expect(back.report.course?.stops).toMatchObject([{ percent: 10, verdict: 'failed' }]);
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
    expect(await at.refs()).toEqual([]);
  });

  it('pauses with the lock kept, and only a resume of the same run goes on', async () => {
    const job = at.startRun();
    const paused = await at.release(job, { strategy: '25 % pause' });
    expect(paused).toMatchObject({ ok: true, result: 'paused' });
    expect(at.weights()).toEqual({ blue: 75, green: 25 });
    expect(await at.step(at.startRun(), { mode: 'resume' })).toMatchObject({ ok: false, result: 'refused' });
    const resumed = await at.step(at.startJob(job), { mode: 'resume' });
    expect(resumed).toMatchObject({ ok: true, result: 'switched' });
    expect(at.weights()).toEqual({ blue: 0, green: 100 });
    expect(await at.refs()).toEqual([]);
  });

  it('that nobody resumes is taken back once its run is over', async () => {
    const job = at.startRun();
    await at.release(job, { strategy: '25 % pause' });
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: true, result: 'busy' });
    at.finishRun(job);
    expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({
      ok: true,
      result: 'reverted',
    });
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
    expect(await at.refs()).toEqual([]);
  });

  it('is not resumed when an incident was opened during the pause', async () => {
    const job = at.startRun();
    await at.release(job, { strategy: '25 % pause' });
    const labels = ['incident', 'severity:critical', 'service:shop'];
    await at.stand
      .octokit('octocat')
      .rest.issues.create({ owner: 'acme', repo: 'shop', title: 'Down', labels });
    expect(await at.step(at.startJob(job), { mode: 'resume' })).toMatchObject({
      ok: false,
      result: 'refused',
    });
    expect(at.weights()).toEqual({ blue: 75, green: 25 });
  });

  it.each([
    ['revert', /cancelled between two steps; traffic is back/],
    ['complete', /complete, which is not for steps that nobody has judged; traffic is back/],
  ])('leaves nothing when the run is cancelled at a stop, on-interrupt %s', async (onInterrupt, why) => {
    const job = at.startRun();
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: JSON.parse(at.verdict(job)).digest });
    const { host } = await at.step(at.startJob(job), { mode: 'status' });
    const running = at.step(
      job,
      { mode: 'switch', verdict: at.verdict(job), strategy: '10 % for 30s', 'on-interrupt': onInterrupt },
      host,
    );
    await until(() => at.weights().green === 10);
    host.stop();
    const cancelled = await running;
    expect(cancelled).toMatchObject({ ok: false, result: 'reverted' });
    expect(cancelled.message).toMatch(why);
    expect(at.weights()).toEqual({ blue: 100, green: 0 });
    expect(await at.refs()).toEqual([]);
  });
});

describe('a router that cannot weigh', () => {
  it('refuses a strategy with steps before anything moves', async () => {
    const at = await trafficStage();
    try {
      const step = await at.release(at.startRun(), { strategy: '10 % for 1s' });
      expect(step).toMatchObject({ ok: false, result: 'refused' });
      expect(step.message).toContain('leave "strategy" at instant');
      expect(at.live()).toBe('blue');
    } finally {
      await at.close();
    }
  });
});

it('criteria without a step to judge are said to judge nothing', async () => {
  const at = await trafficStage();
  try {
    const job = at.startRun();
    const about = (printed: string[]) => printed.filter((line) => line.startsWith('warning: "criteria"'));
    const given = await at.step(job, { mode: 'switch', verdict: at.verdict(job), criteria: 'c.yml' });
    expect(about(given.host.printed)).toEqual([expect.stringContaining('nothing is judged here')]);
    const steps = { criteria: 'c.yml', strategy: '10 % for 1s' };
    const stepped = await at.step(job, { mode: 'switch', verdict: at.verdict(job), ...steps });
    expect(about(stepped.host.printed)).toEqual([]);
  } finally {
    await at.close();
  }
});
