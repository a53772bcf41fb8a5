import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ConcurrencyGroups, type ConcurrencyTicket } from '../../../rehearsal/runner/concurrency.js';
import { logged, openFixture, workflowOf, type Fixture } from './fixture.js';
import { until } from '../../support/until.js';

describe('a concurrency group', () => {
  const groups = () => {
    const all = new ConcurrencyGroups();
    const stopped: string[] = [];
    const enter = (
      name: string,
      options: { queue?: 'single' | 'max'; cancelInProgress?: boolean; group?: string } = {},
    ) =>
      all.enter({
        group: 'prod',
        queue: 'single',
        cancelInProgress: false,
        ...options,
        cancel: () => stopped.push(name),
      });
    return { enter, stopped };
  };
  const state = async ({ ready }: ConcurrencyTicket) =>
    (await Promise.race([ready, Promise.resolve({ turn: 'waiting' })])).turn;

  it('runs one, keeps one pending, and cancels the older pending for a newer one', async () => {
    const { enter } = groups();
    const [a, b, c] = [enter('a'), enter('b'), enter('c')];
    expect([await state(a), await state(b), await state(c)]).toEqual(['go', 'cancelled', 'waiting']);
    a.release();
    expect(await state(c)).toBe('go');
  });

  it('with queue: max keeps all in order, a hundred at most', async () => {
    const { enter } = groups();
    const tickets = Array.from({ length: 102 }, (_, index) => enter(`${index}`, { queue: 'max' }));
    expect(await state(tickets[100]!)).toBe('waiting');
    expect(await state(tickets[101]!)).toBe('cancelled');
    tickets[0]?.release();
    expect([await state(tickets[1]!), await state(tickets[2]!)]).toEqual(['go', 'waiting']);
    tickets[2]?.release();
    tickets[1]?.release();
    expect(await state(tickets[3]!)).toBe('go');
  });

  it('with cancel-in-progress stops the running one and waits for it to leave', async () => {
    const { enter, stopped } = groups();
    const [a, b] = [enter('a'), enter('b', { cancelInProgress: true })];
    expect(stopped).toEqual(['a']);
    expect(await state(b)).toBe('waiting');
    a.release();
    expect(await state(b)).toBe('go');
  });

  it('compares names without case and keeps other names apart', async () => {
    const { enter } = groups();
    const [, b, c] = [enter('a'), enter('b', { group: 'PROD' }), enter('c', { group: 'staging' })];
    expect([await state(b), await state(c)]).toEqual(['waiting', 'go']);
  });

  it('is free again after all have left, however often they say so', async () => {
    const { enter } = groups();
    const a = enter('a');
    a.release();
    const b = enter('b');
    a.release();
    expect([await state(b), await state(enter('c'))]).toEqual(['go', 'waiting']);
  });
});

describe('concurrency of workflows and jobs', () => {
  let fixture: Fixture;
  beforeEach(async () => {
    fixture = await openFixture();
  });
  afterEach(() => fixture.close());
  const workflow = (concurrency: string, script: string) =>
    `concurrency: ${concurrency}\n${workflowOf(`- run: '${script}'`)}`;

  it('makes a second run wait for the first, and a third replace the second', async () => {
    const open = join(fixture.root, 'open');
    const text = workflow(
      `{ group: "deploy-\${{ github.ref }}" }`,
      `echo started; until [ -f ${open} ]; do sleep 0.02; done`,
    );
    const pending = () => fixture.control.history('run').filter((status) => status === 'pending').length;
    const first = fixture.run(text);
    await logged(fixture.progress, 'started');
    const second = fixture.run(text);
    await until(() => pending() === 1);
    const third = fixture.run(text);
    await until(() => pending() === 2);
    expect(await second).toMatchObject({ conclusion: 'cancelled', jobs: {} });
    writeFileSync(open, '');
    expect([(await first).conclusion, (await third).conclusion]).toEqual(['success', 'success']);
    const started = async (run: typeof first) => (await run).jobs['main']?.steps[0];
    const [one, three] = [await started(first), await started(third)];
    expect(three?.startedAt).toBeGreaterThanOrEqual((one?.startedAt ?? 0) + Math.floor(one?.durationMs ?? 0));
  });

  it('with cancel-in-progress ends the run in progress', async () => {
    const text = workflow(`{ group: g, cancel-in-progress: true }`, 'echo started; exec sleep 20');
    const first = fixture.run(text);
    await logged(fixture.progress, 'started');
    const second = fixture.run(workflow(`{ group: g, cancel-in-progress: true }`, 'echo second'));
    expect([(await first).conclusion, (await second).conclusion]).toEqual(['cancelled', 'success']);
  });

  it('queues jobs of different runs in order with queue: max', async () => {
    const text = workflowOf(
      `- run: sleep 0.1`,
      `concurrency: { group: prod, queue: max, cancel-in-progress: false }`,
    );
    const reports = await Promise.all([fixture.run(text), fixture.run(text), fixture.run(text)]);
    expect(reports.map(({ conclusion }) => conclusion)).toEqual(['success', 'success', 'success']);
    const spans = reports
      .map(({ jobs }) => jobs['main']?.steps[0])
      .map(
        (step) => [step?.startedAt ?? 0, (step?.startedAt ?? 0) + Math.floor(step?.durationMs ?? 0)] as const,
      )
      .sort(([a], [b]) => a - b);
    expect(spans[1]![0]).toBeGreaterThanOrEqual(spans[0]![1]);
    expect(spans[2]![0]).toBeGreaterThanOrEqual(spans[1]![1]);
  });

  it('cancels a job that asks for the group its own workflow holds', async () => {
    const report = await fixture.run(`concurrency: Prod\n${workflowOf('- run: echo', 'concurrency: prod')}`);
    expect(report.jobs['main']).toMatchObject({ result: 'cancelled', steps: [] });
    expect(report.jobs['main']?.annotations[0]?.message).toContain('deadlock');
  });

  it('refuses queue: max together with cancel-in-progress: true', async () => {
    await expect(
      fixture.run(workflow('{ group: g, queue: max, cancel-in-progress: true }', 'echo')),
    ).rejects.toThrow(/cd\.yml:1: concurrency: queue: max and cancel-in-progress: true cannot be combined/);
  });
});
