import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fits, jobNames, readIn } from '../../check/workflows.js';
import type { Answers } from '../answers.js';

/** Names of the checks that a workflow of the team makes; undefined where there is none. */
export function ciJobs(root: string, ci: string): readonly string[] | undefined {
  const at = join(root, ci);
  return existsSync(at) ? readIn(ci, readFileSync(at, 'utf8')).flatMap(jobNames) : undefined;
}

/** Required checks that the team's own workflow does not make, a sentence each: every pull request would wait for them. */
export function ciProblems(
  { ci, checks }: Pick<Answers, 'ci' | 'checks'>,
  made: readonly string[],
): string[] {
  const allowed = made.length > 0 ? `has ${made.join(', ')}` : 'has no jobs that can be read';
  return checks
    .filter((check) => !made.some((job) => fits(check, job)))
    .map(
      (check) =>
        `--job ${check}: ${ci} makes no check of that name; it ${allowed}. Name with --job, once for each, what must be green as GitHub shows it.`,
    );
}
