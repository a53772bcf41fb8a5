import { createHash } from 'node:crypto';
import { decodeBody, type Decoded } from './charset.js';
import type { CookieJar } from '../http/cookies.js';
import type { ClientCertificate, HttpClient, HttpResponse, SentHeaders, Transfer } from '../http/types.js';
import { sendAs, type HttpLogin } from './http-login.js';
import { parseJson, type JsonBody, type Observed, type Probe } from './probe.js';

/** One request, every value resolved. */
export interface HttpProbeStep {
  method: string;
  url: string;
  headers: SentHeaders;
  body?: string | Uint8Array;
  /** Where cookies come from and go to; without it none are sent. */
  cookies?: CookieJar;
  clientCertificate?: ClientCertificate;
  /** Proof of who asks that is made when it is sent. */
  login?: HttpLogin;
  /** Redirects to follow; 0 makes a redirect the answer. */
  maxRedirects?: number;
  /** Bytes after decompression. */
  maxBodyBytes?: number;
  freshConnection?: boolean;
}

/** An answer; text and JSON are decoded when first asked for. */
export interface HttpObservation extends Observed {
  probe: 'http';
  url: string;
  status: number;
  /** By lower-case name, one entry for each time the header was sent. */
  headers: Readonly<Record<string, readonly string[]>>;
  transfer?: Transfer;
  /** Hashes of the body's bytes, after decompression, hex. */
  sha256(): string;
  md5(): string;
}

/** Observes by one HTTP exchange; the client's pool is shared between steps. */
export function httpProbe(client: HttpClient): Probe<HttpProbeStep, HttpObservation> {
  return {
    async observe({ login, ...step }, limits) {
      const result = await sendAs(client, login, { ...step, ...limits });
      return result.ok ? { ok: true, observation: observationOf(result.response) } : result;
    },
  };
}

function observationOf({ url, status, headers, body, durationMs, transfer }: HttpResponse): HttpObservation {
  let decoded: Decoded | undefined;
  let json: JsonBody | undefined;
  const read = () => (decoded ??= decodeBody(body, headers['content-type']?.at(-1)));
  const asJson = ({ text, doubt }: Decoded): JsonBody =>
    doubt === undefined ? parseJson(text) : { ok: false, reason: doubt };
  return {
    probe: 'http',
    url,
    status,
    headers,
    durationMs,
    ...(transfer ? { transfer } : {}),
    size: body.length,
    text: () => read().text,
    doubt: () => read().doubt,
    sha256: () => createHash('sha256').update(body).digest('hex'),
    md5: () => createHash('md5').update(body).digest('hex'),
    json: () => (json ??= asJson(read())),
  };
}
