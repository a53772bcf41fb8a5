import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';
import type { MigrationEnd } from '../../../actions/migration-check/apply/run.js';
import type { Settling } from '../../../actions/migration-check/apply/settle.js';
import type { SqlMigration } from '../../../actions/migration-check/apply/ports.js';
import { allWrite, stage as githubStage } from '../../rehearsal/github/support.js';
import { startPostgresql, type Database } from '../../support/servers/databases.js';

/** What a run is told. */
export interface Job {
  github: { url: string; token: string };
  runId: number;
  attempt: number;
  jobId: number;
  environment: string;
  version: string;
  config: unknown;
  timeouts: { lock: number; statement: number };
  migrations: readonly SqlMigration[];
  variables: Record<string, string>;
  workspace: string;
  temp: string;
  /** False where the check stops the release. */
  mayApply?: boolean;
  /** Ends a hold instead of running. */
  settling?: Settling;
  /** PATH of the run, where it has another one. */
  path?: string;
  /** The write of the journal, counted from 1, at which it is killed. */
  die?: { write: number; side: 'before' | 'after' };
}

/** A run as it ended. */
export interface Ended {
  /** Undefined when it was killed. */
  end: (MigrationEnd & { writes: number }) | undefined;
  printed: string;
}

/** A database of the stage's server, with the role of the migration and that of the application. */
export interface Shop {
  name: string;
  url: string;
  /** As administrator. */
  sql(text: string): string;
  /** As the application; throws what psql says. */
  app(text: string): string;
  /** The whole database as pg_dump writes it. */
  dump(): string;
  /** Grants, settings and comment of the database itself. */
  properties(): string;
}

const schema = `
  CREATE TABLE items (id bigint PRIMARY KEY, name text NOT NULL, price numeric(10,2));
  INSERT INTO items SELECT n, 'item ' || n, n FROM generate_series(1, 200) n;
  CREATE TABLE orders (id bigserial PRIMARY KEY, item bigint REFERENCES items, at timestamptz DEFAULT '2026-01-01');
  INSERT INTO orders (item) SELECT n FROM generate_series(1, 50) n;
  CREATE INDEX orders_item ON orders (item);
  CREATE TABLE schema_history (
    name text PRIMARY KEY, sha256 text NOT NULL, applied_at timestamptz NOT NULL DEFAULT now(),
    xid text NOT NULL, undone_by text);
  COMMENT ON TABLE items IS 'what is sold: "ünïcode"';`;

/** Files of a plain project; the second needs the first. */
export const goodFiles: SqlMigration[] = [
  {
    name: 'db/migrations/0002_stock.sql',
    up: 'ALTER TABLE items ADD COLUMN stock int NOT NULL DEFAULT 0; UPDATE items SET stock = id;',
    down: 'ALTER TABLE items DROP COLUMN stock;',
  },
  {
    name: 'db/migrations/0003_notes.sql',
    up: 'CREATE TABLE notes (id bigserial PRIMARY KEY, item bigint REFERENCES items, text text);',
    down: 'DROP TABLE notes;',
  },
];

/** A configuration that fences, dumps, applies files and exchanges. */
export const sqlConfig = {
  connection: 'DATABASE_URL',
  apply: { by: 'sql' },
  fence: { by: 'connections' },
  backup: { by: 'pg_dump' },
  restore: { by: 'exchange' },
  verify: { rows: ['items', 'orders'] },
};

/** Builds the script of a run once, since loading its sources anew takes seconds each time; gives its path. */
async function buildRunner(): Promise<string> {
  mkdirSync('.cache', { recursive: true });
  const outfile = join('.cache', `migrations-runner-${process.pid}.mjs`);
  await build({
    entryPoints: [join('test', 'real', 'migrations', 'runner.ts')],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    packages: 'external',
    logLevel: 'error',
  });
  return outfile;
}

/** One PostgreSQL and one GitHub for a file of tests. */
export async function openStage() {
  const runner = await buildRunner();
  const server: Database = await startPostgresql('scram-sha-256');
  const github = await githubStage();
  const folder = mkdtempSync(join(tmpdir(), 'migrations-'));
  const { token } = github.server.control.addToken({ actor: 'github-actions[bot]', permissions: allWrite });
  server.admin('ALTER SYSTEM SET autovacuum = off');
  server.admin('SELECT pg_reload_conf()');
  server.admin(`CREATE ROLE migrator LOGIN CREATEDB PASSWORD 'migrator'`);
  server.admin(`CREATE ROLE app LOGIN PASSWORD 'app'`);
  let count = 0;

  const client = (program: string, user: string, password: string, args: string[]) =>
    execFileSync(program, ['-h', '127.0.0.1', '-p', String(server.port), '-U', user, ...args], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], PGPASSWORD: password },
      stdio: ['ignore', 'pipe', 'pipe'],
      maxBuffer: 64 * 1_048_576,
    });

  return {
    folder,
    server,
    github,
    newShop(content = schema): Shop {
      const name = `shop_${(count += 1)}`;
      server.admin(`CREATE DATABASE ${name} OWNER migrator`);
      const psql = (user: string, password: string, text: string) =>
        client('psql', user, password, ['-d', name, '-v', 'ON_ERROR_STOP=1', '-qAtc', text]);
      psql('migrator', 'migrator', content);
      psql(
        'migrator',
        'migrator',
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO app',
      );
      psql('migrator', 'migrator', 'GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO app');
      return {
        name,
        url: `postgresql://migrator:migrator@127.0.0.1:${server.port}/${name}`,
        sql: (text) => server.admin(text, name).trim(),
        app: (text) => psql('app', 'app', text).trim(),
        dump: () =>
          client('pg_dump', 'admin', 'admin-secret', [name])
            .split('\n')
            .filter((line) => !/^(--|\\(un)?restrict )/.test(line))
            .join('\n'),
        properties: () =>
          client('pg_dump', 'admin', 'admin-secret', ['--create', '--schema-only', name])
            .split('\n')
            .filter((line) => /DATABASE/.test(line))
            .join('\n'),
      };
    },
    /** A run of the release workflow with one job at work. */
    newRun(): { runId: number; attempt: number; jobId: number } {
      const { control } = github.server;
      const run = control.addRun({
        owner: 'acme',
        name: 'shop',
        workflowPath: '.github/workflows/cd.yml',
        workflowName: 'CD',
        event: 'push',
        headSha: github.first.commit,
        headBranch: 'main',
        actor: 'octocat',
      });
      control.progressRun(run.id, { status: 'in_progress' });
      const { id } = control.addJob(run.id, { name: 'migrate', key: 'migrate', attempt: 1 });
      control.progressJob(id, { status: 'in_progress' });
      return { runId: run.id, attempt: 1, jobId: id };
    },
    endRun({ runId, jobId }: { runId: number; jobId: number }): void {
      github.server.control.progressJob(jobId, { status: 'completed', conclusion: 'failure' });
      github.server.control.progressRun(runId, { status: 'completed', conclusion: 'failure' });
    },
    jobFor(shop: Shop, run: { runId: number; attempt: number; jobId: number }, more: Partial<Job> = {}): Job {
      return {
        github: { url: github.server.url, token },
        ...run,
        environment: shop.name,
        version: '2.0.0',
        config: sqlConfig,
        timeouts: { lock: 1_000, statement: 60_000 },
        migrations: goodFiles,
        variables: { DATABASE_URL: shop.url, ...(more.variables ?? {}) },
        workspace: folder,
        temp: folder,
        ...more,
      };
    },
    /** A script for the configurations of a test; gives its words. */
    script(text: string): [string, string] {
      const path = join(folder, `script-${(count += 1)}.sh`);
      writeFileSync(path, `set -e\n${text}\n`);
      return ['bash', path];
    },
    start(job: Job): { ended: Promise<Ended>; printed(): string; kill(): void } {
      const child = spawn(process.execPath, [runner, JSON.stringify(job)], {
        stdio: ['ignore', 'pipe', 'pipe'],
        env: { ...process.env, ...(job.path === undefined ? {} : { PATH: job.path }) },
      });
      let [printed, errors] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (chunk: string) => (printed += chunk));
      child.stderr.setEncoding('utf8').on('data', (chunk: string) => (errors += chunk));
      const ended = new Promise<Ended>((resolve, reject) =>
        child.once('close', (code, signal) => {
          if (signal === 'SIGKILL') return resolve({ end: undefined, printed });
          if (code !== 0)
            return reject(new Error(`the run ended with ${code ?? signal}:\n${printed}\n${errors}`));
          resolve({ end: JSON.parse(printed.trim().split('\n').at(-1)!), printed });
        }),
      );
      return { ended, printed: () => printed, kill: () => void child.kill('SIGKILL') };
    },
    /** A session of the migration's role that stays open after a statement. */
    connect(shop: Shop, text = 'SELECT 1;'): { end(): void } {
      const child = spawn('psql', ['-qAt', shop.url], { stdio: ['pipe', 'ignore', 'inherit'] });
      child.stdin.write(`${text}\n`);
      return { end: () => child.stdin.end() };
    },
    sessionsOf: (shop: Shop) =>
      `SELECT count(*) FROM pg_stat_activity WHERE datname = '${shop.name}' AND usename = 'migrator'`,
    /** Files of one back-up, whatever was put behind its name. */
    filesBeside: (path: string) =>
      readdirSync(dirname(path))
        .map((name) => join(dirname(path), name))
        .filter((file) => file.startsWith(path.replace(/\.dump.*$/, '.dump'))),
    /** A folder for the files of a job that is lost with its machine. */
    ownFolder: () => join(folder, 'own'),
    emptyOwnFolder: () => rmSync(join(folder, 'own'), { recursive: true, force: true }),
    touch: (name: string) => writeFileSync(join(folder, name), ''),
    modeOf: (path: string) => (statSync(path).mode & 0o777).toString(8),
    /** The text of a state in a ref. */
    stateOf: (ref: string) => github.git('show', `${ref}:state.json`),
    /** Puts a state into the ref, as anybody who can push may. */
    forge(shop: Shop, state: unknown): void {
      const ref = `refs/devops-actions/${shop.name}/shop/migration`;
      writeFileSync(join(folder, 'state.json'), JSON.stringify(state));
      const blob = github.git('hash-object', '-w', join(folder, 'state.json'));
      writeFileSync(join(folder, 'tree'), `100644 blob ${blob}\tstate.json\n`);
      const tree = execFileSync('git', ['mktree'], {
        cwd: github.gitDir,
        input: readFileSync(join(folder, 'tree')),
        encoding: 'utf8',
      }).trim();
      github.git('update-ref', ref, github.git('commit-tree', tree, '-m', 'forged'));
    },
    refOf(shop: Shop): string {
      return github.git('for-each-ref', '--format=%(refname)', `refs/devops-actions/${shop.name}/shop`);
    },
    async close() {
      await Promise.all([server.stop(), github.close()]);
      rmSync(folder, { recursive: true, force: true });
      rmSync(runner, { force: true });
    },
  };
}

export type Stage = Awaited<ReturnType<typeof openStage>>;
