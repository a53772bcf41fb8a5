import { createHash } from 'node:crypto';
import type { DeploymentFact } from '../../../../shared/contracts/dora-facts.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { connectionPages } from '../../../../shared/github/connection.js';
import { isoInstant, parseInstant } from '../../../../shared/time/instant.js';
import type { Deployments, SourceRequest } from './request.js';

const query = /* GraphQL */ `
  query Tags($owner: String!, $name: String!, $after: String) {
    repository(owner: $owner, name: $name) {
      refs(
        refPrefix: "refs/tags/"
        first: 100
        after: $after
        orderBy: { field: TAG_COMMIT_DATE, direction: DESC }
      ) {
        pageInfo {
          hasNextPage
          endCursor
        }
        nodes {
          name
          target {
            __typename
            oid
            ... on Commit {
              committedDate
            }
            ... on Tag {
              tagger {
                date
              }
              target {
                __typename
                oid
              }
            }
          }
        }
      }
    }
  }
`;

interface Node {
  name: string;
  target: {
    __typename: string;
    oid: string;
    committedDate?: string;
    tagger?: { date: string | null } | null;
    target?: { __typename: string; oid: string };
  } | null;
}

interface Answer {
  repository: { refs: { pageInfo: { hasNextPage: boolean; endCursor: string | null }; nodes: Node[] } };
}

interface Tag {
  name: string;
  sha: string;
  /** When it was set, by whoever tagged; for a light tag its commit's date. Epoch milliseconds. */
  at: number;
}

/** Tags as deployments, newest first: those whose names begin with the prefix. */
export async function listTags(
  github: GitHub,
  { environment, service, from, tagPrefix }: SourceRequest,
): Promise<Omit<Deployments, 'byEnvironment'>> {
  const wanted = (tags: readonly Tag[]) => tags.filter(({ name }) => name.startsWith(tagPrefix));
  const { tags, requests } = await readTags(github, (known) => wanted(known).some(({ at }) => at < from));
  const deployments = wanted(tags).map(({ name, sha, at }): DeploymentFact => {
    const instant = isoInstant(at);
    return {
      // A tag has no number; the start of a digest of its name is one that stays the same.
      id: Number.parseInt(createHash('sha256').update(name).digest('hex').slice(0, 12), 16) + 1,
      source: 'tags',
      service,
      environment,
      sha,
      version: name,
      kind: 'release',
      createdAt: instant,
      statuses: [{ state: 'success', at: instant }],
      distrust: [],
    };
  });
  deployments.sort((a, b) => b.createdAt.localeCompare(a.createdAt) || b.version.localeCompare(a.version));
  return { deployments, requests, complete: true };
}

/** The commits that tags stand on, by name. */
export async function taggedShas(
  github: GitHub,
  names: readonly string[],
): Promise<{ shas: Map<string, string>; requests: number }> {
  if (names.length === 0) return { shas: new Map(), requests: 0 };
  const wanted = new Set(names);
  const { tags, requests } = await readTags(
    github,
    (known) => known.filter(({ name }) => wanted.has(name)).length === wanted.size,
  );
  return { shas: new Map(tags.map(({ name, sha }) => [name, sha])), requests };
}

async function readTags(
  github: GitHub,
  enough: (tags: readonly Tag[]) => boolean,
): Promise<{ tags: Tag[]; requests: number }> {
  const tags: Tag[] = [];
  let requests = 0;
  for await (const { nodes } of connectionPages(
    github,
    query,
    {},
    (answer: Answer) => answer.repository.refs,
  )) {
    requests++;
    for (const { name, target } of nodes) {
      const commit = target?.__typename === 'Tag' ? target.target : target;
      const at = parseInstant(target?.tagger?.date ?? target?.committedDate ?? '');
      if (commit?.__typename === 'Commit' && at !== undefined) tags.push({ name, sha: commit.oid, at });
    }
    if (enough(tags)) break;
  }
  return { tags, requests };
}
