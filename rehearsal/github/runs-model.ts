import type { Actor, App } from './actors-model.js';

/** Workflow runs, their jobs and checks, and what they uploaded. Times are milliseconds since the epoch. */

export type CheckStatus = 'queued' | 'in_progress' | 'completed' | 'waiting' | 'requested' | 'pending';

export interface CheckSuite {
  id: number;
  app: App;
  headSha: string;
  headBranch: string | null;
  runId: number | null;
  createdAt: number;
  updatedAt: number;
}

export interface CheckRunOutput {
  title: string | null;
  summary: string | null;
  text: string | null;
  annotations: number;
}

export interface CheckRun {
  id: number;
  suiteId: number;
  app: App;
  name: string;
  headSha: string;
  status: CheckStatus;
  conclusion: string | null;
  startedAt: number | null;
  completedAt: number | null;
  externalId: string;
  detailsUrl: string | null;
  output: CheckRunOutput;
}

export interface Workflow {
  id: number;
  name: string;
  path: string;
  createdAt: number;
}

export interface RunAttempt {
  attempt: number;
  triggeringActor: Actor;
  status: CheckStatus;
  conclusion: string | null;
  startedAt: number;
  updatedAt: number;
}

export interface WorkflowRun {
  id: number;
  workflowId: number;
  runNumber: number;
  event: string;
  headSha: string;
  headBranch: string | null;
  /** The fork whose branch it is, as owner/name. */
  fork: string | null;
  actor: Actor;
  checkSuiteId: number;
  createdAt: number;
  attempts: RunAttempt[];
}

export interface Job {
  id: number;
  runId: number;
  attempt: number;
  key: string;
  name: string;
  status: CheckStatus;
  conclusion: string | null;
  createdAt: number;
  startedAt: number | null;
  completedAt: number | null;
  environment: JobEnvironment | null;
}

export interface JobEnvironment {
  environmentId: number;
  deploymentId: number | null;
  refused: string | null;
  waitingSince: number;
}

/** What a run uploaded, as the archive that GitHub keeps of it. */
export interface Artifact {
  id: number;
  runId: number;
  name: string;
  zip: Buffer;
  createdAt: number;
  expired: boolean;
}
