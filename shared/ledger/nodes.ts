import type { GitHub } from '../github/client.js';

/** What GitHub takes in one `nodes` query. */
const mostIds = 100;

/**
 * The nodes of these ids, by a document that takes them as `$ids`; all of them, or a GitHubError where one does not
 * exist (any more).
 */
export async function readNodes<Node>(
  github: Pick<GitHub, 'graphql'>,
  document: string,
  ids: readonly string[],
): Promise<{ nodes: Node[]; requests: number }> {
  const batches = Array.from({ length: Math.ceil(ids.length / mostIds) }, (_, at) =>
    ids.slice(at * mostIds, (at + 1) * mostIds),
  );
  const answers = await Promise.all(
    batches.map((batch) => github.graphql<{ nodes: Node[] }>(document, { ids: batch })),
  );
  return { nodes: answers.flatMap(({ nodes }) => nodes), requests: batches.length };
}
