import { expect, it } from '@jest/globals';
import { connectionPages } from '../../../shared/github/connection.js';

type Page = { nodes: number[]; next: string | null; more?: boolean };

/** GitHub with these pages by cursor, and the cursors it was asked for. */
function gitHubWith(pages: Record<string, Page>) {
  const asked: unknown[] = [];
  const graphql = async <T>(_document: string, variables?: Record<string, unknown>) => {
    asked.push(variables);
    const { nodes, next, more = next !== null } = pages[String(variables?.['after'])]!;
    return { list: { nodes, pageInfo: { hasNextPage: more, endCursor: next } } } as T;
  };
  const read = () =>
    connectionPages({ graphql }, 'query Q', { of: 'x' }, (answer: { list: never }) => answer.list);
  return { asked, read };
}

const all = async (pages: AsyncIterable<{ nodes: readonly unknown[]; isLast: boolean }>) => {
  const seen = [];
  for await (const page of pages) seen.push(page);
  return seen;
};

it('a connection is read page by page to its last', async () => {
  const { read, asked } = gitHubWith({ null: { nodes: [1], next: 'a' }, a: { nodes: [2], next: null } });
  expect(await all(read())).toEqual([
    { nodes: [1], isLast: false },
    { nodes: [2], isLast: true },
  ]);
  expect(asked).toEqual([
    { of: 'x', after: null },
    { of: 'x', after: 'a' },
  ]);
});

it('a connection is asked no further than its reader goes', async () => {
  const { read, asked } = gitHubWith({ null: { nodes: [1], next: 'a' } });
  for await (const { nodes } of read()) if (nodes.includes(1)) break;
  expect(asked).toHaveLength(1);
});

it.each<[string, Record<string, Page>]>([
  ['nowhere', { null: { nodes: [1], next: null, more: true } }],
  ['where it was', { null: { nodes: [1], next: 'a' }, a: { nodes: [1], next: 'a' } }],
])('a connection that goes on %s is an error, not an end nor a loop', async (_, pages) => {
  await expect(all(gitHubWith(pages).read())).rejects.toThrow('a list goes on, but not where');
});
