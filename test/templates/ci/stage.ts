import { readFileSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { RunReport, StartService } from '../../../rehearsal/runner/run-workflow.js';
import type { BuiltinAction } from '../../../rehearsal/runner/third-party/action.js';
import { openFixture, type Fixture } from '../../rehearsal/runner/fixture.js';

interface Template {
  env: Record<string, string>;
  jobs: Record<string, Record<string, unknown>>;
}

/** A pull request as its event says it. */
interface PullRequest {
  from?: string;
  into?: string;
  /** Where its branch is, when that is a fork. */
  fork?: string;
  /** What it changes. */
  files: Record<string, string>;
}

/** What a run of the template changes in it. */
export interface Options {
  env?: Record<string, string>;
  change?: (template: Template) => void;
}

export interface CiStage {
  fixture: Fixture;
  /** A push to main of what is committed. */
  push(options?: Options): Promise<RunReport>;
  /** What the merge queue is about to merge. */
  queue(options?: Options): Promise<RunReport>;
  pullRequest(pull: PullRequest, options?: Options): Promise<RunReport>;
  /** Somebody starts it by hand. */
  dispatch(options?: Options): Promise<RunReport>;
  close(): Promise<void>;
}

/** Stands for an action that sets up a tool, which the machine has already. */
const alreadyThere = (...inputs: string[]): BuiltinAction => ({
  inputs: Object.fromEntries(inputs.map((name) => [name, ''])),
  run: () => Promise.resolve(),
});

/** Servers that only have a port: what asks them is the team's own here. */
const standIns = Object.fromEntries(
  [
    ['postgres', 5432],
    ['redis', 6379],
  ].map(([name, port]): [string, StartService] => [
    `${name}`,
    async () => ({ ports: { [`${port}`]: 1 }, ready: Promise.resolve(), stop: () => Promise.resolve() }),
  ]),
);

const thirdParty = {
  'actions/setup-python': alreadyThere('python-version', 'cache', 'cache-dependency-path'),
  'pnpm/action-setup': alreadyThere('package_json_file'),
};

const metadata = parse(readFileSync('actions/test-report/action.yml', 'utf8')) as object;
/** Stands for test-report, which `npm run test:real -- ci` plays: says what it was given. */
const testReport = `
for (const [name, value] of Object.entries(process.env))
  if (name.startsWith('INPUT_')) console.log(name.slice(6).toLowerCase() + '=' + value);
`;

/** An executable of the team that notes that it ran, and fails when it is told to. */
export const teamsOwn = (command = 'true'): string => `#!/bin/sh\necho "ours: $0"\n${command}\n`;

type Request = NonNullable<Parameters<Fixture['run']>[1]>;

/** What is added to every run: servers, tools, actions of others. */
export interface Machine {
  files?: Record<string, string>;
  request?: Partial<Omit<Request, 'event'>>;
}

/** A template in a repository whose own executables, which only say that they ran, do the work. */
export async function ciStage(
  template: string,
  executables: readonly string[],
  { files: first = {}, request = {} }: Machine = {},
): Promise<CiStage> {
  const fixture = await openFixture();
  const run = (text: string, event?: Request['event']) =>
    fixture.run(text, {
      services: standIns,
      ...request,
      thirdParty: { ...thirdParty, ...request.thirdParty },
      ...(event ? { event } : {}),
    });
  const { git, commit } = fixture;
  const workflow = '.github/workflows/cd.yml';
  const runs = { using: 'node24', main: 'index.cjs' };
  fixture.action('test-report', stringify({ ...metadata, runs }), { 'index.cjs': testReport });
  fixture.executables(Object.fromEntries(executables.map((name) => [`ci/${name}`, teamsOwn()])));
  commit({ app: '1\n', ...first });

  const textOf = ({ env, change }: Options = {}) => {
    const read = parse(readFileSync(`workflows-templates/${template}.yml`, 'utf8')) as Template;
    if (env) Object.assign(read.env, env);
    change?.(read);
    return stringify(read, { aliasDuplicateObjects: false });
  };
  return {
    fixture,
    push: (options) => run(textOf(options)),
    dispatch: (options) => run(textOf(options), { name: 'workflow_dispatch' }),
    queue: (options) => {
      const sha = commit({ [workflow]: textOf(options) });
      const event = { name: 'merge_group', ref: 'refs/heads/gh-readonly-queue/main/pr-7', sha };
      return run('', { ...event, payload: { action: 'checks_requested', merge_group: { head_sha: sha } } });
    },
    pullRequest: ({ from = 'feature', into = 'develop', fork, files }, options) => {
      const base = commit({ [workflow]: textOf(options) });
      git('checkout', '-q', '-b', from);
      commit(files);
      git('checkout', '-q', base);
      git('merge', '-q', '--no-ff', '-m', 'Merge', from);
      const sha = git('rev-parse', 'HEAD');
      git('checkout', '-q', 'main');
      const repo = { full_name: fork ?? 'org/shop', fork: fork !== undefined };
      return run('', {
        name: 'pull_request',
        ref: 'refs/pull/7/merge',
        sha,
        payload: {
          action: 'synchronize',
          number: 7,
          pull_request: { head: { ref: from, repo }, base: { ref: into, repo: { full_name: 'org/shop' } } },
        },
      });
    },
    close: () => fixture.close(),
  };
}

/** Commits a file that may be run. */
export function commitExecutable({ executables, commit }: Fixture, path: string, text: string): void {
  executables({ [path]: text });
  commit({});
}

/** Commits a symbolic link. */
export function commitLink({ git, repository }: Fixture, path: string, target: string): void {
  symlinkSync(target, join(repository, path));
  git('add', '-A');
  git('commit', '-q', '-m', 'A link');
}

/** How each job ended. */
export const resultsOf = (run: RunReport): Record<string, string> =>
  Object.fromEntries(Object.entries(run.jobs).map(([id, { result }]) => [id, result]));

/** What the required check says. */
export const verdictOf = (run: RunReport): string | undefined =>
  run.jobs['required']?.steps
    .flatMap(({ annotations }) => annotations)
    .find(({ title }) => title?.endsWith('required'))?.message;

/** What the first job says of the settings. */
export const settingsOf = (run: RunReport): string | undefined =>
  run.jobs['changes']?.steps
    .flatMap(({ annotations }) => annotations)
    .find(({ title }) => title === 'Settings')?.message;
