import { ConfigurationError, type Problem } from '../config/problem.js';

/** What GitHub tells every step about itself, from the GITHUB_* and RUNNER_* variables. */
export interface RunContext {
  owner: string;
  repository: string;
  sha: string;
  ref: string;
  refName: string;
  eventName: string;
  eventPath: string | undefined;
  runId: number;
  attempt: number;
  /** The key of the job in the workflow file. */
  job: string;
  /** The step's unique name inside the job. */
  step: string;
  workflowRef: string;
  actor: string;
  triggeringActor: string;
  apiUrl: string;
  graphqlUrl: string;
  serverUrl: string;
  workspace: string;
  temp: string;
  /** On a laptop: the variable that the token came from. */
  tokenFrom?: string;
}

/** Reads the context; missing or malformed variables are one error that lists them all. */
export function readContext(env: Readonly<Record<string, string | undefined>>): RunContext {
  const problems: Problem[] = [];
  const need = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(missing(name, 'nothing'));
    return value;
  };
  const whole = (name: string): number => {
    const value = need(name);
    if (value !== '' && !/^\d+$/.test(value)) problems.push(missing(name, value));
    return Number(value);
  };
  const slug = need('GITHUB_REPOSITORY');
  const [owner = '', repository = ''] = slug.split('/');
  if (slug !== '' && !/^[^/]+\/[^/]+$/.test(slug)) problems.push(missing('GITHUB_REPOSITORY', slug));
  const serverUrl = env['GITHUB_SERVER_URL'] || 'https://github.com';
  const apiUrl = env['GITHUB_API_URL'] || 'https://api.github.com';
  const context: RunContext = {
    owner,
    repository,
    sha: need('GITHUB_SHA'),
    ref: env['GITHUB_REF'] ?? '',
    refName: env['GITHUB_REF_NAME'] ?? '',
    eventName: env['GITHUB_EVENT_NAME'] ?? '',
    eventPath: env['GITHUB_EVENT_PATH'] || undefined,
    runId: whole('GITHUB_RUN_ID'),
    attempt: whole('GITHUB_RUN_ATTEMPT'),
    job: env['GITHUB_JOB'] ?? '',
    step: env['GITHUB_ACTION'] ?? '',
    workflowRef: env['GITHUB_WORKFLOW_REF'] ?? '',
    actor: env['GITHUB_ACTOR'] ?? '',
    triggeringActor: env['GITHUB_TRIGGERING_ACTOR'] || (env['GITHUB_ACTOR'] ?? ''),
    apiUrl,
    graphqlUrl: env['GITHUB_GRAPHQL_URL'] || `${apiUrl}/graphql`,
    serverUrl,
    workspace: need('GITHUB_WORKSPACE'),
    temp: need('RUNNER_TEMP'),
  };
  if (problems.length > 0) throw new ConfigurationError(problems);
  return context;
}

function missing(name: string, got: string): Problem {
  return {
    file: 'the environment of this step',
    path: name,
    got,
    allowed: 'the value that GitHub Actions sets',
    fix: `run this as a step of a workflow, or set ${name} (docs/laptop.md)`,
  };
}

/** Path of the run's workflow file, from `owner/repository/PATH@ref`. */
export function ownWorkflow({ workflowRef }: Pick<RunContext, 'workflowRef'>): string {
  return workflowRef.split('@')[0]!.split('/').slice(2).join('/');
}

/** The address of the run's page, the evidence link of everything this run does. */
export function runUrl(context: RunContext): string {
  return `${context.serverUrl}/${context.owner}/${context.repository}/actions/runs/${context.runId}/attempts/${context.attempt}`;
}
