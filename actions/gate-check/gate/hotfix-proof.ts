import * as z from 'zod';
import { isHotfixBranch } from '../../../shared/contracts/hotfix-branch.js';
import { severitySchema, type Severity } from '../../../shared/contracts/severity.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import { isService, sameName } from '../../../shared/ledger/names.js';
import type { Changes, Pull } from '../evidence/code/changes.js';
import type { IncidentEvidence } from '../evidence/ledger/incidents.js';
import { isWhole, reviewsOf, standsBehind } from './reviews.js';

/** Whether a release is a hotfix. The input `kind` asks for it and proves nothing. */
export type HotfixProof =
  | {
      proved: true;
      /** For people, without texts of others: "pull request #12". */
      what: string;
      /** Of the worst open incident of the service that the suite itself opened. */
      severity: Severity | undefined;
      /** Logins of who approved it. */
      by: string[];
    }
  | { proved: false; why: string };

/** What a policy may say of hotfixes: none, any proven one, or one of at least this severity. */
export type HotfixLevel = boolean | Severity;

export const hotfixLevel = () => z.literal([false, true, ...severitySchema.options]);

/** The key of a gate that a proven hotfix may pass. */
export const letHotfix = (despite: string) =>
  hotfixLevel()
    .default(false)
    .describe(`Whether a proven hotfix is allowed despite ${despite}: true, or from which severity.`);

/**
 * A release is a hotfix when every commit since the live one came by a pull request from a branch `hotfix/…` of this
 * repository that somebody else approved. Its severity is that of a trusted incident.
 */
export function proveHotfix(
  changes: Changes,
  incidents: readonly IncidentEvidence[],
  { service, environment, sha, ahead }: GateRequest,
): HotfixProof {
  const no = (why: string): HotfixProof => ({ proved: false, why });
  if (!changes.base) return no(`nothing is live in ${environment} that it could fix`);
  if (changes.base.status !== 'ahead')
    return no(
      `it is ${changes.base.status === 'diverged' ? 'not ahead of' : changes.base.status} what is live`,
    );
  if (changes.commits.length === 0) return no('it brings no commit');
  const used = new Map<number, string[]>();
  for (const { sha: commit, pulls, morePulls } of changes.commits) {
    const found = pulls.flatMap((number) => changes.pulls.filter((pull) => pull.number === number));
    const judged = found.map((pull) => ({
      pull,
      doubt:
        doubtPull(pull, { sha, ahead }, commit) ??
        (isWhole(pull, changes.commits) ? undefined : 'has later commits that this release lacks'),
    }));
    const good = judged.find(({ doubt }) => doubt === undefined);
    if (good) {
      used.set(good.pull.number, reviewsOf(good.pull).approvedBy);
      continue;
    }
    const why =
      [
        ...judged.map(({ pull, doubt }) => `#${pull.number} ${doubt}`),
        ...(morePulls ? ['it is in more pull requests than are read'] : []),
      ].join('; ') || 'no pull request brought it';
    return no(`commit ${commit.slice(0, 12)} since the live release is no hotfix: ${why}`);
  }
  const numbers = [...used.keys()].sort((a, b) => a - b).map((number) => `#${number}`);
  const own = incidents.filter(
    ({ marker }) => marker && isService(marker.service, service) && sameName(marker.environment, environment),
  );
  const severity = severitySchema.options.find((level) =>
    own.some(({ marker }) => marker?.severity === level),
  );
  const because = own.filter(({ marker }) => marker?.severity === severity).map(({ number }) => `#${number}`);
  return {
    proved: true,
    what: `pull request ${numbers.join(', ')}${severity ? `, incident ${because.join(', ')} (${severity})` : ''}`,
    severity,
    by: [...new Set([...used.values()].flat())].sort(),
  };
}

function doubtPull(
  pull: Pull,
  { sha, ahead }: Pick<GateRequest, 'sha' | 'ahead'>,
  commit: string,
): string | undefined {
  if (!isHotfixBranch(pull.head.branch)) return `is from ${pull.head.branch}, not from a branch hotfix/…`;
  if (pull.head.fork) return 'is from a fork';
  if (pull.unread !== undefined) return `has ${pull.unread}`;
  if (pull.state === 'closed') return 'was closed without a merge';
  if (pull.state === 'open' && pull.head.sha !== sha)
    return 'is open, and the release is not its last commit';
  if (commit === sha && !standsBehind(pull, sha))
    return 'has it inside: it is neither its merge nor its last commit';
  // Its review comes after its checks, and is asked for at the release.
  if (pull.number === ahead?.pull) return undefined;
  const { approvedBy, against } = reviewsOf(pull);
  if (against.length > 0) return `has changes requested by ${against.join(', ')}`;
  return approvedBy.length === 0 ? 'is approved by nobody whose approval counts' : undefined;
}

/** Why a policy's level does not let this hotfix through; undefined when it does. */
export function refusesHotfix(level: HotfixLevel, proof: HotfixProof): string | undefined {
  if (level === false) return 'the policy lets no hotfix through here';
  if (!proof.proved) return proof.why;
  if (level === true) return undefined;
  if (proof.severity === undefined)
    return `the policy asks for an incident of severity ${level} or above, and no open incident of the suite is about this service`;
  const rank = (severity: Severity) => severitySchema.options.indexOf(severity);
  return rank(proof.severity) <= rank(level)
    ? undefined
    : `the policy asks for severity ${level} or above, and the incident's is ${proof.severity}`;
}
