import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseDocument } from 'yaml';
import type { Problem } from '../../shared/config/problem.js';

const folder = '.github/workflows';

export interface Job {
  name?: unknown;
  uses?: unknown;
  strategy?: { matrix?: unknown };
  with?: Record<string, unknown>;
  secrets?: Record<string, unknown> | 'inherit';
  steps?: { uses?: unknown; run?: unknown; with?: Record<string, unknown> }[];
}

/** A workflow of the repository, as far as its YAML can be read. */
export interface WorkflowFile {
  path: string;
  /** Names of the events that start it. */
  events: readonly string[];
  jobs: Readonly<Record<string, Job>>;
}

/** Every workflow of a repository that is YAML with jobs, in the order of the paths. */
export async function workflowsOf(root: string): Promise<WorkflowFile[]> {
  return (await textsOf(root)).flatMap(({ path, text }) => readIn(path, text));
}

/** Workflows that GitHub would not start, since it cannot read them: it says so only to who looks for them. */
export async function unreadableWorkflows(root: string): Promise<Problem[]> {
  return (await textsOf(root)).flatMap(({ path, text }): Problem[] => {
    const [error] = parseDocument(text).errors;
    if (error)
      return [
        {
          file: path,
          ...(error.linePos ? { line: error.linePos[0].line, column: error.linePos[0].col } : {}),
          path: '',
          got: `no YAML: ${error.message.split('\n')[0]!.replace(/ at line \d+, column \d+:?$/, '')}`,
          allowed: 'a workflow that GitHub can read; it starts none of such a file',
          fix: 'correct this line, or the one before it',
        },
      ];
    return readIn(path, text).length > 0
      ? []
      : [
          {
            file: path,
            path: '',
            got: 'no jobs',
            allowed: 'a workflow with "jobs:"; GitHub starts none of such a file',
            fix: 'write  jobs:  with what runs, or remove the file',
          },
        ];
  });
}

async function textsOf(root: string): Promise<{ path: string; text: string }[]> {
  const names = await readdir(join(root, folder)).catch(() => []);
  return Promise.all(
    names
      .filter((name) => /\.ya?ml$/.test(name))
      .sort()
      .map(async (name) => ({
        path: `${folder}/${name}`,
        text: await readFile(join(root, folder, name), 'utf8').catch(() => ''),
      })),
  );
}

/** A workflow by its text; nothing where it is none. */
export function readIn(path: string, text: string): WorkflowFile[] {
  const document = parseDocument(text);
  if (document.errors.length > 0) return [];
  const { on, jobs } = (document.toJS() ?? {}) as { on?: unknown; jobs?: Record<string, Job | null> };
  if (typeof jobs !== 'object' || jobs === null) return [];
  const events = typeof on === 'string' ? [on] : Array.isArray(on) ? on.map(String) : Object.keys(on ?? {});
  const real = Object.entries(jobs).flatMap(([key, job]) => (job ? [[key, job] as const] : []));
  return [{ path, events, jobs: Object.fromEntries(real) }];
}

/**
 * Names of the jobs as GitHub shows them. A matrix puts its values behind a name that has no expression, and a called
 * workflow the names of its own jobs: nobody reports the name alone.
 */
export const jobNames = ({ jobs }: WorkflowFile): string[] =>
  Object.entries(jobs).map(([key, { name, uses, strategy }]) => {
    const own = typeof name === 'string' ? name : key;
    const each = strategy?.matrix !== undefined && !own.includes('${{') ? `${own} (\${{ matrix }})` : own;
    return uses === undefined ? each : `${each} / \${{ job }}`;
  });

/** Whether a check is of a job; one with an expression, of a matrix or a called workflow may be anything of its form. */
export function fits(check: string, job: string): boolean {
  if (check === job) return true;
  const [start = '', ...rest] = job.split(/\$\{\{.*?\}\}/);
  return rest.length > 0 && check.startsWith(start) && check.endsWith(rest.at(-1)!);
}

/** A call of a workflow of the suite. */
export interface Call {
  path: string;
  job: string;
  /** Such as `hotfix`. */
  called: string;
  /** Inputs that are plain texts; others only a run knows. */
  given: Readonly<Record<string, string>>;
  /** Names of inputs, plain or not. */
  inputs: readonly string[];
  /** Names of secrets; `inherit`: all. */
  secrets: readonly string[] | 'inherit';
}

const callPattern = /^([^/]+\/[^/]+)\/\.github\/workflows\/([\w-]+)\.ya?ml@/;

/** Calls of the suite: of the repository that releases are called from, or, where nothing releases, of its usual name. */
export function callsOf(workflows: readonly WorkflowFile[]): Call[] {
  const all = workflows.flatMap(({ path, jobs }) =>
    Object.entries(jobs).flatMap(([key, job]) => {
      const [, repository = '', called = ''] = callPattern.exec(String(job.uses ?? '')) ?? [];
      return called === '' ? [] : [{ path, key, job, repository, called }];
    }),
  );
  const suites = all.flatMap(({ called, repository }) =>
    ['cd', 'promote'].includes(called) ? [repository] : [],
  );
  const isSuite = (repository: string) =>
    suites.length > 0 ? suites.includes(repository) : repository.endsWith('/devops-actions');
  return all
    .filter(({ repository }) => isSuite(repository))
    .map(({ path, key, job, called }) => {
      const inputs = Object.entries(job.with ?? {});
      return {
        path,
        job: key,
        called,
        given: Object.fromEntries(
          inputs.flatMap(([name, value]) =>
            String(value).includes('${{') ? [] : [[name, String(value)] as const],
          ),
        ),
        inputs: inputs.map(([name]) => name),
        secrets: job.secrets === 'inherit' ? 'inherit' : Object.keys(job.secrets ?? {}),
      };
    });
}
