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

/** A token, and the variable that it came from. */
export interface Token {
  token: string;
  tokenFrom: string;
}

/** The token of the person at the terminal: of GH_TOKEN, else of GITHUB_TOKEN, as gh itself reads it. */
export function findToken({ env }: Pick<Shell, 'env'>): Token | undefined {
  for (const tokenFrom of ['GH_TOKEN', 'GITHUB_TOKEN']) {
    const token = env[tokenFrom]?.trim();
    if (token) return { token, tokenFrom };
  }
  return undefined;
}

/** The same where nothing can be asked without one. Throws UsageError without one; `instead` is what can be done then. */
export function tokenOf(shell: Pick<Shell, 'env'>, instead?: string): Token {
  const found = findToken(shell);
  if (found) return found;
  throw new UsageError(
    `There is no token: set GH_TOKEN=$(gh auth token), or GITHUB_TOKEN=$(gh auth token).${instead === undefined ? '' : ` ${instead}`}`,
  );
}
