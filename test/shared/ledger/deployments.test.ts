import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import type { GitHub } from '../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { listDeployments } from '../../../shared/ledger/list-deployments.js';
import { distrustUnread, outcomeOf, type DeploymentState } from '../../../shared/ledger/record.js';
import { ledgerStage, type LedgerStage } from './stage.js';

let shop: LedgerStage;
let environment: string;
let count = 0;

beforeAll(async () => void (shop = await ledgerStage()));
beforeEach(() => {
  shop.server.control.clearFaults();
  shop.server.control.setClock({ offsetMs: 0 });
  environment = `env-${++count}`;
});
afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const create = (
  changed: Partial<DeploymentPayload> = {},
  github = shop.github,
  description = 'Release 1.0.0',
) =>
  createDeployment(github, {
    environment,
    service: changed.service ?? 'shop',
    sha: shop.sha,
    production: true,
    description,
    payload: shop.payload(changed),
  });
const set = (id: number, state: Exclude<DeploymentState, 'waiting'>, github = shop.github) =>
  setDeploymentStatus(github, id, state, `now ${state}`);
const list = async (query: Partial<Parameters<typeof listDeployments>[1]> = {}) =>
  listDeployments(shop.github, { environments: [environment], ...query });
const only = async () => (await list()).records[0]!;

describe('a record', () => {
  it('is read back as it was written', async () => {
    const id = await create({
      kind: 'hotfix',
      previous: 7,
      waivers: [{ gate: 'window', reason: 'fire', by: 'ana' }],
    });
    await setDeploymentStatus(shop.github, id, 'in_progress', 'moving', {
      log: 'https://log.example/1',
      environment: 'https://shop.example',
    });
    const record = await only();
    expect(record).toMatchObject({
      id,
      environment,
      service: 'shop',
      sha: shop.sha,
      by: { login: 'github-actions', bot: true },
      payload: shop.payload({
        kind: 'hotfix',
        previous: 7,
        waivers: [{ gate: 'window', reason: 'fire', by: 'ana' }],
      }),
      statuses: [{ state: 'in_progress', description: 'moving', by: { bot: true } }],
      distrust: [],
    });
    expect(record.createdAt).toBeGreaterThan(Date.UTC(2026, 0));
  });

  it.each(['queued', 'pending', 'in_progress', 'success', 'failure', 'error', 'inactive'] as const)(
    'has the status %s that was set',
    async (state) => {
      await set(await create(), state);
      expect((await only()).statuses.map((status) => status.state)).toEqual([state]);
    },
  );

  it('keeps the order of statuses that were set within one second', async () => {
    const id = await create();
    const states = ['queued', 'in_progress', 'success', 'failure', 'inactive'] as const;
    for (const state of states) await set(id, state);
    const record = await only();
    expect(new Set(record.statuses.map(({ at }) => Math.floor(at / 1_000))).size).toBeLessThan(states.length);
    expect(record.statuses.map(({ state }) => state)).toEqual(states);
    expect(outcomeOf(record).is).toBe('taken-back');
  });

  it('of one service is not touched by the success of another', async () => {
    const shopId = await create();
    await set(shopId, 'success');
    await set(await create({ service: 'cart' }), 'success');
    const records = (await list()).records;
    expect(records.map((record) => outcomeOf(record).is)).toEqual(['succeeded', 'succeeded']);
    expect((await list({ service: 'SHOP' })).records.map(({ id }) => id)).toEqual([shopId]);
  });

  it.each([
    ['long', 'x'.repeat(300), /^x{139}…$/],
    ['of many lines', 'a\n\n  b\tc ', /^a b c$/],
    ['cut inside of an emoji', `${'x'.repeat(138)}😀😀`, /^x{138}…$/],
  ])('has a description that fits when it was %s', async (_, description, fits) => {
    const id = await create({}, shop.github, description);
    await setDeploymentStatus(shop.github, id, 'queued', description);
    expect((await only()).statuses[0]?.description).toMatch(fits);
  });

  it('has a payload that cannot be made wrong', async () => {
    await expect(create({ digest: 'latest' })).rejects.toThrow('digest');
    expect((await list()).records).toEqual([]);
  });

  it('is not created twice when the answer is lost: the error says that it may exist', async () => {
    shop.server.control.addFault({ method: 'POST', path: '/deployments$', after: true });
    await expect(create()).rejects.toThrow('could not be reached');
    expect((await list()).records).toHaveLength(1);
  });
});

describe('what others wrote', () => {
  const post = (github: GitHub, body: { task?: string; payload?: unknown; ref?: string }) =>
    github.rest('POST /repos/{owner}/{repo}/deployments', {
      ref: shop.sha,
      environment,
      auto_merge: false,
      required_contexts: [],
      task: 'devops-actions/shop',
      payload: shop.payload(),
      ...body,
    } as never) as Promise<{ id: number }>;

  it('is shown as not trusted when a person made it, whatever it says', async () => {
    await create({}, await shop.as('hubot'));
    expect((await only()).distrust).toEqual(['created by hubot, who does not write the ledger']);
  });

  it('is not trusted when the person calls himself like the bot', async () => {
    shop.server.control.addUser({ login: 'github-actions', role: 'write' });
    await create({}, await shop.as('github-actions'));
    expect((await only()).distrust).toHaveLength(1);
  });

  it('is trusted when its App is named as a writer', async () => {
    await create({}, await shop.as('release-app[bot]'));
    expect((await only()).distrust).toHaveLength(1);
    expect((await list({ writers: ['release-app[bot]'] })).records[0]!.distrust).toEqual([]);
  });

  it('as a status does not count: a person cannot take a release back or declare it good', async () => {
    const id = await create();
    const hubot = await shop.as('hubot');
    await set(id, 'success', hubot);
    expect(outcomeOf(await only()).is).toBe('in-flight');
    await set(id, 'success');
    await set(id, 'failure', hubot);
    await set(id, 'inactive', hubot);
    expect(outcomeOf(await only())).toMatchObject({ is: 'succeeded' });
    expect((await only()).statuses).toHaveLength(1);
  });

  it('is read when the payload is text that holds JSON', async () => {
    await post(shop.github, { payload: JSON.stringify(shop.payload()) });
    expect((await only()).payload).toEqual(shop.payload());
  });

  it('is left out when it is none of ours in form', async () => {
    await post(shop.github, { task: 'deploy' });
    await post(shop.github, { task: 'devops-actions/cart' });
    await post(shop.github, { payload: 'not JSON' });
    await post(shop.github, { payload: '' });
    await post(shop.github, { payload: { ...shop.payload(), digest: 'latest' } });
    expect((await list()).records).toEqual([]);
  });

  it('is not trusted when its payload names another commit than it deploys', async () => {
    await post(shop.github, {
      payload: shop.payload({ releasedSha: 'd'.repeat(40), builtSha: 'd'.repeat(40) }),
    });
    expect((await only()).distrust).toEqual([`its commit ${shop.sha} is not the one in its payload`]);
  });
});

it('of one service are read with no more requests when others have 3,200 in the environment', async () => {
  const id = await create();
  const asked = { environments: [environment, `${environment}-2`], service: 'Shop' };
  const none = await listDeployments(shop.github, asked);
  for (const task of ['devops-actions/cart', 'deploy'])
    shop.server.control.addDeployments({
      ...{ owner: 'acme', name: 'shop', actor: 'github-actions[bot]', ref: shop.sha },
      ...{ task, environment, count: 1_600 },
    });
  const many = await listDeployments(shop.github, asked);
  expect(many.records.map((record) => record.id)).toEqual([id]);
  expect(many).toEqual(none);
  expect(many.requests).toBe(2);
  const elsewhere = { actor: 'github-actions[bot]', ref: shop.sha, task: 'devops-actions/shop', count: 100 };
  shop.server.control.addDeployments({ owner: 'acme', name: 'shop', environment: 'other', ...elsewhere });
  const more = await listDeployments(shop.github, asked);
  expect(more.records).toEqual(none.records);
  expect(more.requests).toBe(4);
});

it('of several environments are read in one request where a page holds them all, and whole where it does not', async () => {
  const id = await create();
  const asked = { environments: [environment, `${environment}-2`], service: 'shop', wholeFirst: true };
  const few = await listDeployments(shop.github, asked);
  expect(few).toMatchObject({ requests: 1, complete: true, records: [{ id }] });
  shop.server.control.addDeployments({
    ...{ owner: 'acme', name: 'shop', actor: 'github-actions[bot]', ref: shop.sha },
    ...{ task: 'devops-actions/cart', environment, count: 100 },
  });
  // One page of everybody's, one of the service's, which are many elsewhere, one list an environment, and the look.
  expect(await listDeployments(shop.github, asked)).toEqual({ ...few, requests: 5 });
});

it('are read again where one was deleted between the list and the look', async () => {
  const id = await create();
  const asked: unknown[] = [];
  const graphql: GitHub['graphql'] = async (document, variables) => {
    const ids = variables?.['ids'] as string[];
    asked.push(ids);
    return shop.github.graphql(document, asked.length === 1 ? { ids: [...ids, 'DE_gone'] } : variables);
  };
  const { records } = await listDeployments(
    { ...shop.github, graphql },
    { environments: [environment], service: 'shop' },
  );
  expect(records.map((record) => record.id)).toEqual([id]);
  expect(asked).toHaveLength(2);
});

describe('statuses of strangers', () => {
  const flood = (id: number, count: number) =>
    shop.server.control.addDeploymentStatuses(id, { actor: 'hubot', state: 'inactive', count });
  const read = async () => (await list({ service: 'shop' })).records[0]!;

  it.each([
    ['101, 1 request more', 101, 3],
    ['1,000, as many as it takes', 1_000, 12],
  ])('%s, hide none of the others', async (_, count, requests) => {
    const id = await create();
    await set(id, 'success');
    flood(id, count);
    await set(id, 'failure');
    const record = await read();
    expect(record.statuses.map(({ state }) => state)).toEqual(['success', 'failure']);
    expect(record.unread).toBeUndefined();
    expect((await list({ service: 'shop' })).requests).toBe(requests);
  });

  it('more than can be read leave a gap that is said, and no look costs more for many such records', async () => {
    for (let made = 0; made < 3; made++) {
      const id = await create();
      await set(id, 'success');
      flood(id, 2_001);
      await set(id, 'failure');
      flood(id, 2_001);
    }
    const { records, requests } = await list({ service: 'shop' });
    expect(records.map(({ statuses }) => statuses.map(({ state }) => state))).toEqual([
      ['success'],
      ['success'],
      ['success'],
    ]);
    for (const { unread, distrust } of records)
      expect([unread, distrust]).toEqual([expect.stringMatching(/^it has 4004 statuses, of which only/), []]);
    expect(requests).toBe(23);
    expect(distrustUnread(records).map(({ distrust }) => distrust)).toEqual(
      records.map(({ unread }) => [unread]),
    );
  });
});

describe('a long history', () => {
  const ids: number[] = [];

  /** Releases a minute apart, the last one now, every tenth a success; the first one is of another service. */
  beforeAll(async () => {
    environment = 'long';
    for (let i = 0; i < 105; i++) {
      shop.server.control.setClock({ offsetMs: (i - 104) * 60_000 });
      ids.push(await create({ version: `1.0.${i}`, service: i === 0 ? 'cart' : 'shop' }));
      if (i % 10 === 0) await set(ids[i]!, 'success');
    }
  });
  beforeEach(() => void (environment = 'long'));

  it('is read newest first, 100 a request', async () => {
    const whole = await list();
    expect(whole).toMatchObject({ requests: 2, complete: true });
    expect(whole.records.map(({ id }) => id)).toEqual([...ids].reverse());
  });

  it('is read only to the page that has a success before a time', async () => {
    const { records } = await list();
    const recent = await list({ service: 'shop', since: records[49]!.createdAt });
    expect(recent).toEqual({ records: records.slice(0, 100), requests: 2, complete: true });
    expect((await list({ service: 'shop', since: records[99]!.createdAt })).requests).toBe(4);
  });

  it('is read on until every service has a success before that time', async () => {
    const { records } = await list();
    await create({ service: 'cart' });
    const all = await list({ since: records[49]!.createdAt });
    expect(all.requests).toBe(2);
    expect(all.records.filter(({ service }) => service === 'cart')).toHaveLength(2);
  });

  it('that is cut at a limit says so', async () => {
    expect(await list({ limit: 100 })).toMatchObject({ requests: 1, complete: false });
  });
});
