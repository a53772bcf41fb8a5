import * as z from 'zod';
import { isoInstant } from '../../../shared/time/instant.js';
import { defineGate } from '../gate/gate.js';
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
    migrations: ({ workflow, events }) => ({ workflow, events }),
    comparison: true,
  },
  judge: ({ workflow, job, events }, { request, evidence }) => {
    const where = `${workflow} (${events.join(', ')})`;
    const run = evidence.migrations
      .filter((one) => one.path === workflow && events.includes(one.event) && one.headSha === request.sha)
      .reduce<(typeof evidence.migrations)[number] | undefined>(
        (best, one) => (best && best.number > one.number ? best : one),
        undefined,
      );
    if (!run)
      return {
        is: 'fail',
        mayCome: 'soon',
        reason: `no run of ${where} on this commit was found: nobody judged its migrations`,
      };
    const named = run.jobs.filter(({ name }) => name === job);
    const attempt = Math.max(...named.map((one) => one.attempt));
    const latest = named.filter((one) => one.attempt === attempt);
    // Of two jobs of the name, an attempt may have run again the one that passed.
    const mostAtOnce = Math.max(
      ...named.map((one) => named.filter((other) => other.attempt === one.attempt).length),
    );
    const what = `${job} of run #${run.number} (${run.event})`;
    if (latest.length !== 1 || mostAtOnce > 1)
      return {
        is: 'fail',
        ...(latest.length === 0 && { mayCome: 'soon' as const }),
        reason:
          latest.length === 0
            ? `run #${run.number} of ${where} has no job "${job}"`
            : `run #${run.number} of ${where} has ${mostAtOnce} jobs "${job}"`,
      };
    const [found] = latest;
    if (found!.conclusion === 'skipped')
      return {
        is: 'fail',
        reason: `${what} was skipped: let it run always, since without a changed migration it says so and succeeds`,
        evidence: found!.url ? [{ text: what, url: found!.url }] : [],
      };
    const result = judgeState(what, found!, { 'accept-neutral': false, 'accept-skipped': false });
    const { live } = evidence.comparison;
    if (result.is !== 'pass' || !live) return result;
    if (found!.startedAt === null || found!.startedAt < live.since)
      return {
        is: 'fail',
        reason: `${what} began before ${live.version} went live (${isoInstant(live.since)}, Deployment ${live.deployment}), so it compared with another release: run it again`,
        evidence: result.evidence ?? [],
      };
    return { ...result, reason: `${what}: safe or waived, compared with ${live.version}` };
  },
});
