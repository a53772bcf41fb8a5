import { afterEach, describe, expect, it } from '@jest/globals';
import { openSource, sourceSchema } from '../../../../shared/analysis/registry.js';
import type { Subject } from '../../../../shared/analysis/source.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { serve } from '../../../support/servers/http.js';

const open: (() => void | Promise<void>)[] = [];
afterEach(async () => {
  for (const close of open.splice(0)) await close();
});

describe('a report of smoke-test', () => {
  const budget = { metric: 'failed-flows', flow: null, limit: 0, got: 0, held: true };
  const check = { tenant: 'a', other: 'b', step: 's', request: 'GET /', status: 200, evidence: 'e' };
  const step = { name: 's', phase: 'test', request: 'GET /', durationMs: 1, attempts: [] };
  const report = (changes: object = {}) => ({
    schema: 'devops-actions/smoke-report@1',
    result: 'pass',
    message: 'said',
    suite: { name: 'shop', file: 'smoke.yml' },
    target: null,
    version: '1.1.0',
    startedAt: '1970-01-01T00:00:00Z',
    durationMs: 1,
    passed: 1,
    failed: 0,
    notRun: 0,
    p95Ms: 1,
    latency: null,
    seed: '1',
    budgets: [budget],
    isolation: null,
    flows: [
      {
        name: 'f',
        file: 'smoke.yml',
        result: 'passed',
        durationMs: 1,
        steps: [{ ...step, result: 'passed' }],
      },
    ],
    failures: [],
    ...changes,
  });
  const isolation = (result: string) => ({ result, tenants: ['a', 'b'], checks: [{ ...check, result }] });
  const ask = async (body: unknown, config: object = {}) => {
    const server = await serve((_, response) => void response.end(JSON.stringify(body)));
    const http = createHttpClient();
    open.push(
      () => server.close(),
      () => http.close(),
    );
    const parsed = sourceSchema.parse({ type: 'smoke-report', url: server.url, ...config });
    const subject = { version: '1.1.0' } as Subject;
    const clock = { now: () => 0, sleep: async () => undefined };
    return openSource(parsed, { http, clock, subject }).query({ from: 0, to: 60_000 });
  };
  const fail = { result: 'fail', failed: 1 };
  const violations = { counts: 'violations' };

  it.each<[string, object, object, object]>([
    ['counts no failure', {}, {}, { is: 'data', values: [{ value: 0 }] }],
    ['is an error of another version', { version: '1.0.0' }, {}, { is: 'error' }],
    ['is an error of no version', { version: null }, {}, { is: 'error' }],
    ['is an error where the test broke off', { result: 'error' }, {}, { is: 'error' }],
    ['is an error of a test to come', { startedAt: '1970-01-01T01:00:00Z' }, {}, { is: 'error' }],
    ['is stale', {}, { 'max-age': '30s' }, { is: 'stale' }],
    [
      'counts a limit that does not hold',
      { result: 'fail', budgets: [{ ...budget, held: false }] },
      {},
      { is: 'data', values: [{ value: 1 }] },
    ],
    [
      'counts what leaked',
      { ...fail, isolation: isolation('broken') },
      violations,
      { is: 'data', values: [{ value: 1 }] },
    ],
    [
      'counts that nothing leaked',
      { isolation: isolation('held') },
      violations,
      { is: 'data', values: [{ value: 0 }] },
    ],
    [
      'is absent where that was not shown',
      { ...fail, isolation: isolation('unproven') },
      violations,
      { is: 'absent' },
    ],
    ['is absent where nobody looked', {}, violations, { is: 'absent' }],
  ])('%s', async (_, changes, config, reading) => {
    expect(await ask(report(changes), config)).toMatchObject(reading);
  });

  it('is an error where it is something else', async () => {
    expect(await ask({ result: 'pass' })).toMatchObject({ is: 'error' });
  });
});
