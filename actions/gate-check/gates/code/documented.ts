import * as z from 'zod';
import { defineGate } from '../../gate/gate.js';
import { filePatterns, matchesAny, touches } from './file-patterns.js';

const rule = z.strictObject({
  changes: filePatterns().describe('Paths whose change has to be documented.'),
  docs: filePatterns().describe('Paths of the documentation that must change with them.'),
});

const schema = z
  .array(rule)
  .min(1)
  .max(20)
  .describe('Changes under given paths come with changes of their documentation.');

/** Files named in a reason. */
const mostNamed = 5;

/** Nothing that the team wants documented changed without its documentation. */
export const documented = defineGate({
  name: 'documented',
  beforeMerge: 'decides',
  byPeople: true,
  schema,
  needs: { changes: true },
  judge: (rules, { request, evidence: { changes } }) => {
    const { base, files, filesTruncated } = changes;
    if (!base)
      return { is: 'pass', reason: `first deployment to ${request.environment}: nothing to compare with` };
    if (base.status === 'behind')
      return { is: 'fail', reason: 'the release is behind what is live, so its changes cannot be listed' };
    const written = files.filter(({ status, added }) => status !== 'removed' && added > 0);
    const missing = rules.flatMap(({ changes: paths, docs }) => {
      const changed = files.filter(touches(paths)).map(({ path }) => path);
      if (changed.length === 0 && !filesTruncated) return [];
      if (written.some(({ path }) => matchesAny(docs)(path))) return [];
      const named = changed.slice(0, mostNamed).join(', ') + (changed.length > mostNamed ? ', …' : '');
      return [{ named, docs: docs.join(' or ') }];
    });
    const cut = filesTruncated ? 'more files changed than GitHub lists' : '';
    if (missing.length === 0) return { is: 'pass', reason: 'what has to be documented is' };
    const reasons = missing.map(({ named, docs }) => `${named || cut} changed without ${docs}`);
    return {
      is: 'fail',
      reason: `${reasons.join('; ')}. Describe the change there and release that commit`,
      despite: `${missing.length === 1 ? 'a change' : 'changes'} without documentation in ${missing.map(({ docs }) => docs).join('; ')}`,
    };
  },
});
