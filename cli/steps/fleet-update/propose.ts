import type { FleetReport } from '../../../shared/contracts/fleet-report.js';
import type { GitHub } from '../../../shared/github/client.js';
import type { Proposal } from '../../init/proposal.js';
import { commitProposal, moveBranch, readBranch } from './branch.js';

export interface Repository {
  /** Reads. */
  github: GitHub;
  /** Writes: a token that may push workflow files, and whose pushes start checks. */
  writer: () => Promise<GitHub>;
  defaultBranch: string;
  branch: string;
}

type Done = Pick<FleetReport, 'result' | 'message' | 'pull'>;

/** Brings the one pull request in line with what is proposed: opens, updates or closes it, or leaves it as it is. */
export async function propose(
  { github, writer, defaultBranch, branch }: Repository,
  proposal: Proposal,
  { title, body }: { title: string; body: string },
): Promise<Done> {
  const open = await github.rest('GET /repos/{owner}/{repo}/pulls', {
    state: 'open',
    head: `${github.owner}:${branch}`,
    base: defaultBranch,
  });
  // Of a fork, a branch of that name is somebody else's.
  const found = open.find(({ head }) => head.repo?.full_name === `${github.owner}/${github.repository}`);
  const pull = found && { number: found.number, url: found.html_url };
  const named = pull ? { pull } : {};
  const { length: left } = proposal.byHand;
  const byHand =
    left === 0
      ? ''
      : ` ${left === 1 ? '1 workflow is' : `${left} workflows are`} for a person to bring: run init of ${proposal.suite.version}.`;
  const nothing = `${left === 0 ? 'All' : 'All other'} files are as ${proposal.suite.version} writes them.${byHand}`;
  const at = await readBranch(github, branch, proposal);
  if (at && !at.ours)
    return {
      result: 'held',
      message: `The branch ${branch} has commits of somebody else, so it was left as it is. Fix: merge or close ${pull ? `pull request ${pull.number}` : 'what it is for'}, or delete the branch.`,
      ...named,
    };
  if (proposal.files.length === 0) {
    if (!at) return { result: 'up-to-date', message: nothing };
    const write = await writer();
    if (pull)
      await write.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        issue_number: pull.number,
        state: 'closed',
      });
    await moveBranch(write, branch, at.head, undefined);
    return pull
      ? {
          result: 'closed',
          message: `Nothing is left to change, so pull request ${pull.number} was closed.${byHand}`,
          pull,
        }
      : { result: 'up-to-date', message: nothing };
  }
  const count = proposal.files.length === 1 ? '1 file' : `${proposal.files.length} files`;
  if (at?.fits && pull && found.body === body)
    return {
      result: 'unchanged',
      message: `Pull request ${pull.number} already changes ${count}.${byHand}`,
      pull,
    };
  const write = await writer();
  if (!at?.fits) await moveBranch(write, branch, at?.head, await commitProposal(write, proposal, title));
  if (pull) {
    await write.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: pull.number,
      title,
      body,
    });
    return { result: 'updated', message: `Pull request ${pull.number} changes ${count}.${byHand}`, pull };
  }
  const made = await write.rest('POST /repos/{owner}/{repo}/pulls', {
    title,
    body,
    head: branch,
    base: defaultBranch,
  });
  return {
    result: 'opened',
    message: `Pull request ${made.number} changes ${count}.${byHand}`,
    pull: { number: made.number, url: made.html_url },
  };
}
