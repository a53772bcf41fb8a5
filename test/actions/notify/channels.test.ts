import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { notificationSchema, notifyReportSchema } from '../../../shared/contracts/notification.js';
import { render } from '../../../actions/notify/render.js';
import type { ChannelName } from '../../support/servers/notify-channels.js';
import { cases, gateReport, rollbackReport, smokeReport, switchReport } from './reports.js';
import { notifyStage, type NotifyStage } from './stage.js';

const chats: ChannelName[] = ['slack', 'teams', 'webhook'];
let stage: NotifyStage;
beforeAll(async () => void (stage = await notifyStage()));
afterEach(() => stage.server.reset());
afterAll(() => stage.close());

const events = () =>
  stage.server
    .received('pagerduty')
    .map(({ body }) => body as { event_action: string; dedup_key: string; payload: { severity: string } });

describe('every report in every channel, as its service takes it', () => {
  it.each(cases)('tells %s', async (_, report, tone, title, page) => {
    const {
      ok,
      outputs,
      report: told,
      annotations,
    } = await stage.run(report, { environment: 'production', service: 'shop' });
    notifyReportSchema.parse(told);
    expect({ ok, result: outputs.result, refused: told.refused, annotations }).toEqual({
      ok: true,
      result: 'delivered',
      refused: undefined,
      annotations: [],
    });
    for (const channel of chats)
      expect([channel, stage.server.received(channel).map(({ problems }) => problems)]).toEqual([
        channel,
        [[]],
      ]);
    const { notification } = told;
    expect(notification.tone).toBe(tone);
    expect(notification.title).toMatch(title);
    expect(notification.next).not.toBe('');
    expect(notification.links[0]).toEqual({
      text: 'Run',
      url: expect.stringMatching(/^https:\/\/github\.com\/acme\/shop\/actions\/runs\/\d+/),
    });
    const facts = notification.facts.map(({ name }) => name);
    expect(facts).toEqual(
      expect.arrayContaining(['Service', 'Environment', 'Repository', 'Started by', 'Since']),
    );
    expect(notification.facts.find(({ name }) => name === 'Since')?.value).toMatch(
      /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$/,
    );
    expect(stage.server.received('pagerduty').flatMap(({ problems }) => problems)).toEqual([]);
    const paged = events().map(({ event_action: action, payload }) =>
      action === 'trigger' ? `${action} ${payload.severity}` : action,
    );
    expect(paged).toEqual(page === 'none' ? [] : [page]);
    expect(notificationSchema.parse(stage.server.received('webhook')[0]!.body)).toEqual(notification);
    expect(render(told)).toContain('📣');
  });
});

describe('what a switch ended with', () => {
  const quiet = [
    'reserved',
    'adopted',
    'retired',
    'kept',
    'ok',
    'locked',
    'dry-run',
    'busy',
    'nothing',
    'released',
  ];
  it.each([...quiet, 'not-switched', 'completed', 'confirmed', 'switched'])(
    '%s is good news only when the step passed',
    async (result) => {
      for (const ok of [true, false]) {
        const { report } = await stage.run(switchReport({ mode: 'reconcile', result, ok }));
        expect(report.notification.tone).toBe(ok ? 'success' : 'failure');
      }
      expect(events().map(({ event_action: action }) => action)).toEqual(
        ['completed', 'confirmed', 'switched'].includes(result) ? ['resolve'] : [],
      );
    },
  );

  it('ends the incident when a switch that was held is finished, which says what is live', async () => {
    await stage.run(switchReport({ result: 'held', ok: false }));
    const { report } = await stage.run(switchReport({ mode: 'resume', result: 'completed' }));
    expect(report.notification.title).toBe('shop 1.4.0 is live in production');
    expect(events().map(({ event_action: action }) => action)).toEqual(['trigger', 'resolve']);
    expect(new Set(events().map(({ dedup_key }) => dedup_key)).size).toBe(1);
  });
});

describe('one incident of on-call', () => {
  it('is triggered by a rollback, acknowledged by a person, and resolved by the next healthy watch, under one key', async () => {
    await stage.run(rollbackReport('rolled-back'));
    await stage.run(switchReport({ mode: 'revert', result: 'reverted', service: 'Shop' }));
    await stage.run(rollbackReport('healthy'), { on: 'failures' });
    expect(events().map(({ event_action }) => event_action)).toEqual(['trigger', 'acknowledge', 'resolve']);
    expect(new Set(events().map(({ dedup_key }) => dedup_key)).size).toBe(1);
  });

  it('is not resolved by a smoke test that passed, nor by another service or environment', async () => {
    await stage.run(rollbackReport('rolled-back'));
    await stage.run(smokeReport('pass'), { environment: 'production', service: 'shop' });
    await stage.run(rollbackReport('healthy', { service: 'cart' }));
    await stage.run(rollbackReport('healthy', { environment: 'staging' }));
    expect(new Set(events().map(({ dedup_key }) => dedup_key)).size).toBe(4);
  });

  it('has a key that fits and stays its own, however long the names are', async () => {
    for (const last of ['a', 'b'])
      await stage.run(
        rollbackReport('rolled-back', { service: `${'s'.repeat(99)}${last}`, environment: 'e'.repeat(100) }),
      );
    expect(stage.server.received('pagerduty').flatMap(({ problems }) => problems)).toEqual([]);
    expect(new Set(events().map(({ dedup_key }) => dedup_key)).size).toBe(2);
  });
});

describe('who is told', () => {
  const quiet = gateReport('pass');
  const moved = switchReport();
  const bad = gateReport('fail');
  const unknown = switchReport({ mode: 'reconcile', result: 'released', changed: null, after: null });
  it.each([
    ['all', quiet, 'delivered'],
    ['changes', quiet, 'not-needed'],
    ['changes', moved, 'delivered'],
    ['changes', bad, 'delivered'],
    ['changes', unknown, 'delivered'],
    ['failures', moved, 'not-needed'],
    ['failures', bad, 'delivered'],
  ] as const)('with on: %s', async (on, report, result) => {
    const { outputs } = await stage.run(report, { on, 'pagerduty-key': '' });
    expect(outputs.result).toBe(result);
  });

  it('is nobody without a secret, which the result says with the names of the empty inputs', async () => {
    const off = {
      'slack-webhook': '',
      'teams-webhook': '',
      'pagerduty-key': '',
      'webhook-url': '',
      'webhook-secret': '',
    };
    const { ok, message, outputs } = await stage.run(switchReport(), off);
    expect({ ok, result: outputs.result }).toEqual({ ok: true, result: 'not-configured' });
    for (const name of Object.keys(off)) expect(message).toContain(name);
  });

  it.each([
    ['is not JSON', 'not json {'],
    ['names no schema', { result: 'pass' }],
    ['has an unknown schema', { schema: 'devops-actions/verdict@1' }],
    ['has the name of a property of all objects', { schema: '__proto__' }],
    ['lacks fields', { schema: 'devops-actions/switch-report@1', result: 'switched' }],
    ['has a field too many', switchReport({ extra: true })],
    ['contradicts itself', smokeReport('pass', { passed: 0 })],
    ['is missing', undefined],
  ])('is everybody, of a failure, when the report %s', async (_, report) => {
    const {
      ok,
      annotations,
      report: told,
    } = await stage.run(report, { on: 'failures', result: 'cancelled' });
    expect(ok).toBe(true);
    expect(told.refused).toMatch(/report/);
    expect(told.notification.tone).toBe('failure');
    expect(annotations).toEqual([expect.objectContaining({ level: 'warning', message: told.refused })]);
    expect(stage.server.received('slack')).toHaveLength(1);
    expect(stage.server.received('pagerduty')).toEqual([]);
    if (report === undefined) expect(told.refused).toContain('cancelled');
  });
});
