import type { Able } from '../../../shared/exec/executable.js';
import type { GitHub } from '../../../shared/github/client.js';
import type { TrafficControl } from '../../../shared/traffic/control.js';
import type { TakeBackRequest, TakeBackResult } from '../../../shared/traffic/recovery/take-back.js';
import type { Inputs } from '../inputs.js';

/** What a strategy reaches the world with, and what the inputs say of it. */
export interface StrategyPorts {
  control: TrafficControl;
  given: Pick<
    Inputs,
    | 'command'
    | 'redeploy'
    | 'pass-env'
    | 'strategy-timeout'
    | 'code-token'
    | 'revert-by'
    | 'tag'
    | 'migrations-down'
    | 'reverse-schema'
  >;
  /** Folder of the checked-out repository, of temporary files, and address of the server. */
  workspace: string;
  temp: string;
  serverUrl: string;
  /** A variable of the step. */
  variable(name: string): string | undefined;
  /** GitHub by a token of its own, which starts workflows. */
  openCode(token: string): Promise<GitHub>;
}

export type Releases = Pick<TakeBackRequest, 'bad' | 'good'>;

export type { Able } from '../../../shared/exec/executable.js';

/**
 * What came of a strategy. restored: the good release has all traffic. started: what brings it back is on its way, and
 * traffic has not moved. held: a person must look. refused: nothing moved, and the next strategy may be tried.
 */
export type StrategyResult = (
  | TakeBackResult
  | (Pick<TakeBackResult, 'durationMs' | 'deployment' | 'restoredAt'> & {
      result: 'started' | 'refused' | 'held';
      message: string;
      trafficMoved: boolean;
    })
) & {
  /** What a person does, where that is not what any strategy asks for; one step a line. */
  next?: string[];
};

/** One way to bring back the last good release. */
export interface Strategy {
  /** A value of the input `strategy`. */
  name: string;
  /** Whether it could do so now; changes nothing. Asked when the watch begins, so that a person hears of it in time. */
  preflight(ports: StrategyPorts, releases: Releases): Promise<Able>;
  /** Does so, and says what came of it; what it throws leaves traffic in a place that nobody has confirmed. */
  run(ports: StrategyPorts, request: TakeBackRequest): Promise<StrategyResult>;
}
