import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/blue-green-switch/main.js';
import { switchReportSchema } from '../../../shared/contracts/reports/switch-report.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import type { TestHost } from '../../support/runner/host.js';
import { newDigest, trafficStage, type StepResult, type TrafficStage } from '../../support/traffic/stage.js';
import { until } from '../../support/until.js';

let at: TrafficStage;
beforeEach(async () => {
  at = await trafficStage({}, 'servers');
});
afterEach(() => at.close());

/**
 * Begins a switch whose first stop is at 10 % and calls `then` as soon as the router has it; the host's `stop` cancels
 * the run.
 */
async function atFirstStop(
  strategy: string,
  then: (host: TestHost, control: TrafficControl) => unknown,
): Promise<StepResult> {
  const job = at.startRun();
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  const { host } = await at.step(at.startJob(job), { mode: 'status' });
  const running = at.step(job, { mode: 'switch', verdict: at.verdict(job), strategy }, host);
  await until(() => at.weights().green === 10);
  const control = await at.control(job);
  await then(host, control);
  control.close();
  return running;
}

/** Waits until the lock says that the first stop is reached: the router was read back by then. */
const reached = (control: TrafficControl) =>
  until(async () => (await control.lock.read())?.state.passed === 1);

/** The summary of the report as it is published: whatever the schema does not allow fails here. */
const summaryOf = ({ report }: StepResult) =>
  action.render(switchReportSchema.parse(JSON.parse(JSON.stringify(report))));

const shares = ({ report }: StepResult) => [
  ...new Set(report.course?.points.map(({ weights }) => weights['green'])),
];

describe('the report of a switch by steps', () => {
  it('has the shares that the router showed, the judgement of each stop and every new connection', async () => {
    const switched = await at.release(at.startRun(), { strategy: '10 % for 20ms\n50 % for 20ms' });
    expect(shares(switched)).toEqual([0, 10, 50, 100]);
    expect(switched.report.course?.stops).toMatchObject([
      {
        percent: 10,
        stayMs: 20,
        verdict: 'passed',
        message: expect.stringMatching(/^it stayed well for \d looks?$/),
      },
      { percent: 50, stayMs: 20, verdict: 'passed' },
    ]);
    const { entry } = switched.report;
    expect(entry?.opened).toBe(entry?.samples.length);
    expect(entry?.samples.at(-1)).toMatchObject({ is: 'expected', version: '2.0.0', digest: newDigest });
    const summary = summaryOf(switched);
    const drawn = JSON.parse(/^ *line (\[.*\])$/m.exec(summary)?.[1] ?? '[]') as number[];
    // A stop that was short beside the rest may fall between two points.
    expect([0, 10, 50, 100]).toEqual(expect.arrayContaining([...new Set(drawn)]));
    expect([drawn[0], drawn.at(-1)]).toEqual([0, 100]);
    expect(summary).toMatch(/\| 10 % \| 90 % \| ✅ passed: 10 % for 20 ms: it stayed well for \d looks? \|/);
  });

  it('has them when the new colour is judged ill and traffic goes back', async () => {
    const back = await atFirstStop('10 % for 10s', () => (at.green.well = false));
    expect(shares(back)).toEqual([0, 10]);
    expect(back.report.course?.points.at(-1)?.weights).toEqual({ blue: 100, green: 0 });
    expect(back.report.course?.stops).toMatchObject([
      { percent: 10, verdict: 'failed', message: expect.stringContaining('green is not well') },
    ]);
    expect(back.outputs).toMatchObject({ live: 'blue', previous: 'blue', changed: 'false' });
    expect(summaryOf(back)).toContain('❌ failed: 10 % for 10 s: colour green is not well');
  });

  it('has them when the run is cancelled at a stop', async () => {
    const cancelled = await atFirstStop('10 % for 30s', (host) => host.stop());
    expect(shares(cancelled)).toEqual([0, 10]);
    expect(cancelled.report.course?.stops).toMatchObject([{ percent: 10, verdict: 'cancelled' }]);
  });

  it('says at a pause what is to be done, and that a move from one mixture to another changed something', async () => {
    const job = at.startRun();
    const paused = await at.release(job, { strategy: '10 % pause\n25 % pause' });
    expect(paused.report.course?.stops).toMatchObject([{ percent: 10, stayMs: null, verdict: 'paused' }]);
    expect(paused.outputs).toMatchObject({ result: 'paused', live: '', previous: 'blue', changed: 'true' });
    expect(summaryOf(paused)).toContain('then run `mode: resume` in a later job of this run');
    const again = await at.step(at.startJob(job), { mode: 'resume' });
    expect(again.outputs).toMatchObject({ result: 'paused', live: '', previous: '', changed: 'true' });
    expect(shares(again)).toEqual([10, 25]);
  });
});

describe('a switch that breaks off', () => {
  it('reports traffic before and now, its course and what finishes it', async () => {
    const broken = await atFirstStop('10 % for 1s', async (_host, control) => {
      await reached(control);
      await control.lock.remove((await control.lock.read())!);
    });
    expect(broken).toMatchObject({ ok: false, result: 'error' });
    expect(broken.outputs).toMatchObject({ live: '', previous: 'blue', changed: 'true' });
    expect(broken.report).toMatchObject({
      before: { blue: 100, green: 0 },
      after: { blue: 90, green: 10 },
    });
    expect(shares(broken)).toEqual([0, 10]);
    const summary = summaryOf(broken);
    expect(summary).toMatch(/^## ❌ shop in production: error\n\n\*\*Live now:\*\* blue 90 %, green 10 %/);
    expect(summary).toContain('if it fails too, run `mode: reconcile`');
  });

  it('leaves a mistake in its configuration to the runner, which lists every problem', async () => {
    const job = at.startRun();
    await at.reserve(job);
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const inputs = { mode: 'switch', verdict: at.verdict(job), criteria: '.github/none.yml' };
    await expect(at.step(job, inputs)).rejects.toThrow(/none\.yml/);
  });
});

describe('a router that cannot be read at the end', () => {
  it('leaves it unknown whether traffic changed', async () => {
    const lost = await atFirstStop('10 % for 1s', async (_host, control) => {
      await reached(control);
      await at.router.close();
    });
    expect(lost.ok).toBe(false);
    expect(lost.outputs).toMatchObject({ live: '', previous: 'blue', changed: 'unknown' });
    expect(lost.report).toMatchObject({ before: { blue: 100, green: 0 }, after: null, changed: null });
    expect(shares(lost)).toEqual([0, 10]);
    expect(summaryOf(lost)).toContain('**Live now:** not known, the router could not be read');
  });
});

describe('a held switch', () => {
  it('links its incident and names the modes that end it', async () => {
    const held = await atFirstStop('10 % for 10s', () => (at.blue.well = at.green.well = false));
    expect(held).toMatchObject({ ok: false, result: 'held' });
    const summary = summaryOf(held);
    expect(summary).toMatch(/\[Incident\]\(http[^)]*\/issues\/\d+\)/);
    expect(summary).toMatch(/run `mode: revert` .* or `mode: resume`/);
  });
});

describe('a step that moves nothing', () => {
  it('has no course, and says that nothing changed', async () => {
    const reserved = await at.reserve(at.startRun());
    expect(reserved.report.course).toBeUndefined();
    expect(reserved.report.changed).toBe(false);
    expect(summaryOf(reserved)).not.toContain('mermaid');
  });
});

describe('the post step', () => {
  it('reports the course of what it takes back', async () => {
    const job = at.startRun();
    await at.release(job);
    at.finishRun(job);
    const next = at.startRun();
    const digest = `sha256:${'3'.repeat(64)}`;
    await at.reserve(next, { version: '3.0.0', digest, verdict: at.verdict(next, { digest }) });
    Object.assign(at.blue, { version: '3.0.0', digest });
    const { host } = await at.step(next, {
      mode: 'switch',
      verdict: at.verdict(next, { digest }),
      'revert-on-job-failure': 'true',
    });
    const post = (await at.post(host, 'failure'))!;
    expect(post).toMatchObject({ ok: true, result: 'reverted' });
    expect(shares(post)).toEqual([0, 100]);
    expect(post.report.entry).toMatchObject({ ok: true, seen: 3 });
    expect(summaryOf(post)).toContain('3 of 3 checks saw `2.0.0`');
  });
});
