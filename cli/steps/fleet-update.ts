import { loadConfig } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { FleetReport } from '../../shared/contracts/fleet-report.js';
import { openGitHub, type GitHub } from '../../shared/github/client.js';
import { readTrustedFile } from '../../shared/github/trusted-file.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { readPolicy } from '../check/read.js';
import { lockPath, readLock, type Lock } from '../init/lock.js';
import { policyPath } from '../init/policy.js';
import { proposalSchema, type Proposal } from '../init/proposal.js';
import { judgeProtection } from '../init/protection/protection.js';
import { readProtection } from '../init/protection/read-protection.js';
import { inputs, outputs } from './fleet-update-fields.js';
import { readStanding } from './fleet-update/branch.js';
import { refusalsOfProposal } from './fleet-update/judge.js';
import { propose } from './fleet-update/propose.js';
import { bodyOf, render, titleOf } from './fleet-update/words.js';

/** Brings what a newer version of the suite would write to people, as one pull request. */
export const action = defineAction({
  name: 'fleet-update',
  title: 'Fleet update',
  description:
    'Keeps one pull request with the files of the suite as its newest version writes them, and names settings that let somebody around the gate.',
  branding: { icon: 'git-pull-request', color: 'blue' },
  inputs,
  outputs,
  render,
  async run({ proposal: path, branch, 'write-token': writeToken, 'github-token': token }, host) {
    const { context, clock, random, signal } = host;
    const open = (by: string | undefined) => openGitHub({ token: by, at: context, clock, random, signal });
    const github = await open(token);
    const { value: proposal } = await loadConfig(context.workspace, path, 'proposal', proposalSchema);
    const lock = await trustedLock(github);
    const { default_branch: defaultBranch } = await github.rest('GET /repos/{owner}/{repo}');
    await mustHold({ github, defaultBranch, branch }, proposal, lock, path);
    const findings = judgeProtection(
      lock.answers,
      await trustedPolicy(github),
      await readProtection(github, lock.answers),
    );
    const settings = findings.map(({ setting, is, why, fix }) => ({
      setting,
      is,
      // A job cannot be given what is missing here, so the line that others could add would mislead.
      why: is === 'unknown' ? why.map((one) => one.split(/[.\s]*Fix: /)[0]!) : [...why],
      ...(fix === undefined ? {} : { fix }),
    }));
    const done = await propose(
      {
        github,
        defaultBranch,
        branch,
        writer: () => {
          if (writeToken) return open(writeToken);
          throw new ConfigurationError([noToken]);
        },
      },
      proposal,
      { title: titleOf(proposal), body: bodyOf(proposal, lock, context.serverUrl) },
    );
    const openSettings = settings.filter(({ is }) => is === 'wrong').length;
    const message =
      openSettings === 0
        ? done.message
        : `${openSettings === 1 ? '1 setting lets' : `${openSettings} settings let`} somebody around the gate. ${done.message}`;
    const report: FleetReport = {
      schema: 'devops-actions/fleet-report@1',
      ...done,
      message,
      from: lock.answers.suite.version,
      to: proposal.suite.version,
      files: proposal.files.map((file) => file.path),
      kept: proposal.kept,
      'by-hand': proposal.byHand,
      settings,
    };
    return {
      ok: done.result !== 'held' && openSettings === 0,
      message,
      outputs: { result: done.result, url: done.pull?.url ?? '' },
      report,
      annotations: proposal.kept.slice(0, 8).map((place) => ({
        level: 'notice' as const,
        title: 'Left as your team changed it',
        message: place.what,
        file: place.path,
        ...(place.line === undefined ? {} : { line: place.line }),
      })),
    };
  },
});

const noToken = {
  file: 'the workflow',
  path: 'with.write-token',
  got: 'no token',
  allowed: 'the token of an App with contents, pull-requests and workflows: write',
  fix: 'under "with:" add  write-token: ${{ steps.app.outputs.token }}  (docs/templates/fleet-update.md)',
};

/** The answers as they stand on the default branch, which were reviewed. */
async function trustedLock(github: GitHub): Promise<Lock> {
  const { text } = await readTrustedFile(github, lockPath);
  const read = readLock(text);
  if (!read.ok) throw new ConfigurationError(read.problems);
  return read.value;
}

async function trustedPolicy(github: GitHub) {
  const { text } = await readTrustedFile(github, policyPath);
  const read = readPolicy({ path: policyPath, text });
  if (!read.ok) throw new ConfigurationError(read.problems);
  return read.file.value;
}

/** A proposal is for a commit of the default branch, and holds to what init may do. */
async function mustHold(
  { github, defaultBranch, branch }: { github: GitHub; defaultBranch: string; branch: string },
  proposal: Proposal,
  lock: Lock,
  file: string,
): Promise<void> {
  const refuse = (got: string) => {
    throw new ConfigurationError([
      {
        file,
        path: 'proposal',
        got,
        allowed: 'what init would write into the default branch',
        fix: 'run the whole workflow again on the default branch; if it stays, do not take this version of the suite',
      },
    ]);
  };
  const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${proposal.base}...${defaultBranch}`,
  });
  if (status !== 'ahead' && status !== 'identical')
    refuse(`a proposal for ${proposal.base}, which is no commit of ${defaultBranch}`);
  const standing = await readStanding(
    github,
    proposal.base,
    proposal.files.map((one) => one.path),
  );
  const refusals = refusalsOfProposal(proposal, lock, standing, branch);
  if (refusals.length > 0) refuse(refusals.join('; '));
}
