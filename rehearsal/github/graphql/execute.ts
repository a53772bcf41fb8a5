import {
  type DocumentNode,
  execute,
  GraphQLError,
  type GraphQLFieldResolver,
  Kind,
  type OperationDefinitionNode,
  parse,
  validate,
} from 'graphql';
import { authenticate } from '../auth.js';
import { GitHubError, errorBody } from '../errors.js';
import type { FaultTarget } from '../faults.js';
import type { Journal } from '../journal.js';
import type { RateLimits } from '../limits.js';
import type { Token } from '../model.js';
import type { HttpRequest } from '../rest.js';
import type { Answer } from '../route.js';
import type { GitHubState } from '../state.js';
import { queryCost } from './cost.js';
import { rootFields } from './root.js';
import { githubSchema } from './schema.js';
import { GraphqlError } from './view.js';

interface Payload {
  query: string;
  variables?: Record<string, unknown>;
  operationName?: string;
}

/** A document when the query is valid, else what is wrong with it. */
type ReadQuery =
  { document: DocumentNode; errors?: never } | { document?: never; errors: readonly GraphQLError[] };

const maxNodes = 500_000;

const read = new Map<string, ReadQuery>();

/** Parses and validates a query, once for every time that it is asked: clients ask few different ones. */
function readQuery(query: string): ReadQuery {
  const known = read.get(query);
  if (known !== undefined) return known;
  const result = readNewQuery(query);
  read.set(query, result);
  return result;
}

function readNewQuery(query: string): ReadQuery {
  try {
    const document = parse(query);
    const errors = validate(githubSchema(), document);
    return errors.length > 0 ? { errors } : { document };
  } catch (error) {
    return { errors: [error as GraphQLError] };
  }
}

/** GitHub's GraphQL API over the state, executed against GitHub's own schema. */
export class GraphqlApi {
  constructor(
    private readonly state: GitHubState,
    private readonly limits: RateLimits,
    private readonly journal: Journal,
  ) {}

  /** What a fault may match on: the operation's name and the query's text; null for other requests. */
  describe(request: HttpRequest): FaultTarget['graphql'] {
    if (request.path !== '/graphql') return null;
    const payload = parsePayload(request.body);
    if (payload === null) return null;
    const named = /\b(?:query|mutation)\s+(\w+)/.exec(payload.query)?.[1];
    return { operation: payload.operationName ?? named ?? null, query: payload.query };
  }

  async answer(
    request: HttpRequest,
  ): Promise<{ answer: Answer; token: Token | null; operation: string | null }> {
    let token: Token | null = null;
    try {
      token = authenticate(this.state, request.headers.authorization);
      const payload = parsePayload(request.body);
      if (payload === null) throw new GitHubError(400, 'Problems parsing JSON');
      const body = await this.run(payload, token);
      const operation = this.describe(request)?.operation ?? 'graphql';
      return {
        answer: { status: 200, body, headers: this.limits.headers(token, 'graphql') },
        token,
        operation,
      };
    } catch (error) {
      if (!(error instanceof GitHubError)) throw error;
      const answer = { status: error.status, body: errorBody(error), headers: error.headers };
      return { answer, token, operation: null };
    }
  }

  private async run(payload: Payload, token: Token): Promise<unknown> {
    const schema = githubSchema();
    const { document, errors } = readQuery(payload.query);
    if (document === undefined) return this.invalid(errors);
    const variables = payload.variables ?? {};
    const cost = queryCost(document, variables);
    if (cost.nodes > maxNodes) {
      const message = `This query requests up to ${cost.nodes} possible nodes which exceeds the maximum limit of ${maxNodes}.`;
      return { errors: [{ type: 'MAX_NODE_LIMIT_EXCEEDED', message }] };
    }
    this.limits.spend(token, 'graphql', cost.points);
    const result = await execute({
      schema,
      document,
      variableValues: variables,
      operationName: payload.operationName ?? null,
      rootValue: rootFields({ state: this.state, limits: this.limits, token, cost }),
      fieldResolver: this.resolver(operationOf(document)),
    });
    if (result.errors === undefined) return result;
    return { data: result.data ?? null, errors: result.errors.map(errorJson) };
  }

  /** A query GitHub would refuse is a bug of the client, so it is recorded. */
  private invalid(errors: readonly GraphQLError[]): unknown {
    this.journal.violation(
      'graphql',
      'POST /graphql',
      errors.map(({ message }) => message),
    );
    return { errors: errors.map(errorJson) };
  }

  /** Plain members or functions of the arguments; a field nobody serves is an error, never a silent null. */
  private resolver(operation: string): GraphQLFieldResolver<unknown, unknown> {
    return (source, args, _context, info) => {
      if (typeof source !== 'object' || source === null || !(info.fieldName in source)) {
        const field = `${info.parentType.name}.${info.fieldName}`;
        this.journal.violation('unserved', `graphql ${operation}`, [`the stand-in does not serve ${field}`]);
        throw new Error(`the GitHub stand-in does not serve ${field}: add it under rehearsal/github/graphql`);
      }
      const value = (source as Record<string, unknown>)[info.fieldName];
      return typeof value === 'function' ? (value as (args: unknown) => unknown)(args) : value;
    };
  }
}

function parsePayload(body: Buffer): Payload | null {
  try {
    const payload = JSON.parse(body.toString()) as Payload | null;
    return typeof payload?.query === 'string' ? payload : null;
  } catch {
    return null;
  }
}

function operationOf(document: DocumentNode): string {
  const found = document.definitions.find(
    (one): one is OperationDefinitionNode => one.kind === Kind.OPERATION_DEFINITION,
  );
  return found?.name?.value ?? found?.operation ?? 'query';
}

function errorJson(error: GraphQLError): Record<string, unknown> {
  const { originalError, path, locations, message } = error;
  return {
    ...(originalError instanceof GraphqlError ? { type: originalError.type } : {}),
    ...(path === undefined ? {} : { path }),
    ...(locations === undefined ? {} : { locations }),
    message,
  };
}
