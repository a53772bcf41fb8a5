import { constants, createHash, generateKeyPairSync, privateDecrypt } from 'node:crypto';
import type { Socket } from 'node:net';

/** What the stand-in asks for after the first answer to its salt. */
export type MysqlLogin = { password: string; knowsHash: boolean };

const salt = Buffer.from('0123456789abcdefghij');

/**
 * The server's half of MySQL's login by caching_sha2_password, and one row for every EXECUTE; written from the
 * protocol's description, apart from our client.
 */
export function mysqlServer(
  { password, knowsHash }: MysqlLogin,
  onQuery: (text: string) => Buffer[] | undefined = () => undefined,
) {
  const keys = generateKeyPairSync('rsa', { modulusLength: 2_048 });
  const stored = sha256(sha256(Buffer.from(password)));
  return (socket: Socket) => {
    let number = 0;
    const send = (...packets: Buffer[]) => {
      for (const packet of packets)
        socket.write(
          Buffer.concat([Buffer.from([packet.length & 0xff, packet.length >> 8, 0, number++]), packet]),
        );
    };
    const refuse = () =>
      send(Buffer.concat([Buffer.from([0xff, 0x15, 0x04]), Buffer.from('#28000Access denied')]));
    let state: 'answer' | 'whole' | 'key' | 'ready' = 'answer';
    let waiting = Buffer.alloc(0);
    socket.on('data', (chunk: Buffer) => {
      waiting = Buffer.concat([waiting, chunk]);
      while (waiting.length >= 4 && waiting.length >= 4 + waiting.readUIntLE(0, 3)) {
        const packet = waiting.subarray(4, 4 + waiting.readUIntLE(0, 3));
        number = waiting[3]! + 1;
        waiting = waiting.subarray(4 + packet.length);
        receive(packet);
      }
    });
    const receive = (packet: Buffer) => {
      if (state === 'answer') {
        const userEnd = packet.indexOf(0, 32);
        const proof = packet.subarray(userEnd + 2, userEnd + 2 + packet[userEnd + 1]!);
        const mask = sha256(Buffer.concat([stored, salt]));
        const candidate = sha256(Buffer.from(proof.map((byte, i) => byte ^ mask[i]!)));
        if (knowsHash && candidate.equals(stored)) {
          state = 'ready';
          return send(Buffer.from([1, 3]), ok);
        }
        if (knowsHash) return refuse();
        state = 'whole';
        send(Buffer.from([1, 4]));
      } else if (state === 'whole') {
        if (packet[0] !== 2 || packet.length !== 1) return refuse();
        state = 'key';
        send(
          Buffer.concat([
            Buffer.from([1]),
            Buffer.from(keys.publicKey.export({ type: 'spki', format: 'pem' }).toString()),
          ]),
        );
      } else if (state === 'key') {
        const masked = privateDecrypt(
          { key: keys.privateKey, padding: constants.RSA_PKCS1_OAEP_PADDING },
          packet,
        );
        const clear = Buffer.from(masked.map((byte, i) => byte ^ salt[i % salt.length]!));
        if (clear.toString() !== `${password}\0`) return refuse();
        state = 'ready';
        send(ok);
      } else {
        const text = packet.toString('utf8', 1);
        send(...(onQuery(text) ?? (text.startsWith('EXECUTE') ? oneRow : [ok])));
      }
    };
    send(greeting);
  };
}

const ok = Buffer.from([0, 0, 0, 2, 0, 0, 0]);
const end = Buffer.from([0xfe, 0, 0, 2, 0]);
const text = (value: string) => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
const column = Buffer.concat([
  ...['def', '', '', '', 'version', ''].map(text),
  Buffer.from([0x0c, 45, 0, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0]),
]);
const oneRow = [Buffer.from([1]), column, end, text('42'), end];

const greeting = Buffer.concat([
  Buffer.from([10]),
  Buffer.from('8.4.0\0'),
  Buffer.from([1, 0, 0, 0]),
  salt.subarray(0, 8),
  Buffer.from([0, 0xff, 0xf7, 45, 2, 0, 0xff, 0xdf, 21]),
  Buffer.alloc(10),
  salt.subarray(8),
  Buffer.from('\0caching_sha2_password\0'),
]);

function sha256(bytes: Buffer): Buffer {
  return createHash('sha256').update(bytes).digest();
}
