import { git, githubName } from '../init/disk.js';
import { UsageError, type Shell } from '../shell.js';

/**
 * The repository that is asked about: the one that was named, else $GITHUB_REPOSITORY, else what the remote "origin"
 * names. Throws UsageError, with the option to write, where that is none.
 */
export function repositoryOf(given: string | undefined, option: string, shell: Shell): [string, string] {
  const named =
    given ??
    shell.env['GITHUB_REPOSITORY'] ??
    githubName(git(shell.cwd, 'remote', 'get-url', 'origin')) ??
    '';
  const [owner, name, ...more] = named.split('/');
  if (!owner || !name || more.length > 0)
    throw new UsageError(`"${named}" names no repository: write --${option} OWNER/NAME.`);
  return [owner, name];
}

/** The token of the person at the terminal, and the variable it came from. Throws UsageError without one. */
export function tokenOf({ env }: Shell): { token: string; tokenFrom: string } {
  for (const tokenFrom of ['GITHUB_TOKEN', 'GH_TOKEN']) {
    const token = env[tokenFrom];
    if (token) return { token, tokenFrom };
  }
  throw new UsageError('There is no token: set GITHUB_TOKEN, for example GITHUB_TOKEN=$(gh auth token).');
}
