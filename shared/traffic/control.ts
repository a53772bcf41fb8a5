import type { GitHub } from '../github/client.js';
import type { HttpClient } from '../http/types.js';
import type { Holder, RunFacts } from '../ledger/holder.js';
import type { Lock } from '../ledger/lock.js';
import type { StateFile } from '../ledger/state.js';
import type { Prove } from '../ledger/trust.js';
import type { Watch } from '../ledger/watch.js';
import type { Clock } from '../time/clock.js';
import type { TrafficConfig } from './config/schema.js';
import type { Router } from './router.js';
import type { Timeline } from './timeline.js';

/** Everything that moving the traffic of one service in one environment takes. */
export interface TrafficControl {
  environment: string;
  service: string;
  /** Whether Deployments are marked as production ones. */
  production: boolean;
  config: TrafficConfig;
  /** The traffic file as it was read. */
  trafficText: string;
  colours: readonly string[];
  router: Router;
  http: HttpClient;
  github: GitHub;
  lock: StateFile<Lock>;
  watch: StateFile<Watch>;
  /** This job, as holder of states. */
  me: Holder;
  writers: readonly string[];
  /** Looks up whether the runs that records name can have written them. */
  prove: Prove;
  clock: Clock;
  random: () => number;
  signal: AbortSignal;
  timeline: Timeline;
  /** Page of this run. */
  runUrl: string;
  runFacts(runId: number, attempt: number): Promise<RunFacts>;
  close(): void;
}
