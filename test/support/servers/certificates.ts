import { generateKeyPairSync, randomBytes, sign, type KeyObject } from 'node:crypto';
import { isIP } from 'node:net';

/** A certificate and its key, both PEM. */
export interface Identity {
  cert: string;
  key: string;
}

/** What a leaf certificate says; the defaults are valid from yesterday until tomorrow. */
export interface LeafRequest {
  names: readonly string[];
  notBefore?: Date;
  notAfter?: Date;
}

const day = 86_400_000;

/** A certificate authority for one test run; nothing trusts it but who is given `ca`. */
export function createAuthority(): { ca: string; issue(request: LeafRequest): Identity } {
  const keys = newKeys();
  const subject = nameOf('Test Authority');
  const ca = certificate(subject, subject, keys, keys.privateKey, lifetime({ names: [] }), [
    basicConstraints(true),
  ]);
  return {
    ca,
    issue: (request) => {
      const leaf = newKeys();
      const extensions = [basicConstraints(false), alternativeNames(request.names)];
      const cert = certificate(nameOf('leaf'), subject, leaf, keys.privateKey, lifetime(request), extensions);
      return { cert, key: leaf.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
    },
  };
}

interface Keys {
  publicKey: KeyObject;
  privateKey: KeyObject;
}

function newKeys(): Keys {
  return generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
}

function lifetime({ notBefore, notAfter }: LeafRequest): Buffer {
  return sequence(
    time(notBefore ?? new Date(Date.now() - day)),
    time(notAfter ?? new Date(Date.now() + day)),
  );
}

// Just enough DER (X.690) for X.509 version 3 certificates signed by ECDSA with SHA-256.
function certificate(
  subject: Buffer,
  issuer: Buffer,
  keys: Keys,
  signer: KeyObject,
  validity: Buffer,
  extensions: Buffer[],
): string {
  const algorithm = sequence(oid('1.2.840.10045.4.3.2'));
  const serial = tagged(0x02, Buffer.concat([Buffer.from([0x01]), randomBytes(8)]));
  const version = tagged(0xa0, tagged(0x02, Buffer.from([2])));
  const publicKey = keys.publicKey.export({ type: 'spki', format: 'der' });
  const body = sequence(
    version,
    serial,
    algorithm,
    issuer,
    validity,
    subject,
    publicKey,
    tagged(0xa3, sequence(...extensions)),
  );
  const signature = sign('sha256', body, signer);
  const der = sequence(body, algorithm, bitString(signature));
  const lines = der.toString('base64').match(/.{1,64}/g)!;
  return ['-----BEGIN CERTIFICATE-----', ...lines, '-----END CERTIFICATE-----', ''].join('\n');
}

function basicConstraints(isAuthority: boolean): Buffer {
  const content = isAuthority ? sequence(tagged(0x01, Buffer.from([0xff]))) : sequence();
  return sequence(oid('2.5.29.19'), tagged(0x01, Buffer.from([0xff])), tagged(0x04, content));
}

function alternativeNames(names: readonly string[]): Buffer {
  const entries = names.map((name) =>
    isIP(name) === 4
      ? tagged(0x87, Buffer.from(name.split('.').map(Number)))
      : tagged(0x82, Buffer.from(name)),
  );
  return sequence(oid('2.5.29.17'), tagged(0x04, sequence(...entries)));
}

function nameOf(commonName: string): Buffer {
  return sequence(tagged(0x31, sequence(oid('2.5.4.3'), tagged(0x0c, Buffer.from(commonName)))));
}

function time(date: Date): Buffer {
  return tagged(0x18, Buffer.from(date.toISOString().replace(/[-:T]|\.\d+/g, '')));
}

function bitString(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function oid(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  const bytes = [first * 40 + second];
  for (const part of rest) {
    const groups = [part & 0x7f];
    for (let left = part >> 7; left > 0; left >>= 7) groups.unshift((left & 0x7f) | 0x80);
    bytes.push(...groups);
  }
  return tagged(0x06, Buffer.from(bytes));
}

function sequence(...parts: Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}
