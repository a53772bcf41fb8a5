/** Proof of who asks that needs the server's question, or the time: made when the request is sent. */
import { createHash, randomBytes } from 'node:crypto';
import type { HttpClient, HttpRequest, HttpResult } from '../http/types.js';

export type HttpLogin =
  | { scheme: 'digest'; user: string; password: string }
  | {
      scheme: 'aws';
      region: string;
      service: string;
      accessKeyId: string;
      secretAccessKey: string;
      sessionToken?: string;
    };

export function secretsOfLogin(login: HttpLogin): string[] {
  return login.scheme === 'digest' ? [login.password] : [login.secretAccessKey, login.sessionToken ?? ''];
}

/** Sends a request with its proof; without one as it is. */
export async function sendAs(
  client: HttpClient,
  login: HttpLogin | undefined,
  request: HttpRequest,
): Promise<HttpResult> {
  if (login?.scheme === 'aws') return client.send(await signed(request, login));
  const begun = performance.now();
  const result = await client.send(request);
  if (login?.scheme !== 'digest' || !result.ok || result.response.status !== 401) return result;
  const { url, headers } = result.response;
  // Another place than the one that was named gets no proof.
  if (url !== new URL(request.url).href) return result;
  const proof = (headers['www-authenticate'] ?? [])
    .map((challenge) => answerTo(challenge, login, request, randomBytes(16).toString('hex')))
    .find((answer) => answer !== undefined);
  if (proof === undefined) return result;
  const spentMs = performance.now() - begun;
  return client.send({
    ...request,
    timeoutMs: Math.max(1, request.timeoutMs - spentMs),
    headers: { ...request.headers, authorization: proof },
  });
}

async function signed(
  request: HttpRequest,
  { scheme: _scheme, ...credentials }: Extract<HttpLogin, { scheme: 'aws' }>,
): Promise<HttpRequest> {
  const { AwsV4Signer } = await import('aws4fetch');
  const given = Object.entries(request.headers ?? {}).flatMap(([name, values]) =>
    [values].flat().map((value): [string, string] => [name, value]),
  );
  const signer = new AwsV4Signer({
    ...credentials,
    url: request.url,
    method: request.method ?? 'GET',
    headers: new Headers(given),
    // Undefined is another thing to it than an empty body.
    ...(request.body === undefined ? {} : { body: request.body as BodyInit }),
  });
  const { url, headers } = await signer.sign();
  // The client says the host of the address itself.
  headers.delete('host');
  return { ...request, url: url.href, headers: { ...request.headers, ...Object.fromEntries(headers) } };
}

const hashes: Readonly<Record<string, string>> = { md5: 'md5', 'sha-256': 'sha256' };

/** The header that answers a challenge of HTTP digest (RFC 7616); undefined for what is none, or asks for more. */
export function answerTo(
  challenge: string,
  { user, password }: { user: string; password: string },
  { url, method = 'GET' }: Pick<HttpRequest, 'url' | 'method'>,
  cnonce: string,
): string | undefined {
  const [, rest] = /^digest\s+(.*)$/is.exec(challenge) ?? [];
  if (rest === undefined) return undefined;
  const asked = Object.fromEntries(
    [...rest.matchAll(/([a-z-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/gi)].map(
      ([, name, quoted, plain]) => [name!.toLowerCase(), quoted?.replace(/\\(.)/g, '$1') ?? plain ?? ''],
    ),
  );
  const { realm = '', nonce = '', algorithm = 'MD5', qop, opaque } = asked;
  const isSession = /-sess$/i.test(algorithm);
  const hash = hashes[algorithm.toLowerCase().replace(/-sess$/, '')];
  const offersAuth = qop === undefined || qop.split(',').some((one) => one.trim().toLowerCase() === 'auth');
  if (hash === undefined || !offersAuth || nonce === '') return undefined;
  const digest = (...parts: string[]) => createHash(hash).update(parts.join(':')).digest('hex');
  const { pathname, search } = new URL(url);
  const uri = pathname + search;
  const count = '00000001';
  const secret = digest(user, realm, password);
  const left = isSession ? digest(secret, nonce, cnonce) : secret;
  const right = digest(method, uri);
  const response =
    qop === undefined ? digest(left, nonce, right) : digest(left, nonce, count, cnonce, 'auth', right);
  const text = (value: string) => `"${value.replace(/["\\]/g, '\\$&')}"`;
  return [
    `Digest username=${text(user)}`,
    `realm=${text(realm)}`,
    `nonce=${text(nonce)}`,
    `uri=${text(uri)}`,
    `algorithm=${algorithm}`,
    `response="${response}"`,
    ...(qop === undefined ? [] : ['qop=auth', `nc=${count}`]),
    ...(qop !== undefined || isSession ? [`cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque=${text(opaque)}`]),
  ].join(', ');
}
