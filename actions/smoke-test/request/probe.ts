import { Buffer } from 'node:buffer';
import type { ProbeRequest } from '../../../shared/probes/registry.js';
import { parsed } from '../../../shared/http/connect/target.js';
import { secretsOfLogin } from '../../../shared/probes/http-login.js';
import { placeOf, shownHost } from '../../../shared/probes/address.js';
import { addressBelow, buildRequest, requestLine, type SentFiles } from './http.js';
import { fillText, fillTexts, fillValue, UnresolvedError, type Lookup } from '../values/interpolate.js';
import type { SqlStep } from '../suite/schema/probe-schema.js';
import type { Scope } from '../values/scope.js';
import type { SuiteStep } from '../suite/schema/schema.js';

/** What a step asks of its probe, with every reference filled in; throws UnresolvedError when that cannot be done. */
export function buildProbe(
  step: SuiteStep,
  { baseUrl, files }: { baseUrl: string | undefined; files: SentFiles },
  { lookup, cookies }: Scope,
): ProbeRequest {
  const { http, tcp, tls, dns, sql, grpc, websocket, sse, browser, command } = step;
  if (http) {
    const request = buildRequest(http, baseUrl, lookup, files);
    return { probe: 'http', ...request, ...(http.cookies ? { cookies } : {}) };
  }
  if (tcp)
    return {
      probe: 'tcp',
      address: fillText(tcp.address, lookup),
      send: tcp.send === undefined ? undefined : fillText(tcp.send, lookup),
      read: tcp.read,
      maxBytes: tcp['max-bytes'],
    };
  if (tls) {
    const name = tls['server-name'];
    return {
      probe: 'tls',
      address: fillText(tls.address, lookup),
      serverName: name === undefined ? undefined : fillText(name, lookup),
    };
  }
  if (dns)
    return {
      probe: 'dns',
      name: fillText(dns.name, lookup),
      type: dns.type,
      server: dns.server === undefined ? undefined : fillText(dns.server, lookup),
    };
  if (sql) return { probe: 'sql', ...statementOf(sql, lookup) };
  if (grpc)
    return {
      probe: 'grpc',
      url: fillText(grpc.url, lookup),
      service: fillText(grpc.service, lookup),
      metadata: fillTexts(grpc.metadata ?? {}, lookup),
    };
  if (websocket)
    return {
      probe: 'websocket',
      url: addressBelow(websocket.url, baseUrl?.replace(/^http/i, 'ws'), lookup),
      headers: fillTexts(websocket.headers ?? {}, lookup),
      protocols: (websocket.protocols ?? []).map((name) => fillText(name, lookup)),
      send: (websocket.send ?? []).map((message) => messageText(fillValue(message, lookup))),
      messages: websocket.messages,
      maxBytes: websocket['max-bytes'],
    };
  if (sse)
    return {
      probe: 'sse',
      url: addressBelow(sse.url, baseUrl, lookup),
      headers: fillTexts(sse.headers ?? {}, lookup),
      events: sse.events,
      maxBytes: sse['max-bytes'],
    };
  if (browser)
    return {
      probe: 'browser',
      url: addressBelow(browser.url, baseUrl, lookup),
      waitFor: browser['wait-for'],
      ignore: (browser.ignore ?? []).map((text) => fillText(text, lookup)),
      sandbox: browser.sandbox === 'on',
      maxBytes: browser['max-bytes'],
    };
  if (command) {
    const [program, ...args] = command.run.map((part) => fillText(part, lookup));
    if (!program) throw new UnresolvedError('the program to run is an empty text');
    return {
      probe: 'command',
      argv: [program, ...args],
      stdin: command.stdin === undefined ? undefined : fillText(command.stdin, lookup),
      env: fillTexts(command.env ?? {}, lookup),
    };
  }
  throw new UnresolvedError('the step has no probe');
}

function statementOf({ url, password, query, params = [], write, tls, ...limits }: SqlStep, lookup: Lookup) {
  return {
    url: fillText(url, lookup),
    password: password === undefined ? undefined : fillText(password, lookup),
    query,
    params: params.map((param) => sqlText(fillValue(param, lookup))),
    write,
    tls: tls === 'verify',
    maxBytes: limits['max-bytes'],
  };
}

/** A parameter as databases take it: text that the column's type reads, or NULL. */
function sqlText(value: unknown): string | null {
  if (value === null) return null;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

const messageText = (message: unknown): string =>
  typeof message === 'string' ? message : JSON.stringify(message);

/** What a request has in it that is secret by its place: passwords, as they are and as they are sent. */
export function secretsIn(request: ProbeRequest): string[] {
  if (request.probe === 'sql') {
    const { password } = loginOf(request.url);
    return [request.password ?? '', password, decodedOf(password)].filter((secret) => secret !== '');
  }
  if (request.probe === 'websocket' || request.probe === 'sse' || request.probe === 'browser')
    return credentialsIn(request.url);
  if (request.probe !== 'http') return [];
  const { key = '', passphrase = '' } = request.clientCertificate ?? {};
  const login = request.login ? secretsOfLogin(request.login) : [];
  return [...[key, passphrase, ...login].filter((secret) => secret !== ''), ...credentialsIn(request.url)];
}

/** A user without a password who has a name as long as this, in characters, is a token. */
const tokenLength = 16;

/** What HTTP sends of the user and password of an address, and what of it is secret alone. */
export function credentialsIn(address: string): string[] {
  const { username, password } = loginOf(address);
  if (username + password === '') return [];
  const isToken = password === '' && username.length >= tokenLength;
  const secret = isToken ? username : password;
  const pair = `${decodedOf(username)}:${decodedOf(password)}`;
  return [secret, decodedOf(secret), Buffer.from(pair).toString('base64')].filter((text) => text !== '');
}

function loginOf(address: string): Pick<URL, 'username' | 'password'> {
  return parsed(address) ?? { username: '', password: '' };
}

/** A part of an address without its percent-encoding; as it is where that is wrong, since nothing is sent then. */
function decodedOf(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

/** What was asked, in one line for people; passwords and parameters are left out, and the caller redacts it. */
export function probeLine(request: ProbeRequest): string {
  switch (request.probe) {
    case 'http':
      return requestLine(request);
    case 'tcp':
    case 'tls':
      return `${request.probe} ${shownHost(request.address)}`;
    case 'dns':
      return `dns ${request.type} ${request.name}${request.server === undefined ? '' : ` @${request.server}`}`;
    case 'sql':
      return `sql ${placeOf(request.url)} ${shown(request.query)}`;
    case 'grpc':
      return `grpc ${placeOf(request.url)} ${request.service || '(server)'}`;
    case 'websocket':
    case 'sse':
    case 'browser':
      return `${request.probe} ${placeOf(request.url)}`;
    case 'command':
      return `command ${shown(request.argv.join(' '))}`;
  }
}

function shown(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
