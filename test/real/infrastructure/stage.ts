import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import {
  ConcurrencyGroups,
  runWorkflow,
  type ProgressEvent,
  type RunReport,
  type WorkflowRequest,
} from '../../../rehearsal/runner/run-workflow.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { stage as gitHubStage, type Stage } from '../../rehearsal/github/support.js';
import { installed } from '../../support/servers/real.js';

let tree: string | undefined;
/** The suite as it is released; no run changes it. */
function releaseTree(): string {
  if (tree === undefined) {
    tree = mkdtempSync(join(tmpdir(), 'release-'));
    process.once('exit', () => rmSync(tree!, { recursive: true, force: true }));
    writeReleaseTree(tree);
  }
  return tree;
}

export interface RealStage {
  gitHub: Stage;
  /** A folder outside of every checkout: states, logs of the team's own. */
  root: string;
  progress: ProgressEvent[];
  /** Commits files on the branch that is checked out; undefined takes a file away. */
  change(files: Record<string, string | undefined>): string;
  /** Opens a pull request of these files, or brings it up to date; its event is given to `play`. */
  pull(files: Record<string, string | undefined>, head?: { branch?: string; fork?: string }): Promise<Event>;
  push(before: string): Event;
  schedule(cron: string): Event;
  byHand(inputs?: Record<string, string>): Event;
  play(event: Event, request?: Play): Promise<RunReport>;
  comments(pull: number): Promise<string[]>;
  issues(): Promise<string[]>;
  close(): Promise<void>;
}

export type Event = Partial<WorkflowRequest['event']> & Pick<WorkflowRequest['event'], 'name'>;

export interface Play {
  approve?: NonNullable<WorkflowRequest['approve']>;
  rerun?: NonNullable<WorkflowRequest['rerun']>;
}

/** Programs of the machine that stand before others on the path, by name. */
export type Programs = Record<string, string>;

/** A template on the stand-in of GitHub with the actions as they are released, and real tools. */
export async function realStage(
  template: string,
  {
    programs = {},
    environmentSecrets = {},
    machineEnvironment = {},
  }: {
    programs?: Programs;
    environmentSecrets?: Record<string, Record<string, string>>;
    machineEnvironment?: Record<string, string>;
  } = {},
): Promise<RealStage> {
  const gitHub = await gitHubStage();
  const { git, gitDir, server, at } = gitHub;
  const root = mkdtempSync(join(tmpdir(), 'infrastructure-'));
  const bin = join(root, 'bin');
  mkdirSync(bin);
  for (const [name, text] of Object.entries(programs)) {
    writeFileSync(join(bin, name), text);
    chmodSync(join(bin, name), 0o755);
  }
  const opa = execFileSync('bash', ['scripts/install/opa.sh', '--path'], { encoding: 'utf8' }).trim();
  const tools = installed('ci-samples');
  const progress: ProgressEvent[] = [];
  const concurrency = new ConcurrencyGroups();
  const workflow = `.github/workflows/${template}.yml`;

  const change: RealStage['change'] = (files) => {
    for (const [path, text] of Object.entries(files)) {
      if (text === undefined) {
        git('rm', '-q', path);
        continue;
      }
      mkdirSync(dirname(join(gitDir, path)), { recursive: true });
      writeFileSync(join(gitDir, path), text);
      if (text.startsWith('#!')) chmodSync(join(gitDir, path), 0o755);
      git('add', path);
    }
    git('commit', '-q', '--allow-empty', '-m', 'Change');
    return git('rev-parse', 'HEAD');
  };
  const repository = { default_branch: 'main' };
  const person = gitHub.octokit('octocat').rest;
  const pulls = new Map<string, number>();

  return {
    gitHub,
    root,
    progress,
    change,
    pull: async (files, { branch = 'feature', fork } = {}) => {
      const known = pulls.get(branch);
      git('checkout', '-q', ...(known === undefined ? ['-b'] : []), branch);
      change(files);
      git('checkout', '-q', '--detach', 'main');
      git('merge', '-q', '--no-ff', '-m', 'Merge', branch);
      const sha = git('rev-parse', 'HEAD');
      git('checkout', '-q', 'main');
      const number =
        known ??
        (await person.pulls.create({ ...at, title: 'Change', head: branch, base: 'main' })).data.number;
      pulls.set(branch, number);
      const head = { ref: branch, repo: { full_name: fork ?? `${at.owner}/${at.repo}` } };
      const base = { ref: 'main', repo: { full_name: `${at.owner}/${at.repo}` } };
      return {
        name: 'pull_request',
        ref: `refs/pull/${number}/merge`,
        sha,
        payload: {
          action: known === undefined ? 'opened' : 'synchronize',
          number,
          repository,
          pull_request: { number, head, base, labels: [] },
        },
      };
    },
    push: (before) => ({ name: 'push', payload: { repository, before } }),
    schedule: (cron) => ({ name: 'schedule', payload: { repository, schedule: cron } }),
    byHand: (inputs = {}) => ({ name: 'workflow_dispatch', payload: { repository }, inputs }),
    play: (event, { approve, rerun } = {}) => {
      const sha = event.sha ?? git('rev-parse', 'HEAD');
      return runWorkflow({
        workflow,
        repository: { owner: at.owner, name: at.repo, gitDir: join(gitDir, '.git') },
        event: { ref: 'refs/heads/main', sha, actor: 'octocat', payload: {}, ...event },
        github: { url: server.url },
        actions: { 'org/devops-actions': releaseTree() },
        secrets: {},
        environmentSecrets,
        vars: {},
        node: process.execPath,
        path: [bin, dirname(opa), join(tools, 'bin'), process.env['PATH'] ?? ''].join(':'),
        machineEnvironment: { ROOT: root, PIPX_HOME: join(tools, 'pipx'), ...machineEnvironment },
        workDir: join(root, 'work'),
        onProgress: (each) => progress.push(each),
        concurrency,
        timings: { approvalPollMs: 20, drainMs: 500 },
        ...(approve ? { approve } : {}),
        ...(rerun ? { rerun } : {}),
      });
    },
    comments: async (pull) =>
      (await person.issues.listComments({ ...at, issue_number: pull })).data.map(({ body }) => body ?? ''),
    issues: async () =>
      (await person.issues.listForRepo({ ...at, state: 'all' })).data
        .filter(({ pull_request }) => pull_request === undefined)
        .map(({ state, title }) => `${state} ${title}`),
    close: async () => {
      await gitHub.close();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

/** The template with other inputs, as a team would have it in its repository. */
export function callerText(template: string, given: Record<string, string>): string {
  const caller = parse(readFileSync(`workflows-templates/${template}.yml`, 'utf8')) as {
    jobs: Record<string, { with?: Record<string, string> }>;
  };
  for (const job of Object.values(caller.jobs)) if (job.with) Object.assign(job.with, given);
  return stringify(caller);
}

/** How each job of the call ended. */
export const resultsOf = (run: RunReport): Record<string, string> =>
  Object.fromEntries(Object.entries(run.jobs).map(([id, { result }]) => [id.split('.').at(-1)!, result]));

/** What the run says of what is wrong. */
export const errorsOf = (run: RunReport): string =>
  Object.values(run.jobs)
    .flatMap(({ steps }) => steps.flatMap(({ annotations }) => annotations))
    .map(({ title, message }) => `${title}: ${message}`)
    .join('\n');

export const summaryOf = (run: RunReport): string =>
  Object.values(run.jobs)
    .flatMap(({ steps }) => steps.map(({ summary }) => summary ?? ''))
    .join('\n');
