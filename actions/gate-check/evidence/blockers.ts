import * as z from 'zod';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { defineEvidence, Unknowable } from './evidence.js';

const blockerSchema = z.strictObject({
  number: z.int(),
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

/** One label a request: what several labels in one filter mean is then no question. */
const blockersQuery = /* GraphQL */ `
  query GateBlockers($owner: String!, $name: String!, $label: String!) {
    repository(owner: $owner, name: $name) {
      issues(labels: [$label], states: OPEN, first: 100) {
        pageInfo {
          hasNextPage
        }
        nodes {
          number
          title
          url
        }
      }
      pullRequests(labels: [$label], states: OPEN, first: 100) {
        pageInfo {
          hasNextPage
        }
        nodes {
          number
          title
          url
        }
      }
    }
  }
`;

interface List {
  pageInfo: { hasNextPage: boolean };
  nodes: Omit<Blocker, 'is'>[];
}

interface BlockersAnswer {
  repository: { issues: List; pullRequests: List };
}

/** Open issues and pull requests with each of the labels. */
export const blockers = defineEvidence({
  kind: 'blockers',
  what: 'the open issues and pull requests that block a release',
  schema: z.array(labelSchema),
  permission: { issues: 'read', 'pull-requests': 'read' },
  collect: (needs: readonly (readonly string[])[], { github }) =>
    Promise.all(
      [...new Set(needs.flat())].map(async (label) => {
        const open = await openWith(github, label);
        return { label, exists: open.length > 0 || (await isLabel(github, label)), open };
      }),
    ),
});

async function openWith(github: GitHub, label: string): Promise<Blocker[]> {
  const { issues, pullRequests } = (await github.graphql<BlockersAnswer>(blockersQuery, { label }))
    .repository;
  if (issues.pageInfo.hasNextPage || pullRequests.pageInfo.hasNextPage)
    throw new Unknowable(`more than 100 are labelled ${label}, and a list is not read any further`);
  return [
    ...issues.nodes.map((node) => ({ ...node, is: 'issue' as const })),
    ...pullRequests.nodes.map((node) => ({ ...node, is: 'pull request' as const })),
  ];
}

async function isLabel(github: GitHub, name: string): Promise<boolean> {
  try {
    await github.rest('GET /repos/{owner}/{repo}/labels/{name}', { name });
    return true;
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404) return false;
    throw error;
  }
}
