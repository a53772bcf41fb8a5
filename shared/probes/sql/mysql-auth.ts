import { constants, createHash, publicEncrypt } from 'node:crypto';
import { ProbeFailure } from '../within.js';
import { Reader, type Packets } from './mysql-packets.js';

/** What a login is proven with. */
export interface Proof {
  plugin: string;
  salt: Buffer;
  password: string;
  /** Whether the connection is encrypted, so that the password itself may be sent. */
  isSecure: boolean;
}

/**
 * The first answer to a server's salt; undefined for a method that is not known, for which the server is asked again.
 */
export function passwordAnswer(plugin: string, password: string, salt: Buffer): Buffer | undefined {
  if (password === '') return Buffer.alloc(0);
  const secret = Buffer.from(password);
  if (plugin === 'mysql_native_password') {
    const once = hash('sha1', secret);
    return xor(once, hash('sha1', salt, hash('sha1', once)));
  }
  if (plugin === 'caching_sha2_password') {
    const once = hash('sha256', secret);
    return xor(once, hash('sha256', hash('sha256', once), salt));
  }
  return undefined;
}

/** Answers what the server asks until it lets us in; throws its refusal. */
export async function provePassword(packets: Packets, proof: Proof): Promise<void> {
  let { plugin, salt } = proof;
  const { password, isSecure } = proof;
  for (;;) {
    const packet = await packets.next();
    if (packet[0] === 0x00) return;
    if (packet[0] === 0xfe) {
      const reader = new Reader(packet.subarray(1));
      plugin = reader.zeroEnded();
      salt = reader.rest().subarray(0, 20);
      packets.send(switched(plugin, password, salt, isSecure));
    } else if (plugin === 'caching_sha2_password' && packet[0] === 0x01) {
      // 3: the server knows the password's hash already; 4: it wants the password itself.
      if (packet[1] === 4) await sendWhole(packets, password, salt, isSecure);
    } else throw new ProbeFailure('sql', 'the server asks for something unknown while logging in');
  }
}

function switched(plugin: string, password: string, salt: Buffer, isSecure: boolean): Buffer {
  if (plugin === 'mysql_clear_password' && isSecure) return Buffer.from(`${password}\0`);
  const answer = passwordAnswer(plugin, password, salt);
  if (answer && (password !== '' || plugin.endsWith('_password'))) return answer;
  const known = 'mysql_native_password and caching_sha2_password, and with TLS mysql_clear_password';
  throw new ProbeFailure('sql', `the server wants authentication by ${plugin}; known are ${known}`);
}

async function sendWhole(packets: Packets, password: string, salt: Buffer, isSecure: boolean): Promise<void> {
  const secret = Buffer.from(`${password}\0`);
  if (isSecure) return packets.send(secret);
  packets.send(Buffer.from([2]));
  const key = (await packets.next()).subarray(1).toString();
  const masked = xor(secret, salt);
  try {
    packets.send(publicEncrypt({ key, padding: constants.RSA_PKCS1_OAEP_PADDING }, masked));
  } catch {
    throw new ProbeFailure('sql', "the server's public key cannot be used");
  }
}

function xor(bytes: Buffer, mask: Buffer): Buffer {
  return Buffer.from(bytes.map((byte, index) => byte ^ mask[index % mask.length]!));
}

function hash(name: 'sha1' | 'sha256', ...parts: Buffer[]): Buffer {
  return createHash(name).update(Buffer.concat(parts)).digest();
}
