import { globMatcher } from '../../../shared/config/glob.js';
import type { GateEvidence, GateRequest } from '../../../shared/contracts/gate-evidence.js';
import type { GitHub } from '../../../shared/github/client.js';
import { compare } from './deployments.js';

type Branches = Extract<GateEvidence['branches'], { is: 'known' }>['value'];

/** Most branches compared with the released commit, one request each. */
const mostCompared = 30;

/** Branches that match the patterns, compared one by one until one contains the released commit; `first` is tried before the others. Needs `contents: read`. */
export async function readBranches(
  github: GitHub,
  request: GateRequest,
  patterns: readonly string[],
  first: string,
): Promise<Branches> {
  const found = new Map<string, string>();
  for (const pattern of patterns) {
    const matches = globMatcher(pattern);
    const refs = await github.rest('GET /repos/{owner}/{repo}/git/matching-refs/{ref}', {
      ref: `heads/${pattern.split('*')[0]!}`,
    });
    for (const { ref, object } of refs) {
      const name = ref.replace(/^refs\/heads\//, '');
      if (matches(name)) found.set(name, object.sha);
    }
  }
  const order = [...found].sort(([a], [b]) => Number(b === first) - Number(a === first));
  const heads: Branches['heads'] = [];
  for (const [name, sha] of order.slice(0, mostCompared)) {
    const contains =
      sha === request.sha || ['behind', 'identical'].includes(await compare(github, sha, request.sha));
    heads.push({ name, sha, contains });
    if (contains) return { heads, truncated: false };
  }
  return { heads, truncated: order.length > mostCompared };
}
