import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { analysisReportSchema } from '../../../../shared/contracts/reports/analysis-report.js';
import { listIncidents } from '../../../../shared/ledger/incidents.js';
import type { TestRunner } from '../../../support/runner/port.js';
import { until } from '../../../support/until.js';
import { releaseStage, type ReleaseStage } from '../stage.js';

let stage: ReleaseStage;
beforeEach(async () => {
  stage = await releaseStage();
});
afterEach(() => stage.close());

/** Criteria that a release without any users cannot meet. */
const criteria = (policy?: string, watch = '2s') => `version: 1
environments:
  production:
    watch: ${watch}
    interval: 1s
${policy ? `    on-inconclusive: ${policy}\n` : ''}    sources:
      app:
        type: prometheus-text
        requests:
          metric: http_requests_total
          match: { version: "{{ version }}" }
          errors: { label: code, matches: "^5" }
          except: { label: route, matches: "^/(health|metrics)$" }
    criteria:
      - { name: error-rate, source: app, fail-when: error-rate > 5 %, for: 2s, min-requests: 8 }
`;
const incidents = async () => (await listIncidents(stage.github, { states: ['OPEN'] })).incidents;
const reportOf = (runner: TestRunner) =>
  analysisReportSchema.parse(JSON.parse(runner.files.get(runner.outputs.get('report') ?? '') ?? '{}'));
const title = 'shop 1.1.0 is live in production and nobody watches it';

describe('a watch that comes to no verdict', () => {
  it.each([
    { policy: undefined, result: 'inconclusive', severity: 'medium' },
    { policy: 'page', result: 'inconclusive', severity: 'medium' },
    { policy: 'hold', result: 'held', severity: 'high' },
  ])(
    'tells a person and leaves the release live when the policy is $policy',
    async ({ policy, result, severity }) => {
      stage.criteria(criteria(policy));
      const runner = await stage.run({});
      expect(runner.outputs.get('result')).toBe(result);
      expect(runner.outputs.get('unwatched')).toBe('true');
      expect(runner.failure).toBeDefined();
      expect(reportOf(runner)).toMatchObject({ unwatched: true, onInconclusive: policy ?? 'page' });
      expect(await incidents()).toMatchObject([
        { title, severity, marker: { causedBy: stage.deployments['1.1.0'] } },
      ]);
      expect(runner.outputs.get('incident')).toBe((await incidents())[0]!.url);
      expect(stage.router.stats().live).toBe('green');
    },
  );

  it('rolls the release back when the policy says so', async () => {
    stage.criteria(criteria('take-back'));
    const runner = await stage.run({});
    expect(runner.outputs.get('result')).toBe('rolled-back');
    expect(runner.outputs.get('unwatched')).toBe('false');
    expect(runner.outputs.get('reason')).toContain('on-inconclusive says take-back');
    expect(stage.router.stats().live).toBe('blue');
  });

  it.each([
    ['page', 'green', 'error'],
    ['hold', 'green', 'held'],
    ['take-back', 'blue', 'rolled-back'],
  ])('since it was cancelled ends as the policy %s says: %s is live, %s', async (policy, live, result) => {
    stage.criteria(criteria(policy, '2h'));
    const stopOnceWatching = async (runner: TestRunner) => {
      await until(() => runner.printed.some((line) => line.includes('Watching')), 'it watches');
      runner.stop();
    };
    const runner = await stage.run({}, { started: (runner) => void stopOnceWatching(runner) });
    expect(runner.outputs.get('result')).toBe(result);
    expect(stage.router.stats().live).toBe(live);
    expect(await incidents()).toHaveLength(1);
  });

  it.each([
    ['there are no criteria', () => undefined],
    [
      'the criteria are wrong',
      () => stage.criteria('version: 1\nenvironments: { production: { watch: 1 } }\n'),
    ],
  ])('since %s tells a person too', async (_, prepare) => {
    prepare();
    const runner = await stage.run({});
    expect(runner.outputs.get('result')).toBe('error');
    expect(reportOf(runner)).toMatchObject({
      result: 'error',
      unwatched: true,
      watched: { version: '1.1.0' },
    });
    expect(await incidents()).toMatchObject([{ title }]);
  });

  it('since the router cannot be read tells a person too', async () => {
    stage.criteria(criteria());
    await stage.router.refuse(true);
    const runner = await stage.run({});
    expect(runner.outputs.get('unwatched')).toBe('true');
    expect(await incidents()).toMatchObject([{ title: 'shop is live in production and nobody watches it' }]);
  });

  it('for another release than the live one is no news: that one is not live', async () => {
    stage.criteria(criteria());
    const runner = await stage.run({ 'deployment-id': String(stage.deployments['1.0.0']) });
    expect(runner.outputs.get('result')).toBe('held');
    expect(runner.outputs.get('unwatched')).toBe('false');
    expect(await incidents()).toEqual([]);
  });
});
