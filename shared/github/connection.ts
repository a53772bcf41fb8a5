import type { GitHub } from './client.js';
import { GitHubError } from './problem.js';

/** A GraphQL list that is read in pages. */
export interface Connection<Node> {
  nodes: readonly Node[];
  pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/**
 * The pages of a connection, one request each, to the last one or until the caller stops asking. The document takes the
 * cursor as `$after`; a first page that is there already is not asked for. Throws GitHubError, also when GitHub names no cursor for a further page.
 */
export async function* connectionPages<Answer, Node>(
  github: Pick<GitHub, 'graphql'>,
  document: string,
  variables: Readonly<Record<string, unknown>>,
  connectionOf: (answer: Answer) => Connection<Node>,
  first?: Answer,
): AsyncGenerator<{ nodes: readonly Node[]; isLast: boolean }> {
  let after: string | null = null;
  for (;;) {
    const { nodes, pageInfo } = connectionOf(
      after === null && first !== undefined
        ? first
        : await github.graphql<Answer>(document, { ...variables, after }),
    );
    yield { nodes, isLast: !pageInfo.hasNextPage };
    if (!pageInfo.hasNextPage) return;
    if (pageInfo.endCursor === null || pageInfo.endCursor === after)
      throw new GitHubError('GitHub says that a list goes on, but not where. Fix: run the step again.', 200);
    after = pageInfo.endCursor;
  }
}
