import { createHash, createHmac, pbkdf2, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';
import { ProbeFailure } from '../within.js';

/** Rounds a server may ask for; more would only keep us busy. */
const maxRounds = 1_000_000;

/** The client's half of SCRAM-SHA-256 (RFC 5802, RFC 7677), without channel binding. */
export function createScram(password: string, nonce = randomBytes(18).toString('base64')) {
  const bare = `n=,r=${nonce}`;
  let expected: Buffer | undefined;
  let verified = false;
  return {
    first: () => `n,,${bare}`,
    /** The proof that answers the server's first message. */
    async answer(message: string): Promise<string> {
      const [, joint = '', salt = '', rounds = ''] = /^r=([^,]+),s=([^,]+),i=(\d{1,9})/.exec(message) ?? [];
      if (!joint.startsWith(nonce) || joint.length === nonce.length)
        throw broken('its nonce is not made of ours');
      if (Number(rounds) < 1 || Number(rounds) > maxRounds) throw broken(`it asks for ${rounds} rounds`);
      // Passwords are prepared by SASLprep, which is NFKC for all that is in use.
      const secret = Buffer.from(password.normalize('NFKC'));
      const salted = await promisify(pbkdf2)(
        secret,
        Buffer.from(salt, 'base64'),
        Number(rounds),
        32,
        'sha256',
      );
      const clientKey = hmac(salted, 'Client Key');
      const end = `c=biws,r=${joint}`;
      const transcript = `${bare},${message},${end}`;
      const signature = hmac(createHash('sha256').update(clientKey).digest(), transcript);
      const proof = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
      expected = hmac(hmac(salted, 'Server Key'), transcript);
      return `${end},p=${proof.toString('base64')}`;
    },
    /** Checks that the server knows the password too. */
    verify(message: string): void {
      const given = Buffer.from(/^v=([^,]+)/.exec(message)?.[1] ?? '', 'base64');
      if (!expected || given.length !== expected.length || !timingSafeEqual(given, expected))
        throw broken('its proof is wrong');
      verified = true;
    },
    isVerified: () => verified,
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

function broken(what: string): ProbeFailure {
  return new ProbeFailure('sql', `the server's SCRAM answer is refused: ${what}`);
}
