import type { FileChange } from '../git/diff.js';
import type { Commit, Signature } from '../git/parse.js';
import type { Repo } from '../model.js';
import type { Actor } from '../actors-model.js';
import { nodeId } from '../node-id.js';
import { type GitHubState, iso } from '../state.js';
import { userOrNull } from './actors.js';
import { apiUrl, htmlUrl } from './repository.js';

const noreply = /^(?:\d+\+)?(.+)@users\.noreply\.github\.com$/;

/** The account a commit's email belongs to: only GitHub's own noreply addresses tell, as no others are kept here. */
export function accountOf(state: GitHubState, { email }: Signature): Actor | null {
  const login = noreply.exec(email)?.[1];
  return login === undefined ? null : (state.actors.get(login.toLowerCase()) ?? null);
}

const person = ({ name, email, date }: Signature): Record<string, unknown> => ({
  name,
  email,
  date: iso(date),
});

/** Nothing is signed here: the stand-in has no keys to verify with. */
const verification = ({ signature }: Commit): Record<string, unknown> => ({
  verified: false,
  reason: signature === null ? 'unsigned' : 'unknown_key',
  signature,
  payload: null,
  verified_at: null,
});

/** The git database's view of a commit. */
export function gitCommit(state: GitHubState, repo: Repo, commit: Commit): Record<string, unknown> {
  const url = (kind: string, oid: string): string => apiUrl(state, repo, `/git/${kind}/${oid}`);
  return {
    sha: commit.oid,
    node_id: nodeId('C', repo.id, commit.oid),
    url: url('commits', commit.oid),
    html_url: htmlUrl(state, repo, `/commit/${commit.oid}`),
    author: person(commit.author),
    committer: person(commit.committer),
    tree: { sha: commit.tree, url: url('trees', commit.tree) },
    message: commit.message,
    parents: commit.parents.map((sha) => ({
      sha,
      url: url('commits', sha),
      html_url: htmlUrl(state, repo, `/commit/${sha}`),
    })),
    verification: verification(commit),
  };
}

/** The repository's view of a commit, with the accounts behind it. */
export function repositoryCommit(state: GitHubState, repo: Repo, commit: Commit): Record<string, unknown> {
  const url = apiUrl(state, repo, `/commits/${commit.oid}`);
  return {
    sha: commit.oid,
    node_id: nodeId('C', repo.id, commit.oid),
    url,
    html_url: htmlUrl(state, repo, `/commit/${commit.oid}`),
    comments_url: `${url}/comments`,
    commit: {
      url: apiUrl(state, repo, `/git/commits/${commit.oid}`),
      author: person(commit.author),
      committer: person(commit.committer),
      message: commit.message,
      comment_count: 0,
      tree: { sha: commit.tree, url: apiUrl(state, repo, `/git/trees/${commit.tree}`) },
      verification: verification(commit),
    },
    author: userOrNull(state, accountOf(state, commit.author)),
    committer: userOrNull(state, accountOf(state, commit.committer)),
    parents: commit.parents.map((sha) => ({
      sha,
      url: apiUrl(state, repo, `/commits/${sha}`),
      html_url: htmlUrl(state, repo, `/commit/${sha}`),
    })),
  };
}

export function simpleCommit(commit: Commit): Record<string, unknown> {
  const who = ({ name, email }: Signature): Record<string, unknown> => ({ name, email });
  return {
    id: commit.oid,
    tree_id: commit.tree,
    message: commit.message,
    timestamp: iso(commit.committer.date),
    author: who(commit.author),
    committer: who(commit.committer),
  };
}

export function diffEntry(
  state: GitHubState,
  repo: Repo,
  head: string,
  file: FileChange,
): Record<string, unknown> {
  return {
    sha: file.oid,
    filename: file.filename,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: htmlUrl(state, repo, `/blob/${head}/${encodeURI(file.filename)}`),
    raw_url: htmlUrl(state, repo, `/raw/${head}/${encodeURI(file.filename)}`),
    contents_url: apiUrl(state, repo, `/contents/${encodeURI(file.filename)}?ref=${head}`),
    ...(file.patch === null ? {} : { patch: file.patch }),
    ...(file.previousFilename === null ? {} : { previous_filename: file.previousFilename }),
  };
}
