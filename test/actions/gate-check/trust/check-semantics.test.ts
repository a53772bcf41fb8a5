import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import { checksSeen, job, judge, otherSha, posted, run } from '../facts.js';

/*
 * The table of check semantics in docs/release-policy.md is what this test runs: each of its rows has its cases here, and
 * the result is the one that the row says.
 */

const page = readFileSync('docs/release-policy.md', 'utf8');
const rows = page
  .slice(page.indexOf('\n| found '), page.indexOf("\nGitHub's branch protection"))
  .trim()
  .split('\n')
  .slice(2)
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, found = '', result = '']) => ({ found, result }));

interface Case {
  seen: GateEvidence;
  required?: string;
  more?: string;
}

const ci = '{ name: test, workflow: .github/workflows/ci.yml }';
const status = '{ status: ci/legacy, creator: ana }';
const byApp = '{ name: scan, app: 7 }';
const accepting = ', accept-neutral: true, accept-skipped: true';

const of = (...jobs: Parameters<typeof job>[0][]): Case => inRun({}, ...jobs);
const inRun = (fields: Parameters<typeof run>[0], ...jobs: Parameters<typeof job>[0][]): Case => ({
  seen: checksSeen({ runs: [run({ ...fields, jobs: jobs.map((one, id) => job({ id, ...one })) })] }),
});
const runs = (...all: Parameters<typeof run>[0][]): Case => ({
  seen: checksSeen({ runs: all.map((one, id) => run({ id: 70 + id, ...one })) }),
});
const ended = (conclusion: string) => of({ conclusion });
const statusOf = (state: string, login = 'ana'): Case => ({
  required: status,
  seen: checksSeen({
    statuses: [{ context: 'ci/legacy', state, creator: { login, bot: false }, url: '' }],
  }),
});
const appCheck = (fields: Parameters<typeof posted>[0]): Case => ({
  required: byApp,
  seen: checksSeen({
    posted: [posted({ name: 'scan', app: { id: 7, slug: 'scanner' }, run: null, ...fields })],
  }),
});
const red = { jobs: [job({ conclusion: 'failure' })] };
const going = 'in_progress';

/** Of each row the cases in which its result has to come out. */
const cases: Record<string, Case[]> = {
  '`success`': [ended('success'), statusOf('success'), appCheck({})],
  '`neutral`, `skipped`': [ended('neutral'), ended('skipped'), appCheck({ conclusion: 'skipped' })],
  '`skipped` beside a job of the run that failed or was cancelled': ['failure', 'cancelled', 'timed_out'].map(
    (conclusion) => ({ ...of({ conclusion: 'skipped' }, { name: 'build', conclusion }), more: accepting }),
  ),
  '`skipped` in a run that was cancelled or failed as a whole, or that another run started': [
    ...['cancelled', 'failure', 'timed_out', 'startup_failure', 'action_required', 'stale'].map(
      (conclusion) => ({
        ...inRun({ conclusion }, { conclusion: 'skipped' }, { name: 'build' }),
        more: accepting,
      }),
    ),
    {
      ...inRun({ event: 'workflow_run', conclusion: 'success' }, { conclusion: 'skipped' }),
      required: ci.replace(' }', ', events: [workflow_run] }'),
      more: accepting,
    },
  ],
  '`failure`, `cancelled`, `timed_out`, `action_required`, `stale`, `startup_failure`, or a word not listed here':
    [
      ...['failure', 'cancelled', 'timed_out', 'action_required', 'stale', 'startup_failure', 'fine'].map(
        (conclusion) => ({ ...ended(conclusion), more: accepting }),
      ),
      statusOf('failure'),
      statusOf('error'),
      appCheck({ conclusion: 'failure' }),
    ],
  'queued, waiting or running; a status that is `pending`': [
    ...['queued', 'waiting', 'in_progress', 'pending', 'requested'].map((state) =>
      inRun({ status: going }, { status: state, conclusion: null }),
    ),
    appCheck({ status: 'queued', conclusion: null }),
    statusOf('pending'),
  ],
  'passed, in a run that is not complete': [inRun({ status: going }, {})],
  'not there yet, in a run that is not complete': [
    inRun({ status: going }, { name: 'build' }),
    inRun({ status: 'queued' }),
  ],
  'passed in an attempt, while a newer attempt has not come to it': [
    inRun({ status: going, attempt: 2 }, {}),
  ],
  'passed in an attempt, and the newer one, which is complete, did not run it again': [
    inRun({ attempt: 2 }, {}, { name: 'docs', attempt: 2 }),
  ],
  'passed in an older run, and failed in the newest by number': [
    runs({ number: 999 }, { number: 1000, ...red }),
    runs({ number: 1000, ...red }, { number: 999 }),
  ],
  'passed for one event, and failed for another that counts': [
    runs({ number: 71 }, { event: 'merge_group', ...red }),
  ],
  'one of the jobs that a pattern such as `test (*)` means did not pass': [
    { conclusion: 'failure' },
    { conclusion: 'skipped' },
  ].map((bad) => ({
    ...of({ name: 'test (20)' }, { name: 'test (22)', ...bad }),
    required: ci.replace('test', "'test (*)'"),
  })),
  '`docker`, where the job is `caller / docker` or `docker (20)`': ['caller / docker', 'docker (20)'].map(
    (name) => ({ ...of({ name }), required: ci.replace('test', 'docker') }),
  ),
  'a run on another commit, of another workflow, for an event that does not count, or the one that asks': [
    runs({ headSha: otherSha }),
    runs({ path: '.github/workflows/evil.yml' }),
    runs({ event: 'pull_request' }),
    runs({ event: 'workflow_dispatch' }),
    runs({ id: 500 }),
  ],
  'a check of the name by another App, a status of it by somebody else': [
    appCheck({ app: { id: 8, slug: 'evil' } }),
    appCheck({ app: null }),
    { seen: checksSeen({ posted: [posted()] }) },
    statusOf('success', 'mallory'),
  ],
  'more suites, jobs or checks than GitHub lists': [
    { seen: checksSeen({ runs: [run()], truncated: ['check-suites'] }) },
    { seen: checksSeen({ runs: [run()], truncated: ['jobs'] }) },
    { ...appCheck({}), seen: checksSeen({ posted: [posted({ name: 'scan' })], truncated: ['check-runs'] }) },
  ],
  nothing: [
    { seen: checksSeen({}) },
    { seen: checksSeen({}), required: byApp, more: accepting },
    { seen: checksSeen({}), required: status },
    inRun({}),
  ],
};

const resultOf = ({ required = ci, more = '', seen }: Case, accept = '') =>
  judge(`checks: { required: [${required}]${more}${accept} }`, seen).result;

describe('the table of what a check comes to, in docs/release-policy.md', () => {
  it('has cases for each of its rows, and a row for each case', () =>
    expect(rows.map(({ found }) => found)).toEqual(Object.keys(cases)));

  it.each(rows)('$found: $result', ({ found, result }) => {
    const [word] = /^(pass|hold|fail)/.exec(result) ?? [];
    const results = (cases[found] ?? []).map((one) => resultOf(one));
    expect(new Set(results)).toEqual(new Set([word]));
  });

  it('neutral and skipped pass where the policy says so', () =>
    expect(cases['`neutral`, `skipped`']!.map((one) => resultOf(one, accepting))).toEqual([
      'pass',
      'pass',
      'pass',
    ]));

  it('a name that is nearly right is answered with the line to write', () => {
    for (const { seen, required } of cases[
      '`docker`, where the job is `caller / docker` or `docker (20)`'
    ]!) {
      const [gate] = judge(`checks: { required: [${required!}] }`, seen).gates;
      expect(gate!.reason).toContain('Fix: in the policy write  name: ');
    }
  });
});

it('a skip counts where the policy says so and the run went well', () => {
  for (const conclusion of ['success', 'skipped', null])
    expect(resultOf(inRun({ conclusion }, { conclusion: 'skipped' }, { name: 'build' }), accepting)).toBe(
      'pass',
    );
});

it('zero checks never pass, whatever a policy accepts and wherever it looks', () => {
  const nothing: GateEvidence = {
    ...checksSeen({}),
    head: { is: 'known', value: { tree: otherSha, defaultBranch: 'main', pulls: [], head: null } },
    mergeGroups: { is: 'known', value: { tree: otherSha, workflows: [] } },
  };
  const entries = [ci, byApp, status, ci.replace('test', "'*'")].flatMap((one) => [
    one,
    one.replace(' }', ', on: pull-request }'),
  ]);
  for (const entry of [...entries, ci.replace(' }', ', on: merge-group }')])
    for (const more of ['', accepting])
      expect(judge(`checks: { required: [${entry}]${more} }`, nothing).result).toBe('fail');
});
