import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gather, type GatherRequest } from '../../../../actions/dora-report/collect/gather.js';
import { openClone } from '../../../../actions/dora-report/collect/open-clone.js';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import { startGitHub, type GitHubServer } from '../../../../rehearsal/github/server.js';
import type {
  DoraFacts,
  DoraQuestion,
  DoraReport,
} from '../../../../shared/contracts/reports/dora-report.js';
import type { DeploymentPayload } from '../../../../shared/contracts/deployment.js';
import { openGitHub, type GitHub } from '../../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { openIncident } from '../../../../shared/ledger/incidents.js';
import { epoch, question } from '../ledger-facts.js';

const digest = `sha256:${'a'.repeat(64)}`;

type State = Parameters<typeof setDeploymentStatus>[2];

export interface Deployed {
  service?: string;
  kind?: DeploymentPayload['kind'];
  /** The record that a rollback took back. */
  previous?: number;
  /** Records of one run are one deployment; a run of its own when left out. */
  run?: number;
  /** States one after the other; a success when left out. */
  states?: readonly State[];
}

/**
 * A real git repository behind the GitHub stand-in, whose clock is set by hand: each rule plays its history in an
 * environment of its own, so that all of them share both.
 */
export interface Place {
  server: GitHubServer;
  github: GitHub;
  gitDir: string;
  token: string;
  /** Sets the clock, as `03-02 10:00`. */
  on(time: string): Place;
  now(): number;
  git(...args: string[]): string;
  /** A commit of now on these parents, with a file of its own; `written` is when its author wrote it. */
  commit(parents: readonly string[], message?: string, written?: string): string;
  deploy(environment: string, sha: string, how?: Deployed): Promise<number>;
  status(id: number, state: State): Promise<void>;
  incident(environment: string, causedBy: number, service?: string): Promise<number>;
  closeIssue(number: number): Promise<void>;
  /** Merges a branch with this head as GitHub does, now. */
  pull(head: string, base: string, method: 'merge' | 'squash' | 'rebase'): Promise<Pulled>;
  facts(environment: string, more?: Partial<GatherRequest>): Promise<DoraFacts>;
  report(
    environment: string,
    asked?: Partial<DoraQuestion>,
    more?: Partial<GatherRequest>,
  ): Promise<DoraReport>;
  clone: GatherRequest['git'];
  close(): Promise<void>;
}

export interface Pulled {
  number: number;
  /** What the base branch points to afterwards. */
  sha: string;
}

export async function historyPlace(): Promise<Place> {
  const gitDir = mkdtempSync(join(tmpdir(), 'dora-history-'));
  let now = epoch('03-01 08:00');
  let commits = 0;
  let runs = 0;
  const git = (input: string, ...args: string[]) => {
    const date = new Date(now).toISOString();
    const env = {
      PATH: process.env['PATH'],
      HOME: gitDir,
      GIT_CONFIG_NOSYSTEM: '1',
      GIT_AUTHOR_NAME: 'ana',
      GIT_AUTHOR_EMAIL: 'ana@example.com',
      GIT_COMMITTER_NAME: 'ana',
      GIT_COMMITTER_EMAIL: 'ana@example.com',
      GIT_AUTHOR_DATE: writtenAt ?? date,
      GIT_COMMITTER_DATE: date,
    };
    return execFileSync('git', args, {
      cwd: gitDir,
      env,
      input,
      encoding: 'utf8',
      stdio: ['pipe', 'pipe', 'ignore'],
    }).trim();
  };
  let writtenAt: string | undefined;
  git('', 'init', '-q', '-b', 'main', '--template=');
  const server = await startGitHub({ now: () => now });
  server.control.addRepository({ owner: 'acme', name: 'shop', gitDir, defaultBranch: 'main' });
  const { token } = server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', pull_requests: 'write' },
  });
  const github = await openGitHub({
    token,
    at: { owner: 'acme', repository: 'shop', apiUrl: server.url },
    clock: { now: () => now, sleep: async () => {} },
    random: () => 0.5,
  });
  const clone = openClone(gitDir, new AbortController().signal);
  const request = (environment: string): GatherRequest => ({
    source: 'ledger',
    environment,
    services: [],
    from: Date.parse(question.from),
    to: Date.parse(question.to),
    writers: ['github-actions[bot]'],
    creators: [],
    service: 'shop',
    workflow: undefined,
    tagPrefix: '',
    repositoryUrl: `${server.url}/acme/shop`,
    readAt: now,
    pulls: false,
    labels: false,
    paths: [],
    incidentLabel: undefined,
    exported: [],
    git: undefined,
    cached: undefined,
    notes: [],
  });
  const place: Place = {
    server,
    github,
    gitDir,
    token,
    clone,
    now: () => now,
    on(time) {
      now = epoch(time);
      return place;
    },
    git: (...args) => git('', ...args),
    commit(parents, message = `Change ${commits}`, written) {
      const blob = git(`${commits++}`, 'hash-object', '-w', '--stdin');
      const before = parents.length === 0 ? '' : git('', 'ls-tree', parents[0]!);
      const tree = git(`${before}\n100644 blob ${blob}\tfile-${commits}\n`.trimStart(), 'mktree');
      writtenAt = written === undefined ? undefined : new Date(epoch(written)).toISOString();
      const sha = git('', 'commit-tree', tree, ...parents.flatMap((parent) => ['-p', parent]), '-m', message);
      writtenAt = undefined;
      return sha;
    },
    async deploy(environment, sha, { service = 'shop', kind = 'release', previous, run, states } = {}) {
      const version = `1.${++runs}.0`;
      const id = await createDeployment(github, {
        environment,
        service,
        sha,
        production: true,
        description: version,
        payload: {
          suite: 'devops-actions/deployment@1',
          service,
          version,
          releaseId: version,
          builtSha: sha,
          releasedSha: sha,
          tree: git('', 'rev-parse', `${sha}^{tree}`),
          digest,
          kind,
          colour: 'blue',
          waivers: [],
          ...(previous === undefined ? {} : { previous }),
          run: { id: run ?? 1_000 + runs, attempt: 1 },
        },
      });
      for (const state of states ?? ['success']) await setDeploymentStatus(github, id, state, state);
      return id;
    },
    status: (id, state) => setDeploymentStatus(github, id, state, state),
    async incident(environment, causedBy, service = 'shop') {
      const { number } = await openIncident(github, {
        title: `Trouble of ${causedBy}`,
        body: 'Errors.',
        marker: {
          schema: 'devops-actions/incident@1',
          service,
          environment,
          severity: 'high',
          causedBy,
          fingerprint: `${environment}:${causedBy}:${now}`,
          openedAt: new Date(now).toISOString(),
        },
      });
      return number;
    },
    async closeIssue(issue_number) {
      await github.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
        issue_number,
        state: 'closed',
      });
    },
    async pull(head, base, method) {
      const branch = `work-${++runs}`;
      git('', 'update-ref', `refs/heads/${branch}`, head);
      const made = await github.rest('POST /repos/{owner}/{repo}/pulls', {
        title: `Work ${runs}`,
        head: branch,
        base,
      });
      const pull_number = made.number;
      await github.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
        pull_number,
        merge_method: method,
      });
      return { number: pull_number, sha: git('', 'rev-parse', `refs/heads/${base}`) };
    },
    facts: (environment, more = {}) => gather(github, { ...request(environment), ...more }),
    async report(environment, asked = {}, more = {}) {
      return compute(await place.facts(environment, more), { ...question, environment, ...asked });
    },
    async close() {
      await server.close();
      rmSync(gitDir, { recursive: true, force: true });
    },
  };
  return place;
}
