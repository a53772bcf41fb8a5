import { found, invalid } from '../errors.js';
import type { Release } from '../model.js';
import { releaseJson } from '../represent/issues.js';
import { created, ok, paged, type RepoContext, type Route, route } from '../route.js';

interface NewRelease {
  tag_name: string;
  target_commitish?: string;
  name?: string;
  body?: string;
  draft?: boolean;
  prerelease?: boolean;
}

/** A published release makes its tag when there is none (OpenAPI: repos/create-release, target_commitish). */
async function create(context: RepoContext): Promise<Release> {
  const { state, repo, token } = context;
  const fields = context.body as NewRelease;
  const { tag_name: tagName, target_commitish: targetCommitish = repo.defaultBranch, draft = false } = fields;
  if (repo.releases.some((one) => one.tagName === tagName && !one.draft)) {
    throw invalid({ resource: 'Release', code: 'already_exists', field: 'tag_name' });
  }
  const name = `refs/tags/${tagName}`;
  if (!draft && (await repo.git.ref(name)) === null) {
    const target = await repo.git.resolve(targetCommitish);
    const failure =
      target === null ? 'unknown' : await repo.git.moveRefs([{ name, before: null, after: target.oid }]);
    if (failure !== null) throw invalid({ resource: 'Release', code: 'invalid', field: 'target_commitish' });
  }
  const now = state.now();
  const release: Release = {
    id: state.nextId(),
    tagName,
    targetCommitish,
    name: fields.name ?? null,
    body: fields.body ?? null,
    draft,
    prerelease: fields.prerelease ?? false,
    author: token.actor,
    createdAt: now,
    publishedAt: draft ? null : now,
  };
  repo.releases.push(release);
  return release;
}

const newestFirst = ({ repo }: RepoContext): Release[] => [...repo.releases].reverse();
const reads = [['contents', 'read']] as const;

export const releaseRoutes: readonly Route[] = [
  route('GET /releases', reads, (context) =>
    paged(context, newestFirst(context), (release) => releaseJson(context.state, context.repo, release)),
  ),
  route('POST /releases', [['contents', 'write']], async (context) =>
    created(releaseJson(context.state, context.repo, await create(context))),
  ),
  // OpenAPI repos/get-latest-release: neither drafts nor prereleases count.
  route('GET /releases/latest', reads, (context) => {
    const latest = newestFirst(context).find(({ draft, prerelease }) => !draft && !prerelease);
    return ok(releaseJson(context.state, context.repo, found(latest)));
  }),
  route('GET /releases/tags/{tag}', reads, (context) => {
    const tag = context.params['tag'];
    const release = context.repo.releases.find((one) => one.tagName === tag && !one.draft);
    return ok(releaseJson(context.state, context.repo, found(release)));
  }),
];
