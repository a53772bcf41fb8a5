import type { IncidentReport, ReportedIncident } from '../../shared/contracts/reports/incident-report.js';
import type { GitHub, GitHubClock } from '../../shared/github/client.js';
import type { IncidentLockPorts } from '../../shared/ledger/incident-lock.js';
import type { RefStore } from '../../shared/ledger/refs/refs.js';
import type { Host } from '../../shared/runner/host.js';
import type { ReadRules } from './config/read.js';
import type { Inputs } from './inputs.js';

/** What the modes of incident reach the world with. */
export interface IncidentPorts {
  github: GitHub & GitHubClock;
  store: RefStore;
  host: Host;
  input: Inputs;
  read: ReadRules;
  /** Identities whose incidents count. */
  writers: readonly string[];
  /** Login of who asks: who started the run, or did what the event tells. */
  by: string;
  /** Page of this run. */
  run: string;
}

/** What a mode did; the rest of the report is the same for all. */
export interface Done extends Pick<IncidentReport, 'result' | 'ok' | 'message'> {
  reasons?: readonly string[];
  notes?: readonly string[];
  incidents?: readonly ReportedIncident[];
  contained?: IncidentReport['contained'];
  hooks?: IncidentReport['hooks'];
  question?: IncidentReport['question'];
}

/** A mode that does not begin. */
export const refused = (reasons: readonly string[], incidents: readonly ReportedIncident[] = []): Done => ({
  result: 'refused',
  ok: false,
  message: reasons[0] ?? 'refused',
  reasons,
  incidents,
});

export const lockPorts = ({ store, github, host }: IncidentPorts): IncidentLockPorts => ({
  store,
  clock: host.clock,
  random: host.random,
  now: () => github.now(),
  signal: host.signal,
});
