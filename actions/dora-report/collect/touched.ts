import type { GitHub } from '../../../shared/github/client.js';
import { connectionPages } from '../../../shared/github/connection.js';
import { parseInstant } from '../../../shared/time/instant.js';
import type { GraphCommit } from '../metrics/commit-graph.js';
import type { ServicePath } from './clone.js';

const query = /* GraphQL */ `
  query CommitsOfPath($owner: String!, $name: String!, $root: GitObjectID!, $path: String!, $after: String) {
    repository(owner: $owner, name: $name) {
      object(oid: $root) {
        ... on Commit {
          history(path: $path, first: 100, after: $after) {
            pageInfo {
              hasNextPage
              endCursor
            }
            nodes {
              oid
              committedDate
            }
          }
        }
      }
    }
  }
`;

interface Answer {
  repository: {
    object: {
      history?: {
        pageInfo: { hasNextPage: boolean; endCursor: string | null };
        nodes: { oid: string; committedDate: string }[];
      };
    } | null;
  };
}

const nothing = { pageInfo: { hasNextPage: false, endCursor: null }, nodes: [] };

/**
 * The loaded commits that change something below each path, by service: 100 a request from each deployed sha that no
 * other contains, until a page has none of them and is older than all.
 */
export async function touchedByApi(
  github: GitHub,
  paths: readonly ServicePath[],
  chains: readonly (readonly string[])[],
  graph: ReadonlyMap<string, GraphCommit>,
): Promise<{ touched: Map<string, Set<string>>; requests: number }> {
  const touched = new Map<string, Set<string>>();
  let requests = 0;
  let oldest = Infinity;
  for (const { committedAt } of graph.values()) if (committedAt < oldest) oldest = committedAt;
  const roots = tips(chains.flat(), graph);
  for (const { service, path } of paths) {
    const name = service.toLowerCase();
    const known = touched.get(name) ?? new Set<string>();
    touched.set(name, known);
    for (const root of roots)
      for await (const { nodes } of connectionPages(
        github,
        query,
        { root, path },
        (answer: Answer) => answer.repository.object?.history ?? nothing,
      )) {
        requests++;
        const wanted = nodes.filter(({ oid }) => graph.has(oid));
        for (const { oid } of wanted) known.add(oid);
        const last = nodes.at(-1);
        if (wanted.length === 0 && last && (parseInstant(last.committedDate) ?? 0) < oldest) break;
      }
  }
  return { touched, requests };
}

/** The shas that no other of them contains, as far as the graph is loaded. */
function tips(shas: readonly string[], graph: ReadonlyMap<string, GraphCommit>): string[] {
  const below = new Set<string>();
  const pending = [...new Set(shas)].flatMap((sha) => graph.get(sha)?.parents ?? []);
  for (let oid = pending.pop(); oid !== undefined; oid = pending.pop()) {
    if (below.has(oid)) continue;
    below.add(oid);
    pending.push(...(graph.get(oid)?.parents ?? []));
  }
  return [...new Set(shas)].filter((sha) => graph.has(sha) && !below.has(sha));
}
