import type { ReleaseCandidateReport } from '../../contracts/reports/release-candidate-report.js';
import type { News, Setting } from '../message.js';

/** What people are told of a release candidate. */
export function tellCandidate(
  { result, message, tag, sha, proofs }: ReleaseCandidateReport,
  { now }: Setting,
): News {
  const refused = result === 'refused';
  return {
    tone: refused ? 'failure' : 'success',
    title: refused
      ? 'No release candidate'
      : `${tag} is ${result === 'ready' ? 'about to be made' : 'the release candidate'}`,
    body: [
      message,
      ...proofs
        .filter(({ is }) => is === 'wrong')
        .map(({ what, detail, fix }) => `${what}: ${detail}. Fix: ${fix}`),
    ].join('\n'),
    next: refused ? 'Correct what is not green, then start it again.' : 'Release it: the gate finds the tag.',
    changed: result === 'tagged' || refused,
    since: now,
    facts: { Commit: sha.slice(0, 12), Tag: tag },
  };
}
