import { createHmac, randomBytes, scrypt, timingSafeEqual } from 'node:crypto';
import { linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface Session {
  user: string;
  tenant: string;
}

/** Low on purpose: logins are part of the steady load. */
const SCRYPT_COST = 1024;

/** Hex digest of a password with its salt. */
export function hashPassword(password: string, salt: string): Promise<string> {
  return new Promise((resolve, reject) => {
    scrypt(password, salt, 32, { N: SCRYPT_COST }, (error, key) =>
      error ? reject(error) : resolve(key.toString('hex')),
    );
  });
}

export function sameText(a: string, b: string): boolean {
  return a.length === b.length && timingSafeEqual(Buffer.from(a), Buffer.from(b));
}

/** The key that signs tokens; in a shared folder all versions use the same, so a login survives a switch. */
export function signingKey(folder: string | undefined): string {
  const fresh = randomBytes(32).toString('hex');
  if (folder === undefined) return fresh;
  const file = join(folder, 'signing-key');
  const draft = join(folder, `signing-key.${process.pid}.${fresh.slice(0, 8)}`);
  writeFileSync(draft, fresh, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, 'utf8');
}

function signature(key: string, payload: string): string {
  return createHmac('sha256', key).update(payload).digest('base64url');
}

export function issueToken(key: string, session: Session): string {
  const payload = Buffer.from(JSON.stringify(session)).toString('base64url');
  return `${payload}.${signature(key, payload)}`;
}

/** undefined unless the header bears a token signed with this key. */
export function readToken(key: string, authorization: string | undefined): Session | undefined {
  const [payload, given] = /^Bearer (\S+)\.(\S+)$/.exec(authorization ?? '')?.slice(1) ?? [];
  if (payload === undefined || given === undefined || !sameText(given, signature(key, payload)))
    return undefined;
  return JSON.parse(Buffer.from(payload, 'base64url').toString('utf8')) as Session;
}
