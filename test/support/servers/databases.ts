import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Identity } from './certificates.js';

/** A database server of our own on loopback, with all its data in one folder. */
export interface Database {
  port: number;
  /** Runs SQL as administrator and gives what the client prints. */
  admin(sql: string, database?: string): string;
  stop(): Promise<void>;
}

/** Debian's folder of PostgreSQL programs, the newest version installed. */
function postgresqlPrograms(): string {
  const root = '/usr/lib/postgresql';
  const versions = existsSync(root) ? readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  if (!versions[0]) throw new Error('PostgreSQL is not installed: apt-get install postgresql');
  return join(root, versions[0], 'bin');
}

/** Starts PostgreSQL with passwords hashed by `method`; with an identity it offers TLS. */
export async function startPostgresql(
  method: 'scram-sha-256' | 'md5',
  identity?: Identity,
): Promise<Database> {
  const programs = postgresqlPrograms();
  const { folder, as, own, port } = await prepare('postgres');
  const data = join(folder, 'data');
  const secret = join(folder, 'password');
  await writeFile(secret, 'admin-secret\n');
  own(secret);
  const hashing = ['-c', `password_encryption=${method}`];
  as(
    join(programs, 'initdb'),
    '-D',
    data,
    '-U',
    'admin',
    '--pwfile',
    secret,
    `--auth=${method}`,
    '-E',
    'UTF8',
    '--locale=C',
  );
  const tls = identity ? await writeIdentity(folder, identity, own) : undefined;
  const secure = tls
    ? ['-c', 'ssl=on', '-c', `ssl_cert_file=${tls.cert}`, '-c', `ssl_key_file=${tls.key}`]
    : [];
  const settings = [
    '-c',
    'listen_addresses=127.0.0.1',
    '-c',
    `unix_socket_directories=${folder}`,
    '-c',
    'fsync=off',
  ];
  const server = asUser(
    'postgres',
    join(programs, 'postgres'),
    '-D',
    data,
    '-p',
    `${port}`,
    ...settings,
    ...hashing,
    ...secure,
  );
  const admin = (sql: string, database = 'postgres') =>
    execFileSync(
      join(programs, 'psql'),
      [
        '-h',
        '127.0.0.1',
        '-p',
        `${port}`,
        '-U',
        'admin',
        '-d',
        database,
        '-v',
        'ON_ERROR_STOP=1',
        '-qAtc',
        sql,
      ],
      {
        encoding: 'utf8',
        env: { PATH: process.env['PATH'], PGPASSWORD: 'admin-secret' },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    );
  return ready(server, folder, port, admin);
}

/** Starts MariaDB with the user `admin` by its socket; with an identity it offers TLS. */
export async function startMariadb(identity?: Identity): Promise<Database> {
  const { folder, as, own, port } = await prepare('mysql');
  const data = join(folder, 'data');
  as(
    'mariadb-install-db',
    '--no-defaults',
    `--datadir=${data}`,
    '--auth-root-authentication-method=socket',
    '--skip-test-db',
  );
  const tls = identity ? await writeIdentity(folder, identity, own) : undefined;
  const socket = join(folder, 'socket');
  const server = asUser(
    'mysql',
    'mariadbd',
    '--no-defaults',
    `--datadir=${data}`,
    `--socket=${socket}`,
    `--port=${port}`,
    '--bind-address=127.0.0.1',
    '--innodb-flush-log-at-trx-commit=0',
    ...(tls ? [`--ssl-cert=${tls.cert}`, `--ssl-key=${tls.key}`] : []),
  );
  const client = [
    'mariadb',
    '--no-defaults',
    '--default-character-set=utf8mb4',
    `--socket=${socket}`,
    '-N',
    '-B',
  ];
  const admin = (sql: string, database = 'mysql') => {
    const [program, ...args] = asOther('mysql', [...client, database, '-e', sql]);
    return execFileSync(program, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });
  };
  return ready(server, folder, port, admin);
}

/** Database servers refuse to run as root; who is another user already runs them as that. */
function asOther(user: string, command: readonly string[]): [string, ...string[]] {
  const whole = process.getuid?.() === 0 ? ['runuser', '-u', user, '--', ...command] : command;
  return whole as [string, ...string[]];
}

async function prepare(user: string) {
  const folder = await mkdtemp(join(tmpdir(), `${user}-`));
  const own = (path: string) => {
    if (process.getuid?.() === 0) execFileSync('chown', ['-R', user, path]);
  };
  own(folder);
  await chmod(folder, 0o755);
  const as = (...command: string[]) => {
    const [program, ...args] = asOther(user, command);
    execFileSync(program, args, { stdio: ['ignore', 'ignore', 'pipe'], cwd: folder });
  };
  return { folder, own, as, port: await freePort() };
}

async function writeIdentity(folder: string, identity: Identity, own: (path: string) => void) {
  const files = { cert: join(folder, 'server.crt'), key: join(folder, 'server.key') };
  await writeFile(files.cert, identity.cert);
  await writeFile(files.key, identity.key, { mode: 0o600 });
  own(folder);
  return files;
}

/** The server itself, in a process group of its own, so that it ends with everything it started. */
function asUser(user: string, ...command: string[]): ChildProcess {
  const [program, ...args] = asOther(user, command);
  return spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'], detached: true, cwd: '/' });
}

const startWithinMs = 30_000;

async function ready(
  server: ChildProcess,
  folder: string,
  port: number,
  admin: Database['admin'],
): Promise<Database> {
  let message = '';
  server.stderr
    ?.setEncoding('utf8')
    .on('data', (chunk: string) => (message = (message + chunk).slice(-2_000)));
  const ended = new Promise<void>((resolve) => server.once('exit', () => resolve()));
  const stop = async () => {
    if (server.exitCode === null) process.kill(-server.pid!, 'SIGTERM');
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (const startedAt = Date.now(); ;) {
    try {
      admin('SELECT 1');
      return { port, admin, stop };
    } catch (error) {
      if (server.exitCode === null && Date.now() - startedAt < startWithinMs) {
        await new Promise((resolve) => setTimeout(resolve, 100));
        continue;
      }
      await stop();
      throw new Error(`the database did not start: ${message}`, { cause: error });
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
