import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { getOctokit } from '@actions/github';
import { type Octokit, refusal, type Stage, stage } from './support.js';

const zeros = '0'.repeat(40);
let shop: Stage;
let bot: Octokit;
let repositoryId: string;

beforeAll(async () => {
  shop = await stage();
  bot = shop.octokit();
  repositoryId = (await bot.rest.repos.get(shop.at)).data.node_id;
});

afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

interface Update {
  name: string;
  afterOid: string;
  beforeOid?: string;
  force?: boolean;
}

const updateRefs = (refUpdates: Update[], octokit = bot): Promise<unknown> =>
  octokit.graphql(
    'mutation Move($input: UpdateRefsInput!) { updateRefs(input: $input) { clientMutationId } }',
    { input: { repositoryId, refUpdates } },
  );

/** The type and words of a GraphQL refusal. */
const graphqlRefusal = async (call: Promise<unknown>): Promise<{ type?: string; message: string }> => {
  try {
    await call;
  } catch (error) {
    return (error as { errors: { type?: string; message: string }[] }).errors[0] ?? { message: '' };
  }
  throw new Error('the call was not refused');
};

/** A state commit as the ledger writes one: a JSON file on top of the previous state. */
const stateCommit = async (content: unknown, parents: string[] = []): Promise<string> => {
  const tree = await bot.rest.git.createTree({
    ...shop.at,
    tree: [{ path: 'lock.json', mode: '100644', type: 'blob', content: JSON.stringify(content) }],
  });
  const commit = await bot.rest.git.createCommit({
    ...shop.at,
    message: 'lock',
    tree: tree.data.sha,
    parents,
  });
  return commit.data.sha;
};

const at = (name: string): string | null => {
  try {
    return shop.git('rev-parse', '--verify', '-q', name);
  } catch {
    return null;
  }
};

describe('updateRefs', () => {
  test('creates a ref only if it does not exist, moves it only from where it is, and deletes it', async () => {
    const name = 'refs/devops-actions/prod/web/lock';
    const first = await stateCommit({ step: 1 });
    const second = await stateCommit({ step: 2 }, [first]);
    await updateRefs([{ name, beforeOid: zeros, afterOid: first }]);
    expect(at(name)).toBe(first);
    const refusals = [
      await graphqlRefusal(updateRefs([{ name, beforeOid: zeros, afterOid: second }])),
      await graphqlRefusal(updateRefs([{ name, beforeOid: second, afterOid: second }])),
      await graphqlRefusal(updateRefs([{ name, beforeOid: second, afterOid: zeros }])),
    ];
    expect(refusals.map(({ type }) => type)).toEqual(['UNPROCESSABLE', 'UNPROCESSABLE', 'UNPROCESSABLE']);
    await updateRefs([{ name, beforeOid: first, afterOid: second }]);
    expect(shop.git('show', `${name}:lock.json`)).toBe('{"step":2}');
    await updateRefs([{ name, beforeOid: second, afterOid: zeros }]);
    expect(at(name)).toBeNull();
  });

  test('moves all refs or none', async () => {
    const oid = await stateCommit({ all: true });
    const [free, taken] = ['refs/devops-actions/prod/a/lock', 'refs/devops-actions/prod/b/lock'];
    await updateRefs([{ name: taken, beforeOid: zeros, afterOid: oid }]);
    await graphqlRefusal(
      updateRefs([
        { name: free, beforeOid: zeros, afterOid: oid },
        { name: taken, beforeOid: zeros, afterOid: oid },
      ]),
    );
    expect(at(free)).toBeNull();
    await updateRefs([
      { name: free, beforeOid: zeros, afterOid: oid },
      { name: taken, beforeOid: oid, afterOid: zeros },
    ]);
    expect([at(free), at(taken)]).toEqual([oid, null]);
  });

  test('refuses what is no fast forward unless forced, and checks nothing without beforeOid', async () => {
    const name = 'refs/devops-actions/prod/c/lock';
    const [one, other] = [await stateCommit({ n: 1 }), await stateCommit({ n: 2 })];
    await updateRefs([{ name, afterOid: one }]);
    const { message } = await graphqlRefusal(updateRefs([{ name, beforeOid: one, afterOid: other }]));
    expect(message).toContain('not a fast forward');
    await updateRefs([{ name, beforeOid: one, afterOid: other, force: true }]);
    expect(at(name)).toBe(other);
  });

  test('lets exactly one of twenty racing writers win', async () => {
    const name = 'refs/devops-actions/prod/race/lock';
    const oids = await Promise.all(Array.from({ length: 20 }, (_, writer) => stateCommit({ writer })));
    const outcomes = await Promise.allSettled(
      oids.map((afterOid) => updateRefs([{ name, beforeOid: zeros, afterOid }])),
    );
    const winners = outcomes.flatMap(({ status }, index) => (status === 'fulfilled' ? [oids[index]] : []));
    expect(winners).toEqual([at(name)]);
  });

  test('needs contents: write', async () => {
    const reader = shop.octokit('github-actions[bot]', { contents: 'read' });
    const afterOid = await stateCommit({});
    const { type, message } = await graphqlRefusal(updateRefs([{ name: 'refs/x/y', afterOid }], reader));
    expect([type, message]).toEqual(['FORBIDDEN', 'Resource not accessible by integration']);
  });

  test('over and over leaves a sound repository', async () => {
    let parent: string | null = null;
    const rounds = 5;
    for (let round = 0; round < rounds; round += 1) {
      const oid: string = await stateCommit({ round }, parent === null ? [] : [parent]);
      await updateRefs([{ name: 'refs/devops-actions/t/t/lock', beforeOid: parent ?? zeros, afterOid: oid }]);
      parent = oid;
    }
    expect(await at('refs/devops-actions/t/t/lock')).toBe(parent);
    expect(shop.git('fsck', '--strict', '--no-dangling')).toBe('');
  });
});

describe('refs over REST', () => {
  test('are created once: the second creation is a 422', async () => {
    const sha = shop.git('rev-parse', 'main');
    const create = () => bot.rest.git.createRef({ ...shop.at, ref: 'refs/devops-actions/rest/one', sha });
    expect((await create()).data.object).toMatchObject({ sha, type: 'commit' });
    const { status, message } = await refusal(create());
    expect([status, message]).toEqual([422, expect.stringContaining('Reference already exists')]);
  });

  test('have slashes in their names, however they are sent', async () => {
    const ref = 'devops-actions/rest/one';
    expect((await bot.rest.git.getRef({ ...shop.at, ref })).data.ref).toBe(`refs/${ref}`);
    const raw = await bot.request(`GET /repos/acme/shop/git/ref/${ref}`);
    expect(raw.data.ref).toBe(`refs/${ref}`);
    const { data } = await bot.rest.git.listMatchingRefs({ ...shop.at, ref: 'devops-actions/rest/' });
    expect(data.map((one) => one.ref)).toEqual([`refs/${ref}`]);
    expect((await refusal(bot.rest.git.getRef({ ...shop.at, ref: 'heads/none' }))).status).toBe(404);
  });

  test('move forward, backward only when forced, and go away', async () => {
    const ref = 'heads/moving';
    const old = shop.git('rev-parse', 'main');
    await bot.rest.git.createRef({ ...shop.at, ref: `refs/${ref}`, sha: old });
    const sha = shop.commit('moved.txt', '1');
    await bot.rest.git.updateRef({ ...shop.at, ref, sha });
    const { status } = await refusal(bot.rest.git.updateRef({ ...shop.at, ref, sha: old }));
    expect(status).toBe(422);
    await bot.rest.git.updateRef({ ...shop.at, ref, sha: old, force: true });
    expect(at('refs/heads/moving')).toBe(old);
    await bot.rest.git.deleteRef({ ...shop.at, ref });
    expect(at('refs/heads/moving')).toBeNull();
  });
});

describe('git objects', () => {
  test('a tree keeps what its base has, adds nested files and drops those set to null', async () => {
    const base_tree = shop.git('rev-parse', 'main^{tree}');
    const { data } = await bot.rest.git.createTree({
      ...shop.at,
      base_tree,
      tree: [
        { path: 'deploy/nested/file.txt', mode: '100755', type: 'blob', content: 'run' },
        { path: 'moved.txt', mode: '100644', type: 'blob', sha: null },
      ],
    });
    const files = shop.git('ls-tree', '-r', '--name-only', data.sha).split('\n');
    expect(files).toEqual(['README.md', 'deploy/nested/file.txt']);
    expect(shop.git('ls-tree', '-r', data.sha, 'deploy')).toMatch(/^100755 /);
    const read = await bot.rest.git.getTree({ ...shop.at, tree_sha: data.sha, recursive: 'true' });
    expect(read.data.tree.map(({ path }) => path)).toEqual([
      'README.md',
      'deploy',
      'deploy/nested',
      'deploy/nested/file.txt',
    ]);
  });

  test('a blob comes back as it was stored', async () => {
    const content = Buffer.from([0, 1, 255]).toString('base64');
    const { data } = await bot.rest.git.createBlob({ ...shop.at, content, encoding: 'base64' });
    const read = await bot.rest.git.getBlob({ ...shop.at, file_sha: data.sha });
    expect(Buffer.from(read.data.content, 'base64')).toEqual(Buffer.from([0, 1, 255]));
  });

  test('a commit is signed by the caller unless it says otherwise, and needs a real tree', async () => {
    const tree = shop.git('rev-parse', 'main^{tree}');
    const { data } = await bot.rest.git.createCommit({ ...shop.at, message: 'ünï\n\nbody', tree });
    expect(data.author.email).toBe('41898282+github-actions[bot]@users.noreply.github.com');
    expect((await bot.rest.git.getCommit({ ...shop.at, commit_sha: data.sha })).data.message).toBe(
      'ünï\n\nbody',
    );
    const author = { name: 'Mona', email: 'mona@example.com', date: '2026-01-02T03:04:05Z' };
    const dated = await bot.rest.git.createCommit({ ...shop.at, message: 'm', tree, author });
    expect([dated.data.author, dated.data.committer]).toEqual([author, author]);
    expect((await refusal(bot.rest.git.createCommit({ ...shop.at, message: 'm', tree: zeros }))).status).toBe(
      422,
    );
  });
});

describe('a token', () => {
  test('without the permission is refused with the permission that would do', async () => {
    const reader = shop.octokit('github-actions[bot]', { contents: 'read' });
    const sha = shop.git('rev-parse', 'main');
    const { status, message, headers } = await refusal(
      reader.rest.git.createRef({ ...shop.at, ref: 'refs/heads/x', sha }),
    );
    expect([status, message]).toEqual([
      403,
      expect.stringContaining('Resource not accessible by integration'),
    ]);
    expect(headers['x-accepted-github-permissions']).toBe('contents=write');
  });

  test('that is unknown is a 401', async () => {
    const stranger = getOctokit('nonsense', { baseUrl: shop.server.url });
    const { status } = await refusal(stranger.rest.repos.get(shop.at));
    expect(status).toBe(401);
  });
});
