import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather, type GatherRequest } from '../../actions/dora-report/collect/gather.js';
import { openClone } from '../../actions/dora-report/collect/open-clone.js';
import { startGitHub, type GitHubServer } from '../../rehearsal/github/server.js';
import type { DoraFacts } from '../../shared/contracts/reports/dora-facts.js';
import { openGitHub, type GitHub } from '../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../shared/ledger/deployments.js';
import { openIncident } from '../../shared/ledger/incidents.js';
import type { Row } from '../row.js';

const hour = 3_600_000;
const from = Date.parse('2026-03-02T00:00:00Z');
const counts = { deployments: 200, commits: 1_000, incidents: 20 };
const digest = `sha256:${'a'.repeat(64)}`;

/** What reading a window takes, counted by the stand-in; pull requests are not among it. */
export async function requestRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dora-'));
  let now = from - hour;
  const server = await startGitHub({ now: () => now });
  try {
    const git = (args: string[], input = '') =>
      execFileSync('git', args, { cwd: folder, input, encoding: 'utf8' }).trim();
    git(['init', '-q', '-b', 'main']);
    git(['fast-import', '--quiet'], history());
    const shas = git(['rev-list', '--reverse', 'main']).split('\n');
    const tree = git(['rev-parse', 'main^{tree}']);
    server.control.addRepository({ owner: 'acme', name: 'shop', gitDir: folder, defaultBranch: 'main' });
    const permissions = { contents: 'read', deployments: 'write', issues: 'write' } as const;
    const { token } = server.control.addToken({ actor: 'github-actions[bot]', permissions });
    const github = await openGitHub({
      token,
      at: { owner: 'acme', repository: 'shop', apiUrl: server.url },
      clock: { now: () => now, sleep: async () => {} },
      random: () => 0.5,
    });
    for (let n = 0; n < counts.deployments; n++) {
      // The first is what had been live before the window.
      now = from - hour + n * 2 * hour;
      const sha = shas[Math.round((n * (counts.commits - 1)) / (counts.deployments - 1))]!;
      const id = await deploy(github, sha, tree, n);
      if (n % 10 === 5) await trouble(github, id, now);
    }
    now += hour;
    const request = requestOf(now);
    const measure = async (subject: string, more: Partial<GatherRequest>, of: number) => {
      const { facts, requests } = await counted(server, () => gather(github, { ...request, ...more }));
      check(facts);
      return { facts, row: { subject, metric: 'requests', value: requests, unit: 'requests', of } };
    };
    const api = await measure('200 deployments, api', {}, 13);
    const clone = await measure(
      '200 deployments, clone',
      { git: openClone(folder, new AbortController().signal) },
      7,
    );
    const cached = await measure('200 deployments, cached', { cached: { commits: api.facts.commits } }, 3);
    return [api.row, clone.row, cached.row];
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function history(): string {
  return Array.from({ length: counts.commits }, (_, n) => {
    const at = Math.floor((from - 2 * hour + (n * counts.deployments * 2 * hour) / counts.commits) / 1_000);
    const message = `Change ${n}`;
    return `commit refs/heads/main\nauthor Ana <ana@example.com> ${at} +0000\ncommitter Ana <ana@example.com> ${at} +0000\ndata ${message.length}\n${message}\n`;
  }).join('\n');
}

async function deploy(github: GitHub, sha: string, tree: string, n: number): Promise<number> {
  const id = await createDeployment(github, {
    environment: 'production',
    service: 'shop',
    sha,
    production: true,
    description: `shop 1.${n}.0`,
    payload: {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version: `1.${n}.0`,
      releaseId: `r${n}`,
      builtSha: sha,
      releasedSha: sha,
      tree,
      digest,
      kind: 'release',
      colour: 'blue',
      waivers: [],
      run: { id: n + 1, attempt: 1 },
    },
  });
  await setDeploymentStatus(github, id, 'success', 'live');
  return id;
}

async function trouble(github: GitHub, causedBy: number, at: number): Promise<void> {
  await openIncident(github, {
    title: `Trouble with ${causedBy}`,
    body: 'Errors.',
    marker: {
      schema: 'devops-actions/incident@1',
      service: 'shop',
      environment: 'production',
      severity: 'high',
      causedBy,
      fingerprint: `f${causedBy}`,
      openedAt: new Date(at).toISOString(),
    },
  });
}

function requestOf(to: number): GatherRequest {
  return {
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
}

async function counted(server: GitHubServer, read: () => Promise<DoraFacts>) {
  const before = server.control.requests().length;
  const facts = await read();
  return { facts, requests: server.control.requests().length - before };
}

/** What was not read whole would be cheap. */
function check({ deployments, commits, incidents, complete }: DoraFacts): void {
  if (deployments.length !== counts.deployments || commits.length < counts.commits - 1)
    throw new Error(`only ${deployments.length} deployments and ${commits.length} commits were read`);
  if (incidents.length !== counts.incidents || !complete.deployments || !complete.commits)
    throw new Error(`${incidents.length} incidents were read, complete: ${JSON.stringify(complete)}`);
}
