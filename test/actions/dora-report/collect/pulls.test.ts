import { describe, expect, it } from '@jest/globals';
import { listMergedPulls } from '../../../../actions/dora-report/collect/pulls.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { epoch, instant, sha } from '../ledger-facts.js';

/** A merged pull request of the 1st of March that was last changed on a day of it. */
function node(number: number, day: number, more: Record<string, unknown> = {}) {
  return {
    number,
    url: `https://github.example/acme/shop/pull/${number}`,
    title: `Change ${number}`,
    createdAt: instant('03-01 08:00'),
    updatedAt: instant(`03-${String(day).padStart(2, '0')} 10:00`),
    mergedAt: instant('03-01 10:00'),
    author: { __typename: 'User', login: 'mona' },
    labels: { nodes: [{ name: 'fix' }] },
    mergeCommit: { oid: sha(`m${number}`) },
    commits: { totalCount: 2, nodes: [{ commit: { authoredDate: instant('03-01 07:00') } }] },
    reviews: { nodes: [] },
    approvals: { nodes: [] },
    ...more,
  };
}

/** Answers these pages one after the other, as GitHub does newest change first. */
function pagesOf(...pages: ReturnType<typeof node>[][]) {
  const after: unknown[] = [];
  const graphql = (_: string, variables: Record<string, unknown>) => {
    after.push(variables['after'] ?? null);
    const nodes = pages[after.length - 1]!;
    const pageInfo = { hasNextPage: after.length < pages.length, endCursor: `page-${after.length}` };
    return Promise.resolve({ repository: { pullRequests: { pageInfo, nodes } } });
  };
  return { github: { owner: 'acme', repository: 'shop', graphql } as unknown as GitHub, after };
}

describe('merged pull requests', () => {
  it('are read page by page until one was last changed before the window', async () => {
    const { github, after } = pagesOf([node(3, 20), node(2, 15)], [node(1, 4)], [node(0, 1)]);
    const { pulls, requests } = await listMergedPulls(github, epoch('03-05 00:00'));
    expect([pulls.map(({ number }) => number), requests]).toEqual([[3, 2, 1], 2]);
    expect(after).toEqual([null, 'page-1']);
  });

  it('have the first review of somebody else, and the first approval', async () => {
    const reviews = [
      { submittedAt: instant('03-01 08:30'), author: { login: 'mona' } },
      { submittedAt: instant('03-01 09:00'), author: { login: 'hubot' } },
    ];
    const approvals = { nodes: [{ submittedAt: instant('03-01 09:30') }] };
    const { github } = pagesOf([node(1, 20, { reviews: { nodes: reviews }, approvals })]);
    const [pull] = (await listMergedPulls(github, 0)).pulls;
    expect(pull).toMatchObject({
      firstCommitAt: instant('03-01 07:00'),
      firstReviewAt: instant('03-01 09:00'),
      approvedAt: instant('03-01 09:30'),
      labels: ['fix'],
      commits: 2,
    });
  });

  it('of deleted accounts, without a merge commit or without a date lose nothing else', async () => {
    const { github } = pagesOf([
      node(3, 20, { author: null, mergeCommit: null, labels: null, reviews: null, approvals: null }),
      node(2, 19, { mergedAt: null }),
      node(1, 18),
    ]);
    const { pulls } = await listMergedPulls(github, 0);
    expect(pulls.map(({ number, author, mergeCommit }) => [number, author.name, mergeCommit])).toEqual([
      [3, '(deleted account)', undefined],
      [1, 'mona', sha('m1')],
    ]);
  });
});
