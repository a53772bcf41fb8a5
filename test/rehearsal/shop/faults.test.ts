import { describe, expect, it } from '@jest/globals';
import { FaultPlan, parseFault, type Fault } from '../../../rehearsal/shop/faults.js';

/** Indexes of the failing ones among so many requests. */
function failing(fault: Fault, requests: number): number[] {
  const plan = new FaultPlan(fault, 0);
  return Array.from({ length: requests }, (_, index) => index).filter(() => plan.next(0).fail);
}

describe('an error rate', () => {
  it.each([
    [0.12, 1000, 120],
    [0.12, 100, 12],
    [0.005, 1000, 5],
    [0.29, 100, 29],
    [1, 200, 200],
    [0, 200, 0],
  ])('of %d over %d requests fails exactly %d', (errorRate, requests, failures) => {
    expect(failing({ errorRate }, requests)).toHaveLength(failures);
  });

  it('falls on the same requests with the same seed, on others with another', () => {
    expect(failing({ errorRate: 0.1, seed: 7 }, 500)).toEqual(failing({ errorRate: 0.1, seed: 7 }, 500));
    expect(failing({ errorRate: 0.1, seed: 7 }, 500)).not.toEqual(failing({ errorRate: 0.1, seed: 8 }, 500));
  });

  it('is not in step with a pattern of eight calls', () => {
    const places = new Set(failing({ errorRate: 0.12 }, 1000).map((index) => index % 8));
    expect(places.size).toBe(8);
  });

  it('begins only after the given number of requests, and is then exact', () => {
    const indexes = failing({ errorRate: 0.5, afterRequests: 300 }, 500);
    expect(Math.min(...indexes)).toBeGreaterThanOrEqual(300);
    expect(indexes).toHaveLength(100);
  });

  it('begins only after the given time', () => {
    const plan = new FaultPlan({ errorRate: 1, latencyMs: 9, tenantLeak: true, afterMs: 500 }, 1_000);
    expect(plan.next(1_499)).toEqual({ fail: false, latencyMs: 0, tenantLeak: false });
    expect(plan.next(1_500)).toEqual({ fail: true, latencyMs: 9, tenantLeak: true });
  });

  it('of one route leaves the others alone', () => {
    const plan = new FaultPlan({ errorRate: 1, latencyMs: 9, route: '/' }, 0);
    expect(['/', '/api/products', '/'].map((route) => plan.next(0, route).fail)).toEqual([true, false, true]);
  });
});

describe('a fault given as text', () => {
  it('is read', () => {
    expect(parseFault('{"errorRate":0.12,"afterRequests":50}')).toEqual({
      errorRate: 0.12,
      afterRequests: 50,
    });
  });

  it.each([
    ['{"errorrate":0.1}', 'unknown fault "errorrate"; allowed: errorRate, latencyMs'],
    ['{"errorRate":12}', 'fault "errorRate" is 12; allowed: a number from 0 to 1'],
    ['{"latencyMs":"5"}', 'fault "latencyMs" is "5"; allowed: milliseconds'],
    ['[]', 'a fault is a JSON object'],
    ['', 'JSON'],
  ])('is refused: %s', (text, says) => {
    expect(() => parseFault(text)).toThrow(says);
  });
});
