import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Octokit, refusal, type Stage, stage } from './support.js';

let shop: Stage;
let bot: Octokit;
let octocat: Octokit;
let hubot: Octokit;
let now = Date.parse('2026-03-01T12:00:00Z');

beforeAll(async () => {
  shop = await stage({ now: () => now });
  [bot, octocat, hubot] = [shop.octokit(), shop.octokit('octocat'), shop.octokit('hubot')];
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const issueQuery = `query Issue($number: Int!) { repository(owner: "acme", name: "shop") { issue(number: $number) {
  state body author { login __typename } editor { login } lastEditedAt closedAt
  labels(first: 10) { nodes { name } }
  comments(first: 10) { nodes { body author { login } editor { login } lastEditedAt } }
} } }`;

const issueOf = async (number: number) =>
  (await bot.graphql<{ repository: { issue: Record<string, unknown> } }>(issueQuery, { number })).repository
    .issue;

describe('an issue', () => {
  test('by a job token is the Actions bot’s, and edits of its body name the editor and the time', async () => {
    const { data } = await bot.rest.issues.create({
      ...shop.at,
      title: 'Down',
      body: 'v1',
      labels: ['incident'],
    });
    expect(data).toMatchObject({
      user: { login: 'github-actions[bot]', type: 'Bot' },
      performed_via_github_app: { id: 15368 },
    });
    expect(await issueOf(data.number)).toMatchObject({
      author: { login: 'github-actions', __typename: 'Bot' },
      editor: null,
      lastEditedAt: null,
    });
    await octocat.rest.issues.update({ ...shop.at, issue_number: data.number, title: 'Down again' });
    expect(await issueOf(data.number)).toMatchObject({ editor: null });
    now += 60_000;
    await octocat.rest.issues.update({ ...shop.at, issue_number: data.number, body: 'v2' });
    expect(await issueOf(data.number)).toMatchObject({
      body: 'v2',
      editor: { login: 'octocat' },
      lastEditedAt: '2026-03-01T12:01:00Z',
    });
  });

  test('opens, closes with a reason, and is listed by label and state', async () => {
    const { data } = await bot.rest.issues.create({
      ...shop.at,
      title: 'Slow',
      labels: ['severity:high', 'incident'],
    });
    const update = (fields: { state: 'open' | 'closed'; state_reason?: 'not_planned' }) =>
      octocat.rest.issues.update({ ...shop.at, issue_number: data.number, ...fields });
    const listed = async (state: 'open' | 'closed') =>
      (await bot.rest.issues.listForRepo({ ...shop.at, labels: 'incident,Severity:High', state })).data.map(
        ({ number }) => number,
      );
    expect(await listed('open')).toEqual([data.number]);
    const closed = await update({ state: 'closed', state_reason: 'not_planned' });
    expect(closed.data).toMatchObject({
      state: 'closed',
      state_reason: 'not_planned',
      closed_by: { login: 'octocat' },
    });
    expect([await listed('open'), await listed('closed')]).toEqual([[], [data.number]]);
    expect((await update({ state: 'open' })).data).toMatchObject({
      state_reason: 'reopened',
      closed_at: null,
    });
    const { repository } = await bot.graphql<{ repository: { issues: { totalCount: number } } }>(
      '{ repository(owner: "acme", name: "shop") { issues(first: 5, labels: ["severity:high"], states: OPEN) { totalCount } } }',
    );
    expect(repository.issues.totalCount).toBe(1);
  });

  test('holds 65,536 characters', async () => {
    const create = (length: number) =>
      bot.rest.issues.create({ ...shop.at, title: 'Long', body: 'x'.repeat(length) });
    expect((await create(65_536)).status).toBe(201);
    expect((await refusal(create(65_537))).status).toBe(422);
  });

  test('has comments that tell when somebody else edited them', async () => {
    const { data: issue } = await bot.rest.issues.create({ ...shop.at, title: 'Talk' });
    const comment = await bot.rest.issues.createComment({
      ...shop.at,
      issue_number: issue.number,
      body: 'override sha',
    });
    await hubot.rest.issues.updateComment({
      ...shop.at,
      comment_id: comment.data.id,
      body: 'override other',
    });
    expect(await issueOf(issue.number)).toMatchObject({
      comments: {
        nodes: [{ body: 'override other', author: { login: 'github-actions' }, editor: { login: 'hubot' } }],
      },
    });
    const list = await bot.rest.issues.listComments({ ...shop.at, issue_number: issue.number });
    expect(list.data.map(({ body }) => body)).toEqual(['override other']);
    await bot.rest.issues.deleteComment({ ...shop.at, comment_id: comment.data.id });
    expect(
      (await refusal(bot.rest.issues.getComment({ ...shop.at, comment_id: comment.data.id }))).status,
    ).toBe(404);
  });
});

describe('a search', () => {
  const find = (q: string, fields: { page?: number; per_page?: number } = {}) =>
    bot.rest.search.issuesAndPullRequests({ q, ...fields });

  test('finds by qualifiers and words, and gives out 1,000 results at most', async () => {
    await bot.rest.issues.create({ ...shop.at, title: 'Checkout is on fire', labels: ['severity:top'] });
    const { data } = await find(
      'repo:acme/shop is:issue is:open label:"severity:top" fire author:app/github-actions',
    );
    expect(data.items.map(({ title }) => title)).toEqual(['Checkout is on fire']);
    expect((await find('repo:acme/shop is:issue created:<2026-03-01')).data.total_count).toBe(0);
    const { status, message } = await refusal(find('repo:acme/shop', { per_page: 100, page: 11 }));
    expect([status, message]).toEqual([422, expect.stringContaining('Only the first 1000')]);
  });

  test('is limited to 30 a minute', async () => {
    const fresh = shop.octokit();
    const search = () => fresh.rest.search.issuesAndPullRequests({ q: 'is:issue' });
    for (let count = 0; count < 30; count += 1) await search();
    const { status, headers } = await refusal(search());
    expect([status, headers['x-ratelimit-resource']]).toEqual([403, 'search']);
    now += 60_000;
    expect((await search()).status).toBe(200);
  });
});

describe('a label', () => {
  test('exists once whatever its case, and is added, replaced and removed on issues', async () => {
    await bot.rest.issues.createLabel({
      ...shop.at,
      name: 'Service:Web',
      color: 'ff0000',
      description: 'Web',
    });
    const again = bot.rest.issues.createLabel({ ...shop.at, name: 'service:web' });
    expect((await refusal(again)).data.errors?.[0]).toMatchObject({ code: 'already_exists', field: 'name' });
    const { data: issue } = await bot.rest.issues.create({ ...shop.at, title: 'Labels', labels: ['a'] });
    const on = { ...shop.at, issue_number: issue.number };
    const added = await bot.rest.issues.addLabels({ ...on, labels: ['service:web'] });
    expect(added.data.map(({ name }) => name)).toEqual(['a', 'Service:Web']);
    const left = await bot.rest.issues.removeLabel({ ...on, name: 'a' });
    expect(left.data.map(({ name }) => name)).toEqual(['Service:Web']);
    expect((await refusal(bot.rest.issues.removeLabel({ ...on, name: 'a' }))).status).toBe(404);
    expect((await bot.rest.issues.setLabels({ ...on, labels: ['b'] })).data.map(({ name }) => name)).toEqual([
      'b',
    ]);
  });
});

describe('a pull request', () => {
  const open = async (branch: string, author = octocat): Promise<{ number: number; head: string }> => {
    shop.git('checkout', '-q', '-b', branch, 'main');
    const head = shop.commit(`${branch}.txt`, branch);
    shop.git('checkout', '-q', 'main');
    const { data } = await author.rest.pulls.create({
      ...shop.at,
      title: `Add ${branch}`,
      head: branch,
      base: 'main',
    });
    return { number: data.number, head };
  };

  test('is reviewed by others, never approved by its author', async () => {
    const { number, head } = await open('reviewed');
    const approve = (octokit: Octokit) =>
      octokit.rest.pulls.createReview({ ...shop.at, pull_number: number, event: 'APPROVE' });
    expect((await refusal(approve(octocat))).status).toBe(422);
    expect((await approve(hubot)).data).toMatchObject({
      state: 'APPROVED',
      commit_id: head,
      user: { login: 'hubot' },
    });
    const { repository } = await bot.graphql<{ repository: { pullRequest: unknown } }>(
      `{ repository(owner: "acme", name: "shop") { pullRequest(number: ${number}) {
        state author { login } headRefOid
        reviews(first: 10, states: [APPROVED]) { nodes { state author { login } commit { oid } } }
        commits(first: 10) { nodes { commit { oid } } }
      } } }`,
    );
    expect(repository.pullRequest).toMatchObject({
      state: 'OPEN',
      author: { login: 'octocat' },
      reviews: { nodes: [{ author: { login: 'hubot' }, commit: { oid: head } }] },
      commits: { nodes: [{ commit: { oid: head } }] },
    });
  });

  test.each(['merge', 'squash', 'rebase'] as const)(
    'merged by %s is found from the commit it became',
    async (merge_method) => {
      const { number, head } = await open(`by-${merge_method}`);
      shop.git('checkout', '-q', '--detach');
      shop.git('checkout', '-q', 'main');
      const { data } = await hubot.rest.pulls.merge({ ...shop.at, pull_number: number, merge_method });
      shop.git('reset', '-q', '--hard', 'main');
      expect(shop.git('rev-parse', 'main')).toBe(data.sha);
      expect(shop.git('show', `main:by-${merge_method}.txt`)).toBe(`by-${merge_method}`);
      const pulls = async (commit_sha: string) =>
        (await bot.rest.repos.listPullRequestsAssociatedWithCommit({ ...shop.at, commit_sha })).data.map(
          (one) => one.number,
        );
      expect(await pulls(data.sha)).toEqual([number]);
      expect(await pulls(head)).toEqual([number]);
      const merged = await bot.rest.pulls.get({ ...shop.at, pull_number: number });
      expect(merged.data).toMatchObject({
        merged: true,
        state: 'closed',
        merge_commit_sha: data.sha,
        merged_by: { login: 'hubot' },
      });
      const { repository } = await bot.graphql<{ repository: { object: unknown } }>(
        `query Pulls($oid: GitObjectID!) { repository(owner: "acme", name: "shop") { object(oid: $oid) { ... on Commit {
        associatedPullRequests(first: 5) { nodes { number merged mergedBy { login } mergeCommit { oid } } } } } } }`,
        { oid: data.sha },
      );
      expect(repository.object).toMatchObject({
        associatedPullRequests: {
          nodes: [{ number, merged: true, mergedBy: { login: 'hubot' }, mergeCommit: { oid: data.sha } }],
        },
      });
    },
  );

  test('is not merged when the head moved, when it conflicts, or twice', async () => {
    const { number } = await open('stale');
    const merge = (sha?: string) =>
      hubot.rest.pulls.merge({ ...shop.at, pull_number: number, ...(sha === undefined ? {} : { sha }) });
    expect((await refusal(merge('0'.repeat(40)))).status).toBe(409);
    shop.commit('stale.txt', 'other');
    expect((await refusal(merge())).status).toBe(405);
    const { data } = await bot.rest.pulls.get({ ...shop.at, pull_number: number });
    expect(data).toMatchObject({ mergeable: false, mergeable_state: 'dirty', commits: 1, changed_files: 1 });
  });

  test('lists its files and is listed by state and base', async () => {
    const { number } = await open('listed', hubot);
    const files = await bot.rest.pulls.listFiles({ ...shop.at, pull_number: number });
    expect(files.data.map(({ filename }) => filename)).toEqual(['listed.txt']);
    const list = await bot.rest.pulls.list({ ...shop.at, head: 'acme:listed', state: 'open', base: 'main' });
    expect(list.data.map((one) => one.number)).toEqual([number]);
  });
});

describe('a release', () => {
  test('makes its tag; the latest is neither a draft nor a prerelease', async () => {
    const create = (tag_name: string, fields: { draft?: boolean; prerelease?: boolean } = {}) =>
      bot.rest.repos.createRelease({ ...shop.at, tag_name, ...fields });
    await create('v1.0.0');
    await create('v1.1.0-rc.1', { prerelease: true });
    await create('v9', { draft: true });
    expect(shop.git('rev-parse', 'v1.0.0')).toBe(shop.git('rev-parse', 'main'));
    expect((await bot.rest.repos.getLatestRelease(shop.at)).data.tag_name).toBe('v1.0.0');
    expect((await bot.rest.repos.getReleaseByTag({ ...shop.at, tag: 'v1.1.0-rc.1' })).data.prerelease).toBe(
      true,
    );
    expect((await refusal(create('v1.0.0'))).data.errors?.[0]).toMatchObject({ code: 'already_exists' });
    expect((await bot.rest.repos.listReleases(shop.at)).data).toHaveLength(3);
  });
});
