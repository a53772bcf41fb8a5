import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather, type GatherRequest } from '../../actions/dora-report/collect/gather.js';
import { openClone } from '../../actions/dora-report/collect/open-clone.js';
import { startGitHub, type GitHubServer } from '../../rehearsal/github/server.js';
import type { DoraFacts } from '../../shared/contracts/dora-facts.js';
import { openGitHub, type GitHub } from '../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../shared/ledger/deployments.js';
import { openIncident } from '../../shared/ledger/incidents.js';
import type { Row } from '../row.js';

const hour = 3_600_000;
const from = Date.parse('2026-03-02T00:00:00Z');
const counts = { deployments: 200, pulls: 400, commits: 1_000, incidents: 20 };
const step = (counts.deployments / counts.pulls) * 2 * hour;
const digest = `sha256:${'a'.repeat(64)}`;

/** What reading a window takes, counted by the stand-in. */
export async function requestRows(): Promise<Row[]> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-dora-'));
  let now = from - hour;
  const server = await startGitHub({ now: () => now });
  try {
    const git = (args: string[], input = '') =>
      execFileSync('git', args, { cwd: folder, input, encoding: 'utf8' }).trim();
    git(['init', '-q', '-b', 'main']);
    git(['fast-import', '--quiet'], branches());
    const tree = git(['rev-parse', 'main^{tree}']);
    server.control.addRepository({ owner: 'acme', name: 'shop', gitDir: folder, defaultBranch: 'main' });
    const permissions = {
      contents: 'write',
      deployments: 'write',
      issues: 'write',
      pull_requests: 'write',
    } as const;
    const { token } = server.control.addToken({ actor: 'github-actions[bot]', permissions });
    const github = await openGitHub({
      token,
      at: { owner: 'acme', repository: 'shop', apiUrl: server.url },
      clock: { now: () => now, sleep: async () => {} },
      random: () => 0.5,
    });
    for (let n = 0; n < counts.pulls; n++) {
      now = mergedAt(n);
      await mergePull(github, n);
      // The first is what had been live before the window.
      const deployed = (n + 1) / (counts.pulls / counts.deployments) - 1;
      if (!Number.isInteger(deployed)) continue;
      const id = await deploy(github, git(['rev-parse', 'main']), tree, deployed);
      if (deployed % 10 === 5) await trouble(github, id, now);
    }
    now += hour;
    const request = requestOf(now);
    const measure = async (subject: string, more: Partial<GatherRequest>, of: number) => {
      const { facts, requests } = await counted(server, () => gather(github, { ...request, ...more }));
      check(facts);
      return { facts, row: { subject, metric: 'requests', value: requests, unit: 'requests', of } };
    };
    const clonedGit = openClone(folder, new AbortController().signal);
    const api = await measure('200 deployments, api', { pulls: true }, 17);
    const alone = await measure('200 deployments, api without pull requests', {}, 13);
    const clone = await measure('200 deployments, clone', { pulls: true, git: clonedGit }, 7);
    const { commits, pulls } = api.facts;
    const cached = await measure('200 deployments, cached', { pulls: true, cached: { commits, pulls } }, 3);
    return [api, alone, clone, cached].map(({ row }) => row);
  } finally {
    await server.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

const mergedAt = (n: number) => from - hour + (n - 1) * step;

/** A first commit, and the branch of each pull request with one commit or two on it. */
function branches(): string {
  const person = (at: number) => `Ana <ana@example.com> ${Math.floor(at / 1_000)} +0000`;
  const commit = (ref: string, at: number, message: string, rest: string) =>
    `commit refs/heads/${ref}\n${ref === 'main' ? 'mark :1\n' : ''}author ${person(at)}\ncommitter ${person(at)}\ndata ${message.length}\n${message}\n${rest}\n`;
  const lines = [commit('main', from - 2 * hour, 'First', 'M 100644 inline README\ndata 2\nx\n')];
  let left = counts.commits - counts.pulls;
  for (let n = 0; n < counts.pulls; n++) {
    const own = Math.round(left / (counts.pulls - n));
    left -= own;
    for (let m = 0; m < own; m++)
      lines.push(
        commit(
          `work-${n}`,
          mergedAt(n) - (own - m) * 60_000,
          `Change ${n}.${m}`,
          `${m === 0 ? 'from :1\n' : ''}M 100644 inline file-${n}-${m}\ndata 2\nx\n`,
        ),
      );
  }
  return lines.join('');
}

async function mergePull(github: GitHub, n: number): Promise<void> {
  const { number } = await github.rest('POST /repos/{owner}/{repo}/pulls', {
    title: `Change ${n}`,
    head: `work-${n}`,
    base: 'main',
  });
  await github.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
    pull_number: number,
    merge_method: 'merge',
  });
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

/** What was not read whole would be cheap; what was live before the first deployment need not be read. */
function check({ deployments, commits, pulls, incidents, complete }: DoraFacts): void {
  if (deployments.length !== counts.deployments || commits.length < counts.commits - 10)
    throw new Error(`only ${deployments.length} deployments and ${commits.length} commits were read`);
  if (pulls && pulls.length < counts.pulls - 2)
    throw new Error(`only ${pulls.length} pull requests were read`);
  if (incidents.length !== counts.incidents || !complete.deployments || !complete.commits)
    throw new Error(`${incidents.length} incidents were read, complete: ${JSON.stringify(complete)}`);
}
