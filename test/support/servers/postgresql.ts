import { Buffer } from 'node:buffer';
import { createHash, createHmac, pbkdf2Sync } from 'node:crypto';
import type { Socket } from 'node:net';

/** A message of PostgreSQL: its type, its length, its content. */
export function message(type: string, ...parts: (Buffer | string)[]): Buffer {
  const content = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from(type), int32(content.length + 4), content]);
}

export function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

function int16(value: number): Buffer {
  return int32(value).subarray(2);
}

const ready = message('Z', 'I');

interface Server {
  password: string;
  /** What it does instead of proving that it knows the password. */
  proof?: 'right' | 'wrong' | 'none';
  /** Takes a cleartext password instead of SCRAM. */
  cleartext?: boolean;
  /** Sees every message of the client; what it gives is sent instead of the answer. */
  onMessage?: (type: string, body: string) => Buffer | undefined;
}

/**
 * One side of PostgreSQL's protocol: SCRAM-SHA-256 (RFC 5802) by the book, and one row `version = 42` for whatever is
 * asked.
 */
export function postgresqlServer({ password, proof = 'right', cleartext, onMessage }: Server) {
  return (socket: Socket): void => {
    const scram = scramServer(password, proof);
    let received = Buffer.alloc(0);
    let isStarted = false;
    socket.on('error', () => undefined);
    socket.on('data', (chunk: Buffer) => {
      received = Buffer.concat([received, chunk]);
      for (;;) {
        const at = isStarted ? 1 : 0;
        if (received.length < at + 4) return;
        const end = at + received.readInt32BE(at);
        if (received.length < end) return;
        const type = isStarted ? String.fromCharCode(received[0]!) : 'startup';
        const body = received.subarray(at + 4, end);
        received = received.subarray(end);
        isStarted = true;
        const answer = onMessage?.(type, body.toString()) ?? answerTo(type, body);
        if (answer) socket.write(answer);
      }
    });

    const answerTo = (type: string, body: Buffer): Buffer | undefined => {
      if (type === 'startup')
        return cleartext ? message('R', int32(3)) : message('R', int32(10), 'SCRAM-SHA-256\0\0');
      if (type === 'p') {
        if (cleartext) return body.toString() === `${password}\0` ? loggedIn : refused;
        return scram(body);
      }
      if (type === 'Q') return Buffer.concat([message('C', 'BEGIN\0'), ready]);
      if (type === 'S') return Buffer.concat([...row, message('C', 'SELECT 1\0'), ready]);
      return undefined;
    };
  };
}

const loggedIn = Buffer.concat([message('R', int32(0)), ready]);
const refused = message('E', 'SFATAL\0', 'C28P01\0', 'Mpassword authentication failed\0', '\0');
const row = [
  message('1'),
  message('2'),
  message('T', int16(1), 'version\0', int32(0), int16(0), int32(23), int16(4), int32(-1), int16(0)),
  message('D', int16(1), int32(2), '42'),
];

function scramServer(password: string, proof: 'right' | 'wrong' | 'none') {
  const salt = Buffer.from('salt and pepper');
  const rounds = 4_096;
  let transcript = '';
  return (body: Buffer): Buffer => {
    const text = body.toString();
    if (transcript === '') {
      const bare = text.slice(text.indexOf('n,,') + 3);
      const first = `r=${/r=(.+)$/.exec(bare)![1]}more,s=${salt.toString('base64')},i=${rounds}`;
      transcript = `${bare},${first}`;
      return message('R', int32(11), first);
    }
    const [end, , sent = ''] = text.split(/(,p=)/) as [string, string, string];
    transcript += `,${end}`;
    const salted = pbkdf2Sync(password, salt, rounds, 32, 'sha256');
    const clientKey = hmac(salted, 'Client Key');
    const signature = hmac(createHash('sha256').update(clientKey).digest(), transcript);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ signature[index]!));
    if (!expected.equals(Buffer.from(sent, 'base64'))) return refused;
    const ours = hmac(hmac(salted, 'Server Key'), transcript);
    if (proof === 'wrong') ours[31]! ^= 1;
    const final = proof === 'none' ? [] : [message('R', int32(12), `v=${ours.toString('base64')}`)];
    return Buffer.concat([...final, loggedIn]);
  };
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
