import * as z from 'zod';
import { action } from '../../actions/gate-check/main.js';
import type { GateReport } from '../../actions/gate-check/report.js';
import { openGitHub, type GitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';
import type { RunContext } from '../../shared/runner/context.js';
import type { Arguments } from '../arguments.js';
import { git } from '../init/disk.js';
import type { LaptopHost } from '../laptop/laptop-host.js';
import { repositoryOf, tokenOf } from '../laptop/repository.js';
import { UsageError, type Shell } from '../shell.js';

/** Stands for an artifact that is not built yet: no record has it. */
const noDigest = `sha256:${'0'.repeat(64)}`;

/** Asks the gates from a laptop. The verdict of a pass is bound to a run that is nobody's, so no switch takes it. */
export async function gateNow(given: Arguments, shell: Shell, host: LaptopHost): Promise<GateReport> {
  const { token, tokenFrom } = tokenOf(shell);
  host.mask(token);
  const [owner, repository] = repositoryOf(given.one('repository'), 'repository', shell);
  const sha = given.one('sha') ?? commitHere(shell);
  const workflows = given.all('release-workflow');
  const parsed = action.inputs.safeParse({
    environment: given.one('environment'),
    service: given.one('service'),
    sha,
    digest: given.one('digest') ?? noDigest,
    kind: given.flag('hotfix') ? 'hotfix' : 'release',
    ...(given.one('policy') === undefined ? {} : { policy: given.one('policy') }),
    'release-workflows': (workflows.length > 0 ? workflows : ['.github/workflows/cd.yml']).join('\n'),
    'github-token': token,
  });
  if (!parsed.success) throw new UsageError(problemsOf(parsed.error));
  if (given.one('digest') === undefined)
    host.log.info('Without --digest, gates that compare the artifact cannot pass.');
  const apiUrl = shell.env['GITHUB_API_URL'] || 'https://api.github.com';
  const context: RunContext = {
    ...host.context,
    owner,
    repository,
    sha,
    refName: git(shell.cwd, 'branch', '--show-current') ?? '',
    apiUrl,
    serverUrl: shell.env['GITHUB_SERVER_URL'] || 'https://github.com',
    // A report names a run; this one is nobody's.
    runId: 1,
    attempt: 1,
    tokenFrom,
  };
  const { clock, random } = shell;
  await requireCommit(
    await openGitHub({ token, at: context, clock, random, signal: host.signal }),
    sha,
    given.one('sha') === undefined,
  );
  // Policy and gates stand in what the command prints; as progress they would stand on the screen twice.
  const log = { ...host.log, info: () => undefined };
  const { report } = await action.run(parsed.data, { ...host, context, log });
  return report as GateReport;
}

/**
 * Throws GitHubError where GitHub has no such commit. Asked once here, as every gate would say it in its own words; a
 * repository or token that is wrong is found by the same question.
 */
async function requireCommit(github: GitHub, sha: string, isCheckedOut: boolean): Promise<void> {
  try {
    await github.rest('GET /repos/{owner}/{repo}/git/commits/{commit_sha}', { commit_sha: sha });
  } catch (error) {
    // 409: the repository is empty.
    if (!(error instanceof GitHubError) || ![404, 409, 422].includes(error.status)) throw error;
    await github.rest('GET /repos/{owner}/{repo}');
    const what = isCheckedOut ? `the commit that is checked out (${sha})` : `commit ${sha}`;
    throw new GitHubError(
      `GitHub does not have ${what} in ${github.owner}/${github.repository} (${error.status}).\nFix: push it, or name with --sha the full sha of one that was pushed.`,
      error.status,
    );
  }
}

const problemsOf = (error: z.ZodError) =>
  error.issues
    .map(({ path, code, message }) =>
      code === 'invalid_type' && message.includes('undefined')
        ? `--${path.join('.')} is missing.`
        : `--${path.join('.')}: ${message}.`,
    )
    .join('\n');

function commitHere(shell: Shell): string {
  const sha = git(shell.cwd, 'rev-parse', 'HEAD');
  if (sha === undefined) throw new UsageError('There is no commit here: write --sha SHA.');
  return sha;
}
