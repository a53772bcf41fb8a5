import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { getOctokit } from '@actions/github';
import { type GitHubOptions, type GitHubServer, startGitHub } from '../../../rehearsal/github/server.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';

export type Octokit = ReturnType<typeof getOctokit>;

export const allWrite: Permissions = Object.fromEntries(
  [
    'actions',
    'checks',
    'contents',
    'deployments',
    'issues',
    'pull_requests',
    'statuses',
    'administration',
  ].map((name) => [name, 'write' as const]),
);

export interface Stage {
  server: GitHubServer;
  /** The repository every call is about. */
  at: { owner: string; repo: string };
  gitDir: string;
  /** The first commit and its tree. */
  first: { commit: string; tree: string };
  git: (...args: string[]) => string;
  /** Commits one file on the current branch; gives the oid. */
  commit: (path: string, content: string, message?: string) => string;
  /** Commits of one tree on top of a parent, made in one process; gives the last oid. */
  chain: (tree: string, parent: string, count: number) => string;
  octokit: (actor?: string, permissions?: Permissions, job?: { runId?: number }) => Octokit;
  close: () => Promise<void>;
}

/**
 * The files of the repository with its one commit, which git makes once for all tests of a file: its processes were a
 * tenth of their time.
 */
let made: (Stage['first'] & { files: { path: string; content: Buffer }[] }) | undefined;

function filesIn(folder: string): { path: string; content: Buffer }[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map(({ parentPath, name }) => join(parentPath, name))
    .map((file) => ({ path: relative(folder, file), content: readFileSync(file) }));
}

/** A stand-in with one real repository of one commit, and two people: `octocat` (admin) and `hubot` (write). */
export async function stage(options: GitHubOptions = {}): Promise<Stage> {
  const gitDir = mkdtempSync(join(tmpdir(), 'github-stand-in-'));
  const env = {
    PATH: process.env['PATH'],
    HOME: gitDir,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'octocat',
    GIT_AUTHOR_EMAIL: 'octocat@users.noreply.github.com',
    GIT_COMMITTER_NAME: 'octocat',
    GIT_COMMITTER_EMAIL: 'octocat@users.noreply.github.com',
  };
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: gitDir, env, stdio: ['ignore', 'pipe', 'ignore'] })
      .toString()
      .trim();
  const commit = (path: string, content: string, message = `Change ${path}`): string => {
    writeFileSync(join(gitDir, path), content);
    git('add', path);
    git('commit', '-q', '-m', message);
    return git('rev-parse', 'HEAD');
  };
  if (made) {
    for (const { path, content } of made.files) {
      mkdirSync(dirname(join(gitDir, path)), { recursive: true });
      writeFileSync(join(gitDir, path), content);
    }
  } else {
    git('init', '-q', '-b', 'main', '--template=');
    const oid = commit('README.md', '# Shop\n', 'First');
    made = { commit: oid, tree: git('rev-parse', `${oid}^{tree}`), files: filesIn(gitDir) };
  }
  const server = await startGitHub(options);
  const at = { owner: 'acme', repo: 'shop' };
  server.control.addRepository({ owner: 'acme', name: 'shop', gitDir, defaultBranch: 'main' });
  server.control.addUser({ login: 'octocat', role: 'admin' });
  server.control.addUser({ login: 'hubot', role: 'write' });
  const chain = (tree: string, parent: string, count: number): string => {
    const commits = Array.from({ length: count }, (_, at) =>
      [
        'commit refs/chain',
        `committer octocat <octocat@users.noreply.github.com> ${1_800_000_000 + at} +0000`,
        'data 5',
        'Chain',
        ...(at === 0 ? [`from ${parent}`, `M 040000 ${tree} `] : []),
        '',
      ].join('\n'),
    );
    execFileSync('git', ['fast-import', '--quiet'], { cwd: gitDir, env, input: commits.join('') });
    const last = git('rev-parse', 'refs/chain');
    git('update-ref', '-d', 'refs/chain');
    return last;
  };
  const octokit: Stage['octokit'] = (actor = 'github-actions[bot]', permissions = allWrite, job = {}) => {
    const { token } = server.control.addToken({ actor, permissions, ...job });
    return getOctokit(token, { baseUrl: server.url });
  };
  const close = async (): Promise<void> => {
    await server.close();
    rmSync(gitDir, { recursive: true, force: true });
  };
  const first = { commit: made.commit, tree: made.tree };
  return { server, at, gitDir, first, git, commit, chain, octokit, close };
}

/** The refusal a call ends in; fails when it does not. */
export async function refusal(call: Promise<unknown>): Promise<{
  status: number;
  message: string;
  data: { errors?: Record<string, unknown>[] };
  headers: Record<string, string>;
}> {
  try {
    await call;
  } catch (error) {
    const { status, message, response } = error as {
      status: number;
      message: string;
      response: { data: { errors?: Record<string, unknown>[] }; headers: Record<string, string> };
    };
    return { status, message, data: response.data, headers: response.headers };
  }
  throw new Error('the call was not refused');
}
