import { defineGate, shortSha } from '../gate/gate.js';
import { namePatterns } from './code/file-patterns.js';

/**
 * Only commits of these branches go to the environment. The name of the run's own ref proves nothing: the commit must
 * be on the branch.
 */
export const branch = defineGate({
  name: 'branch',
  beforeMerge: 'decides-on-branch',
  schema: namePatterns().describe('Branches that the commit must be on; * stands for anything but a slash.'),
  needs: { branches: (patterns) => patterns },
  judge: (patterns, { request, evidence }) => {
    const { heads, truncated } = evidence.branches;
    const found = heads.find(({ contains }) => contains);
    const allowed = patterns.join(', ');
    if (found) {
      const url = `${request.repositoryUrl}/commits/${request.sha}`;
      return {
        is: 'pass',
        reason: `${shortSha(request.sha)} is on ${found.name}`,
        evidence: [{ text: shortSha(request.sha), url }],
      };
    }
    if (truncated) {
      return {
        is: 'fail',
        reason: `more branches match ${allowed} than were compared, and ${shortSha(request.sha)} is on none of those compared: delete merged branches, or name the branch in the policy`,
      };
    }
    const seen = heads.length > 0 ? heads.map(({ name }) => name).join(', ') : 'no branch';
    return {
      is: 'fail',
      reason: `${shortSha(request.sha)} is on none of the branches allowed for ${request.environment} (${allowed}; there is ${seen}): merge it there first`,
    };
  },
});
