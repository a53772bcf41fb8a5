import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { createAuthority } from '../../support/servers/certificates.js';
import { startPostgresql, type Database } from '../../support/servers/databases.js';
import { serve, type TestServer } from '../../support/servers/http.js';
import { worldReport } from '../../support/dora-world.js';

/** A repository of a team with the files of the page, each under the name that its first comment says. */
const folder = mkdtempSync(join(tmpdir(), 'your-scripts-'));
const page = readFileSync('docs/your-scripts.md', 'utf8');
const blocks = [
  ...page.matchAll(
    /^```(?:sh|python|yaml)\n((?:#[^\n]*\n)??# ((?:scripts|\.github)\/\S+)[^\n]*\n[\s\S]*?)^```$/gm,
  ),
].map(([, text, path]) => ({ text: text!, path: path! }));
const write = (path: string, text: string, mode = 0o644) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
  chmodSync(join(folder, path), mode);
};

const authority = createAuthority();
let database: Database;
let shop: TestServer;
let status = 200;

const git = (...args: string[]) =>
  execFileSync('git', ['-c', 'user.name=mona', '-c', 'user.email=mona@example.org', ...args], {
    cwd: folder,
    stdio: 'ignore',
  });

/** Runs a command of the team's workflow without blocking, since the services answer from this process. */
async function run(command: string, more: Record<string, string> = {}) {
  const child = spawn(command, {
    shell: true,
    cwd: folder,
    env: { ...process.env, PATH: `${join(folder, 'bin')}:${process.env['PATH']}`, ...more },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, out, err };
}

beforeAll(async () => {
  database = await startPostgresql('scram-sha-256', authority.issue({ names: ['127.0.0.1'] }));
  database.admin(`CREATE USER shop PASSWORD 'shop'`);
  database.admin('CREATE DATABASE shop OWNER shop');
  database.admin('CREATE TABLE orders (id int, customer_id int); GRANT ALL ON orders TO shop', 'shop');
  writeFileSync(join(folder, 'ca.pem'), authority.ca);
  shop = await serve((_request, response) => response.writeHead(status).end('{"status":"ok"}'));
  for (const { text, path } of blocks) write(path, text, text.startsWith('#!') ? 0o755 : 0o644);
  // The colour answers here in place of http://shop-green.internal:8080, and npx has the package already.
  const health = readFileSync(join(folder, 'scripts/health-check.sh'), 'utf8');
  write(
    'scripts/health-check.sh',
    health.replace(/http:\/\/shop-(\$\{1:[^}]*\})\.internal:8080/, `${shop.url}/$1`),
    0o755,
  );
  const cli = [join(resolve('node_modules/.bin/tsx')), resolve('cli/main.ts')]
    .map((one) => `'${one}'`)
    .join(' ');
  write(
    'bin/npx',
    `#!/bin/sh\ntest "$1 $2" = "--yes github:org/devops-actions#v1" || exit 99\nshift 2\nexec ${cli} "$@"\n`,
    0o755,
  );
  write(
    '.github/smoke.yml',
    'version: 1\nflows:\n  - name: health\n    steps:\n      - { name: health, http: { url: /health }, expect: { status: 200 } }\n',
  );
  write(
    '.github/migrations.yml',
    'version: 1\ndatabase: postgresql\nmigrations:\n  - { tool: sql, folder: db }\n',
  );
  write('db/001.sql', 'CREATE TABLE users (id bigint, name text);\n');
  git('init', '-q', '-b', 'main');
  git('add', '-A');
  git('commit', '-qm', 'First');
  git('tag', 'v1.4.0');
}, 120_000);
afterAll(async () => {
  await shop.close();
  await database.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('the page has a file for each script, of a few lines', () => {
  expect(blocks.map(({ path }) => path).toSorted()).toEqual([
    '.github/integrity.yml',
    'scripts/check_migrations_safety.py',
    'scripts/dora_metrics.py',
    'scripts/generate_migration_plan.py',
    'scripts/health-check.sh',
    'scripts/verify_data_integrity.py',
  ]);
  for (const { text, path } of blocks)
    if (path.startsWith('scripts/')) expect(text.trim().split('\n').length).toBeLessThanOrEqual(4);
});

describe('health-check.sh', () => {
  it.each([
    [200, 0],
    [503, 1],
  ])('of a colour that answers %i ends with %i', async (answer, code) => {
    status = answer;
    const ended = await run('./scripts/health-check.sh green');
    expect([ended.code, ended.out]).toEqual([code, expect.stringMatching(code === 0 ? /^PASS/m : /^FAIL/m)]);
  });

  it('without a colour says what is missing', async () => {
    const { code, err } = await run('./scripts/health-check.sh');
    expect([code !== 0, err]).toEqual([true, expect.stringContaining('name a colour')]);
  });
});

describe('the scripts of migrations', () => {
  it('end with 0 for a change that is safe, and the plan is what is printed', async () => {
    write('db/002.sql', "SET lock_timeout = '5s';\nALTER TABLE users ADD COLUMN age int;\n");
    expect(await run('python3 scripts/check_migrations_safety.py')).toMatchObject({ code: 0 });
    const plan = await run('python3 scripts/generate_migration_plan.py > plan.txt');
    expect([plan.code, readFileSync(join(folder, 'plan.txt'), 'utf8')]).toEqual([
      0,
      expect.stringContaining('ADD COLUMN age'),
    ]);
  });

  it('end with 1 for one that would break the live version', async () => {
    write('db/002.sql', 'ALTER TABLE users DROP COLUMN name;\n');
    expect(await run('python3 scripts/check_migrations_safety.py')).toMatchObject({
      code: 1,
      out: expect.stringContaining('drop-column'),
    });
    expect(await run('python3 scripts/generate_migration_plan.py')).toMatchObject({ code: 1 });
  });
});

describe('verify_data_integrity.py', () => {
  const verify = () =>
    run('python3 scripts/verify_data_integrity.py', {
      DATABASE_URL: `postgresql://shop:shop@127.0.0.1:${database.port}/shop`,
      NODE_EXTRA_CA_CERTS: join(folder, 'ca.pem'),
    });

  it('ends with 0 for data that is whole, with 1 for an order without a customer', async () => {
    database.admin('INSERT INTO orders VALUES (1, 7)', 'shop');
    expect(await verify()).toMatchObject({ code: 0 });
    database.admin('INSERT INTO orders VALUES (2, NULL)', 'shop');
    expect(await verify()).toMatchObject({ code: 1 });
  });

  it('does not end with 0 where it cannot look', async () => {
    expect((await run('python3 scripts/verify_data_integrity.py')).code).not.toBe(0);
  });
});

it('dora_metrics.py prints the report in the shape that the script had', async () => {
  write('dora-report.json', JSON.stringify(worldReport({ deployments: 90 })));
  const { code, out, err } = await run('python3 scripts/dora_metrics.py --replay dora-report.json');
  expect([code, err]).toEqual([0, '']);
  const { period, metrics } = JSON.parse(out) as { period: object; metrics: Record<string, object> };
  expect(Object.keys(period)).toEqual(['start', 'end']);
  expect(Object.keys(metrics)).toEqual([
    'deployment_frequency',
    'lead_time_for_changes',
    'change_failure_rate',
    'mean_time_to_recovery',
  ]);
  for (const metric of Object.values(metrics))
    expect(Object.keys(metric)).toEqual(['value', 'unit', 'classification']);
});
