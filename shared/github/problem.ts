import { coded } from '../contracts/refusal-codes.js';
import { isoInstant } from '../time/instant.js';
import {
  describeNeeds,
  missingOf,
  needsByHeader,
  needsOfDocument,
  needsOfRoute,
  tokenFix,
} from './permissions.js';

/** GitHub refused or could not be reached; `status` is 0 when there was no answer. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  constructor(
    message: string,
    readonly status: number,
    /** The job permission that is missing, such as `deployments: write`, when that is the cause. */
    readonly permission?: string,
    /** What GitHub's refusal is about, where its answer says so; a 403 by itself says nothing. */
    readonly because?: 'permission' | 'limit',
  ) {
    super(message);
  }
}

/** A call as it was made: a REST route with its parameters, or a GraphQL document by name. */
export interface Call {
  route: string;
  parameters?: Readonly<Record<string, unknown>>;
  /** Text of a GraphQL document. */
  document?: string;
}

interface Refusal {
  status: number;
  message: string;
  /** Value of the x-accepted-github-permissions header. */
  acceptedPermissions?: string | undefined;
  /** Where in a GraphQL answer something was refused. */
  path?: readonly (string | number)[] | undefined;
  /** Set when GitHub refused for a limit; `retryAt` in epoch milliseconds, where GitHub says when to come back. */
  limit?: { retryAt?: number | undefined } | undefined;
}

/** Who asks, for the change that a person is to make. */
export interface Asker {
  /** Key of this job in its workflow. */
  job?: string;
  /** On a laptop: the variable that the token came from. No job is asking there, and no input. */
  tokenFrom?: string;
}

/** Turns GitHub's refusal of a call into words that name what was asked and the line to add. */
export function explainRefusal(asked: Call, refusal: Refusal, { job, tokenFrom }: Asker = {}): GitHubError {
  const { status, message, acceptedPermissions } = refusal;
  const call = describeCall(asked);
  if (status === 401) {
    return new GitHubError(
      tokenFrom === undefined
        ? `GitHub does not know the token used for ${call} (401).\nFix: pass a valid one as "github-token".`
        : `GitHub does not know the token of ${tokenFrom} (401 to ${call}).\nFix: set ${tokenFrom} to a valid one, for example ${tokenFrom}=$(gh auth token).`,
      status,
    );
  }
  if (refusal.limit) return explainLimit(call, status, message, refusal.limit.retryAt);
  const isDenied =
    (status === 403 || status === 404) && /not accessible by|must have|permission/i.test(message);
  if (isDenied || status === 404) {
    const needs =
      needsByHeader(acceptedPermissions) ??
      (asked.document === undefined
        ? needsOfRoute(asked.route)
        : needsOfDocument(asked.document, refusal.path));
    const line =
      tokenFrom === undefined
        ? `under jobs.${job || '<this job>'}.permissions add  ${describeNeeds(needs)}`
        : needs.length === 0
          ? `give the token of ${tokenFrom}  ${describeNeeds(needs)}`
          : tokenFix(tokenFrom, needs);
    const asker = tokenFrom === undefined ? 'this job' : `the token of ${tokenFrom}`;
    if (!isDenied)
      return new GitHubError(
        `GitHub has no ${describeThing(asked)} (404 to ${call}): ${message}.\nFix: correct its name if it is wrong. If it is there, ${asker} may not see it: ${line}`,
        status,
      );
    return new GitHubError(
      coded(
        'permission-missing',
        `${asker[0]!.toUpperCase()}${asker.slice(1)} may not ${missingOf(needs)} (${status} to ${call}: ${message}).\nFix: ${line}`,
      ),
      status,
      needs.join('\n    ') || undefined,
      'permission',
    );
  }
  if (status === 0) return new GitHubError(`GitHub could not be reached for ${call}: ${message}`, status);
  return new GitHubError(`GitHub answered ${status} to ${call}: ${message}`, status);
}

/** A limit is no missing permission: adding one changes nothing, waiting or asking less does. */
function explainLimit(
  call: string,
  status: number,
  message: string,
  retryAt: number | undefined,
): GitHubError {
  const when = retryAt === undefined ? 'a few minutes' : `until ${isoInstant(retryAt)}`;
  return new GitHubError(
    `GitHub's rate limit refused ${call} (${status}: ${message}).\nFix: no permission is missing. Wait ${when}, then run the job again. If it happens often, pass the token of a GitHub App, which has a limit of its own`,
    status,
    undefined,
    'limit',
  );
}

/** A route with its parameters filled in, as it was sent. */
function describeCall({ route, parameters = {}, document }: Call): string {
  if (document !== undefined) return `GraphQL ${route}`;
  return route.replace(/\{(\w+)\}/g, (whole, name: string) => textOf(parameters[name]) ?? whole);
}

/** What the last parameter of a route names, for people. */
const things: Readonly<Record<string, string>> = {
  deployment_id: 'Deployment ',
  issue_number: 'issue #',
  pull_number: 'pull request #',
  commit_sha: 'commit ',
  tree_sha: 'tree ',
  file_sha: 'file content ',
  run_id: 'run ',
  attempt_number: 'attempt ',
  environment_name: 'environment ',
  path: 'file ',
  branch: 'branch ',
  ref: 'ref ',
  basehead: 'comparison ',
  workflow_id: 'workflow ',
};

function describeThing({ route, parameters = {} }: Call): string {
  const last = [...route.matchAll(/\{(\w+)\}/g)].at(-1)?.[1] ?? '';
  const value = textOf(parameters[last]);
  if (last === 'repo') return `repository ${textOf(parameters['owner'])}/${value}, or not this part of it`;
  return value === undefined ? 'such thing' : `${things[last] ?? `${last.replaceAll('_', ' ')} `}${value}`;
}

const textOf = (value: unknown) =>
  typeof value === 'string' || typeof value === 'number' ? String(value) : undefined;
