import { isGranted, type Need } from '../auth.js';
import type { Repo, Token } from '../model.js';
import type { GitHubState } from '../state.js';

/** An error with GitHub's own `type` beside its message. */
export class GraphqlError extends Error {
  constructor(
    readonly type:
      | 'NOT_FOUND'
      | 'FORBIDDEN'
      | 'UNPROCESSABLE'
      | 'MISSING_PAGINATION_BOUNDARIES'
      | 'EXCESSIVE_PAGINATION'
      | 'INVALID_CURSOR_ARGUMENTS'
      | 'ARGUMENT_LIMIT',
    message: string,
  ) {
    super(message);
  }
}

/** What a value shown through GraphQL needs to know. */
export interface View {
  state: GitHubState;
  repo: Repo;
  token: Token;
  /** What other types show of a commit; it stands here because those show commits in turn. */
  ofCommit(view: View, oid: string): Fields;
}

/** Members of a GraphQL object: plain values, or functions of the field's arguments. */
export type Fields = Record<string, unknown>;

/** Throws FORBIDDEN unless the token has one of these (docs: "Forming calls with GraphQL", permissions as in REST). */
export function need(view: Pick<View, 'token'>, ...needs: Need[]): void {
  if (isGranted(view.token, needs)) return;
  throw new GraphqlError('FORBIDDEN', 'Resource not accessible by integration');
}

/** A field behind a permission. */
export function guarded<A, T>(view: View, needs: Need, resolve: (args: A) => T): (args: A) => T {
  return (args) => {
    need(view, needs);
    return resolve(args);
  };
}
