import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { changes, type Pull } from './changes.js';
import { defineEvidence, Unknowable, whole } from '../evidence.js';
import { mayBring } from './pulls.js';

/** Most pull requests whose branches are asked for, a request each. */
const mostPulls = 100;

/** Newest entries of a branch's activity that are read. */
const mostEntries = 100;

const moves: readonly string[] = ['push', 'force_push', 'branch_creation'];

/**
 * Who pushed the last commit of each pull request of the release. Authors and committers are names that the pusher wrote;
 * the repository's activity is GitHub's own record.
 */
export const pushes = defineEvidence({
  kind: 'pushes',
  what: 'who pushed the last commits',
  schema: z.array(
    z.strictObject({
      pull: whole,
      head: shaSchema,
      /** Logins; null where GitHub does not tell, as of a fork. */
      by: z.array(z.string()).nullable(),
    }),
  ),
  permission: { contents: 'read' },
  restsOn: { [changes.kind]: () => true },
  collect: async (_needs: readonly 'last'[], sources) => {
    const { pulls: all } = await sources.valueOf(changes);
    const pulls = all.filter((pull) => mayBring(pull, sources.request.sha));
    if (pulls.length > mostPulls)
      throw new Unknowable(
        `${pulls.length} pull requests are in this release, and of at most ${mostPulls} it is asked`,
      );
    return Promise.all(
      pulls.map(async ({ number, head }) => ({
        pull: number,
        head: head.sha,
        by: head.fork ? null : await pushersOf(sources.github, head),
      })),
    );
  },
});

async function pushersOf(github: GitHub, { branch, sha }: Pull['head']): Promise<string[] | null> {
  const activity = await github.rest('GET /repos/{owner}/{repo}/activity', {
    ref: `refs/heads/${branch}`,
    per_page: mostEntries,
  });
  const found = activity.filter(({ after, activity_type }) => after === sha && moves.includes(activity_type));
  const logins = found.flatMap(({ actor }) => actor?.login ?? []);
  return found.length === 0 || logins.length < found.length ? null : [...new Set(logins)];
}
