/** Some members of a repository in GraphQL, and the variables they take with their types. */
export interface QueryPart {
  variables: Readonly<Record<string, string>>;
  members: string;
}

/**
 * One document with several parts of the repository; `$owner` and `$name` are filled in by the client. Parts may share
 * a variable of the same type.
 */
export function repositoryQuery(operation: string, parts: readonly QueryPart[]): string {
  const types: Record<string, string> = Object.assign({}, ...parts.map(({ variables }) => variables));
  const variables = Object.entries(types).map(([name, type]) => `, $${name}: ${type}`);
  return `query ${operation}($owner: String!, $name: String!${variables.join('')}) {
    repository(owner: $owner, name: $name) {
      ${parts.map(({ members }) => members).join('\n')}
    }
  }`;
}
