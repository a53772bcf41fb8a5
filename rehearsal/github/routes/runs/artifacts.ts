import { createHash } from 'node:crypto';
import { found, GitHubError } from '../../errors.js';
import type { Repo } from '../../model.js';
import type { Artifact } from '../../runs-model.js';
import { nodeId } from '../../node-id.js';
import { apiUrl } from '../../represent/repository.js';
import { type Answer, paged, type Route, route } from '../../route.js';
import { type GitHubState, iso } from '../../state.js';
import { runOf } from './runs.js';

const actions = [['actions', 'read']] as const;

/** GitHub keeps artifacts for 90 days unless told otherwise. */
const keptMs = 90 * 86_400_000;

function artifactJson(state: GitHubState, repo: Repo, artifact: Artifact): Record<string, unknown> {
  const { id, name, zip, runId, createdAt, expired } = artifact;
  const run = found(repo.runs.find((one) => one.id === runId));
  const url = apiUrl(state, repo, `/actions/artifacts/${id}`);
  return {
    id,
    node_id: nodeId('AR', repo.id, id),
    name,
    size_in_bytes: zip.length,
    url,
    archive_download_url: `${url}/zip`,
    expired,
    digest: `sha256:${createHash('sha256').update(zip).digest('hex')}`,
    created_at: iso(createdAt),
    updated_at: iso(createdAt),
    expires_at: iso(createdAt + keptMs),
    workflow_run: {
      id: runId,
      repository_id: repo.id,
      head_repository_id: repo.id,
      head_branch: run.headBranch,
      head_sha: run.headSha,
    },
  };
}

/** Where archives are stored: another origin than the API's. */
const storage = '/_stored/';

export const artifactRoutes: readonly Route[] = [
  route('GET /actions/runs/{run_id}/artifacts', actions, (context) => {
    const { state, repo, query } = context;
    const run = runOf(context);
    const named = repo.artifacts.filter(
      ({ runId, name }) => runId === run.id && (query['name'] === undefined || query['name'] === name),
    );
    return paged(
      context,
      named.reverse(),
      (artifact) => artifactJson(state, repo, artifact),
      (artifacts, total_count) => ({ total_count, artifacts }),
    );
  }),
  route('GET /actions/artifacts/{artifact_id}/{archive_format}', actions, ({ state, repo, params }) => {
    const artifact = found(repo.artifacts.find(({ id }) => id === Number(params['artifact_id'])));
    if (artifact.expired) throw new GitHubError(410, 'Artifact has expired');
    const location = `${state.baseUrl.replace('127.0.0.1', 'localhost')}${storage}${artifact.id}`;
    return { status: 302, headers: { location } };
  }),
];

/** The archive behind a signed address; null for every other path. A token that is sent along is refused, as there. */
export function answerStored(
  state: GitHubState,
  { path, headers }: { path: string; headers: Record<string, unknown> },
): Answer | null {
  if (!path.startsWith(storage)) return null;
  if (headers['authorization'] !== undefined)
    return { status: 400, body: { message: 'InvalidAuthenticationInfo' } };
  const id = Number(path.slice(storage.length));
  const artifact = [...state.repos.values()]
    .flatMap(({ artifacts }) => artifacts)
    .find((one) => one.id === id);
  return artifact
    ? { status: 200, body: artifact.zip, contentType: 'application/zip' }
    : { status: 404, body: { message: 'BlobNotFound' } };
}
