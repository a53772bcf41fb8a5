import { openIncident } from '../../../../shared/ledger/incidents.js';
import type { Severity } from '../../../../shared/contracts/severity.js';
import { systemClock } from '../../../../shared/runner/port.js';
import type { Clock } from '../../../../shared/time/clock.js';
import { cdPath, ciPath, gateStage, policyPath, type Checked, type GateStage } from '../stage.js';

/** What is asked of the gate, once the world is as a state wants it. */
export interface Asked {
  sha: string;
  kind?: 'release' | 'hotfix';
  /** The run that asks; by default one of cd.yml on the commit. */
  runId?: number;
  /** How long it may wait: sleeping takes no time and moves both clocks. */
  wait?: string;
}

export interface PolicyText {
  gates: string;
  /** Gates that people may override. */
  overrides?: string;
}

/** A repository with one release live in production, whose policy has one gate. */
export interface Played extends GateStage {
  /** What is live in production: version 1.0.0. */
  live: string;
  /** Replaces the policy on the default branch; gives the commit. */
  policy(policy: PolicyText): string;
  /** A merged and approved pull request of octocat; gives its commit on main. */
  release(files?: Record<string, string>, branch?: string): Promise<Asked & { pull: number }>;
  /** The same from a branch hotfix/…, asked for as a hotfix. */
  hotfix(files?: Record<string, string>): Promise<Asked>;
  /** A run that is not over, with a job that runs. */
  running(fields: { sha: string; path: string; job: string; event?: string }): number;
  /** An incident that the suite opened. */
  incident(severity?: Severity): Promise<number>;
  /** An issue of octocat; gives its number. */
  issue(...labels: string[]): Promise<number>;
  /** GitHub's clock is so much later from now on. */
  later(ms: number): void;
  ask(asked: Asked, permissions?: Record<string, 'read' | 'write'>): Promise<Checked>;
}

const policyText = ({ gates, overrides }: PolicyText) =>
  `version: 1\nenvironments:\n  production:\n    gates: { ${gates} }\n${overrides ? `    overrides: [${overrides}]\n` : ''}`;

/** Retries are not waited for. */
const impatient = { ...systemClock, sleep: () => Promise.resolve() };

export async function played(
  policy: PolicyText,
  { files = {}, serverUrl }: { files?: Record<string, string>; serverUrl?: string } = {},
): Promise<Played> {
  const stage = await gateStage();
  const { control } = stage.server;
  const live = stage.push({ [policyPath]: policyText(policy), [ciPath]: 'on: push\n', ...files });
  await stage.deployed({
    service: 'shop',
    environment: 'production',
    sha: live,
    runId: stage.ran({ sha: live, path: cdPath }),
    payload: { digest: `sha256:${'e'.repeat(64)}` },
  });
  let pulls = 0;
  let offset = 0;
  const later = (offsetMs: number) => {
    offset = offsetMs;
    control.setClock({ offsetMs });
  };
  let slept = 0;
  const sleeping: Clock = {
    now: () => systemClock.now() + slept,
    sleep: (ms) => {
      slept += ms;
      later(offset + ms);
      return Promise.resolve();
    },
  };
  const release: Played['release'] = async (
    released = { 'app.txt': 'next' },
    branch = `feature/${(pulls += 1)}`,
  ) => {
    const { number, sha } = await stage.pull({ branch, files: released, method: 'squash' });
    return { sha, pull: number };
  };
  return {
    ...stage,
    live,
    policy: (next) => stage.push({ [policyPath]: policyText(next) }),
    release,
    hotfix: async (fixed = { 'app.txt': 'fixed' }) => ({
      ...(await release(fixed, `hotfix/${(pulls += 1)}`)),
      kind: 'hotfix',
    }),
    running: ({ sha, path, job, event = 'push' }) => {
      const { id } = control.addRun({
        owner: stage.at.owner,
        name: stage.at.repo,
        workflowPath: path,
        workflowName: path,
        event,
        headSha: sha,
        headBranch: 'main',
        actor: 'octocat',
      });
      control.progressRun(id, { status: 'in_progress' });
      control.progressJob(control.addJob(id, { name: job, key: job }).id, { status: 'in_progress' });
      return id;
    },
    incident: async (severity = 'high') => {
      const bot = await stage.as('github-actions[bot]', { issues: 'write' });
      const marker = {
        schema: 'devops-actions/incident@1' as const,
        service: 'shop',
        environment: 'production',
        severity,
        fingerprint: severity,
        openedAt: '2026-11-29T00:00:00Z',
      };
      return (await openIncident(bot, { title: 'Checkout is down', body: 'It is.', marker })).number;
    },
    issue: async (...labels) => {
      const octocat = await stage.as('octocat');
      return (await octocat.rest('POST /repos/{owner}/{repo}/issues', { title: 'Wait', labels })).number;
    },
    later,
    ask: ({ sha, kind = 'release', runId, wait }, permissions) =>
      stage.check({
        service: 'shop',
        sha,
        kind,
        runId: runId ?? stage.ran({ sha, path: cdPath, event: 'workflow_dispatch', job: 'gate' }),
        ...(wait ? { wait, clock: sleeping } : { clock: impatient }),
        ...(permissions ? { permissions } : {}),
        ...(serverUrl ? { serverUrl } : {}),
      }),
  };
}
