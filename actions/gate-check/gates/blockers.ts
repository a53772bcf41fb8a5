import * as z from 'zod';
import type { EvidenceValue } from '../evidence/registry.js';
import { defineGate } from './gate.js';

const schema = z
  .strictObject({
    labels: z
      .array(z.string().regex(/^\S(.{0,48}\S)?$/, 'the name of a label, at most 50 characters'))
      .min(1)
      .max(10)
      .describe('Open issues and pull requests with any of these labels block.'),
    'let-hotfix': z.boolean().default(false).describe('Whether a hotfix is allowed despite them.'),
  })
  .describe('No open issue or pull request is labelled to block releases.');

/** No issue or pull request with any of the labels is open. */
export const blockers = defineGate({
  name: 'blockers',
  schema,
  needs: { blockers: ({ labels }) => labels },
  judge: ({ labels, 'let-hotfix': letHotfix }, { request, evidence }) => {
    const read = evidence.blockers.filter(({ label }) => labels.includes(label));
    const missing = labels.filter((one) => !read.some(({ label, exists }) => exists && one === label));
    const blocking = blockingOf(read);
    const links = { evidence: blocking.map(({ number, url }) => ({ text: `#${number}`, url })) };
    const listed = blocking.map(({ what, title, url }) => `${what}: ${title}, ${url}`).join('; ');
    const waives = letHotfix && request.kind === 'hotfix';
    if (missing.length > 0 || (blocking.length > 0 && !waives)) {
      const reasons = missing.map(
        (label) =>
          `the repository has no label ${label}, so nothing can block by it. Create the label or correct the policy`,
      );
      if (blocking.length > 0) reasons.push(`${listed}. Close what blocks or take its label off first`);
      return { is: 'fail', reason: reasons.join('; '), ...links };
    }
    if (blocking.length === 0)
      return { is: 'pass', reason: `nothing open is labelled ${labels.join(' or ')}` };
    const waived = `a hotfix is allowed despite ${blocking.map(({ what }) => what).join('; ')}`;
    return { is: 'pass', reason: `a hotfix is allowed despite ${listed}`, waived, ...links };
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
