import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import {
  ConcurrencyGroups,
  runWorkflow,
  type ProgressEvent,
  type RunReport,
  type WorkflowRequest,
} from '../../../rehearsal/runner/run-workflow.js';
import { until } from '../../support/until.js';
import { startControlFake, type ControlFake } from './control-fake.js';

type Overrides = Partial<Omit<WorkflowRequest, 'event'>> & { event?: Partial<WorkflowRequest['event']> };

/** A real git repository, a folder of actions and a fake of the control API. */
export interface Fixture {
  root: string;
  repository: string;
  control: ControlFake;
  progress: ProgressEvent[];
  /** Writes and commits files; returns the sha. */
  commit: (files: Record<string, string>) => string;
  git: (...args: string[]) => string;
  /** Writes files that may be run, for the next commit. */
  executables: (files: Record<string, string>) => void;
  /** An action of `org/devops-actions`: its folder, with `action.yml` and scripts by file name. */
  action: (name: string, yml: string, scripts: Record<string, string>) => string;
  /** Files of `org/devops-actions`, such as a workflow to be called. */
  release: (files: Record<string, string>) => void;
  /** Commits the workflow and starts it. */
  run: (workflow: string, overrides?: Overrides) => Promise<RunReport>;
  close: () => Promise<void>;
}

/** A job with these steps, indented as YAML wants it. */
export const workflowOf = (steps: string, job = ''): string =>
  [
    'on: push',
    'jobs:',
    '  main:',
    '    runs-on: ubuntu-24.04',
    ...(job === '' ? [] : [indent(job, 4)]),
    '    steps:',
    indent(steps, 6),
  ].join('\n');

/** A workflow of these jobs. */
export const jobsOf = (text: string): string => `on: push\njobs:\n${indent(text, 2)}`;

const indent = (text: string, by: number): string =>
  text
    .replace(/^\n+|\s+$/g, '')
    .split('\n')
    .map((line) => `${' '.repeat(by)}${line}`)
    .join('\n');

/** Waits short enough for tests and long enough for a process to act on a signal. */
export const quick = {
  sigintMs: 600,
  sigtermMs: 300,
  drainMs: 400,
  approvalPollMs: 5,
  lostMs: 50,
  cancelDeadlineMs: 10_000,
};

export async function openFixture(): Promise<Fixture> {
  const root = mkdtempSync(join(tmpdir(), 'runner-'));
  const repository = join(root, 'origin');
  const actions = join(root, 'release');
  mkdirSync(repository);
  const control = await startControlFake();
  const progress: ProgressEvent[] = [];
  const env = {
    PATH: process.env['PATH'],
    HOME: root,
    GIT_AUTHOR_NAME: 'ana',
    GIT_AUTHOR_EMAIL: 'ana@example.test',
    GIT_COMMITTER_NAME: 'ana',
    GIT_COMMITTER_EMAIL: 'ana@example.test',
  };
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: repository, env, encoding: 'utf8' }).trim();
  git('init', '-q', '-b', 'main', '--template=');
  const write = (base: string, files: Record<string, string>) => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(base, path)), { recursive: true });
      writeFileSync(join(base, path), text);
    }
  };
  const commit = (files: Record<string, string>) => {
    write(repository, files);
    git('add', '-A');
    git('commit', '-q', '--allow-empty', '-m', 'change');
    return git('rev-parse', 'HEAD');
  };
  const workflow = '.github/workflows/cd.yml';
  const concurrency = new ConcurrencyGroups();

  return {
    root,
    repository,
    control,
    progress,
    commit,
    git,
    executables: (files) => {
      write(repository, files);
      for (const path of Object.keys(files)) chmodSync(join(repository, path), 0o755);
    },
    release: (files) => write(actions, files),
    action: (name, yml, scripts) => {
      const folder = join(actions, name);
      write(folder, { 'action.yml': yml, ...scripts });
      return folder;
    },
    run: (text, { event, timings, ...overrides } = {}) => {
      const sha = event?.sha ?? commit({ [workflow]: text });
      return runWorkflow({
        workflow,
        repository: { owner: 'org', name: 'shop', gitDir: join(repository, '.git') },
        event: { name: 'push', ref: 'refs/heads/main', sha, actor: 'ana', payload: {}, ...event },
        github: { url: control.url },
        actions: { 'org/devops-actions': actions },
        secrets: {},
        vars: {},
        node: process.execPath,
        workDir: join(root, 'work'),
        onProgress: (each) => progress.push(each),
        concurrency,
        timings: { ...quick, ...timings },
        ...overrides,
      });
    },
    close: async () => {
      await control.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The steps of a job by name. */
export const stepsOf = (report: RunReport, job = 'main') =>
  Object.fromEntries((report.jobs[job]?.steps ?? []).map((step) => [step.name, step]));

/** Resolves when a log line of the run says so. */
export const logged = (progress: readonly ProgressEvent[], text: string): Promise<void> =>
  until(
    () => progress.some((event) => event.type === 'log' && event.line.includes(text)),
    `'${text}' in the log`,
  );
