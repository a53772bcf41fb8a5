import type { DeploymentFact } from '../../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import type { Deployments, SourceRequest } from './request.js';
import { taggedShas } from './tags.js';

/**
 * Published releases as deployments, newest first: drafts were not published, and pre-releases are not production. The
 * commits are those of their tags.
 */
export async function listReleases(
  github: GitHub,
  { environment, service, from }: SourceRequest,
): Promise<Omit<Deployments, 'byEnvironment'>> {
  const published: { id: number; tag: string; url: string; at: number }[] = [];
  let requests = 0;
  for (let page = 1; ; page++) {
    const found = await github.rest('GET /repos/{owner}/{repo}/releases', { per_page: 100, page });
    requests++;
    for (const { id, tag_name, html_url, draft, prerelease, published_at } of found) {
      const at = parseInstant(published_at ?? '');
      if (!draft && !prerelease && at !== undefined) published.push({ id, tag: tag_name, url: html_url, at });
    }
    // They come by creation, which an old draft that was published late does not follow: one page more is read.
    if (found.length < 100 || published.filter(({ at }) => at < from).length > 100) break;
  }
  const tags = await taggedShas(
    github,
    published.map(({ tag }) => tag),
  );
  const deployments = published.flatMap(({ id, tag, url, at }): DeploymentFact[] => {
    const sha = tags.shas.get(tag);
    const instant = isoInstant(at);
    if (sha === undefined) return [];
    return [
      {
        id,
        source: 'releases',
        service,
        environment,
        sha,
        version: tag,
        kind: 'release',
        url,
        createdAt: instant,
        statuses: [{ state: 'success', at: instant }],
        distrust: [],
      },
    ];
  });
  return {
    deployments: deployments.sort((a, b) => b.createdAt.localeCompare(a.createdAt)),
    requests: requests + tags.requests,
    complete: deployments.length === published.length,
  };
}
