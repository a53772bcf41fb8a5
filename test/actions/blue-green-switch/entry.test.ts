import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/blue-green-switch/main.js';
import { reportSchema } from '../../../actions/blue-green-switch/report.js';
import { startFront, type Answer, type Front } from '../../support/traffic/front.js';
import { newDigest, trafficStage, type StepResult, type TrafficStage } from '../../support/traffic/stage.js';

let at: TrafficStage;
let front: Front;
beforeEach(async () => {
  front = await startFront('');
  at = await trafficStage({ url: `${front.url}/health`, connections: 5, for: '100ms', within: '20s' });
  front.answer = () => ({ to: at.router.url });
});
afterEach(async () => {
  await at.close();
  await front.close();
});

const summaryOf = ({ report }: StepResult) =>
  action.render(reportSchema.parse(JSON.parse(JSON.stringify(report))));

/** Passes requests on, but answers otherwise for so many requests after green got traffic. */
function otherwiseAfterSwitch(answers: (count: number) => Answer | undefined): void {
  let count = 0;
  front.answer = () => {
    const through = { to: at.router.url };
    return at.live() === 'green' ? (answers(++count) ?? through) : through;
  };
}

describe('switch fault 8: a front that settles late', () => {
  it('keeps the good release when every answer is new at last', async () => {
    let since: number | undefined;
    otherwiseAfterSwitch((count) => {
      since ??= Date.now();
      return Date.now() - since < 2_000 && count % 3 > 0 ? { to: at.blue.url } : undefined;
    });
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(at.live()).toBe('green');
    expect(switched.report.entry!.samples.map(({ is }) => is)).toContain('not-yet');
    expect(switched.outputs['failed-connections']).toBe('0');
  });
});

describe('a switch whose new connections failed', () => {
  it('says so in title, message, output and report, and is not green', async () => {
    otherwiseAfterSwitch((count) => (count <= 4 ? { status: 503 } : undefined));
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true });
    expect(at.live()).toBe('green');
    const failed = Number(switched.outputs['failed-connections']);
    expect(failed).toBe(4);
    expect(switched.message).toMatch(
      /^shop 2\.0\.0 is live in production, and 4 connections failed: .*4 of \d+ new connections failed from .* UTC/,
    );
    expect(summaryOf(switched)).toMatch(
      /^## ⚠️ shop 2\.0\.0 is live in production, and 4 connections failed\n/,
    );
    const { connections } = switched.report;
    expect(connections).toMatchObject({ failed: 4, failedBefore: 0, why: 'the entry answers 503' });
    expect(Date.parse(connections!.firstAt!)).toBeLessThanOrEqual(Date.parse(connections!.lastAt!));
  });

  it('counts connections that were dropped too', async () => {
    otherwiseAfterSwitch((count) => (count === 1 ? 'drop' : undefined));
    const switched = await at.release(at.startRun());
    expect(switched.outputs['failed-connections']).toBe('1');
    expect(switched.message).toContain('and 1 connection failed');
  });

  it('is called degraded, and a failed release in the report, when they failed for a second or more', async () => {
    let since: number | undefined;
    otherwiseAfterSwitch(() => {
      since ??= Date.now();
      return Date.now() - since < 1_300 ? { status: 502 } : undefined;
    });
    const switched = await at.release(at.startRun());
    expect(switched).toMatchObject({ ok: true, result: 'degraded' });
    expect(switched.report.connections).toMatchObject({ failedRelease: true });
    expect(switched.report.connections!.longestMs).toBeGreaterThanOrEqual(1_000);
  });

  it('does not blame the release for an entry that was failing before', async () => {
    at.blue.well = false;
    const job = at.startRun();
    const reserved = await at.reserve(job);
    expect(reserved.result).toBe('reserved');
    Object.assign(at.green, { version: '2.0.0', digest: newDigest });
    const switched = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    expect(switched).toMatchObject({ ok: true, result: 'switched' });
    expect(switched.outputs['failed-connections']).toBe('0');
    expect(switched.report.connections!.failedBefore).toBeGreaterThan(0);
  });
});
