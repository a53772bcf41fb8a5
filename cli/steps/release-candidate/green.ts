import type { Proof } from '../../../shared/contracts/reports/release-candidate-report.js';

/** A run of a workflow on the commit, as the Actions API knows it: unlike a check, nobody can post one. */
export interface Run {
  path: string;
  event: string;
  /** Branch or tag that it ran for. */
  branch: string;
  number: number;
  status: string;
  conclusion: string | undefined;
}

/** A check of another app than GitHub Actions, or a commit status. */
export interface Posted {
  name: string;
  is: 'green' | 'red' | 'running';
}

const ends = ['success', 'neutral', 'skipped'];

/**
 * The newest run of each workflow, event and branch: an older one that was cancelled for it says nothing. By the branch
 * too, since whoever may push gives the commit a new branch, and with it a newer run that may skip what was red.
 */
export function newest(runs: readonly Run[]): Run[] {
  const found = new Map<string, Run>();
  for (const run of runs) {
    const key = `${run.path} ${run.event} ${run.branch}`;
    const before = found.get(key);
    if (!before || before.number < run.number) found.set(key, run);
  }
  return [...found.values()];
}

/** Whether everything that looked at the commit is green; nothing at all is not green. */
export function greenProofs(
  runs: readonly Run[],
  posted: readonly Posted[],
  required: readonly string[],
): Proof[] {
  const own = newest(runs);
  const missing = required.filter(
    (path) => !own.some((run) => run.path === path && run.conclusion === 'success'),
  );
  const running = [
    ...own.filter(({ status }) => status !== 'completed').map(({ path }) => path),
    ...posted.filter(({ is }) => is === 'running').map(({ name }) => name),
  ];
  const red = [
    ...own
      .filter(({ status, conclusion }) => status === 'completed' && !ends.includes(conclusion ?? ''))
      .map(({ path, conclusion }) => `${path} (${conclusion ?? 'no conclusion'})`),
    ...posted.filter(({ is }) => is === 'red').map(({ name }) => name),
  ];
  const proof = (what: string, wrong: readonly string[], good: string, bad: string, fix: string): Proof =>
    wrong.length === 0
      ? { what, is: 'ok', detail: good, fix: '' }
      : { what, is: 'wrong', detail: `${bad}: ${wrong.join(', ')}`, fix };
  const count = own.length + posted.length;
  return [
    proof(
      'required workflows',
      missing,
      required.join(', '),
      'not green on this commit',
      'let them run on it, or name others under "workflows"',
    ),
    proof(
      'nothing runs any more',
      running,
      `${count} looked at`,
      'still at work',
      'start this again when they ended',
    ),
    proof(
      'all green',
      red,
      `${count} of ${count}`,
      'not green',
      'correct them; a candidate has no exceptions',
    ),
  ];
}
