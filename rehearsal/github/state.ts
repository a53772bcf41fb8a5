import { randomBytes } from 'node:crypto';
import { notFound } from './errors.js';
import { GitRepository } from './git/repository.js';
import type { Dispatch, Repo, Token } from './model.js';
import type { Actor, App, Permissions, Role } from './actors-model.js';

/** The app behind every job token: its id is the same on all of github.com. */
export const actionsApp: App = { id: 15368, slug: 'github-actions', name: 'GitHub Actions' };
const actionsBotId = 41898282;

/** Everything the stand-in knows, in memory; git data stays in the git repositories. */
export class GitHubState {
  readonly repos = new Map<string, Repo>();
  readonly tokens = new Map<string, Token>();
  readonly actors = new Map<string, Actor>();
  readonly dispatches: Dispatch[] = [];
  baseUrl = '';
  clockOffsetMs = 0;
  private lastId = 100_000;

  constructor(private readonly clock: () => number) {}

  now(): number {
    return this.clock() + this.clockOffsetMs;
  }

  /** Ids are unique over all kinds, so that a mistaken one finds nothing. */
  nextId(): number {
    this.lastId += 1;
    return this.lastId;
  }

  repo(owner: string, name: string): Repo | null {
    return this.repos.get(`${owner}/${name}`.toLowerCase()) ?? null;
  }

  repoById(id: number): Repo | null {
    return [...this.repos.values()].find((repo) => repo.id === id) ?? null;
  }

  addRepo(owner: string, name: string, gitDir: string, defaultBranch: string): Repo {
    this.actor(owner);
    const repo: Repo = {
      id: this.nextId(),
      owner,
      name,
      defaultBranch,
      createdAt: this.now(),
      git: new GitRepository(gitDir),
      deployments: [],
      statuses: [],
      suites: [],
      checkRuns: [],
      workflows: [],
      runs: [],
      jobs: [],
      environments: [],
      approvals: [],
      rulesets: [],
      jobTokens: { default: 'read', mayApprove: false },
      secrets: [],
      labels: [],
      issues: [],
      comments: [],
      releases: [],
      attestations: [],
      activity: [],
      artifacts: [],
    };
    this.repos.get(`${owner}/${name}`.toLowerCase())?.git.close();
    this.repos.set(`${owner}/${name}`.toLowerCase(), repo);
    return repo;
  }

  /** The actor of this login, made on first sight; a login ending in `[bot]` is an app's. */
  actor(login: string, role?: Role): Actor {
    const known = this.actors.get(login.toLowerCase());
    if (known !== undefined) {
      if (role !== undefined) known.role = role;
      return known;
    }
    const bot = login.endsWith('[bot]');
    const actor: Actor = {
      id: login === 'github-actions[bot]' ? actionsBotId : this.nextId(),
      login,
      type: bot ? 'Bot' : 'User',
      role: role ?? 'none',
      createdAt: this.now(),
    };
    this.actors.set(login.toLowerCase(), actor);
    return actor;
  }

  actorById(id: number): Actor | null {
    return [...this.actors.values()].find((actor) => actor.id === id) ?? null;
  }

  addToken(
    login: string,
    permissions: Permissions,
    job: { runId?: number | undefined; attempt?: number | undefined; jobId?: number | undefined } = {},
  ): Token {
    const actor = this.actor(login);
    const token: Token = {
      value: `${actor.type === 'Bot' ? 'ghs' : 'ghp'}_${randomBytes(18).toString('hex')}`,
      actor,
      app: this.appOf(actor),
      permissions,
      runId: job.runId ?? null,
      attempt: job.attempt ?? null,
      jobId: job.jobId ?? null,
    };
    this.tokens.set(token.value, token);
    return token;
  }

  appOf(actor: Actor): App | null {
    if (actor.type === 'User') return null;
    const slug = actor.login.replace(/\[bot\]$/, '');
    return slug === actionsApp.slug ? actionsApp : { id: actor.id + 1_000_000, slug, name: slug };
  }

  /** The repository that holds this run, job or Deployment, for control calls that name only its id. */
  repoOf(kind: 'runs' | 'jobs' | 'deployments', id: number): Repo {
    for (const repo of this.repos.values()) {
      if (repo[kind].some((record: { id: number }) => record.id === id)) return repo;
    }
    throw notFound();
  }

  close(): void {
    for (const repo of this.repos.values()) repo.git.close();
  }
}

/** GitHub's timestamps: whole seconds, UTC. */
export function iso(ms: number): string {
  return new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z');
}

export const isoOrNull = (ms: number | null): string | null => (ms === null ? null : iso(ms));
