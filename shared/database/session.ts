import type { Client, ClientConfig } from 'pg';
import { namesOf } from '../probes/evaluators/names-of.js';
import type { DatabaseAddress } from './address.js';

/** What the database refused, with the code of its kind (SQLSTATE). */
export class DatabaseError extends Error {
  override readonly name = 'DatabaseError';
  constructor(
    message: string,
    readonly code: string | undefined,
  ) {
    super(message);
  }
}

/** A row by its columns; every value as the server writes it. */
export type Row = Readonly<Record<string, string | null>>;

/** A connection to PostgreSQL that stays open. */
export interface Session {
  /** One statement with values, or several without; the rows of the last. Throws DatabaseError. */
  query(text: string, values?: readonly (string | null)[]): Promise<Row[]>;
  close(): Promise<void>;
}

/**
 * Whose rights a session has: those of the role that logs in, or, as `usual`, those of the role that it is set to act as
 * (`ALTER ROLE … SET role`), who then owns what it makes.
 */
export type ActsAs = 'login' | 'usual';

/** Asks for the rights of the role that logs in, whatever it is set to act as. */
export const asLogin = '-c role=none';

/** Opens a session under a name by which the server's list of sessions shows it. */
export async function openSession(
  address: DatabaseAddress,
  application: string,
  actsAs: ActsAs = 'login',
): Promise<Session> {
  const pg = namesOf(await import('pg'), 'Client');
  const client = new pg.Client({
    ...configOf(address, application),
    ...(actsAs === 'login' ? { options: asLogin } : {}),
  });
  // What breaks between two statements arrives with the next one; unheard it would end the process.
  client.on('error', () => undefined);
  const told = (error: unknown) => toldBy(address, error);
  await client.connect().catch((error: unknown) => {
    throw told(error);
  });
  return {
    async query(text, values) {
      try {
        const answer = await (values ? client.query<Row>(text, [...values]) : client.query<Row>(text));
        const last = Array.isArray(answer) ? (answer as (typeof answer)[]).at(-1) : answer;
        return last?.rows ?? [];
      } catch (error) {
        throw told(error);
      }
    },
    close: () => client.end(),
  };
}

function configOf({ host, port, user, password, database, tls }: DatabaseAddress, application: string) {
  const config: ClientConfig = {
    host,
    port,
    user,
    database,
    // As a function, since for an empty text it would look into PGPASSWORD and ~/.pgpass.
    password: () => password,
    ssl: tls ? { rejectUnauthorized: true } : false,
    application_name: application,
    client_encoding: 'UTF8',
    connectionTimeoutMillis: 30_000,
    keepAlive: true,
    types: { getTypeParser: () => (text: string) => text },
  } as ClientConfig;
  return config;
}

function toldBy({ host, port, database }: DatabaseAddress, error: unknown): DatabaseError {
  const { message, code } = error as Error & { code?: string };
  return new DatabaseError(
    `${message} (${code ?? 'no code'}; database ${database} at ${host}:${port})`,
    code,
  );
}

export type { Client };
