import type { Client, QueryArrayConfig } from 'pg';
import { HttpFailure } from '../../http/faults.js';
import { namesOf } from '../evaluators/names-of.js';
import { ProbeFailure } from '../within.js';
import { MessageStream } from './message-stream.js';
import { exactNumber, jsonValue, type Driver, type Statement } from './statement.js';

// https://www.postgresql.org/docs/current/protocol-message-formats.html
const tlsRequest = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** Rounds of hashing a server may ask for; more would only keep us busy. */
const maxRounds = 1_000_000;

/** Runs one statement in PostgreSQL. */
export const runPostgresql: Driver = async (channel, statement) => {
  const { user, password, database, query, params, write, tls, timeoutMs } = statement;
  if ([user, password, database, query].some((text) => text.includes('\0')))
    throw new ProbeFailure('sql', 'a text with a zero byte cannot be sent');
  if (tls) {
    channel.write(tlsRequest);
    const consent = (await channel.read(1)).toString();
    if (consent !== 'S') throw new HttpFailure('tls', 'the server offers no TLS (to do without: tls: off)');
    await channel.secure(tls);
  }
  const pg = namesOf(await import('pg'), 'Client');
  const client = new pg.Client(configOf(statement, new MessageStream(channel)));
  withoutEnvironment(client);
  // Failures arrive with what is awaited; this keeps those that come later from ending the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    const limit = `statement_timeout = ${Math.ceil(timeoutMs)}`;
    await client.query(write ? `SET ${limit}` : `BEGIN READ ONLY; SET LOCAL ${limit}`);
    const { command, fields, rows, rowCount } = await client.query<unknown[]>(asked(query, params));
    if (command === null) throw new ProbeFailure('sql', 'the statement is empty');
    if (command === 'COPY') throw new ProbeFailure('sql', 'COPY cannot be run here');
    if (!write) await client.query('ROLLBACK');
    void client.end();
    const columns = fields.map(({ name }) => name);
    const changes = /^(INSERT|UPDATE|DELETE|MERGE)$/.test(command);
    return {
      columns,
      rows: rows.map((row) => Object.fromEntries(columns.map((name, index) => [name, row[index]]))),
      ...(changes && rowCount !== null ? { affected: rowCount } : {}),
    };
  } catch (error) {
    throw error instanceof pg.DatabaseError ? refusedByServer(error) : understood(error);
  }
};

/** Marked as extended, so that the server refuses a text with several statements. */
function asked(text: string, params: Statement['params']): QueryArrayConfig & { queryMode: 'extended' } {
  return { text, values: [...params], rowMode: 'array', queryMode: 'extended' };
}

function configOf({ user, password, database }: Statement, stream: MessageStream) {
  return {
    user,
    database,
    // As a function, since for an empty text it would look into PGPASSWORD and ~/.pgpass.
    password: () => password,
    stream: () => stream,
    // TLS is made before, on the channel.
    ssl: false,
    sslnegotiation: 'postgres' as const,
    application_name: 'smoke-test',
    client_encoding: 'UTF8',
    scramMaxIterations: maxRounds,
    types: { getTypeParser: (type: number) => (text: string) => valueOf(text, type) },
  };
}

/** What it would take from PGOPTIONS and PGREPLICATION: a suite says itself how it connects. */
function withoutEnvironment(client: Client): void {
  const { connectionParameters } = client as Client & { connectionParameters: Record<string, unknown> };
  Object.assign(connectionParameters, { options: undefined, replication: undefined });
}

/** bool, int8, int2, int4, oid, float4, float8, json and jsonb by their numbers in pg_type; the rest stays text. */
function valueOf(text: string, type: number): unknown {
  if (type === 16) return text === 't';
  if ([20, 21, 23, 26, 700, 701].includes(type)) return exactNumber(text);
  return type === 114 || type === 3802 ? jsonValue(text) : text;
}

function refusedByServer({ message, code }: { message: string; code: string | undefined }): Error {
  return code === undefined
    ? new HttpFailure('protocol', 'the server does not speak the protocol of PostgreSQL')
    : new ProbeFailure('sql', `${message} (${code})`);
}

/** Says for what pg throws what it means to the author of a suite. */
function understood(error: unknown): unknown {
  const { message } = error as Error;
  const method = /^Unknown authenticationOk message type (\d+)$/.exec(message)?.[1];
  if (method !== undefined)
    return new ProbeFailure(
      'sql',
      `the server wants authentication by number ${method}; SCRAM-SHA-256, md5 and password are known`,
    );
  const broken = /^SASL: (?:SCRAM-SERVER-(?:FIRST|FINAL)-MESSAGE: )?(.*)$/s.exec(message)?.[1];
  if (broken?.includes('client password must be'))
    return new ProbeFailure('sql', 'the server asks for a password, and none was given');
  return broken === undefined
    ? error
    : new ProbeFailure('sql', `the login by SCRAM-SHA-256 was given up: ${broken}`);
}
