import type { LookupFunction } from 'node:net';
import { rootCertificates } from 'node:tls';
import { HttpFailure } from '../http/faults.js';
import { decoded, encodingHint, isPlain, placeOf } from './address.js';
import { factsAs, type Observed, type Probe } from './probe.js';
import { openSocket, parseAddress, serverName } from './network/socket.js';
import { Channel } from './sql/channel.js';
import { runMysql } from './sql/mysql.js';
import { runPostgresql } from './sql/postgresql.js';
import type { Driver, Rows } from './sql/statement.js';
import { observeWithin, ProbeFailure } from './within.js';

/** One statement, every value resolved. */
export interface SqlProbeStep {
  /** `postgresql://user:password@host:port/database`, or `mysql://…`. */
  url: string;
  /** Wins over the password in the url. */
  password?: string | undefined;
  query: string;
  params: readonly (string | null)[];
  /** Without it the statement runs in a read-only transaction. */
  write: boolean;
  tls: boolean;
  maxBytes: number;
}

export interface SqlObservation extends Observed, Rows {
  probe: 'sql';
}

const drivers: Readonly<Record<string, { run: Driver; port: number }>> = {
  'postgresql:': { run: runPostgresql, port: 5_432 },
  'postgres:': { run: runPostgresql, port: 5_432 },
  'mysql:': { run: runMysql, port: 3_306 },
  'mariadb:': { run: runMysql, port: 3_306 },
};

/** Observes the answer to one statement on a connection of its own. What the database refuses is a fault. */
export function sqlProbe(
  lookup: LookupFunction,
  ca: readonly string[] | undefined,
): Probe<SqlProbeStep, SqlObservation> {
  return {
    observe: (step, limits) =>
      observeWithin<SqlObservation>(`sql ${placeOf(step.url)}`, limits, async (signal) => {
        const { driver, url, login } = readUrl(step);
        const address = parseAddress(url.host, driver.port);
        const trust = ca ? { ca: [...rootCertificates, ...ca] } : {};
        const verified = {
          host: address.host,
          ...serverName(address.host),
          ...trust,
          rejectUnauthorized: true,
        };
        const channel = new Channel(await openSocket(address, lookup, signal), step.maxBytes);
        try {
          const rows = await driver.run(channel, {
            ...login,
            query: step.query,
            params: step.params,
            write: step.write,
            tls: step.tls ? verified : undefined,
            timeoutMs: limits.timeoutMs,
          });
          return seen(rows);
        } catch (error) {
          const isCut = (error as { name?: unknown }).name === 'RangeError';
          throw isCut ? new HttpFailure('protocol', 'a message is cut short') : error;
        } finally {
          channel.close();
        }
      }),
  };
}

function readUrl({ url: text, password, tls }: SqlProbeStep) {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const driver = url && drivers[url.protocol];
  if (!driver || url.hostname === '')
    throw new HttpFailure(
      'protocol',
      `the url is not postgresql://user@host/database or mysql://user@host/database (in user and password ${encodingHint})`,
    );
  if (!isPlain(url))
    throw new HttpFailure(
      'protocol',
      `the url has an @ behind its host: a user or password with such characters is percent-encoded (${encodingHint})`,
    );
  for (const [name, value] of url.searchParams) {
    if (!/^ssl-?mode$/.test(name))
      throw new HttpFailure('protocol', `the url has the parameter ${name}; only sslmode is known`);
    if (/^disabled?$/i.test(value) && tls)
      throw new HttpFailure(
        'tls',
        'the url says sslmode=disable and the step tls: verify (to do without: tls: off)',
      );
  }
  const login = {
    user: decoded(url.username, 'user'),
    password: password ?? decoded(url.password, 'password'),
    database: decoded(url.pathname.slice(1), 'database'),
  };
  if (login.user === '') throw new HttpFailure('protocol', 'the url names no user');
  return { driver, url, login: { ...login, database: login.database || defaultDatabase(url, login.user) } };
}

/** PostgreSQL's own default is the name of the user; MySQL needs none. */
function defaultDatabase({ protocol }: URL, user: string): string {
  return protocol.startsWith('postgres') ? user : '';
}

function seen({ columns, rows, affected }: Rows): Omit<SqlObservation, 'durationMs'> {
  const twice = columns.find((name, index) => columns.indexOf(name) !== index);
  if (twice !== undefined)
    throw new ProbeFailure('sql', `two columns are named ${twice}: tell them apart by "AS"`);
  return { probe: 'sql', columns, rows, ...(affected === undefined ? {} : { affected }), ...factsAs(rows) };
}
