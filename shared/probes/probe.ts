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

/**
 * One way to look at a running system. Looking never throws for what the system does: that is a fault or an
 * observation.
 */
export interface Probe<Step, Observation> {
  observe(step: Step, limits: ProbeLimits): Promise<Probed<Observation>>;
}

/** What came as JSON, or why it is none. */
export type JsonBody = { ok: true; value: unknown } | { ok: false; reason: string };

/** What every observation has, whatever probe made it. */
export interface Observed {
  /** Milliseconds from the call to the complete observation. */
  durationMs: number;
  /** What came, as text: a body, a banner, an output, one record a line. */
  text(): string;
  /** Why that text is not sure to be what was meant, such as bytes that are invalid in its charset. */
  doubt?(): string | undefined;
  json(): JsonBody;
  /** Bytes that came, after decompression. */
  size: number;
}

/** Text as JSON; empty text is none. */
export function parseJson(text: string): JsonBody {
  if (text.trim() === '') return { ok: false, reason: 'an empty body' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof SyntaxError ? 'a body that is not JSON' : String(error) };
  }
}

/** A text as the value it is in JSON, or as it is. */
export function valueOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return text;
  }
}

/** Plain facts as an observation's text and JSON. */
export function factsAs(
  value: unknown,
  text = JSON.stringify(value),
): Pick<Observed, 'text' | 'json' | 'size'> {
  return { text: () => text, json: () => ({ ok: true, value }), size: Buffer.byteLength(text) };
}
