import type { Answer } from '../../../../shared/github/client.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { lockSchema } from '../../../../shared/ledger/refs/lock.js';
import { githubRefStore } from '../../../../shared/ledger/refs/refs.js';
import { deploymentTask, sameName, stateRef } from '../../../../shared/ledger/names.js';
import { isWriter } from '../../../../shared/ledger/proof/trust.js';
import { Unknowable, type Sources } from '../evidence.js';

/**
 * Newest runs of a release workflow that went well, Deployments that say what runs released, and runs that are looked
 * into job by job, which costs a request each. Where there are more, a release may lie behind them.
 */
const most = { runs: 100, recorded: 500, lookedInto: 40 };

/**
 * Whoever may write Deployments may delete them all, and the service then looks like a new one. So that nothing was ever
 * released is believed only where the policy names the service, or says nothing of first releases and nothing else
 * contradicts it. Throws Unknowable otherwise, with what contradicts and how a first release goes.
 */
export async function requireFirst(sources: Sources): Promise<void> {
  const { request, firstRelease } = sources;
  const { service, environment } = request;
  if (firstRelease?.some((name) => sameName(name, service))) return;
  const names = `${service} under first-release of the environment ${environment} in ${request.policy.path}`;
  if (firstRelease)
    throw new Unknowable(
      `the ledger has no release of ${service} in ${environment}, and the policy names ${firstRelease.join(', ') || 'no service'} under first-release. Fix: if nothing was ever released there, name ${names}; else record what is live by blue-green-switch with mode: adopt`,
    );
  const trace = (await otherSpelling(sources)) ?? (await stateOf(sources)) ?? (await releasedBy(sources));
  if (trace !== undefined)
    throw new Unknowable(
      `the ledger has no release of ${service} in ${environment}, and yet ${trace}. Fix: record what is live by blue-green-switch with mode: adopt. If nothing was ever released there, name ${names}`,
    );
}

type Deployment = Answer<'GET /repos/{owner}/{repo}/deployments'>[number];

/** GitHub takes any case for the same environment, and lists Deployments by one spelling only. */
async function otherSpelling({ github, request }: Sources): Promise<string | undefined> {
  const { items } = await github.pages(
    'GET /repos/{owner}/{repo}/deployments',
    { task: deploymentTask(request.service) },
    (page) => page as unknown as Deployment[],
    1_000,
  );
  const found = items.find(
    ({ environment }) => environment !== request.environment && sameName(environment, request.environment),
  );
  return (
    found &&
    `Deployment ${found.id} is of the environment "${found.environment}": write that name in the policy and the workflow`
  );
}

/** A watch is of a release, and a lock says what is live beside it. */
async function stateOf({ github, request }: Sources): Promise<string | undefined> {
  const { environment, service } = request;
  const [lock, watch] = (['lock', 'watch'] as const).map((kind) => stateRef(environment, service, kind));
  const refs = await github.rest('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
    ref: lock!.slice('refs/'.length, -'lock'.length),
  });
  if (refs.some(({ ref }) => ref === watch)) return `${watch} says that a release is watched`;
  if (!refs.some(({ ref }) => ref === lock)) return undefined;
  const stored = await githubRefStore(github).read(lock!);
  if (!stored) return undefined;
  const state = lockSchema.safeParse(jsonOf(stored.text));
  if (!state.success) return `${lock} cannot be understood`;
  return state.data.from === undefined ? undefined : `${lock} says that ${state.data.from} is live`;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

type Run = Answer<'GET /repos/{owner}/{repo}/actions/runs/{run_id}'>;

/**
 * A run of a release workflow that went well, with a job for this environment: one that names it, or the one by which
 * the run that asks releases there. Not if a Deployment says what else that run released.
 */
async function releasedBy(sources: Sources): Promise<string | undefined> {
  const { github, request, release, writers } = sources;
  const lists = await Promise.all((release.workflows ?? []).map((path) => runsOf(path, sources)));
  const runs = lists.flatMap((list) => list.runs).sort((a, b) => Number(b.id) - Number(a.id));
  if (runs.length === 0) return undefined;
  const { items: newest } = await github.pages(
    'GET /repos/{owner}/{repo}/deployments',
    {},
    (page) => page as unknown as Deployment[],
    most.recorded,
  );
  const recorded = newest.filter(
    ({ task, creator }) =>
      task.startsWith('devops-actions/') &&
      isWriter({ login: creator?.login ?? '', bot: creator?.type === 'Bot' }, writers),
  );
  const of = (run: Run, where: readonly Deployment[]) => where.some((one) => runIn(one) === Number(run.id));
  const here = recorded.filter(({ environment }) => sameName(environment, request.environment));
  const own = await ownJob(sources);
  const untold = runs.filter((one) => !of(one, here));
  for (const run of untold.slice(0, most.lookedInto)) {
    const { items: jobs } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      { run_id: Number(run.id), filter: 'latest' },
      (page) => page.jobs,
    );
    const job = jobs.find(
      ({ name, conclusion }) =>
        conclusion === 'success' &&
        (namesEnvironment(name, request.environment) || (name === own && !of(run, recorded))),
    );
    if (job)
      return `the job "${job.name}" of run #${run.run_number} of ${run.path.split('@')[0]} went well, without a Deployment that says what it released: it may have been deleted`;
  }
  const cut = lists.some(({ more }) => more);
  return cut || untold.length > most.lookedInto
    ? `more runs of ${(release.workflows ?? []).join(', ')} went well than are looked into (${cut ? most.runs : most.lookedInto}), and one of the others may have released it`
    : undefined;
}

/** What starts a release, where a workflow has so many runs that those are asked for alone. */
const releasing = ['push', 'workflow_dispatch'] as const;

/** What a schedule starts watches and reconciles, hundreds of times; a pull request's run releases nothing. */
const mayRelease = ({ event }: Pick<Run, 'event'>) =>
  event !== 'schedule' && !event.startsWith('pull_request');

/** The newest runs of a workflow that went well and may have released, and whether there are older ones. */
async function runsOf(path: string, { github, request }: Sources): Promise<{ runs: Run[]; more: boolean }> {
  const list = (event?: (typeof releasing)[number]) =>
    github.rest('GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs', {
      workflow_id: path.split('/').at(-1)!,
      status: 'success',
      per_page: most.runs,
      ...(event ? { event } : {}),
    });
  try {
    const all = await list();
    const isCut = (one: typeof all) => one.total_count > one.workflow_runs.length;
    const apart = isCut(all) && !all.workflow_runs.every(mayRelease);
    const lists = apart ? await Promise.all(releasing.map((event) => list(event))) : [all];
    const runs = lists
      .flatMap((one) => one.workflow_runs)
      .filter(
        (run) => run.path.split('@')[0] === path && mayRelease(run) && Number(run.id) !== request.run.id,
      );
    return { runs, more: lists.some(isCut) };
  } catch (error) {
    // A workflow that never ran is none that GitHub knows.
    if (error instanceof GitHubError && error.status === 404 && !error.permission)
      return { runs: [], more: false };
    throw error;
  }
}

/** The name of the job that asks, where it is the only one of its run at work. */
async function ownJob({ github, request }: Sources): Promise<string | undefined> {
  try {
    const { items } = await github.pages(
      'GET /repos/{owner}/{repo}/actions/runs/{run_id}/jobs',
      { run_id: request.run.id, filter: 'latest' },
      (page) => page.jobs,
    );
    const [one, ...more] = items.filter(({ status }) => status === 'in_progress');
    return more.length === 0 ? one?.name : undefined;
  } catch (error) {
    // On a laptop no run asks.
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return undefined;
    throw error;
  }
}

const wordsOf = (name: string) =>
  name
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word !== '')
    .join(' ');

/** Whether the name of a job has that of an environment in it, as "CD / Production / Release" has production. */
const namesEnvironment = (job: string, environment: string) =>
  wordsOf(environment) !== '' && ` ${wordsOf(job)} `.includes(` ${wordsOf(environment)} `);

/** The run that a Deployment's payload names; a text is JSON once more. */
function runIn({ payload }: Deployment): number | undefined {
  const data = typeof payload === 'string' ? jsonOf(payload) : payload;
  const { run } = (data ?? {}) as { run?: { id?: unknown } };
  return typeof run?.id === 'number' ? run.id : undefined;
}
