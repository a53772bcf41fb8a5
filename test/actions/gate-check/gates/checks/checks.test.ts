import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../../../actions/gate-check/evidence/registry.js';
import { checksSeen, job, judge, otherSha, posted, run } from '../../facts.js';

const test =
  'checks: { required: [{ name: test, workflow: .github/workflows/ci.yml, events: [push, pull_request] }] }';
const scan = 'checks: { required: [{ name: security/scan, app: 12345 }] }';
const legacy = 'checks: { required: [{ status: ci/legacy, creator: jenkins-bot }] }';

function result(gates: string, evidence: GateEvidence) {
  const decision = judge(gates, evidence);
  return { is: decision.result, reason: decision.gates[0]!.reason, notes: decision.gates[0]!.notes };
}

describe('a check of a workflow', () => {
  it('passes when the newest run of the named workflow succeeded', () => {
    expect(result(test, checksSeen({ runs: [run()], posted: [posted()] }))).toEqual({
      is: 'pass',
      reason: '1 of 1 required checks passed',
      notes: [],
    });
  });

  it('is the one of the newest run by number: run 1000 beats run 999, whatever text and clock say', () => {
    const runs = [
      run({ id: 9, number: 999, jobs: [job({ id: 1, conclusion: 'success' })] }),
      run({ id: 8, number: 1000, jobs: [job({ id: 2, conclusion: 'failure' })] }),
    ];
    expect(result(test, checksSeen({ runs }))).toMatchObject({
      is: 'fail',
      reason: 'test of run #1000 (push): failure',
    });
    expect(result(test, checksSeen({ runs: [...runs].reverse() })).is).toBe('fail');
  });

  it('is the one of the latest attempt by number: attempt 10 beats attempt 9', () => {
    const jobs = [
      job({ id: 3, attempt: 10, conclusion: 'success' }),
      job({ id: 4, attempt: 9, conclusion: 'failure' }),
    ];
    expect(result(test, checksSeen({ runs: [run({ attempt: 10, jobs })] })).is).toBe('pass');
    const worse = jobs.map((one) => ({ ...one, attempt: 19 - one.attempt }));
    expect(result(test, checksSeen({ runs: [run({ attempt: 10, jobs: worse })] })).is).toBe('fail');
  });

  it('keeps its result when only other jobs were run again', () => {
    expect(result(test, checksSeen({ runs: [run({ attempt: 2, jobs: [job({ attempt: 1 })] })] })).is).toBe(
      'pass',
    );
  });

  it('holds while an attempt is on its way that has not come to the job', () => {
    const again = run({ attempt: 2, status: 'in_progress', jobs: [job({ attempt: 1 })] });
    expect(result(test, checksSeen({ runs: [again] }))).toMatchObject({
      is: 'hold',
      reason: 'test of run #70 (push) has not started in attempt 2',
    });
    expect(result(test, checksSeen({ runs: [run({ status: 'queued', jobs: [] })] })).is).toBe('hold');
  });

  it.each(['queued', 'in_progress', 'waiting', 'pending', 'requested'])('holds while it is %s', (status) => {
    const running = run({ status: 'in_progress', jobs: [job({ status, conclusion: null })] });
    const { is, reason } = result(test, checksSeen({ runs: [running] }));
    expect(is).toBe('hold');
    expect(reason).toContain('still running');
  });

  it('holds while its run attempt is not complete: a second job of its name may not be created yet', () => {
    const jobs = [job(), job({ id: 2, name: 'build', status: 'in_progress', conclusion: null })];
    const { is, reason } = result(test, checksSeen({ runs: [run({ status: 'in_progress', jobs })] }));
    expect(is).toBe('hold');
    expect(reason).toContain('run #70 is not complete (in progress)');
    const failed = [job(), job({ id: 2, conclusion: 'failure' })];
    expect(result(test, checksSeen({ runs: [run({ status: 'in_progress', jobs: failed })] })).is).toBe(
      'fail',
    );
  });

  describe('that was skipped, with accept-skipped', () => {
    const skipping =
      'checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }], accept-skipped: true }';
    const beside = (...others: Parameters<typeof job>[0][]) =>
      result(
        skipping,
        checksSeen({
          runs: [
            run({
              attempt: 2,
              jobs: [
                job({ conclusion: 'skipped', attempt: 2 }),
                ...others.map((other) => job({ id: 2, ...other })),
              ],
            }),
          ],
        }),
      );

    it.each(['failure', 'cancelled', 'timed_out', 'startup_failure', 'action_required', 'stale', null])(
      'fails beside a job that ended in %s: it was skipped by that',
      (conclusion) => {
        expect(beside({ name: 'build', attempt: 2, conclusion }).is).toBe('fail');
        expect(beside({ name: 'build', attempt: 1, conclusion }).reason).toContain('build in the same run');
      },
    );

    it('passes where nothing in the run failed, or what failed was run again and passed', () => {
      expect(beside().is).toBe('pass');
      expect(
        beside({ name: 'build', attempt: 2 }, { name: 'docs', attempt: 2, conclusion: 'neutral' }).is,
      ).toBe('pass');
      const again = [
        { name: 'build', attempt: 1, conclusion: 'failure' },
        { name: 'build', attempt: 2 },
      ];
      expect(beside(...again).is).toBe('pass');
    });
  });

  it.each([
    ['caller / docker', 'docker'],
    ['docker (20)', 'docker'],
    ['test', 'tset'],
  ])('that is not there is told the names that are: %s for %s', (name, required) => {
    const gate = `checks: { required: [{ name: ${required}, workflow: .github/workflows/ci.yml }] }`;
    const { is, reason } = result(
      gate,
      checksSeen({ runs: [run({ jobs: [job({ name }), job({ name: 'lint' })] })] }),
    );
    expect(is).toBe('fail');
    expect(reason).toContain(`has no such job; it has`);
    expect(reason).toContain('"lint"');
    expect(reason).toContain(`Did you mean "${name}"?`);
  });

  it('must have passed for every allowed event that ran: a green pull request does not hide a red push', () => {
    const green = run({ event: 'pull_request', number: 71 });
    const red = run({ id: 6, jobs: [job({ id: 5, conclusion: 'failure' })] });
    expect(result(test, checksSeen({ runs: [green, red] }))).toMatchObject({
      is: 'fail',
      reason: 'test of run #70 (push): failure',
    });
  });

  it('must have passed for every job of its name', () => {
    const jobs = [job({ id: 1 }), job({ id: 2, conclusion: 'failure' })];
    expect(result(test, checksSeen({ runs: [run({ jobs })] })).is).toBe('fail');
  });

  it.each([
    ['there is none at all', checksSeen({})],
    ['the run has no such job', checksSeen({ runs: [run({ jobs: [job({ name: 'lint' })] })] })],
    ['it ran on another commit', checksSeen({ runs: [run({ headSha: otherSha })] })],
    ['it ran in another workflow', checksSeen({ runs: [run({ path: '.github/workflows/evil.yml' })] })],
    ['it ran for another event', checksSeen({ runs: [run({ event: 'workflow_dispatch' })] })],
    ['it is of the run that asks', checksSeen({ runs: [run({ id: 500 })] })],
    ['there are more suites than can be read', checksSeen({ runs: [run()], truncated: ['check-suites'] })],
    ['there are more jobs than can be read', checksSeen({ runs: [run()], truncated: ['jobs'] })],
    ['checks could not be read', { checks: { is: 'unknown', reason: 'GitHub answered 502' } } as const],
    ['checks were not looked up', {}],
  ])('fails when %s', (_why, evidence) => {
    expect(result(test, evidence).is).toBe('fail');
  });

  it('names the permission that is missing', () => {
    const unknown: GateEvidence = {
      checks: { is: 'unknown', reason: 'refused', permission: 'checks: read\n    actions: read' },
    };
    expect(result(test, unknown).reason).toContain('permissions: { checks: read, actions: read }');
  });

  it('mentions a check of the same name that no job of the workflow made, and does not count it', () => {
    const forged = posted({
      id: 9999,
      run: { id: 66, workflow: '.github/workflows/evil.yml', event: 'push' },
    });
    const byApp = posted({ id: 9998, app: { id: 7, slug: 'evil-app' }, run: null });
    const { is, notes } = result(test, checksSeen({ posted: [forged, byApp] }));
    expect(is).toBe('fail');
    expect(notes).toEqual([
      expect.stringContaining('posted by github-actions, under .github/workflows/evil.yml (push)'),
      expect.stringContaining('posted by evil-app'),
    ]);
  });

  it('a check posted with a token into the very suite of the workflow is no job of it, and changes nothing', () => {
    const red = run({ jobs: [job({ conclusion: 'failure' })] });
    const forged = posted({ id: 9999 });
    const { is, notes } = result(
      test,
      checksSeen({ runs: [red], posted: [posted({ conclusion: 'failure' }), forged] }),
    );
    expect(is).toBe('fail');
    expect(notes).toHaveLength(1);
  });

  it('says that the checks of the asking run are left out', () => {
    const own = run({ id: 500, jobs: [job({ id: 1002 })] });
    const mine = posted({ id: 1002, run: { id: 500, workflow: '.github/workflows/ci.yml', event: 'push' } });
    expect(result(test, checksSeen({ runs: [own], posted: [mine] })).notes).toEqual([
      'left out: test of this very run',
    ]);
  });
});

describe('a check of another App', () => {
  const byApp = (fields = {}) =>
    posted({ name: 'security/scan', app: { id: 12345, slug: 'scanner' }, run: null, ...fields });

  it('passes by the newest check of that App, by number', () => {
    const older = byApp({ id: 999, conclusion: 'failure' });
    const newer = byApp({ id: 1000, conclusion: 'success' });
    expect(result(scan, checksSeen({ posted: [older, newer] })).is).toBe('pass');
    expect(result(scan, checksSeen({ posted: [newer, { ...older, id: 1001 }] })).is).toBe('fail');
  });

  it('is not believed from any other App', () => {
    const { is, notes } = result(
      scan,
      checksSeen({ posted: [byApp({ app: { id: 666, slug: 'scanner-too' } }), byApp({ app: null })] }),
    );
    expect(is).toBe('fail');
    expect(notes).toHaveLength(2);
  });

  it('fails when there are more check runs than can be read', () => {
    expect(result(scan, checksSeen({ posted: [byApp()], truncated: ['check-runs'] })).is).toBe('fail');
  });
});

describe('a commit status', () => {
  const status = (state: string, login = 'jenkins-bot', bot = false) =>
    checksSeen({
      statuses: [{ context: 'ci/legacy', state, creator: { login, bot }, url: 'https://ci.example/1' }],
    });

  it.each([
    ['success', 'pass'],
    ['pending', 'hold'],
    ['failure', 'fail'],
    ['error', 'fail'],
    ['expected', 'fail'],
    ['', 'fail'],
  ])('%s makes the gate %s', (state, is) => expect(result(legacy, status(state)).is).toBe(is));

  it('counts only from its named creator', () => {
    expect(result(legacy, status('success', 'mallory'))).toMatchObject({
      is: 'fail',
      reason: 'ci/legacy: the newest status of this name is by mallory, not by jenkins-bot',
    });
    expect(result(legacy, status('success', 'jenkins-bot', true)).is).toBe('fail');
  });

  it('of an App is named by its slug with [bot]', () => {
    const app = legacy.replace('jenkins-bot', "'jenkins-bot[bot]'");
    expect(result(app, status('success', 'jenkins-bot', true)).is).toBe('pass');
    expect(result(app, status('success', 'jenkins-bot', false)).is).toBe('fail');
  });

  it('that is not there fails', () => expect(result(legacy, checksSeen({})).is).toBe('fail'));
});

it('several requirements pass together, and one that fails outweighs one that runs', () => {
  const both = `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml }, { status: ci/legacy, creator: ana }] }`;
  const running = run({ status: 'in_progress', jobs: [job({ status: 'in_progress', conclusion: null })] });
  const ok = { context: 'ci/legacy', state: 'success', creator: { login: 'ana', bot: false }, url: '' };
  expect(result(both, checksSeen({ runs: [run()], statuses: [ok] }))).toMatchObject({
    is: 'pass',
    reason: '2 of 2 required checks passed',
  });
  expect(result(both, checksSeen({ runs: [running], statuses: [ok] })).is).toBe('hold');
  expect(result(both, checksSeen({ runs: [running] })).is).toBe('fail');
});

describe('accept-skipped and accept-neutral of one check', () => {
  const ofRun = (conclusion: string) => checksSeen({ runs: [run({ jobs: [job({ conclusion })] })] });
  const entry = (more: string, gate = '') =>
    `checks: { required: [{ name: test, workflow: .github/workflows/ci.yml${more} }]${gate} }`;
  it.each([
    ['skipped', ', accept-skipped: true', '', 'pass'],
    ['neutral', ', accept-neutral: true', '', 'pass'],
    ['neutral', ', accept-skipped: true', '', 'fail'],
    ['failure', ', accept-skipped: true, accept-neutral: true', '', 'fail'],
    ['skipped', ', accept-skipped: false', ', accept-skipped: true', 'fail'],
    ['skipped', '', ', accept-skipped: true', 'pass'],
  ])('%s with "%s" beside "%s": %s', (conclusion, own, gate, is) =>
    expect(judge(entry(own, gate), ofRun(conclusion)).result).toBe(is),
  );

  it('does not spread to another check', () => {
    const two =
      'checks: { required: [{ name: a, workflow: .github/workflows/ci.yml, accept-skipped: true }, { name: b, workflow: .github/workflows/ci.yml }] }';
    const jobs = ['a', 'b'].map((name, id) => job({ id, name, conclusion: 'skipped' }));
    expect(judge(two, checksSeen({ runs: [run({ jobs })] })).result).toBe('fail');
  });

  it('is refused beside a status, which has no such state', () => {
    const status = 'checks: { required: [{ status: ci, creator: hubot, accept-skipped: true }] }';
    expect(() => judge(status, {})).toThrow('take that key out');
  });
});
