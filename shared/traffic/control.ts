import type { GitHub, GitHubClock } from '../github/client.js';
import type { IncidentLockPorts } from '../ledger/incident-lock.js';
import type { Holder, RunFacts } from '../ledger/refs/holder.js';
import type { Lock } from '../ledger/refs/lock.js';
import type { StateFile } from '../ledger/refs/state.js';
import type { Prove } from '../ledger/proof/trust.js';
import type { Watch } from '../ledger/refs/watch.js';
import type { Clock } from '../time/clock.js';
import type { ColourPorts } from './colour/ports.js';
import type { Router } from './router.js';
import type { Timeline } from './timeline.js';

export type { ColourPorts };

/** What the Deployments and incidents of a service in an environment are read with, and believed. */
export interface LedgerPorts {
  environment: string;
  service: string;
  /** Its clock is the one of everything that is compared with GitHub's instants. */
  github: GitHub & GitHubClock;
  /** Who may write the ledger. */
  writers: readonly string[];
  /** Looks up whether the runs that records name can have written them. */
  prove: Prove;
  timeline: Timeline;
  /** With it, any number of runs open one incident of the same trouble. */
  once?: IncidentLockPorts;
}

/** What a lock is kept with while a person is paged. */
export interface PagerPorts extends Omit<LedgerPorts, 'prove'> {
  lock: StateFile<Lock>;
  clock: Clock;
  /** Page of this run. */
  runUrl: string;
}

/** What a switch is brought to its end with. */
export interface SwitchPorts extends ColourPorts, LedgerPorts, PagerPorts {
  router: Router;
  colours: readonly string[];
  signal: AbortSignal;
  /** A variable of the step that a file names for a secret; its value is masked from then on. */
  variable(name: string): string | undefined;
}

/** What another run's switch is brought to its end with. */
export interface RecoveryPorts extends SwitchPorts {
  /** This job, as holder of states. */
  me: Holder;
  runFacts(runId: number, attempt: number): Promise<RunFacts>;
}

/** Everything that moving the traffic of one service in one environment takes. */
export interface TrafficControl extends RecoveryPorts {
  /** Whether Deployments are marked as production ones. */
  production: boolean;
  /** The traffic file as it was read. */
  trafficText: string;
  watch: StateFile<Watch>;
  random: () => number;
  close(): void;
}
