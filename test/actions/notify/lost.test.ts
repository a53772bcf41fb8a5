import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { notifyReportSchema } from '../../../shared/contracts/notification.js';
import { switchReport } from './reports.js';
import { notifyStage, type NotifyStage } from './stage.js';

let stage: NotifyStage;
beforeAll(async () => void (stage = await notifyStage()));
afterEach(() => stage.server.reset());
afterAll(() => stage.close());

const place = { environment: 'production', service: 'shop' };

describe('a job whose runner died', () => {
  it.each([
    [
      'watch',
      'Nobody watches shop in production: the watch broke off',
      'error',
      /start the workflow Rollback/,
    ],
    ['check', 'The scheduled check of shop in production broke off', 'error', /mode status/],
    [
      'rollback',
      'The rollback of shop in production broke off: users may still get the bad release',
      'critical',
      /mode status.*rollback --break-glass/,
    ],
    ['reconcile', 'Mode reconcile of shop in production broke off', 'warning', /Reconcile again/],
    [
      'exercise',
      'The exercise with shop in production broke off: its fault may still be there',
      'error',
      /deploy\/fault stop.*mode status/,
    ],
  ])(
    '%s: every channel is told what to do, and the pager wakes somebody',
    async (lost, title, severity, next) => {
      const { ok, report } = await stage.run(undefined, {
        ...place,
        lost,
        result: 'failure',
        on: 'failures',
      });
      expect(ok).toBe(true);
      const { notification, deliveries } = notifyReportSchema.parse(report);
      expect(notification.title).toBe(title);
      expect(notification.next).toMatch(next);
      expect(notification.body).toBe(
        'Its runner died, or was lost, before it told anybody; GitHub says that the job ended with failure.',
      );
      expect(deliveries.map(({ result }) => result)).toEqual([
        'delivered',
        'delivered',
        'delivered',
        'delivered',
      ]);
      const [event] = stage.server.received('pagerduty');
      expect(event!.body).toMatchObject({ event_action: 'trigger', payload: { severity } });

      // What the release comes to later closes the same incident of the pager.
      await stage.run(switchReport({ result: 'confirmed', mode: 'confirm', ok: true }), place);
      const keys = stage.server
        .received('pagerduty')
        .map(({ body }) => (body as { dedup_key: string }).dedup_key);
      expect(new Set(keys).size).toBe(1);
      expect(keys).toHaveLength(2);
    },
  );
});
