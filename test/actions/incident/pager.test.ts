import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { IncidentReport } from '../../../shared/contracts/reports/incident-report.js';
import { notifyStage, type NotifyStage } from '../notify/stage.js';

let stage: NotifyStage;
beforeAll(async () => void (stage = await notifyStage()));
afterAll(() => stage.close());

const report = (changes: Partial<IncidentReport['incidents'][number]>, result: IncidentReport['result']) => ({
  schema: 'devops-actions/incident-report@1',
  mode: 'open',
  result,
  ok: true,
  message: 'Incident #31 opened.',
  reasons: [],
  notes: [],
  by: 'octocat',
  at: '2026-11-28T10:00:00.000Z',
  run: 'https://github.com/acme/shop/actions/runs/7/attempts/1',
  rules: { path: '.github/incidents.yml', commit: null },
  incidents: [
    {
      number: 31,
      url: 'https://github.com/acme/shop/issues/31',
      title: 'Checkout is down @channel <!channel>',
      change: 'opened',
      service: 'shop',
      environment: 'production',
      severity: 'critical',
      untriaged: [],
      scope: null,
      openedAt: '2026-11-28T10:00:00.000Z',
      deadline: '2026-11-28T10:15:00.000Z',
      acknowledged: null,
      resolvedAt: null,
      timeToRestoreMs: null,
      postMortem: null,
      ...changes,
    },
  ],
  contained: [],
  hooks: [],
  question: null,
});

it('the pager is armed with severity and deadline at the opening, and has one key to the end, whatever triage says', async () => {
  const by = { by: 'mona', at: '2026-11-28T10:04:00.000Z' };
  await stage.run(report({}, 'opened'));
  await stage.run(
    report({ change: 'triaged', acknowledged: by, service: 'cart', severity: 'high' }, 'triaged'),
  );
  await stage.run(report({ change: 'noted', acknowledged: by }, 'noted'));
  await stage.run(
    report(
      {
        change: 'resolved',
        acknowledged: by,
        resolvedAt: '2026-11-28T10:30:00.000Z',
        timeToRestoreMs: 1_800_000,
      },
      'resolved',
    ),
  );
  const events = stage.server.received('pagerduty').map(({ body, problems }) => {
    expect(problems).toEqual([]);
    return body as {
      event_action: string;
      dedup_key: string;
      payload: { severity: string; custom_details: Record<string, string> };
    };
  });
  expect(events.map(({ event_action: action }) => action)).toEqual(['trigger', 'acknowledge', 'resolve']);
  expect(new Set(events.map(({ dedup_key: key }) => key)).size).toBe(1);
  expect(events[0]!.payload).toMatchObject({
    severity: 'critical',
    custom_details: { 'Answer by': '2026-11-28 10:15 UTC', 'Time to answer': '15 min' },
  });
  for (const { problems } of stage.server.received('slack')) expect(problems).toEqual([]);
});

it('another incident of the same service has another key', async () => {
  stage.server.reset();
  await stage.run(report({}, 'opened'));
  await stage.run(report({ number: 32 }, 'opened'));
  const keys = stage.server
    .received('pagerduty')
    .map(({ body }) => (body as { dedup_key: string }).dedup_key);
  expect(new Set(keys).size).toBe(2);
});
