import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { until } from '../../support/until.js';
import { logged, openFixture, stepsOf, workflowOf, type Fixture } from './fixture.js';

let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const post = '  post: post.js\n';
const yml = (rest = '') => `name: x\nruns:\n  using: node24\n  main: main.js\n${rest}`;
/** Says when it is up, then reports each signal it gets; `leave` is what it does on one. */
const listener = (leave: Record<string, string>) =>
  `const t = Date.now();
for (const s of ['SIGINT', 'SIGTERM']) process.on(s, () => { console.log('got', s, 'child'); ${
    'eval(({' +
    Object.entries(leave)
      .map(([s, code]) => `${s}: ${JSON.stringify(code)}`)
      .join(',') +
    '})[s] ?? "")'
  } });
setInterval(() => {}, 1000);
console.log('up');`;

/** Starts the workflow and cancels it as soon as `text` is in its log. */
async function cancelAt(text: string, workflow: string, overrides: Parameters<Fixture['run']>[1] = {}) {
  const abort = new AbortController();
  const running = fixture.run(workflow, { signal: abort.signal, ...overrides });
  await logged(fixture.progress, text);
  const at = performance.now();
  abort.abort();
  const report = await running;
  return { report, took: performance.now() - at };
}

describe('the Cancel button', () => {
  it('sends SIGINT first, and a step that leaves then is cancelled even with exit code 0', async () => {
    fixture.action('polite', yml(), { 'main.js': listener({ SIGINT: 'process.exit(0)' }) });
    const { report } = await cancelAt('up', workflowOf(`- { name: s, uses: org/devops-actions/polite@v1 }`));
    expect(stepsOf(report)['s']).toMatchObject({ outcome: 'cancelled', conclusion: 'cancelled' });
    expect(stepsOf(report)['s']?.log).toContain('got SIGINT');
    expect(stepsOf(report)['s']?.log).not.toContain('SIGTERM');
    expect(stepsOf(report)['s']?.annotations[0]?.message).toBe('The operation was canceled.');
    expect(report).toMatchObject({ conclusion: 'cancelled' });
    expect(fixture.control.history('main')).toEqual(['in_progress', 'completed/cancelled']);
    expect(fixture.control.history('run')).toEqual(['in_progress', 'completed/cancelled']);
  });

  it('sends SIGTERM and then SIGKILL, after the waits, to a step that stays', async () => {
    fixture.action('stubborn', yml(), { 'main.js': listener({}) });
    const { report, took } = await cancelAt(
      'up',
      workflowOf(`- { name: s, uses: org/devops-actions/stubborn@v1 }`),
    );
    expect(stepsOf(report)['s']?.log).toContain('got SIGINT child\ngot SIGTERM child\n');
    expect(took).toBeGreaterThan(890);
  });

  it('signals the process of the step alone, not its children, which are swept up when the job ends', async () => {
    const child = join(fixture.root, 'child.txt');
    fixture.action('parent', yml(), {
      'child.js': `process.on('SIGINT', () => require('fs').writeFileSync(${JSON.stringify(child)}, 'signalled'));
setInterval(() => {}, 1000);
console.log('up ' + process.pid);`,
      'main.js': `require('child_process').spawn(process.execPath, [__dirname + '/child.js'], { stdio: 'inherit' });
process.on('SIGINT', () => process.exit(130));`,
    });
    const { report } = await cancelAt('up', workflowOf(`- { name: s, uses: org/devops-actions/parent@v1 }`));
    const pid = Number(/up (\d+)/.exec(stepsOf(report)['s']?.log ?? '')?.[1]);
    expect(pid).toBeGreaterThan(1);
    expect(existsSync(child)).toBe(false);
    // A killed process may take its time to end, and stays a zombie until its new parent looks.
    const ended = () => {
      try {
        return ['Z', 'X'].includes(readFileSync(`/proc/${pid}/stat`, 'utf8').split(' ')[2] ?? '');
      } catch {
        return true;
      }
    };
    await until(ended, 'the child is swept up');
  });

  it('leaves a step alone whose if still holds, runs later ones that want to, and all posts, unsignalled', async () => {
    fixture.action('posted', yml(post), {
      'main.js': `require('fs').appendFileSync(process.env.GITHUB_STATE, 'moved=yes\\n')`,
      'post.js': `process.on('SIGINT', () => console.log('signalled')); setTimeout(() => console.log('post done', process.env.STATE_moved), 100)`,
    });
    const { report } = await cancelAt(
      'switching',
      workflowOf(`
- { name: gate, id: gate, uses: org/devops-actions/posted@v1 }
- { name: switch, if: "always() && steps.gate.outcome == 'success'", run: 'echo switching; sleep 0.3; echo switched' }
- { name: plain, run: echo }
- { name: cleanup, if: cancelled(), run: 'echo "status \${{ job.status }}"' }
- { name: report, if: always(), run: echo }
- { name: on failure, if: failure(), run: echo }`),
    );
    const results = Object.fromEntries(
      (report.jobs['main']?.steps ?? []).map((step) => [step.name, step.conclusion]),
    );
    expect(results).toEqual({
      gate: 'success',
      switch: 'success',
      plain: 'skipped',
      cleanup: 'success',
      report: 'success',
      'on failure': 'skipped',
      'Post gate': 'success',
    });
    expect(stepsOf(report)['switch']?.log).toContain('switched\n');
    expect(stepsOf(report)['cleanup']?.log).toContain('status cancelled\n');
    expect(stepsOf(report)['Post gate']?.log).toBe('post done yes\n');
    expect(report.jobs['main']?.result).toBe('cancelled');
  });

  it('keeps the state of a killed step for its post', async () => {
    fixture.action('killed', yml(post), {
      'main.js': `require('fs').appendFileSync(process.env.GITHUB_STATE, 'lock=held\\n');${listener({})}`,
      'post.js': `console.log('lock', process.env.STATE_lock)`,
    });
    const { report } = await cancelAt('up', workflowOf(`- { name: s, uses: org/devops-actions/killed@v1 }`));
    expect(stepsOf(report)['Post s']?.log).toBe('lock held\n');
  });

  it('lets a job with always() go on as if nothing happened, and skips what waited', async () => {
    const { report } = await cancelAt(
      'going',
      `
on: push
jobs:
  rescue:
    runs-on: x
    if: always()
    steps: [{ run: 'echo going; sleep 0.2; echo "still \${{ job.status }}"' }]
  plain:
    runs-on: x
    steps: [{ run: exec sleep 600 }]
  after:
    runs-on: x
    needs: plain
    steps: [{ run: echo }]
  cleanup:
    runs-on: x
    needs: plain
    if: cancelled()
    steps: [{ run: echo }]`,
    );
    expect(report.jobs['rescue']).toMatchObject({ result: 'success' });
    expect(report.jobs['rescue']?.steps[0]?.log).toContain('still success\n');
    expect(report.jobs['plain']?.result).toBe('cancelled');
    expect(report.jobs['after']?.result).toBe('skipped');
    expect(report.jobs['cleanup']?.result).toBe('success');
    expect(report.conclusion).toBe('cancelled');
  });

  it('kills everything that still runs when the deadline of the cancellation is over', async () => {
    fixture.action('posted', yml(post), { 'main.js': '', 'post.js': '' });
    const { report } = await cancelAt(
      'forever',
      workflowOf(`
- { name: posted, uses: org/devops-actions/posted@v1 }
- { name: forever, if: always(), run: 'echo forever; sleep 600' }
- { name: later, if: always(), run: echo }`),
      { timings: { cancelDeadlineMs: 150 } },
    );
    expect(report.jobs['main']).toMatchObject({ result: 'cancelled' });
    expect(report.jobs['main']?.steps.map(({ name }) => name)).toEqual(['posted', 'forever']);
  });

  it('has the same deadline when the timeout of a job cancels it', async () => {
    const report = await fixture.run(
      workflowOf(`- { name: forever, if: always(), run: exec sleep 600 }`, 'timeout-minutes: 1'),
      { timings: { minuteMs: 100, cancelDeadlineMs: 150 } },
    );
    expect(report.jobs['main']).toMatchObject({ result: 'cancelled' });
  });

  it('pressed before anything started skips all but what wants to run anyway', async () => {
    const report = await fixture.run(
      `
on: push
jobs:
  plain: { runs-on: x, steps: [{ run: echo }] }
  cleanup: { runs-on: x, if: always(), steps: [{ run: echo }] }`,
      { signal: AbortSignal.abort() },
    );
    expect(report).toMatchObject({
      conclusion: 'cancelled',
      jobs: { plain: { result: 'skipped' }, cleanup: { result: 'success' } },
    });
  });

  it('has the real waits unless told otherwise', async () => {
    const { realTimings } = await import('../../../rehearsal/runner/run-workflow.js');
    expect(realTimings).toMatchObject({ sigintMs: 7_500, sigtermMs: 2_500, cancelDeadlineMs: 300_000 });
  });
});

describe('a machine that is lost', () => {
  it('runs no post and no later step, marks nothing, and fails once the service gives up', async () => {
    const child = join(fixture.root, 'late.txt');
    fixture.action('posted', yml(post), { 'main.js': '', 'post.js': '' });
    const lose = new AbortController();
    const running = fixture.run(
      `
on: push
jobs:
  main:
    runs-on: x
    steps:
      - { name: posted, uses: org/devops-actions/posted@v1 }
      - { name: working, if: always(), run: '(sleep 0.4; echo late > ${child}) & echo working; sleep 600' }
      - { name: later, if: always(), run: echo }
  rescue:
    runs-on: x
    needs: main
    if: failure()
    steps: [{ run: echo rescued }]`,
      { lose: lose.signal, timings: { lostMs: 1_000 } },
    );
    await logged(fixture.progress, 'working');
    lose.abort();
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(fixture.control.history('main')).toEqual(['in_progress']);
    const report = await running;
    expect(report.jobs['main']?.steps.map(({ name }) => name)).toEqual(['posted', 'working']);
    expect(report.jobs['main']).toMatchObject({ result: 'failure' });
    expect(report.jobs['main']?.annotations[0]?.message).toContain('lost communication');
    expect(fixture.control.history('main')).toEqual(['in_progress', 'completed/failure']);
    expect(report.jobs['rescue']?.result).toBe('success');
    expect(existsSync(child)).toBe(false);
  });
});
