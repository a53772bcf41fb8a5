import { Buffer } from 'node:buffer';
import { createHmac } from 'node:crypto';
import type { HttpStep } from '../suite/schema/http-schema.js';
import { fillText, UnresolvedError, type Lookup } from '../values/interpolate.js';

/** What is sent, as far as it can be signed. */
interface Sent {
  method: string;
  url: string;
  body: string | Uint8Array | undefined;
}

const parts: Readonly<Record<string, (sent: Sent) => string>> = {
  'request.body': ({ body }) => textOf(body),
  'request.method': ({ method }) => method,
  'request.path': ({ url }) => new URL(url).pathname + new URL(url).search,
  'request.url': ({ url }) => url,
};

/** Whether a reference is to the request itself, where it may be: in the text of a signature. */
export function isSigned(reference: string, path: readonly PropertyKey[]): boolean {
  return path.join('.') === 'http.hmac.text' && Object.hasOwn(parts, reference);
}

/** The header with the signature of a request. */
export function hmacHeader(
  hmac: NonNullable<HttpStep['hmac']>,
  sent: Sent,
  lookup: Lookup,
): Record<string, string> {
  const text = fillText(hmac.text, (name) =>
    Object.hasOwn(parts, name) ? parts[name]!(sent) : lookup(name),
  );
  const made = createHmac(hmac.algorithm, keyOf(hmac, lookup)).update(text).digest(hmac.encoding);
  return { [hmac.header]: fillText(hmac.prefix, lookup) + made };
}

/** Node skips what is no base64 or hex, and would sign with another key. */
function keyOf({ key, 'key-encoding': encoding }: NonNullable<HttpStep['hmac']>, lookup: Lookup): Buffer {
  const written = fillText(key, lookup);
  if (encoding === 'text') return Buffer.from(written);
  const bytes = Buffer.from(written, encoding);
  const again = bytes.toString(encoding);
  const isWhole =
    encoding === 'hex'
      ? again === written.toLowerCase()
      : again.replace(/=+$/, '') === written.replace(/=+$/, '');
  if (!isWhole || bytes.length === 0) throw new UnresolvedError(`the key of hmac is not ${encoding}`);
  return bytes;
}

function textOf(body: string | Uint8Array | undefined): string {
  if (typeof body !== 'object') return body ?? '';
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  } catch {
    throw new UnresolvedError('hmac signs texts, and the body is none');
  }
}
