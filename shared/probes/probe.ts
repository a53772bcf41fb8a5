/** How long one observation may take, and what ends it early. */
export interface ProbeLimits {
  /** Milliseconds from the call to the complete observation. */
  timeoutMs: number;
  signal?: AbortSignal;
}

/** Why nothing could be observed; `kind` is the transport's own word for it. */
export interface ProbeFault {
  kind: string;
  message: string;
}

export type Probed<Observation> = { ok: true; observation: Observation } | { ok: false; fault: ProbeFault };

/** One way to look at a running system. Looking never throws for what the system does: that is a fault or an observation. */
export interface Probe<Step, Observation> {
  observe(step: Step, limits: ProbeLimits): Promise<Probed<Observation>>;
}
