import { describe, expect, it } from '@jest/globals';
import { checksSeen, job, judge, posted, run } from '../facts.js';

const required = '[{ name: test, workflow: .github/workflows/ci.yml }]';
const conclusions = [
  'success',
  'failure',
  'neutral',
  'cancelled',
  'skipped',
  'timed_out',
  'action_required',
  'stale',
  'startup_failure',
] as const;

/*
 * What passes by default elsewhere (check-conclusions.json): lewagon/wait-on-check-action@3b8be5b,
 * int128/wait-for-workflows-action@880e5bf, poseidon/wait-for-status-checks@26a8f97, github/branch-deploy@7ad5ec6.
 */
const passesElsewhere: Record<string, readonly string[]> = {
  lewagon: ['success', 'skipped'],
  int128: ['success', 'neutral', 'skipped', 'action_required', 'stale'],
  poseidon: ['success', 'skipped'],
  'branch-deploy': ['success', 'neutral', 'skipped'],
};

const judged = (conclusion: string | null, accept = '') =>
  judge(
    `checks: { required: ${required}${accept} }`,
    checksSeen({ runs: [run({ jobs: [job({ conclusion })] })] }),
  ).result;

describe('conclusions', () => {
  it('only success passes by default; a skipped test tested nothing', () => {
    expect(conclusions.filter((conclusion) => judged(conclusion) === 'pass')).toEqual(['success']);
  });

  it.each(Object.entries(passesElsewhere))('%s lets through by default what fails here', (_peer, passing) => {
    const differing = conclusions.filter(
      (conclusion) => passing.includes(conclusion) !== (judged(conclusion) === 'pass'),
    );
    expect(differing.every((conclusion) => passing.includes(conclusion))).toBe(true);
    expect(differing).toContain('skipped');
    for (const conclusion of differing) expect(judged(conclusion)).toBe('fail');
  });

  it('neutral and skipped pass where the policy says so, each by its own word', () => {
    expect(judged('neutral', ', accept-neutral: true')).toBe('pass');
    expect(judged('skipped', ', accept-neutral: true')).toBe('fail');
    expect(judged('skipped', ', accept-skipped: true')).toBe('pass');
    expect(judged('neutral', ', accept-skipped: true')).toBe('fail');
  });

  it('no word of the policy lets the others through', () => {
    const accept = ', accept-neutral: true, accept-skipped: true';
    expect(conclusions.filter((conclusion) => judged(conclusion, accept) === 'pass')).toEqual([
      'success',
      'neutral',
      'skipped',
    ]);
    expect([judged(null, accept), judged('a new conclusion', accept)]).toEqual(['fail', 'fail']);
  });
});

describe('nothing found', () => {
  /* int128, poseidon, branch-deploy and lewagon without filter pass when a commit has no checks (check-conclusions.json, zero_checks_found). */
  it('zero checks on the commit fail', () => {
    expect(judge(`checks: { required: ${required} }`, checksSeen({})).result).toBe('fail');
  });

  it('a workflow that a path filter skipped never ran, and fails', () => {
    const other = run({ path: '.github/workflows/docs.yml' });
    expect(
      judge(
        `checks: { required: ${required} }`,
        checksSeen({ runs: [other], posted: [posted({ id: 5, name: 'docs' })] }),
      ).result,
    ).toBe('fail');
  });

  /* lewagon, int128 and poseidon read no commit statuses (reads_commit_statuses). */
  it('a required status is not made good by a check run of its name', () => {
    const gates = 'checks: { required: [{ status: test, creator: ana }] }';
    expect(judge(gates, checksSeen({ runs: [run()], posted: [posted()] })).result).toBe('fail');
  });

  it('a required check is not made good by a status of its name', () => {
    const status = { context: 'test', state: 'success', creator: { login: 'ana', bot: false }, url: '' };
    expect(judge(`checks: { required: ${required} }`, checksSeen({ statuses: [status] })).result).toBe(
      'fail',
    );
  });
});
