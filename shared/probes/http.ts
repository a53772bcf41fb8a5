import type { HttpClient, HttpResponse } from '../http/types.js';
import type { Probe } from './probe.js';

/** One request, every value resolved. */
export interface HttpProbeStep {
  method: string;
  url: string;
  headers: Readonly<Record<string, string>>;
  body?: string;
  /** Redirects to follow; 0 makes a redirect the answer. */
  maxRedirects?: number;
  /** Bytes after decompression. */
  maxBodyBytes?: number;
  freshConnection?: boolean;
}

/** The body as JSON, or why it is none. */
export type JsonBody = { ok: true; value: unknown } | { ok: false; reason: string };

/** An answer; text and JSON are decoded when first asked for. */
export interface HttpObservation {
  url: string;
  status: number;
  /** By lower-case name, one entry for each time the header was sent. */
  headers: Readonly<Record<string, readonly string[]>>;
  text(): string;
  json(): JsonBody;
  /** Milliseconds from the call to the last byte of the body. */
  durationMs: number;
}

/** Observes by one HTTP exchange; the client's pool is shared between steps. */
export function httpProbe(client: HttpClient): Probe<HttpProbeStep, HttpObservation> {
  return {
    async observe(step, limits) {
      const result = await client.send({ ...step, ...limits });
      return result.ok ? { ok: true, observation: observationOf(result.response) } : result;
    },
  };
}

function observationOf({ url, status, headers, body, durationMs }: HttpResponse): HttpObservation {
  let text: string | undefined;
  let json: JsonBody | undefined;
  const read = () => (text ??= decode(body, headers['content-type']?.at(-1)));
  return { url, status, headers, durationMs, text: read, json: () => (json ??= parseJson(read())) };
}

function decode(body: Uint8Array, contentType: string | undefined): string {
  const charset = /;\s*charset\s*=\s*"?([\w.:-]+)/i.exec(contentType ?? '')?.[1] ?? 'utf-8';
  try {
    return new TextDecoder(charset).decode(body);
  } catch {
    return new TextDecoder().decode(body);
  }
}

function parseJson(text: string): JsonBody {
  if (text.trim() === '') return { ok: false, reason: 'an empty body' };
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, reason: error instanceof SyntaxError ? 'a body that is not JSON' : String(error) };
  }
}
