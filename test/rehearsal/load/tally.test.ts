import { describe, expect, it } from '@jest/globals';
import { Latencies } from '../../../rehearsal/load/latencies.js';
import { Tally, type Finished, type Outcome } from '../../../rehearsal/load/tally.js';

const finished = (outcome: Outcome, at: number, connection: Finished['connection'] = 'reused'): Finished => ({
  outcome,
  connection,
  call: 'GET /',
  at,
  latencyMs: 2,
});
const answer = (status: number, version?: string): Outcome => ({ kind: 'answer', status, version });

describe('a tally of requests', () => {
  it('blames on a switch what no version answered, by kind of connection', () => {
    const tally = new Tally(0);
    tally.end(finished({ kind: 'transport', code: 'ECONNRESET' }, 1, 'reused'));
    tally.end(finished({ kind: 'transport', code: 'ECONNREFUSED' }, 2, 'fresh'));
    tally.end(finished(answer(503), 3, 'fresh'));
    expect(tally.report(10)).toMatchObject({
      failedTransport: 2,
      failedRouter: 1,
      reusedFailures: 1,
      freshFailures: 2,
      ok: 0,
      appErrors: {},
      byVersion: { none: 1 },
    });
  });

  it('blames errors a version answered on that version, with first and last time', () => {
    const tally = new Tally(0);
    for (const at of [5, 7, 9]) tally.end(finished(answer(500, '2.0.0'), at));
    tally.end(finished(answer(404, '1.0.0'), 8));
    tally.end(finished(answer(503, '1.0.0'), 10));
    expect(tally.report(10)).toMatchObject({
      appErrors: { '2.0.0': 3, '1.0.0': 2 },
      firstErrorAt: { '2.0.0': 5, '1.0.0': 8 },
      lastErrorAt: { '2.0.0': 9, '1.0.0': 10 },
      failedRouter: 0,
      failedTransport: 0,
      reusedFailures: 0,
      freshFailures: 0,
    });
  });

  it('counts answers by version and lists the first failures', () => {
    const tally = new Tally(100);
    tally.begin();
    tally.begin();
    tally.end(finished(answer(201, '1.0.0'), 1));
    for (let at = 1; at <= 30; at += 1) tally.end(finished({ kind: 'transport', code: 'timeout' }, at));
    const report = tally.report(350);
    expect(report).toMatchObject({
      sent: 2,
      ok: 1,
      byVersion: { '1.0.0': 1 },
      startedAt: 100,
      elapsedMs: 250,
    });
    expect(report.failures).toHaveLength(20);
    expect(report.failures[0]).toEqual({
      at: 1,
      kind: 'transport',
      code: 'timeout',
      connection: 'reused',
      call: 'GET /',
    });
  });

  it('reports what was true then, not what came later', () => {
    const tally = new Tally(0);
    const before = tally.report(1);
    tally.end(finished(answer(500, '1.0.0'), 2));
    expect(before).toMatchObject({ appErrors: {}, byVersion: {}, failures: [] });
  });
});

describe('latencies', () => {
  it('are known within 1 %', () => {
    const latencies = new Latencies();
    for (let ms = 1; ms <= 1000; ms += 1) latencies.add(ms);
    for (const [quantile, exact] of [
      [0.5, 500],
      [0.95, 950],
      [0.99, 990],
    ] as const) {
      expect(Math.abs((latencies.percentile(quantile) ?? 0) / exact - 1)).toBeLessThan(0.011);
    }
  });

  it('are null before the first', () => {
    expect(new Latencies().percentile(0.95)).toBeNull();
  });
});
