import { HttpFailure } from '../../http/faults.js';
import { ProbeFailure } from '../within.js';
import type { Channel } from './channel.js';
import { passwordAnswer, provePassword } from './mysql-auth.js';
import { Packets, Reader } from './mysql-packets.js';
import { exactNumber, jsonValue, type Driver, type Rows, type Statement } from './statement.js';

// The client/server protocol, version 10: https://dev.mysql.com/doc/dev/mysql-server/latest/PAGE_PROTOCOL.html
const capability = {
  longPassword: 0x1,
  connectWithDb: 0x8,
  protocol41: 0x200,
  tls: 0x800,
  transactions: 0x2000,
  secureConnection: 0x8000,
  pluginAuth: 0x8_0000,
};
/** utf8mb4_general_ci, which MySQL and MariaDB both know. */
const utf8mb4 = 45;
const maxPacket = 0xff_ffff;

/** Runs one statement in MySQL or MariaDB. */
export const runMysql: Driver = async (channel, statement) => {
  const packets = new Packets(channel);
  const greeting = greetingOf(await packets.next());
  await login(channel, packets, greeting, statement);
  const limit = greeting.version.includes('MariaDB')
    ? `SET SESSION max_statement_time = ${statement.timeoutMs / 1_000}`
    : `SET SESSION max_execution_time = ${Math.ceil(statement.timeoutMs)}`;
  // Servers too old to have a limit are told nothing.
  await run(packets, limit).catch((error: unknown) => {
    if (!(error instanceof ProbeFailure)) throw error;
  });
  if (!statement.write) await run(packets, 'START TRANSACTION READ ONLY');
  // Prepared by name: one statement only, and values are never part of its text.
  await run(packets, `SET @statement = ${literal(statement.query)}`);
  await run(packets, 'PREPARE smoke FROM @statement');
  const names = statement.params.map((_, index) => `@p${index}`);
  if (names.length > 0)
    await run(
      packets,
      `SET ${names.map((name, index) => `${name} = ${literal(statement.params[index]!)}`).join(', ')}`,
    );
  const rows = await run(packets, `EXECUTE smoke${names.length > 0 ? ` USING ${names.join(', ')}` : ''}`);
  if (!statement.write) await run(packets, 'ROLLBACK');
  packets.command(0x01, '');
  return rows;
};

interface Greeting {
  version: string;
  offered: number;
  salt: Buffer;
  plugin: string;
}

function greetingOf(packet: Buffer): Greeting {
  const reader = new Reader(packet);
  if (reader.int(1) !== 10)
    throw new HttpFailure('protocol', 'the server does not speak the protocol of MySQL');
  const version = reader.zeroEnded();
  reader.skip(4);
  const start = reader.bytes(8);
  reader.skip(1);
  const low = reader.int(2);
  reader.skip(3);
  const offered = low + reader.int(2) * 0x1_0000;
  const length = reader.int(1);
  reader.skip(10);
  const rest = reader.bytes(Math.max(13, length - 8));
  return { version, offered, salt: Buffer.concat([start, rest]).subarray(0, 20), plugin: reader.zeroEnded() };
}

async function login(
  channel: Channel,
  packets: Packets,
  { offered, salt, plugin }: Greeting,
  { user, password, database, tls }: Statement,
): Promise<void> {
  if (tls && !(offered & capability.tls))
    throw new HttpFailure('tls', 'the server offers no TLS (to do without: tls: off)');
  const { tls: secure, connectWithDb, ...always } = capability;
  const wanted = [...Object.values(always), ...(tls ? [secure] : []), ...(database ? [connectWithDb] : [])];
  const head = Buffer.alloc(32);
  head.writeUInt32LE(wanted.reduce((all, bit) => all | bit, 0));
  head.writeUInt32LE(maxPacket, 4);
  head[8] = utf8mb4;
  if (tls) {
    packets.send(head);
    await channel.secure(tls);
  }
  const answer = passwordAnswer(plugin, password, salt) ?? Buffer.alloc(0);
  packets.send(
    head,
    Buffer.from(`${user}\0`),
    Buffer.from([answer.length]),
    answer,
    Buffer.from(`${database ? `${database}\0` : ''}${plugin}\0`),
  );
  await provePassword(packets, { plugin, salt, password, isSecure: tls !== undefined });
}

/** Runs one command and reads everything it answers. */
async function run(packets: Packets, text: string): Promise<Rows> {
  packets.command(0x03, text);
  const first = await packets.next();
  if (first[0] === 0x00) {
    const reader = new Reader(first);
    reader.skip(1);
    return { columns: [], rows: [], affected: reader.lengthEncoded() };
  }
  if (first[0] === 0xfb) throw new ProbeFailure('sql', 'LOAD DATA LOCAL cannot be run here');
  const columns: Column[] = [];
  const count = new Reader(first).lengthEncoded();
  while (columns.length < count) columns.push(columnOf(await packets.next()));
  await packets.next();
  const rows: Record<string, unknown>[] = [];
  for (let packet = await packets.next(); !isEnd(packet); packet = await packets.next()) {
    const reader = new Reader(packet);
    rows.push(
      Object.fromEntries(columns.map((column) => [column.name, valueOf(reader.nullableText(), column)])),
    );
  }
  return { columns: columns.map(({ name }) => name), rows };
}

function isEnd(packet: Buffer): boolean {
  return packet[0] === 0xfe && packet.length < 9;
}

interface Column {
  name: string;
  charset: number;
  type: number;
}

function columnOf(packet: Buffer): Column {
  const reader = new Reader(packet);
  for (let skipped = 0; skipped < 4; skipped++) reader.nullableText();
  const name = reader.nullableText()?.toString() ?? '';
  reader.nullableText();
  reader.skip(1);
  const charset = reader.int(2);
  reader.skip(4);
  return { name, charset, type: reader.int(1) };
}

/**
 * Types by their numbers in the protocol: whole and floating numbers, bits, JSON, and bytes without a character set;
 * the rest is text.
 */
function valueOf(bytes: Buffer | null, { type, charset }: Column): unknown {
  if (bytes === null) return null;
  if ([1, 2, 3, 4, 5, 8, 9, 13].includes(type)) return exactNumber(bytes.toString());
  if (type === 16) return exactNumber(BigInt(`0x${bytes.toString('hex') || '0'}`).toString());
  if (type === 245) return jsonValue(bytes.toString());
  return charset === 63 && type >= 249 ? `\\x${bytes.toString('hex')}` : bytes.toString();
}

/** Text as a literal that nothing in it can end. */
function literal(text: string | null): string {
  if (text === null) return 'NULL';
  return text === '' ? "''" : `CONVERT(0x${Buffer.from(text).toString('hex')} USING utf8mb4)`;
}
