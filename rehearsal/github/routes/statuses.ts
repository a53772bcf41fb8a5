import { found } from '../errors.js';
import type { CommitStatus } from '../model.js';
import { simpleStatusJson, statusJson } from '../represent/deployments.js';
import { apiUrl, minimalRepository } from '../represent/repository.js';
import { latestStatuses, requireShort } from '../rules/deployments.js';
import { created, paged, type RepoContext, type Route, route } from '../route.js';

interface NewStatus {
  state: CommitStatus['state'];
  target_url?: string | null;
  description?: string | null;
  context?: string;
}

/** Docs "Commit statuses": failure when any context errs or fails, pending without any or with one pending. */
export function combinedState(statuses: readonly CommitStatus[]): 'failure' | 'pending' | 'success' {
  if (statuses.some(({ state }) => state === 'error' || state === 'failure')) return 'failure';
  return statuses.length === 0 || statuses.some(({ state }) => state === 'pending') ? 'pending' : 'success';
}

const shaOf = async ({ repo, params }: RepoContext): Promise<string> =>
  found(await repo.git.resolve(params['ref'] ?? '')).oid;

export const statusRoutes: readonly Route[] = [
  route('POST /statuses/{sha}', [['statuses', 'write']], async ({ state, repo, token, params, body }) => {
    const fields = body as NewStatus;
    const commit = found(await repo.git.commit(params['sha'] ?? ''));
    requireShort('Status', fields.description ?? '');
    const status: CommitStatus = {
      id: state.nextId(),
      sha: commit.oid,
      state: fields.state,
      context: fields.context ?? 'default',
      description: fields.description ?? null,
      targetUrl: fields.target_url ?? null,
      creator: token.actor,
      createdAt: state.now(),
    };
    repo.statuses.push(status);
    return created(statusJson(state, repo, status));
  }),
  route('GET /commits/{ref}/statuses', [['statuses', 'read']], async (context) => {
    const { state, repo } = context;
    const sha = await shaOf(context);
    const statuses = repo.statuses.filter((status) => status.sha === sha).reverse();
    return paged(context, statuses, (status) => statusJson(state, repo, status));
  }),
  route('GET /commits/{ref}/status', [['statuses', 'read']], async (context) => {
    const { state, repo } = context;
    const sha = await shaOf(context);
    const latest = latestStatuses(repo, sha);
    const url = apiUrl(state, repo, `/commits/${sha}`);
    return paged(
      context,
      latest,
      (status) => simpleStatusJson(state, repo, status),
      (statuses, total_count) => ({
        state: combinedState(latest),
        statuses,
        sha,
        total_count,
        repository: minimalRepository(state, repo),
        commit_url: url,
        url: `${url}/status`,
      }),
    );
  }),
];
