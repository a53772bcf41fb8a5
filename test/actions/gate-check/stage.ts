import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { evidenceKinds } from '../../../actions/gate-check/evidence/registry.js';
import { action } from '../../../actions/gate-check/main.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { render } from '../../../actions/gate-check/render.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import { gateReportSchema, type GateReport } from '../../../actions/gate-check/report.js';
import type { Clock } from '../../../shared/time/clock.js';
import { systemClock } from '../../../shared/runner/port.js';
import { stage, type Stage } from '../../rehearsal/github/support.js';
import { testHost } from '../../support/runner/host.js';

export const digest = `sha256:${'d'.repeat(64)}`;
export const policyPath = '.github/release-policy.yml';
export const ciPath = '.github/workflows/ci.yml';
export const cdPath = '.github/workflows/cd.yml';

type Permissions = Record<string, 'read' | 'write'>;

/** What gates ask for altogether, as a token has it. */
export const gatePermissions: Permissions = Object.fromEntries(
  evidenceKinds
    .flatMap(({ permission }) => Object.entries(permission))
    .map(([name, level]) => [name.replaceAll('-', '_'), level]),
);

export interface Checked {
  ok: boolean;
  message: string;
  result: string;
  gates: Record<string, { result: string; reason: string; notes: string[] }>;
  verdict: string;
  /** The job summary, in Markdown. */
  summary: string;
  report: GateReport;
}

export interface GateStage extends Stage {
  /** Writes, commits and returns the commit. */
  push(files: Record<string, string>, message?: string): string;
  /** A GitHub client of somebody. */
  as(actor: string, permissions?: Permissions): Promise<GitHub>;
  /** A finished run with one job, for a branch (main). */
  ran(fields: {
    sha: string;
    path?: string;
    event?: string;
    job?: string;
    conclusion?: string;
    branch?: string;
    fork?: string;
  }): number;
  /** A Deployment as the switch writes it, unless told otherwise. */
  deployed(fields: {
    service: string;
    environment: string;
    sha: string;
    runId: number;
    by?: string;
    payload?: Partial<DeploymentPayload>;
    states?: ('in_progress' | 'success' | 'failure')[];
  }): Promise<number>;
  /**
   * A pull request of octocat to main from a branch of its own. `approve` reviews it first; `method` false leaves it
   * open. Gives the commit on main, or the last one of the branch.
   */
  pull(fields: {
    branch: string;
    files: Record<string, string>;
    /** Where the branch begins, if not at main. */
    from?: string;
    body?: string;
    approvedBy?: string | false;
    method?: 'merge' | 'squash' | 'rebase' | false;
  }): Promise<{ number: number; sha: string }>;
  review(number: number, login: string, event?: 'APPROVE' | 'REQUEST_CHANGES'): Promise<void>;
  /** Runs the action as a job of `runId` would. */
  check(fields: {
    service: string;
    sha: string;
    runId: number;
    permissions?: Permissions;
    workspace?: string;
    /** Asks before the merge of this pull request; `sha` is its last commit. */
    pull?: number;
    environment?: string;
    kind?: GateRequest['kind'];
    wait?: string;
    /** The branch or tag of the asking run, `main` by default. */
    branch?: string;
    /** Of GitHub's pages, and of whom attestations speak; by default that of the stand-in. */
    serverUrl?: string;
    clock?: Clock;
    signal?: AbortSignal;
  }): Promise<Checked>;
}

/** The stand-in with what gate-check needs around it: commits, runs, Deployments, and the action itself. */
export async function gateStage(): Promise<GateStage> {
  const base = await stage();
  const { server, gitDir, git, at } = base;
  const run = (path: string, event: string, headSha: string, headBranch: string, fork?: string) =>
    server.control.addRun({
      owner: at.owner,
      name: at.repo,
      workflowPath: path,
      workflowName: path,
      event,
      headSha,
      headBranch,
      actor: 'octocat',
      ...(fork === undefined ? {} : { fork }),
    });

  const push: GateStage['push'] = (files, message = 'Change') => {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(gitDir, path)), { recursive: true });
      writeFileSync(join(gitDir, path), text);
      git('add', path);
    }
    git('commit', '-q', '-m', message);
    return git('rev-parse', 'HEAD');
  };

  const as: GateStage['as'] = (actor, permissions) =>
    openGitHub({
      token: server.control.addToken({ actor, ...(permissions ? { permissions } : {}) }).token,
      at: { owner: at.owner, repository: at.repo, apiUrl: server.url },
      clock: systemClock,
      random: () => 0.5,
    });

  const review: GateStage['review'] = async (number, login, event = 'APPROVE') => {
    const reviewer = await as(login, { pull_requests: 'write' });
    await reviewer.rest('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
      pull_number: number,
      event,
      body: 'Looked at',
    });
  };
  server.control.addUser({ login: 'mona', role: 'maintain' });
  server.control.addUser({ login: 'reader', role: 'read' });

  return {
    ...base,
    push,
    as,
    ran: ({
      sha,
      path = ciPath,
      event = 'push',
      job = 'test',
      conclusion = 'success',
      branch = 'main',
      fork,
    }) => {
      const { id } = run(path, event, sha, branch, fork);
      const { id: jobId } = server.control.addJob(id, { name: job, key: job });
      server.control.progressJob(jobId, { status: 'completed', conclusion });
      server.control.progressRun(id, { status: 'completed', conclusion });
      return id;
    },
    pull: async ({ branch, files, from = 'main', body = '', approvedBy = 'hubot', method = 'merge' }) => {
      git('checkout', '-q', '-b', branch, from);
      const head = push(files, `Change on ${branch}`);
      git('checkout', '-q', 'main');
      const octocat = await as('octocat');
      const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
        title: `Pull ${branch}`,
        body,
        head: branch,
        base: 'main',
      });
      if (approvedBy !== false) await review(number, approvedBy);
      if (method === false) return { number, sha: head };
      const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
        pull_number: number,
        merge_method: method,
      });
      git('reset', '-q', '--hard', 'main');
      return { number, sha };
    },
    review,
    deployed: async ({
      service,
      environment,
      sha,
      runId,
      by = 'github-actions[bot]',
      payload = {},
      states = ['success'],
    }) => {
      const github = await as(
        by,
        by === 'github-actions[bot]' ? { deployments: 'write', contents: 'read' } : undefined,
      );
      const id = await createDeployment(github, {
        environment,
        service,
        sha,
        production: environment === 'production',
        description: '',
        payload: {
          suite: 'devops-actions/deployment@1',
          service,
          version: '1.0.0',
          releaseId: 'r1',
          builtSha: sha,
          releasedSha: sha,
          tree: git('rev-parse', `${sha}^{tree}`),
          digest,
          kind: 'release',
          colour: 'blue',
          waivers: [],
          run: { id: runId, attempt: 1 },
          ...payload,
        },
      });
      for (const state of states) await setDeploymentStatus(github, id, state, state);
      return id;
    },
    check: async ({
      service,
      sha,
      runId,
      permissions = gatePermissions,
      workspace,
      pull,
      environment = 'production',
      kind = 'release',
      wait = '0s',
      clock = systemClock,
      serverUrl = server.url,
      branch = 'main',
      signal,
    }) => {
      const { token } = server.control.addToken({ actor: 'github-actions[bot]', permissions, runId });
      const host = testHost({
        clock,
        ...(signal ? { signal } : {}),
        context: {
          apiUrl: server.url,
          serverUrl,
          runId,
          sha,
          refName: branch,
          ...(workspace ? { workspace } : {}),
        },
      });
      const input = action.inputs.parse({
        environment,
        service,
        sha,
        ...(pull === undefined ? { digest } : { 'pull-request': String(pull) }),
        kind,
        wait,
        'github-token': token,
      });
      const outcome = await action.run(input, host);
      const report = gateReportSchema.parse(JSON.parse(JSON.stringify(outcome.report)));
      return {
        ok: outcome.ok,
        message: outcome.message,
        result: report.result,
        gates: Object.fromEntries(report.gates.map((gate) => [gate.gate, gate])),
        verdict: outcome.outputs.verdict ?? '',
        summary: render(report),
        report,
      };
    },
  };
}

/** A workspace with files of its own. */
export function workspaceWith(files: Record<string, string>): string {
  const folder = mkdtempSync(join(tmpdir(), 'gate-workspace-'));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}
