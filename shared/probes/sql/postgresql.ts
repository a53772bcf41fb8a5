import { createHash } from 'node:crypto';
import { HttpFailure } from '../../http/faults.js';
import { ProbeFailure } from '../within.js';
import type { Channel } from './channel.js';
import { createScram } from './scram.js';
import { exactNumber, jsonValue, type Driver, type Rows, type Statement } from './statement.js';

// The frontend/backend protocol, version 3.0: https://www.postgresql.org/docs/current/protocol.html
const protocolVersion = 196_608;
const tlsRequest = 80_877_103;

interface Message {
  type: string;
  body: Buffer;
}

/** Runs one statement in PostgreSQL. */
export const runPostgresql: Driver = async (channel, statement) => {
  if (statement.tls) {
    channel.write(framed(int32(tlsRequest)));
    const consent = (await channel.read(1)).toString();
    if (consent !== 'S') throw new HttpFailure('tls', 'the server offers no TLS (to do without: tls: off)');
    await channel.secure(statement.tls);
  }
  const start = [
    ...['user', statement.user, 'database', statement.database, 'client_encoding', 'UTF8'],
    ...['application_name', 'smoke-test', ''],
  ];
  channel.write(framed(Buffer.concat([int32(protocolVersion), ...start.map(cString)])));
  await authenticate(channel, statement);
  const limit = `statement_timeout = ${Math.ceil(statement.timeoutMs)}`;
  await simple(channel, statement.write ? `SET ${limit}` : `BEGIN READ ONLY; SET LOCAL ${limit}`);
  const rows = await extended(channel, statement);
  if (!statement.write) await simple(channel, 'ROLLBACK');
  channel.write(message('X'));
  return rows;
};

async function authenticate(channel: Channel, { user, password }: Statement): Promise<void> {
  let scram: ReturnType<typeof createScram> | undefined;
  for (;;) {
    const { type, body } = await next(channel);
    if (type === 'Z') {
      if (scram && !scram.isVerified()) throw unproven();
      return;
    }
    if (type !== 'R') continue;
    const method = body.readInt32BE(0);
    const data = body.subarray(4);
    if (method === 0) {
      // A server that does not know the password either cannot end SCRAM.
      if (scram && !scram.isVerified()) throw unproven();
    } else if (method === 3) channel.write(message('p', cString(password)));
    else if (method === 5) {
      const inner = md5(Buffer.from(password + user));
      channel.write(message('p', cString(`md5${md5(Buffer.concat([Buffer.from(inner), data]))}`)));
    } else if (method === 10) {
      const offered = data.toString().split('\0');
      if (!offered.includes('SCRAM-SHA-256')) throw refused(offered.filter(Boolean).join(', '));
      scram = createScram(password);
      const first = Buffer.from(scram.first());
      channel.write(message('p', cString('SCRAM-SHA-256'), int32(first.length), first));
    } else if (method === 11 && scram)
      channel.write(message('p', Buffer.from(await scram.answer(data.toString()))));
    else if (method === 12 && scram) scram.verify(data.toString());
    else throw refused(`number ${method}`);
  }
}

function refused(method: string): ProbeFailure {
  return new ProbeFailure(
    'sql',
    `the server wants authentication by ${method}; SCRAM-SHA-256, md5 and password are known`,
  );
}

function unproven(): ProbeFailure {
  return new ProbeFailure('sql', 'the server did not prove that it knows the password');
}

/** Runs statements without values and drops what they answer. */
async function simple(channel: Channel, text: string): Promise<void> {
  channel.write(message('Q', cString(text)));
  for (;;) if ((await next(channel)).type === 'Z') return;
}

/** Runs one statement with its values; text with several statements is refused by the server. */
async function extended(channel: Channel, { query, params }: Statement): Promise<Rows> {
  const values = params.flatMap((param) => {
    if (param === null) return [int32(-1)];
    const bytes = Buffer.from(param);
    return [int32(bytes.length), bytes];
  });
  channel.write(
    message('P', cString(''), cString(query), int16(0)),
    message('B', cString(''), cString(''), int16(0), int16(params.length), ...values, int16(0)),
    message('D', Buffer.from('P'), cString('')),
    message('E', cString(''), int32(0)),
    message('S'),
  );
  const answer: Rows = { columns: [], rows: [] };
  let types: number[] = [];
  for (;;) {
    const { type, body } = await next(channel);
    if (type === 'Z') return answer;
    if (type === 'T') {
      const columns = columnsOf(body);
      answer.columns = columns.map(({ name }) => name);
      types = columns.map((column) => column.type);
    } else if (type === 'D') answer.rows.push(rowOf(body, answer.columns, types));
    else if (type === 'C') {
      const [, command, count] = /^(INSERT \d+|UPDATE|DELETE|MERGE) (\d+)/.exec(body.toString()) ?? [];
      if (command) answer.affected = Number(count);
    } else if (type === 'I') throw new ProbeFailure('sql', 'the statement is empty');
    else if ('GHW'.includes(type)) throw new ProbeFailure('sql', 'COPY cannot be run here');
  }
}

/** The next message that matters; an error of the server is thrown. */
async function next(channel: Channel): Promise<Message> {
  for (;;) {
    const head = await channel.read(5);
    const type = String.fromCharCode(head[0]!);
    const length = head.readInt32BE(1) - 4;
    if (length < 0) throw new HttpFailure('protocol', 'the server does not speak the protocol of PostgreSQL');
    const body = await channel.read(length);
    if (type === 'E') throw serverError(body);
    if (!'NSKA'.includes(type)) return { type, body };
  }
}

function serverError(body: Buffer): ProbeFailure {
  const fields = new Map(
    body
      .toString()
      .split('\0')
      .map((field) => [field.slice(0, 1), field.slice(1)]),
  );
  return new ProbeFailure('sql', `${fields.get('M') ?? 'failed'} (${fields.get('C') ?? 'no code'})`);
}

function columnsOf(body: Buffer): { name: string; type: number }[] {
  const columns: { name: string; type: number }[] = [];
  for (let at = 2; columns.length < body.readInt16BE(0);) {
    const end = body.indexOf(0, at);
    columns.push({ name: body.toString('utf8', at, end), type: body.readInt32BE(end + 7) });
    at = end + 19;
  }
  return columns;
}

function rowOf(body: Buffer, columns: readonly string[], types: readonly number[]): Record<string, unknown> {
  const row: [string, unknown][] = [];
  let at = 2;
  for (const [index, column] of columns.entries()) {
    const length = body.readInt32BE(at);
    at += 4;
    row.push([column, length < 0 ? null : valueOf(body.toString('utf8', at, at + length), types[index]!)]);
    at += Math.max(0, length);
  }
  return Object.fromEntries(row);
}

/** bool, int8, int2, int4, oid, float4, float8, json and jsonb by their numbers in pg_type; the rest stays text. */
function valueOf(text: string, type: number): unknown {
  if (type === 16) return text === 't';
  if ([20, 21, 23, 26, 700, 701].includes(type)) return exactNumber(text);
  return type === 114 || type === 3802 ? jsonValue(text) : text;
}

function md5(bytes: Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

function message(type: string, ...parts: Buffer[]): Buffer {
  return Buffer.concat([Buffer.from(type), framed(Buffer.concat(parts))]);
}

function framed(content: Buffer): Buffer {
  return Buffer.concat([int32(content.length + 4), content]);
}

function cString(text: string): Buffer {
  if (text.includes('\0')) throw new ProbeFailure('sql', 'a text with a zero byte cannot be sent');
  return Buffer.from(`${text}\0`);
}

function int16(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeInt16BE(value);
  return bytes;
}

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}
