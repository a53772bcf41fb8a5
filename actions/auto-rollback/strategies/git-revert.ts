import { GitError, withClone, type Clone } from '../../../shared/exec/clone.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { able, doubtChange, doubtPush, doubtToken, workflowFolder } from './code.js';
import type { Able, Releases, Strategy, StrategyPorts } from './strategy.js';

/** More commits than this between two releases are looked at by a person. */
const mostCommits = 100;

/** Times that a push is tried when the branch moved meanwhile. */
const tries = 3;

/**
 * What came between the two releases is reverted on the default branch, pushed or as a pull request, and the team's own
 * delivery brings it out. Traffic does not move by that, so it stands behind the others.
 */
export const gitRevert = {
  name: 'git-revert',

  preflight,

  async run(ports, request) {
    const { control, given, serverUrl, temp } = ports;
    const { owner, repository } = control.github;
    const start = control.clock.now();
    const end = <Result extends 'started' | 'refused' | 'held'>(result: Result, message: string) => ({
      result,
      message,
      trafficMoved: false,
      durationMs: control.clock.now() - start,
    });
    const could = await preflight(ports, request);
    if (!could.ok) return end('refused', could.why);
    const branch = await defaultBranch(ports);
    const { bad, good, reason } = request;
    const options = {
      url: `${serverUrl}/${owner}/${repository}.git`,
      branch,
      token: given['code-token']!,
      temp,
      name: 'github-actions[bot]',
      email: '41898282+github-actions[bot]@users.noreply.github.com',
      timeoutMs: given['strategy-timeout'],
    };
    const words = {
      title: `Revert ${control.service} ${bad.payload.version} to ${good.payload.version}`,
      reason,
    };
    try {
      return await withClone(options, async (clone) => {
        const reverted = await revert(clone, request, words);
        if (!reverted.ok) return end('refused', reverted.why);
        control.timeline.say(`${words.title}: ${reverted.sha.slice(0, 12)}, ${reverted.count} reverted`);
        if (given['revert-by'] === 'pull-request')
          return end('started', await openPull(ports, clone, branch, { ...words, deployment: bad.id }));
        const pushed = await push(clone, branch, reverted, () => revert(clone, request, words));
        if (!pushed.ok) return end(pushed.unknown ? 'held' : 'refused', pushed.why);
        return end(
          'started',
          `${words.title}: pushed to ${branch} as ${pushed.sha.slice(0, 12)}. Its delivery moves traffic: follow it, and approve it where it waits`,
        );
      });
    } catch (error) {
      if (!(error instanceof GitError || error instanceof GitHubError)) throw error;
      const refused = /could not read Username|Authentication failed|\b403\b/.test(error.message);
      const fix = refused
        ? '. Fix: give the App of code-token contents: write and pull-requests: write in this repository'
        : '';
      return end('refused', `${error.message}${fix}`);
    }
  },
} as const satisfies Strategy;

/** Whether the revert can be made and pushed, as far as GitHub says. */
async function preflight(ports: StrategyPorts, releases: Releases): Promise<Able> {
  const doubt = doubtToken(ports) ?? (await doubtChange(ports, releases));
  if (doubt !== undefined || ports.given['revert-by'] === 'pull-request') return able(doubt);
  return able(await doubtPush(ports, await defaultBranch(ports)));
}

const defaultBranch = async ({ control }: StrategyPorts) =>
  (await control.github.rest('GET /repos/{owner}/{repo}')).default_branch;

/** `unknown`: it may have been pushed, and nobody could look. */
type Reverted = { ok: true; sha: string; count: number } | { ok: false; why: string; unknown?: true };

/** One commit that undoes what came after the good release up to the bad one; later work stays. */
async function revert(
  { git }: Clone,
  { bad, good }: Releases,
  { title, reason }: { title: string; reason: string },
): Promise<Reverted> {
  const range = `${good.payload.releasedSha}..${bad.payload.releasedSha}`;
  for (const { payload } of [good, bad])
    try {
      await git('merge-base', '--is-ancestor', payload.releasedSha, 'HEAD');
    } catch {
      return {
        ok: false,
        why: `${payload.releasedSha.slice(0, 12)} (${payload.version}) is not on the default branch`,
      };
    }
  // A merge is undone as a whole, seen from the branch that it was merged into.
  const commits = (await git('rev-list', '--first-parent', '--parents', range)).split('\n').filter(Boolean);
  if (commits.length === 0) return { ok: false, why: `there is no commit in ${range}` };
  if (commits.length > mostCommits)
    return {
      ok: false,
      why: `${commits.length} commits lie between the releases, and at most ${mostCommits} are reverted`,
    };
  for (const line of commits) {
    const [sha, ...parents] = line.split(' ') as [string, ...string[]];
    const mainline = parents.length > 1 ? ['-m', '1'] : [];
    try {
      await git('revert', '--no-commit', ...mainline, sha);
    } catch {
      const files = (await git('diff', '--name-only', '--diff-filter=U')).split('\n').filter(Boolean);
      const subject = await git('show', '-s', '--format=%s', sha);
      return {
        ok: false,
        why: `reverting ${sha.slice(0, 12)} (${subject.slice(0, 80)}) conflicts with what came after it in ${files.slice(0, 5).join(', ')}. Fix: revert it by hand:  git revert ${[...mainline, sha].join(' ')}`,
      };
    }
  }
  const changed = (await git('diff', '--cached', '--name-only')).split('\n').filter(Boolean);
  if (changed.length === 0)
    return { ok: false, why: 'it is reverted already: the revert would change nothing' };
  const workflows = changed.filter((file) => file.startsWith(workflowFolder));
  if (workflows.length > 0)
    return { ok: false, why: `the revert would change ${workflows.slice(0, 3).join(', ')}` };
  const list = commits.map((line) => `- ${line.slice(0, 40)}`).join('\n');
  await git('commit', '--quiet', '-m', title, '-m', reason, '-m', `This reverts:\n${list}`);
  return { ok: true, sha: await git('rev-parse', 'HEAD'), count: commits.length };
}

/**
 * Pushes a revert to the branch, never over what others pushed. Where the branch moved meanwhile, the revert is made anew on what it is
 * now: moved along, it could bring back commits that somebody took out, or count another's revert as its own.
 */
async function push(
  { git }: Clone,
  branch: string,
  first: Extract<Reverted, { ok: true }>,
  again: () => Promise<Reverted>,
): Promise<Reverted> {
  let reverted = first;
  for (let attempt = 1; ; attempt += 1) {
    try {
      // The lease is on what was reverted: where somebody reset the branch, a plain push would go through.
      const base = await git('rev-parse', `${reverted.sha}^`);
      const lease = `--force-with-lease=refs/heads/${branch}:${base}`;
      await git('push', '--quiet', lease, 'origin', `${reverted.sha}:refs/heads/${branch}`);
      return reverted;
    } catch (error) {
      try {
        await git('fetch', '--quiet', 'origin', branch);
      } catch (lost) {
        const [why, then] = [error, lost].map((one) => (one instanceof Error ? one.message : String(one)));
        return {
          ok: false,
          unknown: true,
          why: `whether ${reverted.sha.slice(0, 12)}, which reverts it, reached ${branch} is not known: ${why}; ${then}. Fix: look at ${branch}; where the commit stands, its delivery moves traffic`,
        };
      }
      // Its answer was lost, and the push was not.
      const arrived = await git('merge-base', '--is-ancestor', reverted.sha, 'FETCH_HEAD').then(
        () => true,
        () => false,
      );
      if (arrived) return reverted;
      if (attempt === tries) throw error;
      await git('reset', '--quiet', '--hard', 'FETCH_HEAD');
      const anew = await again();
      if (!anew.ok) return { ok: false, why: `${branch} moved meanwhile: ${anew.why}` };
      reverted = anew;
    }
  }
}

/** Opens a pull request with the revert, or names the one that is open already. */
async function openPull(
  { control, openCode, given }: StrategyPorts,
  { git }: Clone,
  base: string,
  { title, reason, deployment }: { title: string; reason: string; deployment: number },
): Promise<string> {
  const head = `rollback/${control.service.toLowerCase()}-${deployment}`;
  const github = await openCode(given['code-token']!);
  const open = await github.rest('GET /repos/{owner}/{repo}/pulls', {
    state: 'open',
    head: `${github.owner}:${head}`,
  });
  const [known] = open;
  if (known) return `pull request ${known.html_url} is open already: review and merge it`;
  // A branch that an earlier try left without its pull request is ours to replace.
  await git('push', '--quiet', '--force', 'origin', `HEAD:refs/heads/${head}`);
  const created = await github.rest('POST /repos/{owner}/{repo}/pulls', {
    title: title.slice(0, 250),
    head,
    base,
    body: `${reason}\n\nDeployment ${deployment} of ${control.service} in ${control.environment} is bad. Review and merge this, and the delivery brings it out. Opened by ${control.runUrl}`,
  });
  return `pull request ${created.html_url}: review and merge it; its delivery moves traffic`;
}
