import type { ServerResponse } from 'node:http';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/notify/main.js';
import { inputVariable } from '../../../shared/runner/read-inputs.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { systemClock } from '../../../shared/runner/port.js';
import { testRunner } from '../../support/runner/port.js';
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

  it('that never answers ends with the time-out of the step', async () => {
    for (const name of ['slack', 'teams'] as const) stage.server.moods[name] = Array<Mood>(9).fill(silent);
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
  it('are nowhere in what the step writes, even when a service answers with them', async () => {
    const env = Object.fromEntries(
      Object.entries({ ...stage.server.inputs, report: '/nonexistent/report.json', timeout: '2s' }).map(
        ([name, value]) => [inputVariable(name), value],
      ),
    );
    const echo = Object.values(secrets).join(' ');
    for (const name of ['slack', 'teams', 'webhook'] as const)
      stage.server.moods[name] = [status(404, `no ${echo}`)];
    const stageOutcome = await stage.run(switchReport());
    const told = {
      ...action,
      run: async (_: unknown, host: Parameters<typeof action.run>[1]) => {
        stage.masked.forEach((secret) => host.mask(secret));
        return stageOutcome;
      },
    } as unknown as Parameters<typeof runAction>[0];
    const runner = testRunner(env);
    await runAction(told, 'main', runner);
    expect(runner.outputs.get('result')).toBe('partly-delivered');
    const written = JSON.stringify([
      runner.printed,
      runner.annotations,
      runner.summary,
      [...runner.outputs],
      [...runner.files],
      runner.failure,
    ]);
    expect(written).toContain('no ***');
    for (const secret of [...Object.values(secrets), 'T0AB12CD3', 'qWeRtYuIoPaSdFgHjKlZxCvB'])
      expect(written).not.toContain(secret);
  });
});
