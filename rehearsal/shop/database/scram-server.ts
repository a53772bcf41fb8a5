import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto';

const iterations = 4_096;

/** What the server says to the first message of SCRAM-SHA-256 (RFC 5802, RFC 7677), and what it makes of the last. */
export interface ScramServer {
  first: string;
  /** The server's own proof; undefined when the client does not know the password. */
  finish(clientFinal: string): string | undefined;
}

/** Answers a client's first message; undefined when it is none, or wants to bind to a channel. */
export function answerScram(
  password: string,
  clientFirst: string,
  chance: { nonce: string; salt: Buffer },
): ScramServer | undefined {
  const [, header, bare, clientNonce] = /^([ny],[^,]*,)(n=[^,]*,r=([^,]+).*)$/.exec(clientFirst) ?? [];
  if (header === undefined || bare === undefined || clientNonce === undefined) return undefined;
  const nonce = `${clientNonce}${chance.nonce}`;
  const first = `r=${nonce},s=${chance.salt.toString('base64')},i=${iterations}`;
  const salted = pbkdf2Sync(password.normalize('NFKC'), chance.salt, iterations, 32, 'sha256');
  const expected = `c=${Buffer.from(header).toString('base64')},r=${nonce}`;
  return {
    first,
    finish: (clientFinal) => {
      const [, unproven, proof] = /^(.*),p=([^,]+)$/.exec(clientFinal) ?? [];
      if (unproven !== expected || proof === undefined) return undefined;
      const exchange = `${bare},${first},${unproven}`;
      const storedKey = sha256(hmac(salted, 'Client Key'));
      const clientKey = xor(Buffer.from(proof, 'base64'), hmac(storedKey, exchange));
      if (!timingSafeEqual(sha256(clientKey), storedKey)) return undefined;
      return `v=${hmac(hmac(salted, 'Server Key'), exchange).toString('base64')}`;
    },
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}

function xor(one: Buffer, other: Buffer): Buffer {
  return Buffer.from(other.map((byte, index) => byte ^ (one[index] ?? 0)));
}
