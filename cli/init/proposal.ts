import * as z from 'zod';
import { versionPattern, type Answers } from './answers.js';
import { driftOf } from './drift.js';
import { hashOf, lockPath, writeLock, type Lock } from './lock.js';
import { wholeText, type Step } from './plan.js';
import { isWorkflow, proposalBranch, runsBeforeReview } from './protection/before-review.js';

const commit = z.string().regex(/^[0-9a-f]{40}$/, 'a full commit of 40 hex digits');

/** What a version of the suite would write into a repository, for a job that may not run that version. */
export const proposalSchema = z.strictObject({
  schema: z.literal('devops-actions/fleet-proposal@1'),
  /** Commit of the repository that it was made for. */
  base: commit,
  suite: z.strictObject({ repository: z.string(), ref: commit, version: z.string().regex(versionPattern) }),
  files: z
    .array(z.strictObject({ path: z.string().max(300), text: z.string(), executable: z.boolean() }))
    .max(500),
  kept: z
    .array(z.strictObject({ path: z.string().max(300), line: z.int().optional(), what: z.string().max(300) }))
    .max(1_000),
  /** Workflows that a person has to bring: GitHub would run them, with a login or secrets, before anybody looked. */
  byHand: z.array(z.string().max(300)).max(500),
});

export type Proposal = z.output<typeof proposalSchema>;

/** Files that init writes: those that are not there, and those that are as an earlier version wrote them. */
export const writesOf = (steps: readonly Step[]): Step[] =>
  steps.filter(({ is }) => is === 'new' || is === 'update');

/** The lock after these files were written: what was written now, and what was before. */
export function lockAfter(
  answers: Answers,
  steps: readonly Step[],
  writes: readonly Step[],
  lock: Lock | undefined,
): string {
  const files = steps.flatMap((step) => {
    const { path, text, is } = step;
    if (is === 'same' || is === 'edited' || writes.includes(step)) return [[path, hashOf(text)]];
    const before = lock?.files[path];
    return before === undefined ? [] : [[path, before]];
  });
  return writeLock({
    version: 1,
    answers: structuredClone(answers) as Lock['answers'],
    files: Object.fromEntries(files) as Lock['files'],
  });
}

/** What init would write now, and what it leaves as the team changed it. */
export function proposalOf(base: string, answers: Answers, steps: readonly Step[], lock: Lock): Proposal {
  const byHand = writesOf(steps).filter(runsUnseen);
  const writes = writesOf(steps).filter((step) => !byHand.includes(step));
  const next = lockAfter(answers, steps, writes, lock);
  const files = writes.map((step) => ({
    path: step.path,
    text: wholeText(step),
    executable: step.executable ?? false,
  }));
  const kept = driftOf(steps.filter(({ is }) => is === 'conflict'));
  return {
    schema: 'devops-actions/fleet-proposal@1',
    base,
    suite: answers.suite,
    files: next === writeLock(lock) ? files : [...files, { path: lockPath, text: next, executable: false }],
    kept: kept.map(({ path, line, what }) => ({ path, ...(line === undefined ? {} : { line }), what })),
    byHand: byHand.map(({ path }) => path),
  };
}

/** Whether a proposal of it would run with rights as soon as its branch is there; a person brings it, who read it. */
const runsUnseen = (step: Step): boolean =>
  isWorkflow(step.path) && runsBeforeReview(wholeText(step), proposalBranch) !== undefined;
