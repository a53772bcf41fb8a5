import * as z from 'zod';
import { isoInstant } from '../../../shared/time/instant.js';
import type { MigrationRun } from '../evidence/ledger/migrations.js';
import { defineGate, type GateResult } from '../gate/gate.js';
import { namePatterns } from './code/file-patterns.js';
import { judgeState } from './checks/check-state.js';

const schema = z
  .strictObject({
    workflow: z
      .string()
      .regex(
        /^\.github\/workflows\/[^/]+\.ya?ml$/,
        'the path of a workflow, such as .github/workflows/cd.yml',
      )
      .describe('The workflow whose job runs migration-check.'),
    job: z.string().min(1).describe('Name of that job; of a called workflow it is "caller / job".'),
    events: z
      .array(z.string())
      .min(1)
      .default(['push', 'workflow_dispatch'])
      .describe('Events that may have started the workflow.'),
    branches: namePatterns()
      .optional()
      .describe(
        'Branches or tags whose runs count; by default the default branch, or else that of the run that asks.',
      ),
  })
  .describe(
    'The migrations of the release were judged against what is live now: safe, or waived in their files.',
  );

/**
 * A job of migration-check on the released commit succeeded, in the workflow that the policy names, and began after the
 * live release went live: what it was compared with is what still runs.
 */
export const migration = defineGate({
  name: 'migration',
  schema,
  needs: {
    migrations: ({ workflow, job, events, branches }) => ({ workflow, job, events, branches }),
    comparison: true,
  },
  judge: ({ workflow, job, events }, { request, evidence }) => {
    const where = `${workflow} (${events.join(', ')})`;
    const named = evidence.migrations.filter(
      (one) => one.path === workflow && events.includes(one.event) && one.headSha === request.sha,
    );
    const notes = named.flatMap(({ number, event, doubt }) =>
      doubt === undefined ? [] : [`not counted: run #${number} (${event}) of ${workflow}: ${doubt}`],
    );
    const run = named
      .filter(({ doubt }) => doubt === undefined)
      .reduce<(typeof evidence.migrations)[number] | undefined>(
        (best, one) => (best && best.number > one.number ? best : one),
        undefined,
      );
    if (!run)
      return {
        is: 'fail',
        mayCome: 'soon',
        reason: `no run of ${where} on this commit was found that counts: nobody judged its migrations${notes.length > 0 ? `. ${notes.join('; ')}` : ''}`,
        notes,
      };
    const what = `${job} of run #${run.number} (${run.event})`;
    const { result, startedAt } = judgeRun(job, what, run, `run #${run.number} of ${where}`, request.run.id);
    const told = { ...result, notes };
    const { live } = evidence.comparison;
    if (told.is !== 'pass' || !live) return told;
    if (startedAt === null || startedAt < live.since)
      return {
        is: 'fail',
        reason: `${what} began before ${live.version} went live (${isoInstant(live.since)}, Deployment ${live.deployment}), so it compared with another release: run it again`,
        notes,
        evidence: told.evidence ?? [],
      };
    return { ...told, reason: `${what}: safe or waived, compared with ${live.version}` };
  },
});

/**
 * What a run says of the job. Until it is complete a second job of the name may still be created; the run that asks never
 * is, and waits for the job by its own `needs`.
 */
function judgeRun(
  job: string,
  what: string,
  run: MigrationRun,
  which: string,
  asking: number,
): { result: GateResult; startedAt: number | null } {
  const named = run.jobs.filter(({ name }) => name === job);
  const attempt = Math.max(0, ...named.map((one) => one.attempt));
  const latest = named.filter((one) => one.attempt === attempt);
  const [found] = latest;
  const running = run.id !== asking && (run.status ?? 'completed') !== 'completed';
  const ended = (result: GateResult) => ({ result, startedAt: found?.startedAt ?? null });
  if (running && attempt < (run.attempt ?? 1))
    return ended({ is: 'hold', reason: `${what} has not started in attempt ${run.attempt}` });
  if (!found) return ended({ is: 'fail', mayCome: 'soon', reason: `${which} has no job "${job}"` });
  // Of two jobs of the name, an attempt may have run again the one that passed.
  const mostAtOnce = Math.max(
    ...named.map((one) => named.filter((other) => other.attempt === one.attempt).length),
  );
  if (mostAtOnce > 1) return ended({ is: 'fail', reason: `${which} has ${mostAtOnce} jobs "${job}"` });
  if (found.conclusion === 'skipped')
    return ended({
      is: 'fail',
      reason: `${what} was skipped: let it run always, since without a changed migration it says so and succeeds`,
      evidence: found.url ? [{ text: what, url: found.url }] : [],
    });
  const result = judgeState(what, found, { 'accept-neutral': false, 'accept-skipped': false });
  if (!running || result.is !== 'pass') return ended(result);
  const state = run.status?.replaceAll('_', ' ');
  return ended({
    ...result,
    is: 'hold',
    reason: `${result.reason}, but run #${run.number} is not complete (${state})`,
  });
}
