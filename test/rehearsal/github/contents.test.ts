import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;

beforeAll(async () => {
  shop = await stage();
  bot = shop.octokit();
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

describe('contents', () => {
  test('come as base64 JSON, raw when asked, and as a list for a folder', async () => {
    const file = await bot.rest.repos.getContent({ ...shop.at, path: 'README.md' });
    if (Array.isArray(file.data) || file.data.type !== 'file') throw new Error('no file');
    expect(Buffer.from(file.data.content, 'base64').toString()).toBe('# Shop\n');
    const raw = await bot.rest.repos.getContent({
      ...shop.at,
      path: 'README.md',
      mediaType: { format: 'raw' },
    });
    expect(raw.data).toBe('# Shop\n');
    const folder = await bot.rest.repos.getContent({ ...shop.at, path: '' });
    expect(folder.data).toMatchObject([{ type: 'file', name: 'README.md' }]);
  });

  test('of a branch with a slash in its name are read at that branch', async () => {
    shop.git('checkout', '-q', '-b', 'feature/menu');
    shop.commit('menu.txt', 'soup');
    shop.git('checkout', '-q', 'main');
    const read = (ref?: string) =>
      bot.rest.repos.getContent({ ...shop.at, path: 'menu.txt', ...(ref === undefined ? {} : { ref }) });
    expect((await read('feature/menu')).data).toMatchObject({ name: 'menu.txt', size: 4 });
    expect((await refusal(read())).status).toBe(404);
  });

  test('over 1 MB come without content', async () => {
    shop.commit('big.bin', 'x'.repeat(1024 * 1024 + 1));
    const { data } = await bot.rest.repos.getContent({ ...shop.at, path: 'big.bin' });
    expect(data).toMatchObject({ encoding: 'none', content: '', size: 1024 * 1024 + 1 });
  });
});

describe('compare', () => {
  test('tells how far branches are apart and what changed since they parted', async () => {
    const { data } = await bot.rest.repos.compareCommitsWithBasehead({
      ...shop.at,
      basehead: 'main...feature/menu',
    });
    expect(data).toMatchObject({ status: 'diverged', ahead_by: 1, behind_by: 1, total_commits: 1 });
    expect(data.files?.map(({ filename, status }) => [filename, status])).toEqual([['menu.txt', 'added']]);
    const same = await bot.rest.repos.compareCommitsWithBasehead({ ...shop.at, basehead: 'main...main' });
    expect(same.data).toMatchObject({ status: 'identical', commits: [], files: [] });
  });

  test('shows at most the newest 250 commits unpaged and 300 files, all commits when paged', async () => {
    const base = shop.git('rev-parse', 'main');
    for (let count = 0; count < 301; count += 1)
      writeFileSync(join(shop.gitDir, `many-${count}.txt`), `${count}`);
    shop.git('add', '.');
    shop.git('commit', '-q', '-m', 'Many files');
    const tree = shop.git('rev-parse', 'main^{tree}');
    const parent = shop.chain(tree, shop.git('rev-parse', 'main'), 259);
    shop.git('update-ref', 'refs/heads/main', parent);
    const basehead = `${base}...main`;
    const { data } = await bot.rest.repos.compareCommitsWithBasehead({ ...shop.at, basehead });
    expect([data.total_commits, data.commits.length, data.files?.length]).toEqual([260, 250, 300]);
    expect(data.commits.at(-1)?.sha).toBe(parent);
    const third = await bot.rest.repos.compareCommitsWithBasehead({
      ...shop.at,
      basehead,
      per_page: 100,
      page: 3,
    });
    expect([third.data.commits.length, third.data.files]).toEqual([60, undefined]);
  });

  test('follows a renamed file', async () => {
    const base = shop.git('rev-parse', 'main');
    shop.git('mv', 'README.md', 'READ.md');
    shop.git('commit', '-q', '-m', 'Rename');
    const { data } = await bot.rest.repos.compareCommitsWithBasehead({
      ...shop.at,
      basehead: `${base}...main`,
    });
    expect(data.files).toMatchObject([
      { filename: 'READ.md', previous_filename: 'README.md', status: 'renamed' },
    ]);
  });
});

describe('commits', () => {
  test('are listed newest first, by path and author', async () => {
    const { data } = await bot.rest.repos.listCommits({ ...shop.at, path: 'big.bin' });
    expect(data.map(({ commit }) => commit.message)).toEqual(['Change big.bin']);
    expect(data[0]?.author?.login).toBe('octocat');
    const one = await bot.rest.repos.getCommit({ ...shop.at, ref: 'feature/menu' });
    expect(one.data.files?.[0]).toMatchObject({
      filename: 'menu.txt',
      additions: 1,
      patch: expect.stringContaining('+soup'),
    });
  });

  test('are read through GraphQL with their history, files and trees', async () => {
    const { repository } = await bot.graphql<{
      repository: {
        object: { history: { nodes: { messageHeadline: string }[]; pageInfo: { hasNextPage: boolean } } };
        file: { text: string; isTruncated: boolean } | null;
        none: null;
        ref: { name: string; target: { oid: string; author: { user: { login: string } } } };
        refs: { nodes: { name: string }[] };
      };
    }>(`{ repository(owner: "acme", name: "shop") {
      object(expression: "main") { ... on Commit { history(first: 1) { nodes { messageHeadline } pageInfo { hasNextPage } } } }
      file: object(expression: "main:READ.md") { ... on Blob { text isTruncated } }
      none: object(expression: "main:nothing") { id }
      ref(qualifiedName: "refs/heads/feature/menu") { name target { oid ... on Commit { author { user { login } } } } }
      refs(refPrefix: "refs/heads/", first: 10) { nodes { name } }
    } }`);
    expect(repository).toMatchObject({
      object: { history: { nodes: [{ messageHeadline: 'Rename' }], pageInfo: { hasNextPage: true } } },
      file: { text: '# Shop\n', isTruncated: false },
      none: null,
      ref: { name: 'feature/menu', target: { author: { user: { login: 'octocat' } } } },
      refs: { nodes: [{ name: 'feature/menu' }, { name: 'main' }] },
    });
  });
});
