import { Buffer } from 'node:buffer';
import type { CookieJar } from '../../../shared/http/cookies.js';
import type { HttpProbeStep } from '../../../shared/probes/http.js';
import type { HttpStep } from '../suite/schema/http-schema.js';
import type { SuiteStep } from '../suite/schema/schema.js';
import { fillText, UnresolvedError, type Lookup } from '../values/interpolate.js';
import { buildRequest, type SentFiles } from './http.js';

/** Longer commands help nobody. */
const longest = 4_000;

interface Sent {
  lookup: Lookup;
  cookies: CookieJar;
}

/**
 * A command that sends what a step sends, for a person who looks for the cause. What is secret is named as a variable of
 * the shell, and whatever else of it is left is taken out. Undefined where there is none.
 */
export function curlOf(
  { http }: SuiteStep,
  { baseUrl, files }: { baseUrl: string | undefined; files: SentFiles },
  { lookup, cookies }: Sent,
  { redact }: { redact: (text: string) => string },
): string | undefined {
  if (!http) return undefined;
  const hidden = hiddenWords();
  const hiding: Lookup = (reference) => {
    const value = lookup(reference);
    if (typeof value !== 'string' && typeof value !== 'number') return value;
    return redact(String(value)) === String(value) ? value : hidden.wordFor(reference);
  };
  try {
    const { 'client-certificate': certificate, hmac, ...plain } = http;
    const request = buildRequest(plain as HttpStep, baseUrl, hiding, files);
    const words = [
      ...['curl', '--include'],
      ...(plain.redirects > 0 ? ['--location'] : []),
      ...methodOf(request),
      ...proofOf(request),
      ...(certificate ? ['--cert', 'client.pem', '--key', 'client-key.pem'] : []),
      ...headersOf(request, plain),
      ...(hmac ? ['--header', `${hmac.header}: ${hidden.wordFor('signature')}`] : []),
      ...(http.cookies ? cookieOf(request.url, cookies, hidden) : []),
      ...bodyOf(plain as HttpStep, request, hiding),
      request.url,
    ];
    const line = redact(words.map((word) => hidden.quoted(word)).join(' '));
    return line.length > longest ? undefined : line;
  } catch (error) {
    // Where a word in place of a secret does not fit, there is no command.
    if (error instanceof UnresolvedError || error instanceof TypeError) return undefined;
    throw error;
  }
}

function methodOf({ method, body }: HttpProbeStep): string[] {
  if (method === 'HEAD' && body === undefined) return ['--head'];
  return method === 'GET' && body === undefined ? [] : ['--request', method];
}

function proofOf({ login }: HttpProbeStep): string[] {
  if (login?.scheme === 'digest') return ['--digest', '--user', `${login.user}:${login.password}`];
  if (login?.scheme !== 'aws') return [];
  const { region, service, accessKeyId, secretAccessKey, sessionToken } = login;
  return [
    ...['--aws-sigv4', `aws:amz:${region}:${service}`, '--user', `${accessKeyId}:${secretAccessKey}`],
    ...(sessionToken === undefined ? [] : ['--header', `x-amz-security-token: ${sessionToken}`]),
  ];
}

function headersOf(
  { headers }: HttpProbeStep,
  { 'basic-auth': basic, multipart }: Partial<HttpStep>,
): string[] {
  return Object.entries(headers)
    .filter(([name]) => !(multipart && name === 'content-type'))
    .flatMap(([name, values]) =>
      [values].flat().flatMap((value) => {
        if (!basic || name !== 'authorization') return ['--header', `${name}: ${value}`];
        const [, sent = ''] = value.split(' ');
        return ['--user', Buffer.from(sent, 'base64').toString()];
      }),
    );
}

/** Values of cookies are who somebody is: only their names are shown. */
function cookieOf(url: string, cookies: CookieJar, { wordFor }: Hidden): string[] {
  const header = cookies.headerFor(new URL(url), 0);
  if (header === undefined) return [];
  const pairs = header.split('; ').map((pair) => {
    const name = pair.slice(0, pair.indexOf('='));
    return `${name}=${wordFor(`cookie_${name}`)}`;
  });
  return ['--cookie', pairs.join('; ')];
}

function bodyOf(step: HttpStep, { body, headers }: HttpProbeStep, lookup: Lookup): string[] {
  const isTyped = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  // What curl would say by itself is taken out.
  const untyped = isTyped ? [] : ['--header', 'content-type:'];
  if (step['body-file'] !== undefined) return [...untyped, '--data-binary', `@${step['body-file']}`];
  if (step.multipart)
    return step.multipart.flatMap(({ name, value, file, type }) => {
      const kind = type === undefined ? '' : `;type=${type}`;
      return file === undefined
        ? ['--form-string', `${fillText(name, lookup)}=${fillText(value ?? '', lookup)}`]
        : ['--form', `${fillText(name, lookup)}=@${file}${kind}`];
    });
  return body === undefined ? [] : [...untyped, '--data-raw', String(body)];
}

const variableOf = (reference: string): string =>
  reference
    .replace(/^(secrets|env|tenant|other|row)\./, '')
    .replace(/\W/g, '_')
    .toUpperCase();

interface Hidden {
  /** A word that survives every way of writing a value, in the place of a secret. */
  wordFor(reference: string): string;
  /** A word of a command for a shell, with the variables outside of the single quotes. */
  quoted(word: string): string;
}

function hiddenWords(): Hidden {
  const words = new Map<string, string>();
  return {
    wordFor(reference) {
      const word = words.get(reference) ?? `zqhidden${words.size}qz`;
      words.set(reference, word);
      return word;
    },
    quoted(word) {
      const within = [...words].filter(([, hidden]) => word.includes(hidden));
      if (within.length === 0 && /^[A-Za-z0-9@%+=:,./_-]+$/.test(word)) return word;
      const text = within.reduce(
        (left, [reference, hidden]) => left.replaceAll(hidden, `'"$${variableOf(reference)}"'`),
        `'${word.replaceAll("'", `'\\''`)}'`,
      );
      return text.replace(/^''(?=.)/, '').replace(/(?<=.)''$/, '');
    },
  };
}
