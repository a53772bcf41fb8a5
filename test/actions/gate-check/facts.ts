import type { EvidenceRecord } from '../../../actions/gate-check/evidence/ledger/deployments.js';
import type { EvidenceValue, GateEvidence } from '../../../actions/gate-check/evidence/registry.js';
import type { GateRequest } from '../../../shared/contracts/reports/gate-report.js';
import type { PostedCheck, WorkflowRunEvidence } from '../../../actions/gate-check/evidence/checks.js';
import type { DeploymentState } from '../../../shared/ledger/record.js';
import { parseInstant } from '../../../shared/time/instant.js';
import { decide } from '../../../actions/gate-check/decide.js';
import { readPolicy } from '../../../actions/gate-check/policy.js';

export const sha = 'a'.repeat(40);
export const otherSha = 'b'.repeat(40);
export const tree = 'c'.repeat(40);
export const digest = `sha256:${'d'.repeat(64)}`;
export const bot = { login: 'github-actions', bot: true };

/** A Sunday. */
export const now = parseInstant('2026-11-22T12:00:00Z')!;
export const minutesAgo = (minutes: number) => now - minutes * 60_000;

export const request: GateRequest = {
  environment: 'production',
  service: 'shop',
  sha,
  digest,
  run: { id: 500, attempt: 1 },
  kind: 'release',
  actor: 'ana',
  repositoryUrl: 'https://github.example/acme/shop',
  policy: { path: '.github/release-policy.yml', commit: 'e'.repeat(40) },
};

/** A policy for production with these gates, in YAML flow style. */
export const policyOf = (gates: string) =>
  `version: 1\nenvironments: { production: { gates: { ${gates} } } }\n`;

/** Judges with a policy of these gates; the evidence is the test's whole world. */
export function judge(gates: string, evidence: GateEvidence, at = now, asked = request) {
  return decide(readPolicy(policyOf(gates), 'release-policy.yml', 'production'), asked, evidence, at);
}

type Job = WorkflowRunEvidence['jobs'][number];

export const job = (fields: Partial<Job> = {}): Job => ({
  id: 1001,
  name: 'test',
  attempt: 1,
  status: 'completed',
  conclusion: 'success',
  url: 'https://github.example/acme/shop/actions/runs/7/job/1001',
  ...fields,
});

export const run = (fields: Partial<WorkflowRunEvidence> = {}): WorkflowRunEvidence => ({
  id: 7,
  number: 70,
  path: '.github/workflows/ci.yml',
  event: 'push',
  headSha: sha,
  attempt: 1,
  status: 'completed',
  jobs: [job()],
  ...fields,
});

export const posted = (fields: Partial<PostedCheck> = {}): PostedCheck => ({
  id: 1001,
  name: 'test',
  app: { id: 15368, slug: 'github-actions' },
  run: { id: 7, workflow: '.github/workflows/ci.yml', event: 'push' },
  status: 'completed',
  conclusion: 'success',
  url: '',
  ...fields,
});

type Checks = EvidenceValue<'checks'>;

export const checksSeen = (fields: Partial<Checks>): GateEvidence => ({
  checks: { is: 'known', value: { runs: [], posted: [], statuses: [], truncated: [], ...fields } },
});

type Change = [state: DeploymentState, minutesAgo: number];

/**
 * A trusted record of the released digest, verified, live in staging for an hour; statuses are pairs of state and
 * minutes ago.
 */
export function record(
  fields: Partial<Omit<EvidenceRecord, 'payload'>> & {
    payload?: Partial<EvidenceRecord['payload']>;
    changes?: Change[];
  } = {},
): EvidenceRecord {
  const { payload, changes = [['success', 60]], ...rest } = fields;
  return {
    id: 41,
    environment: 'staging',
    service: 'shop',
    sha,
    createdAt: minutesAgo(120),
    by: bot,
    payload: {
      suite: 'devops-actions/deployment@1',
      service: 'shop',
      version: '1.4.2',
      releaseId: 'r1',
      builtSha: sha,
      releasedSha: sha,
      tree,
      digest,
      kind: 'release',
      colour: 'blue',
      waivers: [],
      run: { id: 400, attempt: 1 },
      ...payload,
    },
    statuses: changes.map(([state, ago]) => ({ state, at: minutesAgo(ago), by: bot, description: '' })),
    distrust: [],
    doubts: [],
    ...rest,
  };
}

export const ledger = (...records: EvidenceRecord[]): GateEvidence => ({
  commit: { is: 'known', value: { sha, tree } },
  deployments: { is: 'known', value: { environments: ['staging', 'production'], records } },
});

type Changes = EvidenceValue<'changes'>;
export type Pull = Changes['pulls'][number];

/** A merged hotfix of octocat, approved by hubot on its last commit. */
export const pull = (fields: Partial<Pull> = {}): Pull => ({
  number: 21,
  title: 'Fix the basket',
  url: 'https://github.example/acme/shop/pull/21',
  state: 'merged',
  author: { login: 'octocat', bot: false },
  head: { branch: 'hotfix/basket', sha: otherSha, fork: false },
  base: 'main',
  retargetedAt: null,
  mergeSha: sha,
  contributors: ['octocat'],
  reviews: [review()],
  ...fields,
});

export const review = (fields: Partial<Pull['reviews'][number]> = {}): Pull['reviews'][number] => ({
  by: { login: 'hubot', bot: false },
  state: 'approved',
  sha: otherSha,
  at: minutesAgo(60),
  canPush: true,
  ...fields,
});

/** One commit ahead of what is live, by one pull request. */
export const changesOf = (fields: Partial<Changes> = {}): Changes => ({
  base: { sha: otherSha, status: 'ahead' },
  commits: [{ sha, title: 'Fix the basket', author: 'octocat', pulls: [21] }],
  pulls: [pull()],
  files: [{ path: 'src/basket.ts', status: 'modified', added: 3, removed: 1 }],
  filesTruncated: false,
  ...fields,
});

export const known = <T>(value: T) => ({ is: 'known' as const, value });
export const unknown = { is: 'unknown', reason: 'GitHub answered 502' } as const;

type Incident = EvidenceValue<'incidents'>[number];

/** An open incident that the suite opened. */
export const incident = (fields: Partial<Incident> = {}): Incident => ({
  number: 12,
  url: 'https://github.example/acme/shop/issues/12',
  title: 'Checkout is down',
  severity: 'high',
  services: ['shop'],
  environment: 'production',
  marker: { service: 'shop', environment: 'production', severity: 'high' },
  ...fields,
});

/** Asked to be released as a hotfix. */
export const hotfixRequest: GateRequest = { ...request, kind: 'hotfix' };
