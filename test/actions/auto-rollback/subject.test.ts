import { describe, expect, it } from '@jest/globals';
import { findLive, movedAway } from '../../../actions/auto-rollback/subject.js';
import { GitHubError } from '../../../shared/github/problem.js';
import type { GitHub, GitHubClock } from '../../../shared/github/client.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { prover } from '../../../shared/ledger/proof/trust.js';
import { defineRouter, observeStates, RouterError } from '../../../shared/traffic/router.js';
import { isoInstant } from '../../../shared/time/instant.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import type { Timeline } from '../../../shared/traffic/timeline.js';
import { record } from './facts.js';

const bot = { __typename: 'Bot', login: 'github-actions' };
const person = { __typename: 'User', login: 'github-actions' };

interface World {
  records: DeploymentRecord[];
  /** Deployments and statuses that a person made, by id. */
  forged?: { deployments?: number[]; statuses?: number[] };
  /** Runs that do not exist. */
  missingRuns?: number[];
  weights?: Record<string, number>;
  /** Nodes beside the one with these weights that do not answer. */
  silent?: string[];
  /** Versions that the colours say they run; none say any by default. */
  running?: Record<string, string>;
}

function reader({
  records,
  forged = {},
  missingRuns = [],
  weights = { blue: 0, green: 100 },
  silent = [],
  running = {},
}: World) {
  const nodes = records.map(({ id, createdAt, payload, statuses }) => ({
    id: `DE_${id}`,
    databaseId: id,
    task: 'devops-actions/shop',
    environment: 'production',
    commitOid: payload.releasedSha,
    createdAt: isoInstant(createdAt),
    payload: JSON.stringify(payload),
    creator: forged.deployments?.includes(id) ? person : bot,
    statuses: {
      pageInfo: { hasNextPage: false },
      nodes: [...statuses].reverse().map(({ state, at }) => ({
        state: state.toUpperCase(),
        createdAt: isoInstant(at),
        description: '',
        logUrl: `https://github.example/acme/shop/actions/runs/${payload.run.id}`,
        creator: forged.statuses?.includes(id) ? person : bot,
      })),
    },
  }));
  const github = {
    owner: 'acme',
    repository: 'shop',
    graphql: async () => ({ nodes }),
    rest: async (route: string, { run_id }: { run_id: number }) => {
      if (route.endsWith('/deployments')) return nodes.map(({ id }) => ({ node_id: id }));
      if (missingRuns.includes(run_id)) throw new GitHubError('Not Found', 404);
      return {
        repository: { full_name: 'acme/shop' },
        path: '',
        event: 'push',
        head_sha: 'c'.repeat(40),
        run_attempt: 1,
      };
    },
  } as unknown as GitHub & GitHubClock;
  const router = defineRouter({
    kind: 'test',
    nodes: ['edge-1', ...silent],
    can: { atomic: true, weighted: true },
    readNode: async (node) => {
      if (silent.includes(node)) throw new RouterError(`Node "${node}" does not answer.`, node);
      return { weights };
    },
    together: observeStates,
    plan: () => [],
    apply: () => Promise.reject(new Error('nothing is to be changed here')),
  });
  return {
    github,
    environment: 'production',
    service: 'shop',
    writers: ['github-actions[bot]'],
    prove: prover(github),
    router,
    ...talking(running),
  };
}

/** Colours that answer with a version, each under its own name as host. */
function talking(running: Record<string, string>): Pick<TrafficControl, 'http' | 'config'> {
  const send = async ({ url }: { url: string }) => {
    const version = running[new URL(url).hostname];
    if (version === undefined) return { ok: false, fault: { message: 'no answer' } };
    const body = new TextEncoder().encode(JSON.stringify({ version, digest: two[0]!.payload.digest }));
    return { ok: true, response: { url, status: 200, headers: {}, body, durationMs: 1 } };
  };
  const colours = { blue: { url: 'http://blue' }, green: { url: 'http://green' } };
  const identity = { path: '/', version: { json: '$.version' }, digest: { json: '$.digest' } };
  return {
    http: { send } as unknown as TrafficControl['http'],
    config: { colours, identity, health: { timeout: 1_000 } } as unknown as TrafficControl['config'],
  };
}

const two = [
  record(2, '1.1.0', 'green', ['success'], { previous: 1 }),
  record(1, '1.0.0', 'blue', ['success', 'inactive']),
];

describe('the live release', () => {
  it('is the one that ledger and router name alike, with the one before it to go back to', async () => {
    expect(await findLive(reader({ records: two }), undefined)).toMatchObject({
      ok: true,
      live: { id: 2 },
      good: { id: 1 },
    });
  });

  it.each<[string, World, number | undefined, string]>([
    [
      'the router sends traffic elsewhere',
      { records: two, weights: { blue: 100, green: 0 } },
      undefined,
      'the router says blue 100 %',
    ],
    [
      'traffic is mixed',
      { records: two, weights: { blue: 90, green: 10 } },
      undefined,
      'blue 90 %, green 10 %',
    ],
    [
      'another Deployment was meant',
      { records: two },
      1,
      'Deployment 1 is not live any more: 1.1.0 (Deployment 2) is',
    ],
    ['the ledger is empty', { records: [] }, undefined, 'nothing of shop in production is live'],
    [
      'a person wrote the only Deployment',
      { records: [two[0]!], forged: { deployments: [2] } },
      undefined,
      'Deployment 2 does not count',
    ],
    [
      'a person wrote its success',
      { records: [two[0]!], forged: { statuses: [2] } },
      undefined,
      'nothing of shop in production is live',
    ],
    ['its run does not exist', { records: two, missingRuns: [102] }, undefined, 'run 102 does not exist'],
  ])('is not known when %s', async (_, world, wanted, why) => {
    expect(await findLive(reader(world), wanted)).toMatchObject({
      ok: false,
      why: expect.stringContaining(why),
    });
  });

  it('is what the router and its colour say, when a forged rollback says otherwise', async () => {
    const forged = record(3, '1.0.0', 'blue', ['success'], { previous: 2, kind: 'rollback' });
    const records = [forged, record(2, '1.1.0', 'green', ['success', 'failure'], { previous: 1 }), two[1]!];
    const found = await findLive(reader({ records, running: { blue: '1.0.0', green: '1.1.0' } }), undefined);
    expect(found).toMatchObject({ ok: true, live: { id: 2 }, good: { id: 1 } });
    const overwritten = reader({ records, running: { blue: '1.0.0', green: '6.6.6' } });
    expect(await findLive(overwritten, undefined)).toMatchObject({ ok: false });
  });

  it('is not known when somebody moved traffic away from a release that its colour still runs', async () => {
    const weights = { blue: 100, green: 0 };
    const world = reader({ records: two, weights, running: { blue: '1.0.0', green: '1.1.0' } });
    expect(await findLive(world, undefined)).toMatchObject({
      ok: false,
      why: expect.stringContaining('the ledger says 1.1.0 is live on green'),
    });
  });

  it('is not known either when that colour is dead: what traffic was moved to by hand is nothing to take back', async () => {
    const world = reader({ records: two, weights: { blue: 100, green: 0 }, running: { blue: '1.0.0' } });
    expect(await findLive(world, undefined)).toMatchObject({
      ok: false,
      why: expect.stringContaining('the ledger says 1.1.0 is live on green'),
    });
  });

  it('is known although a node cannot be read: a rescue does not wait for it', async () => {
    const message: string[] = [];
    const world = reader({ records: two, silent: ['edge-2'] });
    const timeline = { say: (line: string) => void message.push(line) } as unknown as Timeline;
    expect(await findLive({ ...world, timeline }, undefined)).toMatchObject({ ok: true, live: { id: 2 } });
    expect(message).toContain('Node "edge-2" does not answer.');
  });

  it('is not known when no node can be read', async () => {
    expect(await findLive(reader({ records: two, silent: ['edge-1'] }), undefined)).toMatchObject({
      ok: false,
      why: expect.stringContaining('no node can be read'),
    });
  });

  it('is watched but has nothing to go back to when the one before it cannot be trusted', async () => {
    const found = await findLive(reader({ records: two, missingRuns: [101] }), undefined);
    expect(found).toMatchObject({ ok: true, live: { id: 2 }, good: undefined });
  });

  it('never goes back to a release that was taken back itself', async () => {
    const records = [
      record(3, '1.2.0', 'green', ['success'], { previous: 2 }),
      record(2, '1.1.0', 'blue', ['success', 'failure']),
    ];
    expect(await findLive(reader({ records }), undefined)).toMatchObject({
      ok: true,
      live: { id: 3 },
      good: undefined,
    });
  });
});

describe('traffic during a watch', () => {
  it('has moved away when the router says another colour, and not when it cannot be asked', async () => {
    const weights = { blue: 100, green: 0 };
    expect(await movedAway(reader({ records: two, weights }), 'green')).toBe('blue 100 %');
    expect(await movedAway(reader({ records: two, weights }), 'blue')).toBeUndefined();
    const one = reader({ records: two, weights, silent: ['edge-2'] });
    expect(await movedAway(one, 'green')).toBe('blue 100 %');
    expect(await movedAway(one, 'blue')).toBeUndefined();
    expect(await movedAway(reader({ records: two, weights, silent: ['edge-1'] }), 'green')).toBeUndefined();
  });
});
