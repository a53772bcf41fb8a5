import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { systemClock } from '../../../shared/runner/port.js';
import type { TestRunner } from '../../support/runner/port.js';
import { secrets, type Mood } from '../../support/servers/notify-channels.js';
import { switchReport } from './reports.js';
import { notifyStage, type NotifyStage } from './stage.js';

let stage: NotifyStage;
beforeAll(async () => void (stage = await notifyStage()));
afterEach(() => stage.server.reset());
afterAll(() => stage.close());

const status =
  (code: number, text = '', headers: Record<string, string> = {}): Mood =>
  (response: ServerResponse) =>
    void response.writeHead(code, headers).end(text);
const brokenOff: Mood = (response) => void response.destroy();
const silent: Mood = () => undefined;
const stuck: Mood = (response) => void response.writeHead(200, { 'content-length': 2 }).write('o');

const slackOf = (report: { deliveries: { channel: string }[] }) =>
  report.deliveries.find(({ channel }) => channel === 'slack');

describe('a service that does not take a message', () => {
  it.each([
    ['is overloaded', status(503)],
    ['breaks off', brokenOff],
    ['limits the rate', status(429, 'rate_limited', { 'retry-after': '7' })],
  ])('is asked again when it %s, and is told then', async (_, mood) => {
    stage.server.moods.slack = [mood, mood];
    const { outputs, report } = await stage.run(switchReport());
    expect(outputs.result).toBe('delivered');
    expect(slackOf(report)).toMatchObject({ result: 'delivered', tries: 3 });
    expect(stage.waits).toHaveLength(2);
  });

  it('is left alone for as long as it asks, in seconds or by date', async () => {
    stage.server.moods.slack = [status(429, '', { 'retry-after': '7' })];
    await stage.run(switchReport());
    expect(stage.waits).toEqual([7_000]);
    const soon = new Date(Math.floor(Date.now() / 1_000) * 1_000 + 60_000).toUTCString();
    stage.server.moods.slack = [status(503, '', { 'retry-after': soon })];
    const { report } = await stage.run(switchReport(), { timeout: '5s' }, systemClock);
    expect(slackOf(report)).toMatchObject({
      result: 'failed',
      tries: 1,
      message: expect.stringContaining('time-out of the step'),
    });
  });

  it.each(['0', '-1', 'soon', '7.5', ''])(
    'is not asked again at once when it says Retry-After: "%s"',
    async (after) => {
      stage.server.moods.slack = [status(429, '', { 'retry-after': after })];
      const { report } = await stage.run(switchReport());
      expect(slackOf(report)).toMatchObject({ result: 'delivered', tries: 2 });
      expect(stage.waits[0]).toBeGreaterThanOrEqual(1_000);
      expect(stage.waits[0]).toBeLessThan(30_000);
    },
  );

  it('is not waited for beyond the time-out of the step, which the message says', async () => {
    stage.server.moods.slack = [status(429, '', { 'retry-after': '3600' })];
    const { report } = await stage.run(switchReport());
    expect(stage.waits).toEqual([]);
    expect(slackOf(report)).toMatchObject({
      result: 'failed',
      tries: 1,
      message: expect.stringMatching(/429.*1 h.*time-out of the step/),
    });
  });

  it('is given up after five tries', async () => {
    stage.server.moods.slack = Array<Mood>(9).fill(status(503));
    const { report } = await stage.run(switchReport(), { timeout: '10m' });
    expect(slackOf(report)).toMatchObject({ result: 'failed', tries: 5 });
    expect(stage.waits).toEqual([...stage.waits].sort((a, b) => a - b));
  });

  it('is not waited for when the step is stopped', async () => {
    stage.server.moods.slack = [status(503)];
    const stopping = new AbortController();
    const { report } = await stage.run(
      switchReport(),
      {},
      { now: () => Date.now(), sleep: async () => stopping.abort() },
      stopping.signal,
    );
    expect(slackOf(report)).toMatchObject({
      result: 'failed',
      tries: 1,
      message: expect.stringContaining('asked to stop'),
    });
  });

  it('does not keep the others from being told, nor the step from succeeding', async () => {
    stage.server.moods.teams = Array<Mood>(9).fill(status(500));
    const { ok, outputs, message, annotations } = await stage.run(switchReport());
    expect({ ok, result: outputs.result }).toEqual({ ok: true, result: 'partly-delivered' });
    expect(message).toBe('Told slack, pagerduty, webhook; not delivered to teams.');
    expect(annotations).toEqual([
      expect.objectContaining({ level: 'warning', title: 'Not delivered to teams' }),
    ]);
  });

  it('fails the step only when delivery is required', async () => {
    for (const [required, ok] of [
      ['false', true],
      ['true', false],
    ] as const) {
      for (const name of ['slack', 'teams', 'pagerduty', 'webhook'] as const)
        stage.server.moods[name] = [status(410, 'channel_is_archived')];
      const outcome = await stage.run(switchReport(), { required });
      expect({ ok: outcome.ok, result: outcome.outputs.result }).toEqual({ ok, result: 'not-delivered' });
    }
  });

  it.each([403, 404, 410])(
    'with %d is not asked again, and its answer and the fix are stated',
    async (code) => {
      stage.server.moods.slack = [status(code, 'no_service')];
      const { report } = await stage.run(switchReport());
      expect(slackOf(report)).toMatchObject({ result: 'failed', tries: 1 });
      expect(slackOf(report)).toMatchObject({
        message: expect.stringMatching(new RegExp(`${code}: no_service.*Fix: .*"slack-webhook"`)),
      });
    },
  );

  it.each([
    ['a page of a proxy instead of the word ok', 'slack', status(200, '<html>Log in</html>')],
    ['a redirect', 'slack', status(302, '', { location: 'https://evil.example/' })],
    [
      'the error of a connector in a 200',
      'teams',
      status(200, 'Webhook message delivery failed with error: HTTP error 429'),
    ],
    ['a 200 that took no event', 'pagerduty', status(200, '{}')],
  ] as const)('is not believed by %s', async (_, channel, mood) => {
    stage.server.moods[channel] = [mood];
    const { outputs, report } = await stage.run(switchReport());
    expect(outputs.result).toBe('partly-delivered');
    expect(report.deliveries.find((one) => one.channel === channel)).toMatchObject({
      result: 'failed',
      tries: 1,
    });
  });

  it.each([
    ['never answers', silent],
    ['stops in the middle of its answer', stuck],
  ])('that %s ends with the time-out of the step', async (_, mood) => {
    for (const name of ['slack', 'teams'] as const) stage.server.moods[name] = Array<Mood>(9).fill(mood);
    const { ok, outputs, report } = await stage.run(switchReport(), { timeout: '1s' }, systemClock);
    expect({ ok, result: outputs.result }).toEqual({ ok: true, result: 'partly-delivered' });
    expect(slackOf(report)).toMatchObject({
      result: 'failed',
      message: expect.stringContaining('No answer within'),
    });
  });

  it.each([
    ['http://hooks.slack.example/x', 'expected https://'],
    ['hooks.slack.example/x', 'it is not an address'],
    ['https://127.0.0.1:1/x', 'the connection was refused'],
    ['https://169.254.169.254/latest', 'never contacted'],
  ])('at %s is stated without the address', async (address, why) => {
    const { ok, report } = await stage.run(switchReport(), { 'slack-webhook': address });
    expect(ok).toBe(true);
    expect(slackOf(report)).toMatchObject({ result: 'failed', message: expect.stringContaining(why) });
    expect(JSON.stringify(report)).not.toContain(address);
  });

  it('is not sent to without the key that signs', async () => {
    const { report } = await stage.run(switchReport(), { 'webhook-secret': '' });
    expect(stage.server.received('webhook')).toEqual([]);
    expect(report.deliveries.at(-1)).toMatchObject({
      result: 'failed',
      message: expect.stringContaining('"webhook-secret" is empty'),
    });
  });
});

describe('secrets', () => {
  const known = [...Object.values(secrets), 'T0AB12CD3', 'qWeRtYuIoPaSdFgHjKlZxCvB'];
  const echo = Object.values(secrets).join(' ');

  it.each([
    ['with them', (secret: string) => `no ${secret}`],
    ['with them as JSON', (secret: string) => JSON.stringify({ error: `no ${secret}` })],
    ['with them in a page', (secret: string) => `<p>no <a href="${encodeURI(secret)}">this</a></p>`],
  ])('are nowhere in what the whole action writes when a service answers %s', async (_, answer) => {
    for (const name of ['slack', 'teams', 'webhook'] as const)
      stage.server.moods[name] = [status(404, answer(echo))];
    const runner = await stage.runWhole(switchReport());
    expect(runner.outputs.get('result')).toBe('partly-delivered');
    const written = everything(runner);
    expect(written).toContain('***');
    for (const secret of known) expect(written).not.toContain(secret);
    for (const secret of known) expect(runner.masked).toContain(secret);
  });

  it.each(known)('do not leave their beginning where an answer is cut: %s', async (secret) => {
    for (let before = 200 - secret.length; before < 200; before += 5) {
      const echoed = before % 2 ? secret : [...secret].join('\u200B');
      stage.server.moods.slack = [status(404, `${'.'.repeat(before)}${echoed}${'.'.repeat(200)}`)];
      const written = everything(await stage.runWhole(switchReport()));
      expect(written).toContain('Refused with 404');
      expect(written).not.toContain(`.${secret.slice(0, 4)}`);
    }
  });

  it('are nowhere in what the whole action writes when an address stands in the wrong input', async () => {
    const address = stage.server.inputs['slack-webhook']!;
    const runner = await stage.runWhole(switchReport(), { timeout: address, on: secrets.pagerdutyKey });
    expect(runner.outputs.get('result')).toBe('error');
    for (const secret of [secrets.slackPath, secrets.pagerdutyKey])
      expect(everything(runner)).not.toContain(secret);
  });
});

const everything = ({ printed, debugged, annotations, summary, outputs, files, failure }: TestRunner) =>
  JSON.stringify([printed, debugged, annotations, summary, [...outputs], [...files], failure]);
