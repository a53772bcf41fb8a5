import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import type { Settling } from '../../../actions/migration-check/apply/settle.js';
import { until } from '../../support/until.js';
import { goodFiles, openStage, sqlConfig, type Ended, type Stage } from './stage.js';

let at: Stage;
beforeAll(async () => {
  at = await openStage();
});
afterAll(() => at.close());

/** The end of a run; what it printed is in the error when that is another one. */
function expectEnd({ end, printed }: Ended, result: string): NonNullable<Ended['end']> {
  if (end?.result !== result) throw new Error(`it ended as ${end?.result} instead of ${result}:\n${printed}`);
  return end;
}

const noInverse = goodFiles.map((file) => ({ ...file, down: undefined }));
const bad = { name: 'db/migrations/0004_bad.sql', up: 'DELETE FROM orders; SELECT 1/0', down: undefined };

test('a safe migration is backed up, applied and verified, and the fence is lifted', async () => {
  const shop = at.newShop();
  const ended = await at.start(at.jobFor(shop, at.newRun())).ended;
  const { journal } = expectEnd(ended, 'applied');
  expect(shop.app('SELECT count(stock) FROM items')).toBe('200');
  expect(journal?.backup).toMatchObject({ objects: expect.any(Number), encrypted: false });
  expect(ended.printed).toContain('pg_restore --list');
  expect(at.refOf(shop)).toBe('');
});

test('the dump is readable by its owner alone', async () => {
  const shop = at.newShop();
  const { journal } = expectEnd(await at.start(at.jobFor(shop, at.newRun())).ended, 'applied');
  expect(at.modeOf(journal!.backup!.location)).toBe('600');
});

test('what is applied already is not applied again, and a file that was changed since is refused', async () => {
  const shop = at.newShop();
  expectEnd(await at.start(at.jobFor(shop, at.newRun())).ended, 'applied');
  expectEnd(await at.start(at.jobFor(shop, at.newRun())).ended, 'applied');
  const migrations = goodFiles.map((file) => ({ ...file, up: `${file.up} -- changed` }));
  const { message } = expectEnd(await at.start(at.jobFor(shop, at.newRun(), { migrations })).ended, 'failed');
  expect(message).toMatch(/0002_stock.sql, .*0003_notes.sql was changed after it had been applied/);
});

test('one that fails is restored byte for byte, and the failed database is kept beside', async () => {
  const shop = at.newShop();
  shop.sql(`ALTER DATABASE ${shop.name} SET search_path TO "$user", public, extra`);
  shop.sql(`COMMENT ON DATABASE ${shop.name} IS 'the shop''s'`);
  const [before, properties] = [shop.dump(), shop.properties()];
  const migrations = [...noInverse, bad];
  const { message } = expectEnd(
    await at.start(at.jobFor(shop, at.newRun(), { migrations })).ended,
    'restored',
  );
  expect(message).toContain('division by zero');
  expect(shop.dump()).toBe(before);
  expect(shop.properties()).toBe(properties);
  expect(shop.app('SELECT count(*) FROM orders')).toBe('50');
  expect(shop.sql(`SELECT count(*) FROM pg_database WHERE datname LIKE '${shop.name}_failed%'`)).toBe('1');
  expect(at.refOf(shop)).toBe('');
});

test('what only an administrator may set on the restored database is named', async () => {
  const shop = at.newShop();
  const setting = `ALTER ROLE app IN DATABASE ${shop.name} SET statement_timeout TO '7s'`;
  shop.sql(setting);
  const migrations = [...noInverse, bad];
  const { message } = expectEnd(
    await at.start(at.jobFor(shop, at.newRun(), { migrations })).ended,
    'restored',
  );
  expect(message).toContain(`An administrator must still run: ${setting}`);
});

test('one with an inverse is taken back by it, without a restore', async () => {
  const shop = at.newShop();
  const before = shop.sql('SELECT count(*) FROM orders');
  const config = {
    ...sqlConfig,
    verify: { integrity: { 'no stock': 'SELECT id FROM items WHERE stock > 5' } },
  };
  const { message } = expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'failed');
  expect(message).toMatch(/integrity.no stock finds 195 rows.*the inverse brought the schema back/s);
  expect([shop.app('SELECT count(*) FROM orders'), shop.sql("SELECT to_regclass('notes')")]).toEqual([
    before,
    '',
  ]);
});

test('one that was rolled back whole is not restored', async () => {
  const shop = at.newShop();
  const before = shop.dump();
  const { message } = expectEnd(
    await at.start(at.jobFor(shop, at.newRun(), { migrations: [bad] })).ended,
    'failed',
  );
  expect(message).toContain('the migration changed nothing');
  expect(shop.dump()).toBe(before);
});

describe('a write between back-up and failure', () => {
  const migrations = [...noInverse, bad];

  test('is seen where the fence did not hold; nothing is restored and it is held', async () => {
    const shop = at.newShop();
    // Maintenance mode, as it says.
    const fence = { by: 'command', run: ['true'], lift: ['true'] };
    const writes = at.script(
      `pg_dump --format=custom --file=$PWD/$PGDATABASE.dump
       PGUSER=app PGPASSWORD=app psql -qc "INSERT INTO orders (item) VALUES (7)"
       echo "{\\"location\\": \\"$PWD/$PGDATABASE.dump\\", \\"file\\": \\"$PWD/$PGDATABASE.dump\\"}"`,
    );
    const config = {
      ...sqlConfig,
      fence,
      backup: { by: 'command', run: writes },
      restore: { by: 'command', run: ['false'] },
    };
    const run = at.newRun();
    const ended = await at.start(at.jobFor(shop, run, { config, migrations })).ended;
    const { message } = expectEnd(ended, 'held');
    expect(message).toMatch(/was not restored: 1 of the transactions since the back-up is not known/);
    expect(shop.app('SELECT count(*) FROM orders')).toBe('51');
    at.endRun(run);
    const next = expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'held');
    expect(next.message).toContain(`mode: settle  which lifts the fence and removes ${at.refOf(shop)}`);

    const settle = (outcome: Settling['outcome']) => {
      const settling = { outcome, reason: 'the column was dropped by hand', by: 'mona' };
      return at.start(at.jobFor(shop, at.newRun(), { config, settling })).ended;
    };
    const early = expectEnd(await settle('taken-back'), 'held');
    expect(early.message).toContain('The schema is not what it was before the migration');
    expect(at.refOf(shop)).not.toBe('');
    shop.sql('ALTER TABLE items DROP COLUMN stock; DROP TABLE notes');
    const { journal } = expectEnd(await settle('taken-back'), 'settled');
    expect(journal!.settled).toMatchObject({ outcome: 'taken-back', by: 'mona' });
    expect(at.refOf(shop)).toBe('');
    await expect(settle('other')).rejects.toThrow('Nothing is on hold');
  });

  test('is seen by the grant that let it in, though the fence is closed again', async () => {
    const shop = at.newShop();
    const opens = at.script(
      `psql -qc "GRANT CONNECT ON DATABASE $PGDATABASE TO app"
       PGUSER=app PGPASSWORD=app psql -qc "INSERT INTO orders (item) VALUES (7)"
       psql -qc "REVOKE CONNECT ON DATABASE $PGDATABASE FROM app"
       psql -qc "ALTER TABLE items ADD COLUMN half int"
       exit 1`,
    );
    const config = { ...sqlConfig, apply: { by: 'command', run: opens } };
    const { message } = expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'held');
    expect(message).toContain('the right to connect was changed since the back-up');
    expect(shop.sql('SELECT count(*) FROM orders')).toBe('51');
    expect(shop.sql(`SELECT count(*) FROM pg_database WHERE datname LIKE '${shop.name}_%'`)).toBe('0');
  });

  test('without one, what a command broke is restored on the proof of the fence', async () => {
    const shop = at.newShop();
    const before = shop.dump();
    const breaks = at.script(
      `psql -qc "ALTER TABLE items DROP COLUMN price" -c "DELETE FROM orders"
       exit 1`,
    );
    const config = { ...sqlConfig, apply: { by: 'command', run: breaks } };
    expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'restored');
    expect(shop.dump()).toBe(before);
    expect(shop.app('SELECT 1')).toBe('1');
  });
});

test('the application is kept out while it migrates', async () => {
  const shop = at.newShop();
  const tries = at.script(`if PGUSER=app PGPASSWORD=app psql -qc "SELECT 1"; then exit 1; fi`);
  const config = { ...sqlConfig, apply: { by: 'command', run: tries } };
  expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'applied');
});

test('a fence by connections is refused where the application uses the same role', async () => {
  const shop = at.newShop();
  const other = at.connect(shop);
  try {
    await until(() => shop.sql(at.sessionsOf(shop)) === '1', 'the application is connected');
    const { message } = expectEnd(await at.start(at.jobFor(shop, at.newRun())).ended, 'failed');
    expect(message).toMatch(/Nothing was changed: The role migrator is used by others too/);
  } finally {
    other.end();
  }
  expect(at.refOf(shop)).toBe('');
});

test('a statement that runs in no transaction stands alone in its file, and says so where it does not', async () => {
  const shop = at.newShop();
  const index = 'CREATE INDEX CONCURRENTLY IF NOT EXISTS items_name ON items (name);';
  const file = { name: 'db/migrations/0002_index.sql', up: index, down: undefined };
  expectEnd(await at.start(at.jobFor(shop, at.newRun(), { migrations: [file] })).ended, 'applied');
  expect(shop.sql(`SELECT indisvalid FROM pg_index WHERE indexrelid = 'items_name'::regclass`)).toBe('t');
  const two = { ...file, name: 'db/migrations/0003.sql', up: `CREATE TABLE x (); ${index}` };
  const { message } = expectEnd(
    await at.start(at.jobFor(shop, at.newRun(), { migrations: [two] })).ended,
    'failed',
  );
  expect(message).toContain('put that statement into a file of its own');
});

test('a dump is encrypted before it lasts, and decrypted to be restored', async () => {
  const shop = at.newShop();
  const before = shop.dump();
  const backup = {
    by: 'pg_dump',
    encrypt: at.script(
      'openssl enc -aes-256-cbc -pbkdf2 -pass pass:x -in "$BACKUP_FILE" -out "$ENCRYPTED_FILE"',
    ),
    decrypt: at.script(
      'openssl enc -d -aes-256-cbc -pbkdf2 -pass pass:x -in "$ENCRYPTED_FILE" -out "$BACKUP_FILE"',
    ),
  };
  const config = { ...sqlConfig, backup };
  const { journal } = expectEnd(
    await at.start(at.jobFor(shop, at.newRun(), { config, migrations: [...noInverse, bad] })).ended,
    'restored',
  );
  expect(shop.dump()).toBe(before);
  const { location, encrypted } = journal!.backup!;
  expect(encrypted).toBe(true);
  expect(at.filesBeside(location)).toEqual([location]);
});

test('a back-up that is none stops everything before anything is applied', async () => {
  const shop = at.newShop();
  const run = at.script(
    'echo nothing > "$PWD/empty"; echo "{\\"location\\": \\"x\\", \\"file\\": \\"$PWD/empty\\"}"',
  );
  const config = { ...sqlConfig, backup: { by: 'command', run }, restore: undefined };
  const { message } = expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config })).ended, 'failed');
  expect(message).toMatch(/Nothing was changed: Proof of the back-up: pg_restore ended with 1/);
  expect([shop.app('SELECT 1'), at.refOf(shop)]).toEqual(['1', '']);
});

describe("a role of the migration's own that acts as the application's", () => {
  /** A database whose tables belong to `owner`, as which the application logs in and as which the migration acts. */
  function newShop() {
    const shop = at.newShop();
    const { port } = at.server;
    const [name, owner, login] = [shop.name, `${shop.name}_app`, `${shop.name}_migrator`];
    for (const text of [
      `CREATE ROLE ${owner} LOGIN PASSWORD 'app'`,
      `CREATE ROLE ${login} LOGIN CREATEDB PASSWORD 'x' IN ROLE ${owner}`,
      `ALTER ROLE ${login} SET role = '${owner}'`,
      `GRANT CREATE ON SCHEMA public TO ${owner}`,
      `REASSIGN OWNED BY migrator TO ${owner}`,
      `ALTER DATABASE ${name} OWNER TO ${login}`,
    ])
      shop.sql(text);
    const variables = { DATABASE_URL: `postgresql://${login}:x@127.0.0.1:${port}/${name}` };
    return { ...shop, owner, variables };
  }

  test('makes tables that belong to that, and keeps it out meanwhile', async () => {
    const { owner, variables, ...shop } = newShop();
    const tries = at.script(
      `if PGUSER=${owner} PGPASSWORD=app PGOPTIONS= psql -qc "SELECT 1"; then exit 1; fi
       psql -qc "CREATE TABLE made ()"`,
    );
    const config = { ...sqlConfig, apply: { by: 'command', run: tries } };
    expectEnd(await at.start(at.jobFor(shop, at.newRun(), { config, variables })).ended, 'applied');
    expect(shop.sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'made'`)).toBe(owner);
  });

  test('is restored byte for byte all the same', async () => {
    const { owner, variables, ...shop } = newShop();
    const before = shop.dump();
    const migrations = [...noInverse, bad];
    expectEnd(await at.start(at.jobFor(shop, at.newRun(), { migrations, variables })).ended, 'restored');
    expect(shop.dump()).toBe(before);
    expect(shop.sql(`SELECT tableowner FROM pg_tables WHERE tablename = 'items'`)).toBe(owner);
  });
});

test('two never run at once', async () => {
  const shop = at.newShop();
  const first = at.start(
    at.jobFor(shop, at.newRun(), {
      config: {
        ...sqlConfig,
        apply: { by: 'command', run: at.script('until [ -e go ]; do sleep 0.1; done') },
      },
    }),
  );
  await until(() => at.refOf(shop) !== '', 'the first has taken it');
  const second = expectEnd(await at.start(at.jobFor(shop, at.newRun())).ended, 'busy');
  expect(second.message).toMatch(/is being run by run \d+ attempt 1/);
  at.touch('go');
  expectEnd(await first.ended, 'applied');
});

test('a lock that is not had in time is tried for again', async () => {
  const shop = at.newShop();
  const config = { ...sqlConfig, fence: undefined, restore: undefined };
  const run = at.start(at.jobFor(shop, at.newRun(), { config, timeouts: { lock: 200, statement: 60_000 } }));
  const holder = at.connect(shop, 'BEGIN; LOCK TABLE items IN ROW EXCLUSIVE MODE; SELECT 1;');
  try {
    await until(() => run.printed().includes('no lock in time'), 'a try found no lock');
  } finally {
    holder.end();
  }
  expectEnd(await run.ended, 'applied');
});
