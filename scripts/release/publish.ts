/** A release becomes public: tag, Release, and only then the moving tag. */
import type { GitHub } from '../../shared/github/client.js';
import { remoteRef, remoteTags, tagObject, type Git } from './git.js';
import { newerRelease, type ReleasePlan } from './plan.js';

export interface Publication {
  plan: ReleasePlan;
  /** Sha of the commit of the release tree. */
  commit: string;
  /** Sha of the sources. */
  source: string;
  /** Branch that the sources must be on. */
  branch: string;
  remote: string;
}

export interface PublishPorts {
  git: Git;
  github: Pick<GitHub, 'rest'>;
  tell: (line: string) => void;
}

/**
 * Publishes in an order in which every failure leaves something true behind: the tag is taken off again as long as no
 * Release names it, and the moving tag goes last. Called again with the same sources it goes on where it stopped.
 */
export async function publish(publication: Publication, ports: PublishPorts): Promise<void> {
  const { plan, commit, source, branch, remote } = publication;
  const { git, tell } = ports;
  const tip = remoteRef(git, remote, `refs/heads/${branch}`);
  if (tip === undefined || !isOn(git, source, tip))
    throw new Error(
      `${source} is not on ${branch} of the remote, so nobody reviewed it. Fix: release a commit of ${branch}`,
    );
  // The checkout is older than the approval: meanwhile another release may have been made.
  const newer = newerRelease(plan.version, remoteTags(git, remote));
  if (newer !== undefined)
    throw new Error(
      `${newer} is released already, and ${plan.moving} must not go back. Fix: take a version above it`,
    );
  const ref = `refs/tags/${plan.tag}`;
  const tag = tagObject(git, plan.tag, commit, `Release ${plan.tag}`);
  const there = remoteRef(git, remote, ref);
  if (there !== undefined && there !== tag)
    throw new Error(`${plan.tag} exists and is another release (${there}). Fix: take the next version`);
  try {
    if (there === undefined) {
      git(['push', '--quiet', remote, `${tag}:${ref}`]);
      tell(`${plan.tag} pushed`);
    }
    if (remoteRef(git, remote, ref) !== tag)
      throw new Error(`the remote does not show ${plan.tag} as it was pushed`);
    await makeRelease(publication, ports);
  } catch (error) {
    await takeTagOff(publication, ports, tag);
    throw error;
  }
  move(publication, ports);
}

function isOn(git: Git, commit: string, tip: string): boolean {
  try {
    git(['merge-base', '--is-ancestor', commit, tip]);
    return true;
  } catch {
    return false;
  }
}

async function makeRelease({ plan }: Publication, { github, tell }: PublishPorts): Promise<void> {
  const read = () => github.rest('GET /repos/{owner}/{repo}/releases/tags/{tag}', { tag: plan.tag });
  if ((await orNone(read)) === undefined) {
    await github.rest('POST /repos/{owner}/{repo}/releases', {
      tag_name: plan.tag,
      name: plan.tag,
      body: plan.notes,
      draft: false,
      prerelease: plan.prerelease,
      // Older majors get fixes too; only the newest stable release is what GitHub shows first.
      make_latest: plan.prerelease ? 'false' : 'legacy',
    });
    tell(`Release ${plan.tag} published`);
  }
  const { draft, prerelease } = await read();
  if (draft || prerelease !== plan.prerelease)
    throw new Error(`Release ${plan.tag} does not read back as it was published`);
}

async function orNone<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if ((error as { status?: number }).status === 404) return undefined;
    throw error;
  }
}

/** Takes the tag off when no Release names it; where that cannot be told, it stays and is said. */
async function takeTagOff(
  { plan, remote }: Publication,
  { git, github, tell }: PublishPorts,
  tag: string,
): Promise<void> {
  const ref = `refs/tags/${plan.tag}`;
  try {
    const release = await orNone(() =>
      github.rest('GET /repos/{owner}/{repo}/releases/tags/{tag}', { tag: plan.tag }),
    );
    if (release !== undefined) {
      tell(
        `${plan.tag} stays: its Release is public. The moving tag was not moved. Fix: run the release again`,
      );
      return;
    }
    // A push that failed may have arrived.
    if (remoteRef(git, remote, ref) === undefined) return;
    git(['push', '--quiet', `--force-with-lease=${ref}:${tag}`, remote, `:${ref}`]);
    tell(`${plan.tag} taken off again`);
  } catch (error) {
    tell(
      `${plan.tag} may still be there: ${firstLine(error)}. Fix: look, then  git push ${remote} :${ref}  if there is no Release`,
    );
  }
}

/** The moving tag, from what it names now: somebody else's move meanwhile is never overwritten. */
function move({ plan, commit, remote }: Publication, { git, tell }: PublishPorts): void {
  const ref = `refs/tags/${plan.moving}`;
  const before = remoteRef(git, remote, ref) ?? '';
  if (before === commit) return;
  git(['push', '--quiet', `--force-with-lease=${ref}:${before}`, remote, `${commit}:${ref}`]);
  if (remoteRef(git, remote, ref) !== commit)
    throw new Error(`the remote does not show ${plan.moving} as it was moved`);
  tell(`${plan.moving} moved to ${plan.tag}`);
}

const firstLine = (error: unknown) => (error as Error).message.split('\n')[0]!;
