import type { DeploymentFact, DeploymentSource } from '../../../../shared/contracts/dora-facts.js';

/** Where deployments are read from, and which of them count. */
export interface SourceRequest {
  source: DeploymentSource;
  environment: string;
  /** Epoch milliseconds: older records are read only as far as they say what was live then. */
  from: number;
  /** Identities whose records of the ledger count. */
  writers: readonly string[];
  /** Accounts whose plain Deployments count; none named means all, since only people with write access can make one. */
  creators: readonly string[];
  /** What plain Deployments, releases, tags and runs deploy. */
  service: string;
  /** For runs: the file of the workflow whose successful runs are deployments. */
  workflow: string | undefined;
  /** For tags: what their names begin with. */
  tagPrefix: string;
}

export interface Deployments {
  /** Newest first. */
  deployments: DeploymentFact[];
  requests: number;
  complete: boolean;
  /** Whether they are of an environment that GitHub knows. */
  byEnvironment: boolean;
}
