import type { Actor, App, Permissions } from './actors-model.js';
import type { CheckRun, CheckSuite, Job, Workflow, WorkflowRun, Artifact } from './runs-model.js';
import type { GitRepository } from './git/repository.js';

/** The records the stand-in keeps. Times are milliseconds since the epoch; git objects live in the git repository. */

export interface Token {
  value: string;
  actor: Actor;
  app: App | null;
  permissions: Permissions;
  runId: number | null;
  attempt: number | null;
  jobId: number | null;
}

export type DeploymentStatusState =
  'error' | 'failure' | 'inactive' | 'in_progress' | 'queued' | 'pending' | 'success' | 'waiting';

export interface DeploymentStatus {
  id: number;
  state: DeploymentStatusState;
  description: string;
  environment: string;
  environmentUrl: string;
  logUrl: string;
  creator: Actor;
  app: App | null;
  createdAt: number;
}

export interface Deployment {
  id: number;
  sha: string;
  ref: string;
  task: string;
  payload: unknown;
  environment: string;
  originalEnvironment: string;
  description: string | null;
  transient: boolean;
  production: boolean;
  creator: Actor;
  app: App | null;
  createdAt: number;
  updatedAt: number;
  statuses: DeploymentStatus[];
}

export interface CommitStatus {
  id: number;
  sha: string;
  state: 'error' | 'failure' | 'pending' | 'success';
  context: string;
  description: string | null;
  targetUrl: string | null;
  creator: Actor;
  createdAt: number;
}

export interface Reviewer {
  type: 'User' | 'Team';
  id: number;
}

export interface Environment {
  id: number;
  name: string;
  waitTimerMinutes: number;
  preventSelfReview: boolean;
  canAdminsBypass: boolean;
  reviewers: Reviewer[];
  branchPolicy: { protected_branches: boolean; custom_branch_policies: boolean } | null;
  customPolicies: { id: number; name: string; type: 'branch' | 'tag' }[];
  createdAt: number;
  updatedAt: number;
}

export interface Approval {
  runId: number;
  attempt: number;
  environmentId: number;
  state: 'approved' | 'rejected';
  user: Actor;
  comment: string;
  createdAt: number;
}

export interface Label {
  id: number;
  name: string;
  color: string;
  description: string | null;
}

/** Who wrote a body, and who last changed it: what makes an edited comment tell itself apart. */
export interface Authored {
  author: Actor;
  app: App | null;
  body: string;
  editor: Actor | null;
  lastEditedAt: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface IssueComment extends Authored {
  id: number;
  issueNumber: number;
}

export interface Issue extends Authored {
  id: number;
  number: number;
  title: string;
  state: 'open' | 'closed';
  stateReason: 'completed' | 'not_planned' | 'reopened' | 'duplicate' | null;
  labels: string[];
  assignees: Actor[];
  closedAt: number | null;
  closedBy: Actor | null;
  pull: PullRequest | null;
}

export interface PullRequest {
  baseRef: string;
  headRef: string;
  baseSha: string;
  headSha: string;
  draft: boolean;
  mergedAt: number | null;
  mergedBy: Actor | null;
  mergeCommitSha: string | null;
  /** Commits that a merge by rebase made, the last one included. */
  rebased?: readonly string[];
  /** When its base was changed. */
  retargetedAt: number[];
  /** When somebody pushed over its base. */
  rewrittenAt: number[];
  reviews: Review[];
}

export interface Review {
  id: number;
  user: Actor;
  state: 'APPROVED' | 'CHANGES_REQUESTED' | 'COMMENTED' | 'DISMISSED' | 'PENDING';
  body: string;
  commitSha: string;
  submittedAt: number;
}

export interface Release {
  id: number;
  tagName: string;
  targetCommitish: string;
  name: string | null;
  body: string | null;
  draft: boolean;
  prerelease: boolean;
  author: Actor;
  createdAt: number;
  publishedAt: number | null;
}

export interface Dispatch {
  repository: string;
  kind: 'repository_dispatch' | 'workflow_dispatch';
  eventType: string | null;
  workflow: string | null;
  ref: string | null;
  payload: unknown;
  actor: string;
  at: string;
}

export interface Ruleset {
  id: number;
  createdAt: number;
  name: string;
  target: 'branch' | 'tag' | 'push';
  enforcement: 'disabled' | 'active' | 'evaluate';
  conditions: { ref_name: { include: string[]; exclude: string[] } };
  rules: object[];
  bypass_actors: object[];
}

export interface Repo {
  id: number;
  owner: string;
  name: string;
  defaultBranch: string;
  createdAt: number;
  git: GitRepository;
  deployments: Deployment[];
  statuses: CommitStatus[];
  suites: CheckSuite[];
  checkRuns: CheckRun[];
  workflows: Workflow[];
  runs: WorkflowRun[];
  jobs: Job[];
  environments: Environment[];
  approvals: Approval[];
  rulesets: Ruleset[];
  /** What the token of a job may do where its workflow does not say. */
  jobTokens: { default: 'read' | 'write'; mayApprove: boolean };
  secrets: { name: string; createdAt: number }[];
  labels: Label[];
  issues: Issue[];
  comments: IssueComment[];
  releases: Release[];
  attestations: Attestation[];
  activity: Activity[];
  artifacts: Artifact[];
}

/** A branch that was moved, and by whom. */
export interface Activity {
  id: number;
  ref: string;
  before: string;
  after: string;
  kind: 'push' | 'force_push' | 'branch_creation';
  actor: Actor;
  at: number;
}

/** A Sigstore bundle, and what it says it is about. */
export interface Attestation {
  id: number;
  bundle: object;
  predicateType: string;
  digests: string[];
}
