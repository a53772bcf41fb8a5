import { describe, expect, it } from '@jest/globals';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import { gather, type GatherRequest } from '../../../../actions/dora-report/collect/gather.js';
import type { GitHub } from '../../../../shared/github/client.js';
import { writeMarker } from '../../../../shared/ledger/incidents.js';
import { fakeHistory, type FakeCommit } from './fake-history.js';
import { epoch, question, sha } from '../ledger-facts.js';

const from = Date.parse(question.from);
const to = Date.parse(question.to);
const bot = { __typename: 'Bot', login: 'github-actions' };
const hour = 3_600_000;
const iso = (ms: number) => new Date(ms).toISOString();

function deploymentNode(
  id: number,
  at: number,
  commit: string,
  more: { task?: string; creator?: typeof bot; service?: string } = {},
) {
  const service = more.service ?? 'shop';
  const payload = {
    suite: 'devops-actions/deployment@1',
    service,
    version: `1.${id}.0`,
    releaseId: `r${id}`,
    builtSha: sha(commit),
    releasedSha: sha(commit),
    tree: sha('tree'),
    digest: `sha256:${'a'.repeat(64)}`,
    kind: 'release',
    colour: 'blue',
    waivers: [],
    run: { id, attempt: 1 },
  };
  return {
    databaseId: id,
    task: more.task ?? `devops-actions/${service}`,
    environment: 'production',
    commitOid: sha(commit),
    createdAt: iso(at - 60_000),
    payload: JSON.stringify(JSON.stringify(payload)),
    creator: more.creator ?? bot,
    statuses: {
      pageInfo: { hasNextPage: false },
      nodes: [{ state: 'SUCCESS', createdAt: iso(at), description: '', creator: bot }],
    },
  };
}

function incidentNode(number: number, at: number, causedBy: number) {
  const marker = writeMarker({
    schema: 'devops-actions/incident@1',
    service: 'shop',
    environment: 'production',
    severity: 'high',
    causedBy,
    fingerprint: `f${number}`,
    openedAt: iso(at),
  });
  return {
    number,
    url: `https://github.example/acme/shop/issues/${number}`,
    title: 'Trouble',
    body: marker,
    state: 'CLOSED',
    createdAt: iso(at),
    closedAt: iso(at + hour),
    author: bot,
    editor: null,
    lastEditedAt: null,
    labels: { pageInfo: { hasNextPage: false }, nodes: [{ name: 'incident' }, { name: 'severity:high' }] },
  };
}

/** Answers the ledger's three queries, lists newest first and 100 a page as GitHub does. */
function fakeGitHub(world: {
  deployments: { createdAt: string }[];
  incidents: { createdAt: string }[];
  commits: FakeCommit[];
}) {
  const history = fakeHistory(world.commits);
  const asked = { LedgerDeployments: 0, LedgerIncidents: 0, LedgerCommits: 0 };
  const pageOf = (all: { createdAt: string }[], after: unknown) => {
    const sorted = [...all].sort((a, b) => Date.parse(b.createdAt) - Date.parse(a.createdAt));
    const start = Number(after ?? 0);
    return {
      pageInfo: { hasNextPage: start + 100 < sorted.length, endCursor: String(start + 100) },
      nodes: sorted.slice(start, start + 100),
    };
  };
  const graphql = async (document: string, variables: Record<string, unknown> = {}) => {
    const name = /query (\w+)/.exec(document)![1] as keyof typeof asked;
    asked[name]++;
    if (name === 'LedgerCommits') return history.github.graphql(document, variables);
    const field = name === 'LedgerDeployments' ? 'deployments' : 'issues';
    return {
      repository: {
        [field]: pageOf(field === 'deployments' ? world.deployments : world.incidents, variables['after']),
      },
    };
  };
  const github = { ...history.github, graphql } as unknown as GitHub;
  return { github, asked };
}

const request: GatherRequest = {
  source: 'ledger',
  environment: 'production',
  services: [],
  from,
  to,
  writers: ['github-actions[bot]'],
  creators: [],
  service: 'shop',
  workflow: undefined,
  tagPrefix: '',
  repositoryUrl: 'https://github.example/acme/shop',
  readAt: to,
  pulls: false,
  labels: false,
  paths: [],
  incidentLabel: undefined,
  exported: [],
  git: undefined,
  cached: undefined,
  notes: [],
};

describe('reading the ledger', () => {
  it.each([
    [200, 1_000, 20],
    [99, 400, 0],
    [301, 302, 250],
  ])(
    'of %d deployments, %d commits and %d incidents takes one request a hundred of each, and one for looking back',
    async (d, c, i) => {
      const step = (to - from - hour) / d;
      const commits = Array.from({ length: c + 1 }, (_, n): FakeCommit => ({
        name: `c${n}`,
        parents: n > 0 ? [`c${n - 1}`] : [],
        at: from - 2 * hour + Math.floor((n * (to - from)) / (c + 1)),
      }));
      const deployed = (n: number) => `c${Math.round((n * c) / d)}`;
      const deployments = Array.from({ length: d + 1 }, (_, n) =>
        deploymentNode(n + 1, n === 0 ? from - hour : Math.floor(from + n * step), deployed(n)),
      );
      const incidents = Array.from({ length: i }, (_, n) =>
        incidentNode(5_000 + n, from + n * hour, (n % d) + 1),
      );
      const { github, asked } = fakeGitHub({ deployments, incidents, commits });
      const facts = await gather(github, request);
      const requests = asked.LedgerDeployments + asked.LedgerCommits + asked.LedgerIncidents;
      expect(requests).toBe(facts.requests.deployments + facts.requests.commits + facts.requests.incidents);
      expect(requests).toBeLessThanOrEqual(
        Math.ceil(d / 100) + Math.ceil(c / 100) + Math.max(1, Math.ceil(i / 100)) + 1,
      );
      const report = compute(facts, question);
      expect(report.total.frequency.n).toBe(d);
      expect(report.total.leadTime.n + droppedOf(report)).toBe(c);
      expect(report.total.timeToRestore.n).toBe(i);
    },
  );

  it('does not read on once it has found what was live before the window', async () => {
    const old = Array.from({ length: 400 }, (_, n) => deploymentNode(n + 1, from - (400 - n) * hour, 'c0'));
    const deployments = [...old, deploymentNode(401, from + hour, 'c1')];
    const commits = [
      { name: 'c0', parents: [], at: from - 500 * hour },
      { name: 'c1', parents: ['c0'], at: from },
    ];
    const { github, asked } = fakeGitHub({ deployments, incidents: [], commits });
    const report = compute(await gather(github, request), question);
    expect([asked.LedgerDeployments, report.total.frequency.n, report.total.leadTime.n]).toEqual([1, 1, 1]);
  });

  it('takes no other Deployment for ours: one that GitHub made for a job, one of a person, one with a foreign task', async () => {
    const at = epoch('03-03 10:00');
    const deployments = [
      deploymentNode(1, at, 'c0'),
      { ...deploymentNode(2, at, 'c0'), task: 'deploy', payload: '""' },
      deploymentNode(3, at, 'c0', { creator: { __typename: 'User', login: 'github-actions' } }),
      deploymentNode(4, at, 'c0', { task: 'devops-actions/other' }),
    ];
    const { github } = fakeGitHub({
      deployments,
      incidents: [],
      commits: [{ name: 'c0', parents: [], at: at - hour }],
    });
    const report = compute(await gather(github, request), question);
    expect(report.deployments.map((row) => row.id)).toEqual([1]);
    expect(report.leftOut.find((entry) => entry.what === 'untrusted deployment records')!.count).toBe(1);
  });

  it('does not believe the marker of an incident that someone else wrote or edited last', async () => {
    const at = epoch('03-03 10:00');
    const ours = incidentNode(11, at + hour, 1);
    const person = { __typename: 'User', login: 'mallory' };
    const forged = { ...incidentNode(12, at + hour, 1), author: person };
    const edited = { ...incidentNode(13, at + hour, 1), editor: person, lastEditedAt: iso(at + 2 * hour) };
    const { github } = fakeGitHub({
      deployments: [deploymentNode(1, at, 'c0')],
      incidents: [ours, forged, edited],
      commits: [],
    });
    const report = compute(await gather(github, request), question);
    expect(report.total.changeFailRate.events[0]!.because.map((because) => because.text)).toEqual([
      'incident 11: Trouble',
    ]);
    expect(report.leftOut.find((entry) => entry.what === 'untrusted incidents')!.count).toBe(2);
  });

  it('looks back past a rollback to the last release for what had been live', async () => {
    const commits = Array.from({ length: 6 }, (_, n): FakeCommit => ({
      name: `c${n}`,
      parents: n > 0 ? [`c${n - 1}`] : [],
      at: from - (10 - n) * hour,
    }));
    const back = deploymentNode(2, from - hour, 'c1');
    const payload = JSON.parse(JSON.parse(back.payload) as string) as Record<string, unknown>;
    const deployments = [
      deploymentNode(1, from - 2 * hour, 'c4'),
      { ...back, payload: JSON.stringify({ ...payload, kind: 'rollback', previous: 1 }) },
      deploymentNode(3, from + hour, 'c5'),
    ];
    const { github } = fakeGitHub({ deployments, incidents: [], commits });
    const report = compute(await gather(github, request), question);
    expect(report.deployments.map((row) => [row.id, row.commits])).toEqual([[3, 1]]);
  });
});

function droppedOf(report: ReturnType<typeof compute>): number {
  const why = ['merge commits', 'commits dated at or after their deployment'];
  return report.leftOut
    .filter((entry) => why.includes(entry.what))
    .reduce((sum, entry) => sum + entry.count, 0);
}
