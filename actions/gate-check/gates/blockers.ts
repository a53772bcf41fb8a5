import * as z from 'zod';
import type { EvidenceValue } from '../evidence/registry.js';
import { defineGate } from '../gate/gate.js';
import { letHotfix } from '../gate/hotfix-proof.js';

const schema = z
  .strictObject({
    labels: z
      .array(z.string().regex(/^\S(.{0,48}\S)?$/, 'the name of a label, at most 50 characters'))
      .min(1)
      .max(10)
      .describe('Open issues and pull requests with any of these labels block.'),
    'let-hotfix': letHotfix('them'),
  })
  .describe('No open issue or pull request is labelled to block releases.');

/** No issue or pull request with any of the labels is open. */
export const blockers = defineGate({
  name: 'blockers',
  beforeMerge: 'tells',
  byPeople: true,
  schema,
  needs: { blockers: ({ labels }) => labels },
  hotfixLevels: (config) => [config['let-hotfix']],
  judge: ({ labels }, { evidence }) => {
    const read = evidence.blockers.filter(({ label }) => labels.includes(label));
    const missing = labels.filter((one) => !read.some(({ label, exists }) => exists && one === label));
    const blocking = blockingOf(read);
    if (missing.length === 0 && blocking.length === 0)
      return { is: 'pass', reason: `nothing open is labelled ${labels.join(' or ')}` };
    const reasons = missing.map(
      (label) =>
        `the repository has no label ${label}, so nothing can block by it. Create the label or correct the policy`,
    );
    const listed = blocking.map(({ what, title, url }) => `${what}: ${title}, ${url}`).join('; ');
    if (blocking.length > 0) reasons.push(`${listed}. Close what blocks or take its label off first`);
    return {
      is: 'fail',
      reason: reasons.join('; '),
      despite: missing.length === 0 ? blocking.map(({ what }) => what).join('; ') : undefined,
      evidence: blocking.map(({ number, url }) => ({ text: `#${number}`, url })),
    };
  },
});

/** What is open, each once; `what` names it without the title, which others wrote. */
function blockingOf(read: EvidenceValue<'blockers'>) {
  const once = new Map(read.flatMap(({ open }) => open).map((one) => [one.number, one]));
  return [...once.values()].map(({ is, number, title, url }) => {
    const labels = read.filter(({ open }) => open.some((one) => one.number === number));
    const what = `open ${is} #${number} (${labels.map(({ label }) => label).join(', ')})`;
    return { number, title, url, what };
  });
}
