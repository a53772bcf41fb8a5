import { createHash } from 'node:crypto';
import * as z from 'zod';
import { shaSchema } from '../../../shared/contracts/formats.js';
import type { Answer } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { compare } from './code/compare.js';
import { doraReadSchema, readDoraReport, type DoraRead } from './dora-figures.js';
import { defineEvidence, type Sources, whole } from './evidence.js';

/** The workflow that measures, what may have started it, and the artifact with its report. */
export interface AskedDora {
  workflow: string;
  events: readonly string[];
  artifact: string;
}

const runSchema = z.strictObject({
  id: whole,
  number: whole,
  path: z.string(),
  event: z.string(),
  headSha: shaSchema,
  /** Whether its commit is of the default branch: what ran there was merged. */
  onDefaultBranch: z.boolean(),
  conclusion: z.string().nullable(),
  url: z.string(),
});

const schema = z.strictObject({
  /** The newest run that is complete; null when there is none. */
  run: runSchema.nullable(),
  report: doraReadSchema,
});

/** Largest archive that is downloaded, in bytes. */
const mostBytes = 10_000_000;

/**
 * The report of the newest run that measured. Only a job of that run can have uploaded an artifact to it; comments,
 * issues, branches and files are not looked at, since anybody who may write can write those.
 */
export const dora = defineEvidence({
  kind: 'dora',
  what: 'the DORA report',
  schema,
  permission: { actions: 'read', contents: 'read' },
  collect: async ([asked]: readonly AskedDora[], sources) => {
    const none = (reason: string) => ({ run: null, report: { is: 'unreadable' as const, reason } });
    if (!asked) return none('it was not asked');
    const newest = await newestRun(asked, sources);
    if (!newest) return none(`${asked.workflow} has no complete run`);
    const { policy } = sources.request;
    const standing = await compare(sources.github, policy.commit, newest.head_sha);
    const run = {
      id: Number(newest.id),
      number: newest.run_number,
      path: pathOf(newest),
      event: newest.event,
      headSha: newest.head_sha,
      onDefaultBranch: standing === 'behind' || standing === 'identical',
      conclusion: newest.conclusion,
      url: newest.html_url,
    };
    return { run, report: await readReport(newest, asked, sources) };
  },
});

type Run = Answer<'GET /repos/{owner}/{repo}/actions/runs/{run_id}'>;

const pathOf = ({ path }: Pick<Run, 'path'>) => path.split('@')[0]!;

async function newestRun({ workflow, events }: AskedDora, { github }: Sources): Promise<Run | undefined> {
  try {
    // One event at a time: the newest hundred runs of all could hide an older one of the event that counts.
    const found = await Promise.all(
      events.map((event) =>
        github.rest('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
          workflow_id: workflow.split('/').at(-1)!,
          event,
          status: 'completed',
          per_page: 10,
        }),
      ),
    );
    return found
      .flatMap(({ workflow_runs }) => workflow_runs)
      .filter((run) => pathOf(run) === workflow && events.includes(run.event) && run.status === 'completed')
      .sort((a, b) => b.run_number - a.run_number)[0];
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}

async function readReport(run: Run, { artifact: name }: AskedDora, { github }: Sources): Promise<DoraRead> {
  const unreadable = (reason: string): DoraRead => ({ is: 'unreadable', reason });
  const { artifacts } = await github.rest('GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts', {
    run_id: Number(run.id),
    name,
    per_page: 100,
  });
  // A run that was tried again keeps what its earlier attempts uploaded.
  const [artifact] = artifacts
    .filter((one) => one.name === name && Number(one.workflow_run?.id) === Number(run.id))
    .sort((a, b) => Number(b.id) - Number(a.id));
  if (!artifact) return unreadable(`run #${run.run_number} has no artifact "${name}"`);
  if (artifact.expired) return unreadable(`the artifact "${name}" of run #${run.run_number} has expired`);
  if ((artifact.created_at ?? '') < (run.run_started_at ?? ''))
    return unreadable(`the artifact "${name}" of run #${run.run_number} is of an earlier attempt`);
  if (artifact.size_in_bytes > mostBytes)
    return unreadable(
      `the artifact "${name}" has ${artifact.size_in_bytes} bytes, and ${mostBytes} are read`,
    );
  const data = await github.rest(
    'GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}',
    {
      artifact_id: Number(artifact.id),
      archive_format: 'zip',
    },
  );
  if (!((data as unknown) instanceof ArrayBuffer)) return unreadable('GitHub gave no archive');
  const zip = new Uint8Array(data as unknown as ArrayBuffer);
  const digest = `sha256:${createHash('sha256').update(zip).digest('hex')}`;
  if (artifact.digest && artifact.digest !== digest)
    return unreadable(`the archive of "${name}" is not what was uploaded: its digest differs`);
  return readDoraReport(zip);
}
