import { memberOf, textOf } from '../../payload.js';
import type { EventFilter } from '../../read/events.js';
import type { Workflow } from '../../read/workflow.js';
import type { WorkflowRequest } from '../../request.js';
import { chooses } from './filter-pattern.js';

type Event = WorkflowRequest['event'];

/** Why a name is not chosen by a filter and its `-ignore` twin; undefined when it is. */
function refuses(
  filter: EventFilter,
  kind: 'branches' | 'tags',
  name: string,
  what: string,
): string | undefined {
  const [only, ignored] = [filter[kind], filter[`${kind}-ignore`]];
  if (only !== undefined && !chooses(only, name))
    return `${what} '${name}' is not in ${kind}: ${only.join(', ')}`;
  if (ignored !== undefined && chooses(ignored, name))
    return `${what} '${name}' is in ${kind}-ignore: ${ignored.join(', ')}`;
  return undefined;
}

/** GitHub docs, "Workflow syntax": a filter for branches alone leaves tags out, and the other way round. */
function refusesRef(filter: EventFilter, ref: string): string | undefined {
  const has = (kind: 'branches' | 'tags') =>
    filter[kind] !== undefined || filter[`${kind}-ignore`] !== undefined;
  const tag = ref.startsWith('refs/tags/');
  const [own, other] = tag ? (['tags', 'branches'] as const) : (['branches', 'tags'] as const);
  const name = ref.replace(/^refs\/(?:heads|tags)\//, '');
  if (has(own)) return refuses(filter, own, name, tag ? 'tag' : 'branch');
  return has(other) ? `only pushes of ${other} start it, '${name}' is none` : undefined;
}

function refusesPaths(filter: EventFilter, files: readonly string[]): string | undefined {
  const { paths, 'paths-ignore': ignored } = filter;
  if (paths !== undefined && !files.some((file) => chooses(paths, file)))
    return `none of the ${files.length} changed files is in paths: ${paths.join(', ')}`;
  if (ignored !== undefined && files.every((file) => chooses(ignored, file)))
    return `all ${files.length} changed files are in paths-ignore: ${ignored.join(', ')}`;
  return undefined;
}

function refusesType({ types }: EventFilter, { payload }: Event): string | undefined {
  if (types === undefined) return undefined;
  const type = textOf(payload, 'action');
  return types.includes(type) ? undefined : `type '${type}' is not in types: ${types.join(', ')}`;
}

function refusesPullRequest(filter: EventFilter, event: Event): string | undefined {
  const { payload } = event;
  if (event.name === 'pull_request' && memberOf(payload, 'pull_request', 'mergeable') === false)
    return 'the pull request has a merge conflict';
  return refuses(filter, 'branches', textOf(payload, 'pull_request', 'base', 'ref'), 'base branch');
}

function refusesSchedule({ crons = [] }: EventFilter, { payload, ref }: Event): string | undefined {
  const cron = textOf(payload, 'schedule');
  if (!crons.includes(cron)) return `'${cron}' is not in schedule: ${crons.join(', ')}`;
  const branch = textOf(payload, 'repository', 'default_branch');
  if (branch !== '' && ref !== `refs/heads/${branch}`) return `a schedule runs on '${branch}' alone`;
  return undefined;
}

function refusesRun(filter: EventFilter, { payload }: Event): string | undefined {
  const { workflows = [] } = filter;
  const name = textOf(payload, 'workflow_run', 'name');
  if (!workflows.includes(name)) return `'${name}' is not in workflows: ${workflows.join(', ')}`;
  return refuses(filter, 'branches', textOf(payload, 'workflow_run', 'head_branch'), 'branch');
}

/** What else an event of this name is asked. */
const others: Record<string, (filter: EventFilter, event: Event) => string | undefined> = {
  push: (filter, { ref }) => refusesRef(filter, ref),
  pull_request: refusesPullRequest,
  pull_request_target: refusesPullRequest,
  schedule: refusesSchedule,
  workflow_run: refusesRun,
};

/**
 * Why an event does not start a workflow, undefined when it does. `changed` lists the paths the event changed; it is
 * only asked when a filter wants to know.
 */
export async function whyNotStarted(
  workflow: Workflow,
  event: Event,
  changed: () => Promise<readonly string[]>,
): Promise<string | undefined> {
  const filter = workflow.events[event.name];
  if (filter === undefined) {
    const events = Object.keys(workflow.events).join(', ');
    return `event '${event.name}' does not start this workflow; \`on\` has ${events}`;
  }
  const reason = refusesType(filter, event) ?? others[event.name]?.(filter, event);
  if (reason !== undefined) return reason;
  if (filter.paths === undefined && filter['paths-ignore'] === undefined) return undefined;
  return event.ref.startsWith('refs/tags/') ? undefined : refusesPaths(filter, await changed());
}
