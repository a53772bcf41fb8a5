import type { CookieJar } from './cookies.js';

/**
 * One HTTP exchange to make. Redirects are never followed unless asked. Nothing is retried here, except once a bodyless
 * GET, HEAD or OPTIONS whose pooled connection the server had closed before it was sent (RFC 9110 §9.2.2).
 */
export interface HttpRequest {
  url: string;
  method?: string;
  headers?: SentHeaders;
  body?: string | Uint8Array;
  /** From call to the last byte of the body, in milliseconds. */
  timeoutMs: number;
  /** Longest body read, after decompression, in bytes; a longer one is a fault. Default 1 MiB. */
  maxBodyBytes?: number;
  /**
   * How many redirects to follow; default 0: the redirect itself is the response. Another origin gets neither headers
   * nor body.
   */
  maxRedirects?: number;
  /** A connection of its own, not a pooled one: what a new client would see. */
  freshConnection?: boolean;
  /** Cookies are sent from here and kept here, on every redirect; a `cookie` header of the caller's own wins. */
  cookies?: CookieJar;
  /** Shown to servers of the first origin that ask for one. */
  clientCertificate?: ClientCertificate;
  signal?: AbortSignal;
}

/** Headers by name; a list is sent as so many of them. */
export type SentHeaders = Readonly<Record<string, string | readonly string[]>>;

/** A certificate with its chain and its key, both PEM. */
export interface ClientCertificate {
  cert: string;
  key: string;
  passphrase?: string;
}

/** How an answer came over its connection. */
export interface Transfer {
  /** The version that was spoken, `1.0`, `1.1` or `2`. */
  version: string;
  /** The machine that was connected to. */
  address?: string;
  /**
   * Milliseconds until there was a connection (0 for one that was open), until the request was sent, until the answer
   * began, and until its last byte.
   */
  connectMs: number;
  sendMs: number;
  waitMs: number;
  receiveMs: number;
}

export interface HttpResponse {
  /** The address that answered, after redirects. */
  url: string;
  status: number;
  /** By lower-case name, as sent; set-cookie has one entry each. */
  headers: Readonly<Record<string, readonly string[]>>;
  body: Uint8Array;
  /** Milliseconds from the call to the last byte. */
  durationMs: number;
  /** The exchange that gave this answer, without redirects before it. */
  transfer?: Transfer;
}

/** Why there is no response. */
export interface HttpFault {
  kind:
    | 'timeout'
    | 'dns'
    | 'refused'
    | 'reset'
    | 'tls'
    | 'protocol'
    | 'too-large'
    | 'forbidden-address'
    | 'too-many-redirects'
    | 'cancelled';
  /** What happened and to which address, without secrets. */
  message: string;
}

export type HttpResult = { ok: true; response: HttpResponse } | { ok: false; fault: HttpFault };

/** The one HTTP client of the suite (GitHub's API has its own). */
export interface HttpClient {
  send(request: HttpRequest): Promise<HttpResult>;
  /** Closes pooled connections; the client is not usable afterwards. */
  close(): void;
}
