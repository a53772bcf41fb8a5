import { readFileSync } from 'node:fs';
import { buildSchema, type GraphQLSchema } from 'graphql';

/** The package exports no path to the file and its module also parses 3 MB of JSON, so it is read where npm puts it. */
const file = new URL('../../../node_modules/@octokit/graphql-schema/schema.graphql', import.meta.url);

let built: GraphQLSchema | null = null;

/** GitHub's public schema; built on first use, as it costs about 0.3 s and 100 MB. */
export function githubSchema(): GraphQLSchema {
  built ??= buildSchema(readFileSync(file, 'utf8'), { assumeValidSDL: true });
  return built;
}
