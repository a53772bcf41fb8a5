import * as z from 'zod';
import { cronProblem } from './cron.js';
import type { WorkflowReader } from './workflow-reader.js';

/** When one event starts a workflow; a list that is absent filters nothing. */
export interface EventFilter {
  types?: string[];
  branches?: string[];
  'branches-ignore'?: string[];
  tags?: string[];
  'tags-ignore'?: string[];
  paths?: string[];
  'paths-ignore'?: string[];
  /** Of `workflow_run`: names of workflows. */
  workflows?: string[];
  /** Of `schedule`. */
  crons?: string[];
}

const pullRequestTypes = (
  'assigned unassigned labeled unlabeled opened edited closed reopened synchronize converted_to_draft ' +
  'ready_for_review locked unlocked review_requested review_request_removed auto_merge_enabled auto_merge_disabled'
).split(' ');

/** GitHub docs, "Events that trigger workflows": activity types; `any` are the sender's own. */
const types: Record<string, readonly string[] | 'any'> = {
  branch_protection_rule: ['created', 'edited', 'deleted'],
  check_run: ['completed', 'created', 'rerequested', 'requested_action'],
  check_suite: ['completed'],
  issue_comment: ['created', 'edited', 'deleted'],
  issues: (
    'opened edited deleted transferred pinned unpinned closed reopened assigned unassigned labeled unlabeled ' +
    'locked unlocked milestoned demilestoned'
  ).split(' '),
  merge_group: ['checks_requested'],
  pull_request: pullRequestTypes,
  pull_request_target: pullRequestTypes,
  release: ['published', 'unpublished', 'created', 'edited', 'deleted', 'prereleased', 'released'],
  repository_dispatch: 'any',
  workflow_run: ['requested', 'completed', 'in_progress'],
};

/** Filters by name pattern that each event may have, besides `types`. */
const patterns: Record<string, readonly ('branches' | 'tags' | 'paths' | 'workflows')[]> = {
  push: ['branches', 'tags', 'paths'],
  pull_request: ['branches', 'paths'],
  pull_request_target: ['branches', 'paths'],
  workflow_run: ['branches', 'workflows'],
};

/** Without `types`; all other events start for every type. */
const defaultTypes: Record<string, string[]> = {
  pull_request: ['opened', 'synchronize', 'reopened'],
  pull_request_target: ['opened', 'synchronize', 'reopened'],
};

/** Without any filter. */
const bare = ['create', 'delete', 'deployment', 'deployment_status', 'status'];
/** Read elsewhere, since they declare inputs and outputs instead of filters. */
const declaring = ['workflow_dispatch', 'workflow_call'];
const known = [...new Set(['push', 'schedule', ...bare, ...declaring, ...Object.keys(types)])];

const list = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)], 'a text or a list of texts was expected')
  .transform((value) => (typeof value === 'string' ? [value] : value));

const crons = z
  .array(z.strictObject({ cron: z.string() }), 'a list of {cron: …} was expected')
  .min(1)
  .transform((lines) => lines.map(({ cron }) => cron));

/** Reads `on`: the filters of each event. Notes unknown events, filters and types, and cron lines that never hold. */
export function readEvents(reader: WorkflowReader, on: Record<string, unknown>): Record<string, EventFilter> {
  return Object.fromEntries(
    Object.entries(on).map(([event, value]) => {
      const at = ['on', event];
      if (!known.includes(event)) {
        reader.problem(at, `this runner does not know the event; it knows ${known.join(', ')}`);
        return [event, {}];
      }
      if (declaring.includes(event)) return [event, {}];
      return [event, event === 'schedule' ? readCrons(reader, at, value) : readFilter(reader, event, value)];
    }),
  );
}

function readCrons(reader: WorkflowReader, at: string[], value: unknown): EventFilter {
  const read = crons.safeParse(value);
  read.error?.issues.forEach((issue) => reader.issue({ ...issue, path: [...at, ...issue.path] }));
  read.data?.forEach((cron, index) => {
    const problem = cronProblem(cron);
    if (problem !== undefined) reader.problem([...at, index, 'cron'], `'${cron}': ${problem}`);
  });
  return { crons: read.data ?? [] };
}

function readFilter(reader: WorkflowReader, event: string, value: unknown): EventFilter {
  const at = ['on', event];
  const allowed = types[event];
  const filters = (patterns[event] ?? []).flatMap((name) =>
    name === 'workflows' ? [name] : [name, `${name}-ignore`],
  );
  const keys = [...(allowed === undefined ? [] : ['types']), ...filters];
  const read = z
    .strictObject(Object.fromEntries(keys.map((key) => [key, list.optional()])))
    .nullable()
    .safeParse(value);
  read.error?.issues.forEach((issue) => reader.issue({ ...issue, path: [...at, ...issue.path] }));
  const filter: EventFilter = read.data ?? {};
  for (const name of ['branches', 'tags', 'paths'] as const) {
    if (filter[name] !== undefined && filter[`${name}-ignore`] !== undefined)
      reader.problem([...at, name], `${name} and ${name}-ignore cannot be combined: use ! in ${name}`);
    if (filter[name]?.every((pattern) => pattern.startsWith('!')))
      reader.problem([...at, name], 'has only patterns with !, so nothing would match: add one without');
  }
  for (const type of filter.types ?? []) {
    if (allowed !== 'any' && !allowed?.includes(type))
      reader.problem([...at, 'types'], `there is no type '${type}'; there are ${allowed?.join(', ')}`);
  }
  const standard = defaultTypes[event];
  return { ...(standard !== undefined && { types: standard }), ...filter };
}
