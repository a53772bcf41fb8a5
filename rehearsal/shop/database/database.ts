import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { createFront, type Account, type FrontOptions, type Session } from './postgresql-front.js';
import { cString, message } from './postgresql-messages.js';

export interface DatabaseOptions extends Pick<FrontOptions, 'accounts' | 'tls'> {
  /** 0 takes a free one. */
  port: number;
}

export interface RunningDatabase {
  port: number;
  /** All of it as an archive, which `startDatabase` could begin with. */
  backUp(): Promise<Buffer>;
  /** Columns, views and indexes of a schema, as text. */
  describe(schema: string): Promise<string>;
  close(): Promise<void>;
}

/**
 * The shop's database: PostgreSQL itself, compiled to WebAssembly. Every schema has an account of its name that owns it,
 * and accounts that may read it. PostgreSQL runs one session here, so clients take turns.
 */
export async function startDatabase({ port, accounts, tls }: DatabaseOptions): Promise<RunningDatabase> {
  const database = await PGlite.create({ loadDataDir: await dataDir(), startParams });
  for (const account of accounts.filter(owns)) await database.exec(setUpOwner(account));
  for (const account of accounts.filter((one) => !owns(one))) await database.exec(setUpReader(account));
  let turns: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const done = turns.then(work);
    turns = done.catch(() => undefined);
    return done;
  };
  const open = ({ user, schema }: Account): Promise<Session> =>
    new Promise((opened, failed) => {
      inTurn(async () => {
        // Not SET ROLE: what a client resets is to bring it back to its own login.
        await database.exec(`SET SESSION AUTHORIZATION ${user}; SET search_path TO ${schema}`);
        await new Promise<void>((over) =>
          opened({
            answer: async (frame) => withoutEarlyReady(frame, await database.execProtocolRaw(frame)),
            close: () => Promise.resolve(over()),
          }),
        );
        await database.execProtocolRaw(message('Q', cString('ROLLBACK')));
        await database.exec('DISCARD ALL');
      }).catch(failed);
    });

  const server = createFront({ accounts, tls, open }).listen(port, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    backUp: () => inTurn(async () => Buffer.from(await (await database.dumpDataDir('gzip')).arrayBuffer())),
    describe: (schema) =>
      inTurn(async () => {
        const { rows } = await database.query<{ line: string }>(schemaQuery, [schema]);
        return rows.map(({ line }) => `${line}\n`).join('');
      }),
    close: async () => {
      server.close();
      await database.close();
    },
  };
}

/** PGlite's own, but with PostgreSQL's own search path, to which a client that resets its settings comes back. */
const startParams = PGlite.defaultStartParams.map((param) =>
  param === 'search_path=public' ? 'search_path="$user",public' : param,
);

const owns = ({ user, schema }: Account): boolean => user === schema;

function setUpOwner({ user }: Account): string {
  return `CREATE ROLE ${named(user)} LOGIN; CREATE SCHEMA ${user} AUTHORIZATION ${user};`;
}

function setUpReader({ user, schema }: Account): string {
  return `
    CREATE ROLE ${named(user)} LOGIN;
    GRANT USAGE ON SCHEMA ${named(schema)} TO ${user};
    ALTER DEFAULT PRIVILEGES FOR ROLE ${schema} IN SCHEMA ${schema} GRANT SELECT ON TABLES TO ${user};`;
}

function named(name: string): string {
  if (!/^[a-z_]+$/.test(name)) throw new Error(`the account ${name}: allowed are small letters and _`);
  return name;
}

const schemaQuery = `
  SELECT format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) AS line
    FROM information_schema.columns WHERE table_schema = $1
  UNION ALL SELECT definition FROM pg_views WHERE schemaname = $1
  UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = $1
  ORDER BY 1`;

/** How many tables an archive of a database holds once PostgreSQL has started from it; throws when it does not. */
export async function proveBackUp(archive: Buffer): Promise<number> {
  const database = await PGlite.create({ loadDataDir: new Blob([new Uint8Array(archive)]) });
  try {
    const { rows } = await database.query<{ tables: number }>(
      `SELECT count(*)::int AS tables FROM pg_tables WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    return rows[0]!.tables;
  } finally {
    await database.close();
  }
}

const ready = /^Z\0\0\0\x05[ITE]$/;
const readyLength = 6;

/** After an error PGlite says ReadyForQuery at once and, as it should, again at the Sync: the first is left out. */
function withoutEarlyReady(frame: Buffer, bytes: Uint8Array): Buffer {
  const answer = Buffer.from(bytes);
  const type = String.fromCharCode(frame[0] ?? 0);
  const isReady = ready.test(answer.subarray(-readyLength).toString('latin1'));
  return isReady && !'QS'.includes(type) ? answer.subarray(0, -readyLength) : answer;
}
