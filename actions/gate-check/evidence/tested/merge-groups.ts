import * as z from 'zod';
import { shaSchema } from '../../../../shared/contracts/formats.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { checks } from '../checks.js';
import { commit } from '../code/commit.js';
import { defineEvidence, Unknowable, whole, type Sources } from '../evidence.js';
import { readJobs, toEvidence } from './runs.js';
import { workflowRunSchema } from './seen.js';

const event = 'merge_group';

/** Newest runs of a workflow for merge groups that are looked at. */
const mostGroups = 100;

const schema = z.strictObject({
  /** Of the released commit. */
  tree: shaSchema,
  workflows: z.array(
    z.strictObject({
      workflow: z.string(),
      /** How many runs for merge groups were looked at; none where there is one on the released commit. */
      looked: whole,
      /** The newest one of the released tree. */
      run: workflowRunSchema.nullable(),
    }),
  ),
});

/** Runs for merge groups whose commit has the tree of the released one, without being it. */
export type MergeGroups = z.output<typeof schema>;

/**
 * A merge queue puts the very commit it tested on the branch, and its runs stand among the checks of that commit. Where
 * the release is another commit of the same tree, such as one merged on from there, the newest runs are looked through.
 */
export const mergeGroups = defineEvidence({
  kind: 'mergeGroups',
  what: 'the runs for merge groups',
  schema,
  permission: { actions: 'read' },
  restsOn: { [commit.kind]: () => true, [checks.kind]: () => [] },
  collect: async (needs: readonly (readonly string[])[], sources): Promise<MergeGroups> => {
    const { tree, sha } = await sources.valueOf(commit);
    const { runs } = await sources.valueOf(checks);
    const workflows = [...new Set(needs.flat())];
    const there = (workflow: string) =>
      runs.some((run) => run.path === workflow && run.event === event && run.headSha === sha);
    return {
      tree,
      workflows: await Promise.all(
        workflows.map((workflow) =>
          there(workflow) ? { workflow, looked: 0, run: null } : lookThrough(workflow, tree, sources),
        ),
      ),
    };
  },
});

async function lookThrough(workflow: string, tree: string, { github, request }: Sources) {
  const listed = await listGroups(workflow, github);
  const same = listed.filter(
    (run) =>
      run.event === event &&
      run.path.split('@')[0] === workflow &&
      run.head_commit?.tree_id === tree &&
      Number(run.id) !== request.run.id,
  );
  const looked = listed.length;
  if (same.length === 0) return { workflow, looked, run: null };
  const newest = same.reduce((a, b) => (b.run_number > a.run_number ? b : a));
  const jobs = await readJobs(github, Number(newest.id));
  if (jobs.truncated) throw new Unknowable(`run ${newest.id} has too many jobs to be read whole`);
  return { workflow, looked, run: toEvidence(newest, jobs).run };
}

async function listGroups(workflow: string, github: Sources['github']) {
  try {
    const page = await github.rest('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
      workflow_id: workflow.split('/').at(-1)!,
      event,
      per_page: mostGroups,
    });
    return page.workflow_runs;
  } catch (error) {
    // A workflow that the default branch does not have never ran for a group.
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return [];
    throw error;
  }
}
