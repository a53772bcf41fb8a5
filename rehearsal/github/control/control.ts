import { permissionsOfRole } from '../auth.js';
import { GitHubError, found } from '../errors.js';
import type { FaultSpec, Faults } from '../faults.js';
import type { Journal, RequestEntry, Violation } from '../journal.js';
import type { Dispatch } from '../model.js';
import type { Permissions, Role } from '../actors-model.js';
import { environmentNamed, enterEnvironment, type Gate, gateOf } from '../rules/environments.js';
import {
  addAttempt,
  addJob,
  addRun,
  type NewRun,
  type Progress,
  progressJob,
  progressRun,
} from '../rules/runs.js';
import {
  addDeployment,
  addDeploymentStatus,
  type Creator,
  type NewDeployment,
  type NewDeploymentStatus,
} from '../rules/deployments.js';
import type { GitHubState } from '../state.js';
import { snapshot } from './snapshot.js';

export interface RepositorySpec {
  owner: string;
  name: string;
  /** A git directory or a work tree that has one. */
  gitDir: string;
  defaultBranch: string;
}

export interface TokenSpec {
  actor: string;
  /** Absent for a person: what the role allows. */
  permissions?: Permissions;
  runId?: number;
  attempt?: number;
  jobId?: number;
}

export interface RunHandle {
  id: number;
  runNumber: number;
  attempt: number;
  checkSuiteId: number;
}

/** What only GitHub itself does: the runner, the tests and the rehearsal play that part through these calls. */
export class Control {
  constructor(
    private readonly state: GitHubState,
    private readonly journal: Journal,
    private readonly faultList: Faults,
  ) {}

  addRepository({ owner, name, gitDir, defaultBranch }: RepositorySpec): { id: number } {
    return { id: this.state.addRepo(owner, name, gitDir, defaultBranch).id };
  }

  addUser({ login, role }: { login: string; role: Role }): { id: number } {
    return { id: this.state.actor(login, role).id };
  }

  addToken(spec: TokenSpec): { token: string } {
    const permissions = spec.permissions ?? permissionsOfRole(this.state.actor(spec.actor).role);
    // A grant in a spelling that no call asks for would be none, and nobody would notice.
    const written = Object.keys(permissions).filter((name) => name.includes('-'));
    if (written.length > 0)
      throw new Error(
        `a token has ${written.map((name) => name.replaceAll('-', '_')).join(', ')}; ${written.join(', ')} is how a workflow writes it`,
      );
    return { token: this.state.addToken(spec.actor, permissions, spec).value };
  }

  addRun(spec: NewRun & { owner: string; name: string }): RunHandle {
    const run = addRun(this.state, found(this.state.repo(spec.owner, spec.name)), spec);
    return { id: run.id, runNumber: run.runNumber, attempt: 1, checkSuiteId: run.checkSuiteId };
  }

  addAttempt(runId: number, { triggeringActor }: { triggeringActor?: string } = {}): { attempt: number } {
    const run = this.run(runId);
    const actor = triggeringActor === undefined ? run.actor : this.state.actor(triggeringActor);
    return { attempt: addAttempt(this.state, run, actor).attempt };
  }

  progressRun(runId: number, change: Progress): void {
    progressRun(this.state, this.run(runId), change);
  }

  addJob(runId: number, spec: { name: string; key: string; attempt?: number }): { id: number } {
    return { id: addJob(this.state, this.state.repoOf('runs', runId), this.run(runId), spec).id };
  }

  progressJob(jobId: number, change: Progress): void {
    const repo = this.state.repoOf('jobs', jobId);
    progressJob(this.state, repo, found(repo.jobs.find(({ id }) => id === jobId)), change);
  }

  /** What a run uploads under a name; a second one of the same name stands beside the first. */
  addArtifact(runId: number, spec: { name: string; zip: Uint8Array; expired?: boolean }): { id: number } {
    const id = this.state.nextId();
    const { name, zip, expired = false } = spec;
    const artifact = { id, runId, name, zip: Buffer.from(zip), createdAt: this.state.now(), expired };
    this.state.repoOf('runs', runId).artifacts.push(artifact);
    return { id };
  }

  /** The job names an environment; `deployment: false` makes no Deployment but the rules still hold. */
  enterEnvironment(jobId: number, spec: { environment: string; deployment?: boolean }): Gate {
    const repo = this.state.repoOf('jobs', jobId);
    const job = found(repo.jobs.find(({ id }) => id === jobId));
    return enterEnvironment(this.state, repo, job, spec.environment, spec.deployment ?? true);
  }

  environmentGate(jobId: number): Gate {
    const repo = this.state.repoOf('jobs', jobId);
    return gateOf(this.state, repo, found(repo.jobs.find(({ id }) => id === jobId)));
  }

  /** What REST cannot set: whether admins may bypass the rules of an environment. */
  setAdminBypass(spec: { owner: string; name: string; environment: string; allowed: boolean }): void {
    const repo = found(this.state.repo(spec.owner, spec.name));
    environmentNamed(this.state, repo, spec.environment).canAdminsBypass = spec.allowed;
  }

  /** Somebody sends a pull request into another branch. */
  retargetPull(spec: { owner: string; name: string; number: number; base: string }): void {
    const issue = found(this.state.repo(spec.owner, spec.name)).issues.find(
      ({ number }) => number === spec.number,
    );
    const { pull } = found(issue);
    found(pull).baseRef = spec.base;
    found(pull).retargetedAt.push(this.state.now());
  }

  /** Somebody pushed over the base of a pull request with git, which the stand-in does not see. */
  rewriteBase(spec: { owner: string; name: string; number: number }): void {
    const { issues } = found(this.state.repo(spec.owner, spec.name));
    const { pull } = found(issues.find(({ number }) => number === spec.number));
    found(pull).rewrittenAt.push(this.state.now());
  }

  /** A maintainer dismisses the reviews of somebody. */
  dismissReviews(spec: { owner: string; name: string; number: number; login: string }): void {
    const { issues } = found(this.state.repo(spec.owner, spec.name));
    const { pull } = found(issues.find(({ number }) => number === spec.number));
    for (const review of found(pull).reviews)
      if (review.user.login === spec.login) review.state = 'DISMISSED';
  }

  /** Somebody pushed with git, which the stand-in does not see. */
  addPush(spec: {
    owner: string;
    name: string;
    branch: string;
    before: string;
    after: string;
    actor: string;
  }): void {
    const repo = found(this.state.repo(spec.owner, spec.name));
    const { branch, before, after } = spec;
    const kind = /^0+$/.test(before) ? 'branch_creation' : 'push';
    const [id, actor, at] = [this.state.nextId(), this.state.actor(spec.actor), this.state.now()];
    repo.activity.push({ id, ref: `refs/heads/${branch}`, before, after, kind, actor, at });
  }

  /** A secret of the repository; REST takes only encrypted ones. */
  addSecret(spec: { owner: string; name: string; secret: string }): void {
    const repo = found(this.state.repo(spec.owner, spec.name));
    repo.secrets.push({ name: spec.secret, createdAt: this.state.now() });
  }

  /** As many Deployments of a commit as a busy repository has, without a request for each. */
  addDeployments(spec: { owner: string; name: string; actor: string; count: number } & NewDeployment): void {
    const repo = found(this.state.repo(spec.owner, spec.name));
    const creator = this.creator(spec.actor);
    for (let made = 0; made < spec.count; made++) addDeployment(this.state, repo, creator, spec.ref, spec);
  }

  /** The same of statuses of one Deployment. */
  addDeploymentStatuses(
    deploymentId: number,
    spec: { actor: string; count: number } & NewDeploymentStatus,
  ): void {
    const repo = this.state.repoOf('deployments', deploymentId);
    const deployment = found(repo.deployments.find(({ id }) => id === deploymentId));
    const creator = this.creator(spec.actor);
    for (let made = 0; made < spec.count; made++)
      addDeploymentStatus(this.state, repo, creator, deployment, spec);
  }

  /** Somebody who may write Deployments deletes one. */
  removeDeployment(id: number): void {
    const repo = this.state.repoOf('deployments', id);
    repo.deployments.splice(
      repo.deployments.findIndex((one) => one.id === id),
      1,
    );
  }

  addFault(spec: FaultSpec): void {
    this.faultList.add(spec);
  }

  clearFaults(): void {
    this.faultList.clear();
  }

  /** Shifts the stand-in's clock against the real one, in milliseconds. */
  setClock({ offsetMs }: { offsetMs: number }): void {
    this.state.clockOffsetMs = offsetMs;
  }

  violations(): Violation[] {
    return this.journal.violations;
  }

  requests(): RequestEntry[] {
    return this.journal.requests;
  }

  dispatches(): Dispatch[] {
    return this.state.dispatches;
  }

  snapshot(): Promise<Record<string, unknown>> {
    return snapshot(this.state);
  }

  private creator(login: string): Creator {
    const actor = this.state.actor(login);
    return { actor, app: this.state.appOf(actor) };
  }

  private run(runId: number): NonNullable<ReturnType<GitHubState['repoById']>>['runs'][number] {
    const run = this.state.repoOf('runs', runId).runs.find(({ id }) => id === runId);
    if (run === undefined) throw new GitHubError(404, `There is no run ${runId}`);
    return run;
  }
}
