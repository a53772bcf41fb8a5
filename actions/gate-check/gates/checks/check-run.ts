import { suggest } from '../../../../shared/text/suggest.js';
import type { WorkflowRunEvidence } from '../../evidence/checks.js';
import { namesFound } from './near-names.js';
import { judgeState, worst, type Accepting } from './check-state.js';
import type { GateResult } from '../../gate/gate.js';

type Job = WorkflowRunEvidence['jobs'][number];

/**
 * What a run says of the jobs that a name or pattern means: each of them, such as every job of a matrix. One that never
 * came is not missed, so nothing passes before the run is complete.
 */
export function judgeRuns(pattern: string, run: WorkflowRunEvidence, accept: Accepting): GateResult {
  const names = [...new Set(run.jobs.map(({ name }) => name))];
  const meant = names.filter((name) => matchesName(pattern, name));
  if (meant.length === 0) return judgeRun(pattern, run, accept);
  return worst(
    meant.map((name) => judgeRun(name, run, accept)),
    [],
  );
}

/** Whether a name is of a pattern: `*` stands for any characters, everything else for itself. */
export function matchesName(pattern: string, name: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return pattern === name;
  if (!name.startsWith(first) || name.length < first.length + last.length) return false;
  let at = first.length;
  const end = name.length - last.length;
  for (const part of rest) {
    const found = name.indexOf(part, at);
    if (found < 0 || found + part.length > end) return false;
    at = found + part.length;
  }
  return name.endsWith(last);
}

/**
 * What a run says of the jobs of a name. Until it is complete, a second job of the name may still be created, so
 * nothing passes before.
 */
function judgeRun(name: string, run: WorkflowRunEvidence, accept: Accepting): GateResult {
  const what = `${name} of run #${run.number} (${run.event})`;
  const running = run.status !== 'completed';
  const jobs = latestOf(run.jobs.filter((job) => job.name === name));
  if (running && (jobs[0]?.attempt ?? 0) < run.attempt)
    return { is: 'hold', reason: `${what} has not started in attempt ${run.attempt}` };
  if (jobs.length === 0) return noSuchJob(name, run);
  const hidden = hiddenTwin(name, run, jobs);
  if (hidden) return { is: 'fail', reason: `${what}: ${hidden}` };
  const result = worst(
    jobs.map((job) => judgeJob(what, job, run, accept)),
    [],
  );
  if (!running || result.is !== 'pass') return result;
  const state = run.status.replaceAll('_', ' ');
  return {
    ...result,
    is: 'hold',
    reason: `${result.reason}, but run #${run.number} is not complete (${state})`,
  };
}

/**
 * Two jobs of one name cannot be told apart: where one of them failed and an attempt ran fewer of them again, it may
 * have been the other one.
 */
function hiddenTwin(name: string, run: WorkflowRunEvidence, latest: readonly Job[]): string | undefined {
  const newest = latest[0]?.attempt ?? 0;
  const before = latestOf(run.jobs.filter((job) => job.name === name && job.attempt < newest));
  if (before.length <= latest.length || before.every(({ conclusion }) => conclusion === 'success'))
    return undefined;
  return `${before.length} jobs have this name, not all of them passed, and attempt ${newest} ran ${latest.length} of them again. Re-run all jobs, and give each a name of its own`;
}

/** Jobs of the newest attempt among those given. */
function latestOf(jobs: readonly Job[]): Job[] {
  const attempt = Math.max(0, ...jobs.map((job) => job.attempt));
  return jobs.filter((job) => job.attempt === attempt);
}

/**
 * A job that was skipped since another failed tested nothing: GitHub calls it skipped like one whose condition was
 * false [ethrex#7213].
 */
function judgeJob(what: string, job: Job, run: WorkflowRunEvidence, accept: Accepting): GateResult {
  const result = judgeState(what, job, accept);
  if (job.conclusion !== 'skipped' || result.is !== 'pass') return result;
  const names = [...new Set(run.jobs.map(({ name }) => name))];
  const counting = names.flatMap((name) => latestOf(run.jobs.filter((other) => other.name === name)));
  const failed = [...counting, ...run.jobs.filter(({ attempt }) => attempt === job.attempt)].find(
    ({ status, conclusion }) =>
      status === 'completed' && !['success', 'skipped', 'neutral'].includes(conclusion ?? ''),
  );
  const why = failed
    ? `${failed.name} in the same run: ${(failed.conclusion ?? 'no conclusion').replaceAll('_', ' ')}`
    : doubtSkips(run);
  if (why === undefined) return result;
  return {
    ...result,
    is: 'fail',
    reason: `${what}: skipped, and a skip does not count beside a failure (${why})`,
  };
}

/** Why skips of a run do not count though none of its jobs failed. */
function doubtSkips({ conclusion, event }: WorkflowRunEvidence): string | undefined {
  // A run that was cancelled before a job began skips it.
  if (conclusion && !['success', 'skipped', 'neutral'].includes(conclusion))
    return `the run as a whole: ${conclusion.replaceAll('_', ' ')}`;
  return event === 'workflow_run'
    ? 'another run started this one, and a skip does not tell how that ended'
    : undefined;
}

/** Jobs of a called workflow are named "caller / job", those of a matrix "job (values)" [actions/runner#1917]. */
function noSuchJob(name: string, run: WorkflowRunEvidence): GateResult {
  const found = namesFound(
    name,
    run.jobs.map((job) => job.name),
    {
      meant: (names) => meantBy(name, names),
      fix: (near) => `name: ${near}`,
    },
  );
  return {
    is: 'fail',
    reason: `${name}: run #${run.number} (${run.event}) has no such job; it has ${found || 'no jobs'}`,
  };
}

/** The job that a name without its callers or without the values of its matrix means; of several values all. */
function meantBy(name: string, names: readonly string[]): string | undefined {
  const called = names.find((other) => other.endsWith(` / ${name}`));
  if (called !== undefined) return called;
  const [first, ...more] = names.filter((other) => {
    const last = other.slice(other.lastIndexOf(' / ') + (other.includes(' / ') ? 3 : 0));
    return other.startsWith(`${name} (`) || last.startsWith(`${name} (`);
  });
  if (first === undefined)
    return names.find((other) => other.startsWith(`${name} / `)) ?? suggest(name, names);
  const pattern = `${first.slice(0, first.indexOf(`${name} (`))}${name} (*)`;
  return more.length > 0 && more.every((other) => matchesName(pattern, other)) ? pattern : first;
}
