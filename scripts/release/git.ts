/** Git, as a release needs it. */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/** Runs git in a folder and gives what it prints; an error says what git said. */
export type Git = (args: readonly string[], environment?: Record<string, string>) => string;

export const gitIn =
  (folder: string): Git =>
  (args, environment = {}) =>
    execFileSync('git', args, {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, GIT_TERMINAL_PROMPT: '0', ...environment },
      stdio: ['ignore', 'pipe', 'pipe'],
    }).trim();

/** Who makes the commit, and when: the time of the sources, so that the same sources give the same commit. */
const identity = (date: string) => ({
  GIT_AUTHOR_NAME: 'devops-actions release',
  GIT_AUTHOR_EMAIL: 'release@users.noreply.github.com',
  GIT_COMMITTER_NAME: 'devops-actions release',
  GIT_COMMITTER_EMAIL: 'release@users.noreply.github.com',
  GIT_AUTHOR_DATE: date,
  GIT_COMMITTER_DATE: date,
});

/** Makes a commit of a folder on top of the sources that it was made of, and gives its sha; no ref names it yet. */
export function commitTree(git: Git, folder: string, source: string, message: string): string {
  const scratch = mkdtempSync(join(tmpdir(), 'release-index-'));
  const environment = {
    GIT_INDEX_FILE: join(scratch, 'index'),
    GIT_WORK_TREE: resolve(folder),
    GIT_DIR: git(['rev-parse', '--absolute-git-dir']),
  };
  try {
    git(['-c', 'core.autocrlf=false', 'add', '--all', '--force', '.'], { ...environment });
    const tree = git(['write-tree'], environment);
    const date = git(['show', '--no-patch', '--format=%cI', source]);
    return git(['commit-tree', tree, '-p', source, '-m', message], identity(date));
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

/** Makes an annotated tag object, and gives its sha; no ref names it yet. */
export function tagObject(git: Git, tag: string, commit: string, message: string): string {
  const seconds = git(['show', '--no-patch', '--format=%ct', commit]);
  const lines = [
    `object ${commit}`,
    'type commit',
    `tag ${tag}`,
    `tagger devops-actions release <release@users.noreply.github.com> ${seconds} +0000`,
    '',
    message,
    '',
  ];
  return execFileSync('git', ['mktag'], {
    cwd: git(['rev-parse', '--show-toplevel']),
    input: lines.join('\n'),
    encoding: 'utf8',
  }).trim();
}

/** What a ref of the remote names, read from the remote itself; undefined when it is not there. */
export function remoteRef(git: Git, remote: string, ref: string): string | undefined {
  return git(['ls-remote', remote, ref])
    .split('\n')
    .map((line) => line.split('\t'))
    .find(([, name]) => name === ref)?.[0];
}

/** Names of the tags that the remote has now. */
export const remoteTags = (git: Git, remote: string): string[] =>
  git(['ls-remote', '--tags', '--refs', remote])
    .split('\n')
    .flatMap((line) => line.split('\trefs/tags/')[1] ?? []);
