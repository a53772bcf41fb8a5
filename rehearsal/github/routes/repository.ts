import { GitHubError, found } from '../errors.js';
import type { Dispatch } from '../model.js';
import type { Actor, Role } from '../actors-model.js';
import { nodeId } from '../node-id.js';
import { simpleUser } from '../represent/actors.js';
import { fullName, fullRepository } from '../represent/repository.js';
import { noContent, ok, paged, type RepoContext, type Route, route } from '../route.js';
import { iso } from '../state.js';
import { workflowIdOf } from './runs/runs.js';

function record(context: RepoContext, fields: Omit<Dispatch, 'repository' | 'actor' | 'at'>): void {
  const { state, repo, token } = context;
  state.dispatches.push({
    repository: fullName(repo),
    ...fields,
    actor: token.actor.login,
    at: iso(state.now()),
  });
}

/**
 * OpenAPI repos/get-collaborator-permission-level: maintain shows as write, triage as read; role_name tells them apart.
 */
const legacy: Record<Role, string> = {
  admin: 'admin',
  maintain: 'write',
  write: 'write',
  triage: 'read',
  read: 'read',
  none: 'none',
};

const rank: Role[] = ['none', 'read', 'triage', 'write', 'maintain', 'admin'];

function permissionsOf(actor: Actor): Record<string, boolean> {
  const has = (role: Role): boolean => rank.indexOf(actor.role) >= rank.indexOf(role);
  return {
    admin: has('admin'),
    maintain: has('maintain'),
    push: has('write'),
    triage: has('triage'),
    pull: has('read'),
  };
}

export const repositoryRoutes: readonly Route[] = [
  route('GET ', [['metadata', 'read']], ({ state, repo }) => ok(fullRepository(state, repo))),
  route('GET /collaborators/{username}/permission', [['metadata', 'read']], ({ state, params }) => {
    const actor = found(state.actors.get((params['username'] ?? '').toLowerCase()));
    const user = { ...simpleUser(state, actor), permissions: permissionsOf(actor), role_name: actor.role };
    return ok({ permission: legacy[actor.role], role_name: actor.role, user });
  }),
  route('GET /activity', [['contents', 'read']], (context) => {
    const { state, repo, query } = context;
    const asked = query['ref'];
    const full = typeof asked === 'string' && !asked.startsWith('refs/') ? `refs/heads/${asked}` : asked;
    const entries = repo.activity.filter(({ ref }) => full === undefined || ref === full).reverse();
    return paged(context, entries, ({ id, ref, before, after, kind, actor, at }) => ({
      id,
      node_id: nodeId('PSH', repo.id, id),
      before,
      after,
      ref,
      timestamp: iso(at),
      activity_type: kind,
      actor: simpleUser(state, actor),
    }));
  }),
  route('POST /dispatches', [['contents', 'write']], (context) => {
    const body = context.body as { event_type: string; client_payload?: Record<string, unknown> };
    const payload = body.client_payload ?? {};
    // OpenAPI repos/create-dispatch-event: client_payload holds at most 10 top-level properties.
    if (Object.keys(payload).length > 10)
      throw new GitHubError(422, 'No more than 10 properties are allowed; client_payload has more.');
    record(context, {
      kind: 'repository_dispatch',
      eventType: body.event_type,
      workflow: null,
      ref: null,
      payload,
    });
    return noContent;
  }),
  route('POST /actions/workflows/{workflow_id}/dispatches', [['actions', 'write']], async (context) => {
    const { repo, params } = context;
    const body = context.body as { ref: string; inputs?: Record<string, unknown> };
    const commit = await repo.git.resolve(body.ref);
    if (commit === null) throw new GitHubError(422, `No ref found for: ${body.ref}`);
    const workflow = await workflowFile(context, commit.oid, params['workflow_id'] ?? '');
    record(context, {
      kind: 'workflow_dispatch',
      eventType: null,
      workflow,
      ref: body.ref,
      payload: body.inputs ?? {},
    });
    return noContent;
  }),
];

/** The dispatched workflow's path: a file at the ref, or the id of one that has run. */
async function workflowFile(context: RepoContext, oid: string, name: string): Promise<string> {
  const path = `.github/workflows/${name}`;
  if ((await context.repo.git.object(`${oid}:${path}`)) !== null) return path;
  const id = workflowIdOf(context);
  return found(context.repo.workflows.find((workflow) => workflow.id === id)).path;
}
