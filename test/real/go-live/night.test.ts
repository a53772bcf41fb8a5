import { afterEach, describe, expect, it } from '@jest/globals';
import type { RunReport } from '../../../rehearsal/runner/run-workflow.js';
import { openNight, type Night } from './night.js';

let night: Night;
afterEach(() => night.close());

const step = (run: RunReport, job: string, name: string) =>
  Object.values(run.jobs)
    .find((one) => one.name === `Go live / ${job}`)
    ?.steps.find((one) => one.name === name);
const summary = (run: RunReport) => step(run, 'Report', 'Write the runbook of what happened')?.summary ?? '';
const told = () => night.channels.received('webhook').map(({ text }) => text);
const logOf = (run: RunReport) =>
  Object.values(run.jobs)
    .filter(({ result }) => result === 'failure')
    .map(({ name, steps }) => `${name}\n${steps.map(({ log }) => log).join('\n')}`)
    .join('\n')
    .slice(-4_000);
const locks = async () => {
  const state = JSON.stringify(night.github.control.snapshot());
  return [...state.matchAll(/refs\/devops-actions\/[^"]*\/lock/g)].map(([ref]) => ref);
};

const old = { auth: '1.0.0', catalogue: '1.0.0', orders: '1.0.0', search: '1.0.0', frontend: '1.0.0' };

describe('five services in one night, with the real actions and a router before each', () => {
  it('all are well: five live in their order, the page looked at, the runbook filled in; again, and nothing is done', async () => {
    night = await openNight({});
    const run = await night.goLive();
    expect([run.conclusion, logOf(run)]).toEqual(['success', '']);
    expect(new Set(Object.values(await night.seen()))).toEqual(new Set(['2.0.0']));
    expect(summary(run)).toMatch(/5 services live as go-live-[0-9a-f]{12}/);
    expect(summary(run).match(/✅ released \| \d+\.\d/g)).toHaveLength(5);
    expect(summary(run)).toMatch(/Verification .*✅ done/);
    expect(summary(run)).toMatch(/no major incident is open within 48 h/);
    expect(told().at(-1)).toMatch(/is live/);

    const again = await night.goLive();
    expect([again.conclusion, logOf(again)]).toEqual(['success', '']);
    expect(summary(again).match(/✅ live before/g)).toHaveLength(5);
  }, 600_000);

  it('the third fails its smoke test: the first two stay, it never has traffic, the others never start, the channel is told', async () => {
    night = await openNight({ faults: { orders: { wrongVersion: '0.0.1' } } });
    const run = await night.goLive();
    expect(run.conclusion).toBe('failure');
    expect(await night.seen()).toEqual({ ...old, auth: '2.0.0', catalogue: '2.0.0' });
    expect(night.machines.running()).not.toHaveProperty('search-production/green');
    expect(summary(run)).toMatch(/Stopped.*orders .*2 of 5 services stay released, 2 never started/);
    expect(told().some((text) => /go-live-[0-9a-f]{12} stopped/.test(text))).toBe(true);
    expect(await locks()).toEqual([]);
  }, 600_000);

  it('take-back all: the failure of the third takes the first two back as well', async () => {
    night = await openNight({
      faults: { orders: { wrongVersion: '0.0.1' } },
      plan: { 'take-back': 'all' },
    });
    const run = await night.goLive();
    expect(run.conclusion).toBe('failure');
    expect(await night.seen()).toEqual(old);
    expect(summary(run)).toMatch(/⏪ Rolled back/);
    expect(told().some((text) => /was rolled back/.test(text))).toBe(true);
  }, 600_000);

  it('the runner dies while the third is watched: it goes back, those before it stay, no lock is left', async () => {
    night = await openNight({});
    const lost = new AbortController();
    const run = await night.goLive({
      lose: lost.signal,
      onProgress: (event) => {
        if (event.type === 'step' && event.status === 'started' && event.step === 'Watch')
          if (/rank-2/.test(event.job)) lost.abort();
      },
    });
    expect(run.conclusion).toBe('failure');
    expect(await night.seen()).toEqual({ ...old, auth: '2.0.0', catalogue: '2.0.0' });
    expect(summary(run)).toMatch(/Rolled back/);
    expect(await locks()).toEqual([]);
  }, 600_000);

  it('the runner dies in the switch of the third rank, with the traffic moved: it goes back, the ranks before stay', async () => {
    night = await openNight({});
    const lost = new AbortController();
    const loseOnceMoved = async () => {
      while ((await night.seen()).search !== '2.0.0') continue;
      lost.abort();
    };
    let moved: Promise<void> | undefined;
    const run = await night.goLive({
      lose: lost.signal,
      onProgress: (event) => {
        if (event.type === 'step' && event.status === 'started' && event.step === 'Switch')
          if (/rank-3/.test(event.job)) moved = loseOnceMoved();
      },
    });
    await moved;
    expect(run.conclusion).toBe('failure');
    expect(await night.seen()).toEqual({ ...old, auth: '2.0.0', catalogue: '2.0.0', orders: '2.0.0' });
    expect(summary(run)).toMatch(/3 of 5 services stay released, 1 never started/);
    expect(await locks()).toEqual([]);
  }, 600_000);
});
