import * as z from 'zod';
import { defineEvidence, Unknowable, type First, whole } from './evidence.js';

const blockerSchema = z.strictObject({
  number: whole,
  title: z.string(),
  url: z.string(),
  is: z.enum(['issue', 'pull request']),
});

const labelSchema = z.strictObject({
  label: z.string(),
  /** Whether the repository has the label. */
  exists: z.boolean(),
  open: z.array(blockerSchema),
});

type Blocker = z.output<typeof blockerSchema>;

const list = `pageInfo { hasNextPage } nodes { number title url }`;

/** Each label by itself: what several labels in one filter mean is then no question. */
function membersFor(labels: readonly string[]): First {
  return {
    part: {
      variables: Object.fromEntries(labels.map((_, at) => [`label${at}`, 'String!'])),
      members: labels
        .map(
          (_, at) => `
            label${at}: label(name: $label${at}) { name }
            issues${at}: issues(labels: [$label${at}], states: OPEN, first: 100) { ${list} }
            pulls${at}: pullRequests(labels: [$label${at}], states: OPEN, first: 100) { ${list} }`,
        )
        .join('\n'),
    },
    variables: Object.fromEntries(labels.map((label, at) => [`label${at}`, label])),
  };
}

interface List {
  pageInfo: { hasNextPage: boolean };
  nodes: Omit<Blocker, 'is'>[];
}

type BlockersAnswer = Record<`issues${number}` | `pulls${number}`, List> &
  Record<`label${number}`, { name: string } | null>;

const labelsOf = (needs: readonly (readonly string[])[]) => [...new Set(needs.flat())];

/** Open issues and pull requests with each of the labels. */
export const blockers = defineEvidence({
  kind: 'blockers',
  what: 'the open issues and pull requests that block a release',
  schema: z.array(labelSchema),
  permission: { issues: 'read', 'pull-requests': 'read' },
  first: (needs: readonly (readonly string[])[]) => membersFor(labelsOf(needs)),
  collect: async (needs: readonly (readonly string[])[], { first }) => {
    const answer = await first<BlockersAnswer>('blockers');
    return labelsOf(needs).map((label, at) => {
      const [issues, pulls] = [answer[`issues${at}`], answer[`pulls${at}`]];
      if (!issues || !pulls) throw new Unknowable(`GitHub does not list what is labelled ${label}`);
      const open = openWith(label, issues, pulls);
      return { label, exists: open.length > 0 || answer[`label${at}`] !== null, open };
    });
  },
});

function openWith(label: string, issues: List, pulls: List): Blocker[] {
  if (issues.pageInfo.hasNextPage || pulls.pageInfo.hasNextPage)
    throw new Unknowable(`more than 100 are labelled ${label}, and a list is not read any further`);
  return [
    ...issues.nodes.map((node) => ({ ...node, is: 'issue' as const })),
    ...pulls.nodes.map((node) => ({ ...node, is: 'pull request' as const })),
  ];
}
