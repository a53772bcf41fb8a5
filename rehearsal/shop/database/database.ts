import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { PGlite } from '@electric-sql/pglite';
import { dataDir } from '@electric-sql/pglite-prepopulatedfs';
import { migrations, stepsTo } from './migrations.js';
import { createFront, type Account, type FrontOptions, type Session } from './postgresql-front.js';
import { cString, message } from './postgresql-messages.js';

export interface DatabaseOptions extends Pick<FrontOptions, 'accounts' | 'tls'> {
  /** 0 takes a free one. */
  port: number;
}

export interface RunningDatabase {
  port: number;
  /** Brings the schema of an account to a version, never down; the version it then has. */
  migrate(user: string, version: number): Promise<number>;
  close(): Promise<void>;
}

/**
 * The shop's database: PostgreSQL itself, compiled to WebAssembly. Every account has a schema of its name, which
 * it may read and not change. PostgreSQL runs one session here, so clients take turns.
 */
export async function startDatabase({ port, accounts, tls }: DatabaseOptions): Promise<RunningDatabase> {
  const database = await PGlite.create({ loadDataDir: await dataDir() });
  for (const account of accounts) await database.exec(setUp(account));
  let turns: Promise<unknown> = Promise.resolve();
  const inTurn = <Value>(work: () => Promise<Value>): Promise<Value> => {
    const done = turns.then(work);
    turns = done.catch(() => undefined);
    return done;
  };
  const open = (user: string): Promise<Session> =>
    new Promise((opened, failed) => {
      inTurn(async () => {
        await database.exec(`SET ROLE ${user}; SET search_path TO ${user}`);
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
    migrate: (user, version) => inTurn(() => migrate(database, known(accounts, user), version)),
    close: async () => {
      server.close();
      await database.close();
    },
  };
}

function known(accounts: readonly Account[], user: string): string {
  if (!accounts.some((account) => account.user === user)) throw new Error(`there is no account ${user}`);
  return user;
}

function setUp({ user }: Account): string {
  if (!/^[a-z_]+$/.test(user)) throw new Error(`the account ${user}: allowed are small letters and _`);
  return `
    CREATE ROLE ${user} LOGIN;
    CREATE SCHEMA ${user};
    GRANT USAGE ON SCHEMA ${user} TO ${user};
    ALTER DEFAULT PRIVILEGES IN SCHEMA ${user} GRANT SELECT ON TABLES TO ${user};
    CREATE TABLE ${user}.migrations (version integer NOT NULL);
    INSERT INTO ${user}.migrations VALUES (0);`;
}

async function migrate(database: PGlite, schema: string, to: number): Promise<number> {
  const query = `SELECT version FROM ${schema}.migrations`;
  const { rows } = await database.query<{ version: number }>(query);
  const from = rows[0]?.version ?? 0;
  const steps = stepsTo(to, from);
  for (const version of steps) {
    await database.transaction(async (transaction) => {
      await transaction.exec(`SET LOCAL search_path TO ${schema}; ${migrations[version]}`);
      await transaction.exec(`UPDATE ${schema}.migrations SET version = ${version}`);
    });
  }
  return steps.at(-1) ?? from;
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
