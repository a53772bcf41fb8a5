import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, logged, openFixture, type Fixture } from '../fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const callee = (script: string, top = '', job = '') => `
on: workflow_call
${top}
jobs:
  work:
    runs-on: x
    ${job}
    steps: [{ run: '${script}' }]`;
const commit = (text: string) => fixture.commit({ '.github/workflows/callee.yml': text });
const call = 'call: { name: Call, uses: ./.github/workflows/callee.yml }';
/** A job that begins in the same moment as the call, and tells that it did. */
const side = 'side: { runs-on: x, steps: [{ run: echo beside }] }';
const messages = (report: Awaited<ReturnType<Fixture['run']>>, job: string) =>
  report.jobs[job]?.annotations.map(({ message }) => message) ?? [];

describe('the concurrency group of a called workflow', () => {
  it('that its caller holds is a deadlock: the call is cancelled', async () => {
    commit(callee('echo', 'concurrency: Deploy'));
    const report = await fixture.run(`concurrency: deploy\n${jobsOf(call)}`);
    expect(report).toMatchObject({ conclusion: 'cancelled', jobs: { call: { conclusion: 'cancelled' } } });
    expect(messages(report, 'call')).toEqual([
      "Canceling since a deadlock was detected for concurrency group: 'Deploy' between a top level workflow and 'Call'",
    ]);
  });

  it('made of github.workflow is its caller’s, and so a deadlock', async () => {
    const group = 'concurrency: "${{ github.workflow }}-${{ github.ref }}"';
    commit(`name: Callee\n${callee('echo', group)}`);
    const report = await fixture.run(`name: CD\n${group}\n${jobsOf(call)}`);
    expect(messages(report, 'call')[0]).toContain("'CD-refs/heads/main' between a top level workflow");
  });

  it('that a called job asks for while the caller holds it is a deadlock of that job', async () => {
    commit(callee('echo', '', 'concurrency: deploy'));
    const report = await fixture.run(`concurrency: deploy\n${jobsOf(call)}`);
    expect(report.jobs['call.work']).toMatchObject({ conclusion: 'cancelled', steps: [] });
    expect(messages(report, 'call.work')[0]).toContain("between a top level workflow and 'Call / work'");
  });

  it('that the calling job or the called workflow holds is a deadlock too', async () => {
    commit(callee('echo', 'concurrency: deploy'));
    const same = 'call: { name: Call, concurrency: deploy, uses: ./.github/workflows/callee.yml }';
    expect(messages(await fixture.run(jobsOf(same)), 'call')[0]).toContain("between 'Call' and 'Call'");
    commit(callee('echo', 'concurrency: deploy', 'concurrency: deploy'));
    expect(messages(await fixture.run(jobsOf(call)), 'call.work')[0]).toContain(
      "between 'Call' and 'Call / work'",
    );
  });

  it('lets calls of other names in, and one call after the other under one name', async () => {
    commit(callee('echo', 'concurrency: { group: deploy, queue: max }'));
    const report = await fixture.run(
      `concurrency: caller\n${jobsOf(['a', 'b', 'c'].map((key) => `${key}: { uses: ./.github/workflows/callee.yml }`).join('\n'))}`,
    );
    expect(report.conclusion).toBe('success');
    const spans = Object.values(report.jobs)
      .map(({ steps: [step] }) => [step?.startedAt ?? 0, (step?.startedAt ?? 0) + (step?.durationMs ?? 0)])
      .sort(([a = 0], [b = 0]) => a - b);
    expect(spans).toHaveLength(3);
    for (const [index, [, end = 0]] of spans.slice(0, -1).entries())
      expect(spans[index + 1]?.[0]).toBeGreaterThanOrEqual(Math.floor(end));
  });

  it('is held by a call of another run until all its jobs are over', async () => {
    const open = join(fixture.root, 'open');
    commit(callee(`echo started; until [ -f ${open} ]; do sleep 0.02; done`, 'concurrency: deploy'));
    const first = fixture.run(jobsOf(call));
    await logged(fixture.progress, 'started');
    const second = fixture.run(jobsOf(`${call}\n${side}`));
    await logged(fixture.progress, 'beside');
    expect(fixture.control.history('call.work')).toEqual(['in_progress']);
    writeFileSync(open, '');
    expect([(await first).conclusion, (await second).conclusion]).toEqual(['success', 'success']);
  });

  it('with cancel-in-progress stops the jobs of the older call, not the rest of its run', async () => {
    commit(callee('echo started; exec sleep 20', 'concurrency: { group: deploy, cancel-in-progress: true }'));
    const rest = 'rest: { needs: call, if: always(), runs-on: x, steps: [{ run: echo }] }';
    const first = fixture.run(jobsOf(`${call}\n${rest}`));
    await logged(fixture.progress, 'started');
    commit(callee('echo second', 'concurrency: { group: deploy, cancel-in-progress: true }'));
    const second = await fixture.run(jobsOf(call));
    expect(second.conclusion).toBe('success');
    const report = await first;
    expect(report).toMatchObject({
      conclusion: 'cancelled',
      jobs: { 'call.work': { conclusion: 'cancelled' }, rest: { conclusion: 'success' } },
    });
  });

  it('waited for in vain is left when the run is cancelled', async () => {
    const open = join(fixture.root, 'open');
    commit(callee(`echo started; until [ -f ${open} ]; do sleep 0.02; done`, 'concurrency: deploy'));
    const first = fixture.run(jobsOf(call));
    await logged(fixture.progress, 'started');
    const stop = new AbortController();
    const second = fixture.run(jobsOf(`${call}\n${side}`), { signal: stop.signal });
    await logged(fixture.progress, 'beside');
    stop.abort();
    expect(await second).toMatchObject({
      conclusion: 'cancelled',
      jobs: { call: { conclusion: 'cancelled' } },
    });
    writeFileSync(open, '');
    expect((await first).conclusion).toBe('success');
  });
});

describe('cancelling a run', () => {
  it('reaches the jobs of called workflows; those with always() go on', async () => {
    fixture.commit({
      '.github/workflows/callee.yml': `
on: workflow_call
jobs:
  work: { runs-on: x, steps: [{ run: 'echo started; exec sleep 20' }] }
  settle: { needs: work, if: always(), runs-on: x, steps: [{ run: echo settled }] }
  never: { needs: work, runs-on: x, steps: [{ run: echo }] }`,
    });
    const stop = new AbortController();
    const running = fixture.run(jobsOf(call), { signal: stop.signal });
    await logged(fixture.progress, 'started');
    stop.abort();
    const report = await running;
    expect(report).toMatchObject({
      conclusion: 'cancelled',
      jobs: {
        'call.work': { conclusion: 'cancelled' },
        'call.settle': { conclusion: 'success' },
        'call.never': { conclusion: 'skipped' },
      },
    });
  });
});
