import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { goodFiles, openStage, sqlConfig, type Job, type Shop, type Stage } from './stage.js';

let at: Stage;
beforeAll(async () => {
  at = await openStage();
});
afterAll(() => at.close());

const noInverse = goodFiles.map((file) => ({ ...file, down: undefined }));
const bad = { name: 'db/migrations/0004_bad.sql', up: 'DELETE FROM orders; SELECT 1/0', down: undefined };

/** What was applied when and in which transaction differs from run to run. */
const withoutHistory = (dump: string) => dump.replace(/^db\/migrations\/.*\n/gm, '');

/** Runs a job that is killed, lets GitHub see its end, and runs another; gives what is wrong then. */
async function dieAndGoOn(shop: Shop, dying: Partial<Job>, next: Partial<Job>, result: string) {
  const run = at.newRun();
  const first = await at.start(at.jobFor(shop, run, dying)).ended;
  if (first.end) return [`it was not killed:\n${first.printed}`];
  at.endRun(run);
  const second = await at.start(at.jobFor(shop, at.newRun(), next)).ended;
  const wrong = second.end?.result === result ? [] : [`it ended as ${second.end?.result}`];
  if (at.refOf(shop) !== '') wrong.push('the ref is still there');
  try {
    shop.app('SELECT 1');
  } catch (error) {
    wrong.push(`the application is kept out: ${String(error)}`);
  }
  const left = shop.sql(
    `SELECT string_agg(datname, ',') FROM pg_database WHERE datname LIKE '${shop.name}\\_restored%'`,
  );
  if (left !== '') wrong.push(`${left} is left`);
  return wrong.length === 0 ? [] : [...wrong, first.printed, second.printed];
}

/** Plays cases three at a time. */
async function playAll<T>(cases: readonly T[], play: (one: T) => Promise<string[]>): Promise<string[]> {
  const waiting = [...cases];
  const failures: string[] = [];
  const worker = async () => {
    for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
      const wrong = await play(one).catch((error: unknown) => [String(error)]);
      if (wrong.length > 0) failures.push(`${JSON.stringify(one)}: ${wrong.join('\n')}`);
    }
  };
  await Promise.all([worker(), worker(), worker()]);
  return failures;
}

const everyWrite = (writes: number) =>
  Array.from({ length: writes }, (_, index) => index + 1).flatMap((write) =>
    (['before', 'after'] as const).map((side) => ({ write, side })),
  );

test('killed at any write of the journal, a good migration is applied by the next run', async () => {
  const undisturbed = at.newShop();
  const { end } = await at.start(at.jobFor(undisturbed, at.newRun())).ended;
  expect(end?.result).toBe('applied');
  const expected = withoutHistory(undisturbed.dump());
  const cases = everyWrite(end!.writes);
  expect(cases.length).toBeGreaterThan(20);
  const failures = await playAll(cases, async (die) => {
    const shop = at.newShop();
    const wrong = await dieAndGoOn(shop, { die }, {}, 'applied');
    return withoutHistory(shop.dump()) === expected
      ? wrong
      : [...wrong, 'it is not migrated as it should be'];
  });
  expect(failures).toEqual([]);
}, 900_000);

test('killed at any write of the journal, one that fails is restored byte for byte by the next run', async () => {
  const migrations = [...noInverse, bad];
  const undisturbed = at.newShop();
  const { end } = await at.start(at.jobFor(undisturbed, at.newRun(), { migrations })).ended;
  expect(end?.result).toBe('restored');
  const expected = undisturbed.dump();
  const failures = await playAll(everyWrite(end!.writes), async (die) => {
    const shop = at.newShop();
    const wrong = await dieAndGoOn(shop, { die, migrations }, { migrations }, 'restored');
    return shop.dump() === expected ? wrong : [...wrong, 'it is not what it was'];
  });
  expect(failures).toEqual([]);
}, 900_000);

describe('killed in the middle of', () => {
  /** A program in front of the real one that kills the run when it is called with some word. */
  const deadly = (program: string, word: string): string => {
    const bin = join(at.folder, `bin-${program}-${word.replace(/\W/g, '')}`);
    mkdirSync(bin, { recursive: true });
    writeFileSync(
      join(bin, program),
      `#!/bin/bash\ncase "$*" in *${word}*) kill -9 $PPID; sleep 1;; esac\nPATH=\${PATH#*:} exec ${program} "$@"\n`,
      { mode: 0o755 },
    );
    return `${bin}:${process.env['PATH']}`;
  };

  test('the back-up, the next run takes another', async () => {
    const shop = at.newShop();
    const path = deadly('pg_dump', '--format=custom');
    expect(await dieAndGoOn(shop, { path }, {}, 'applied')).toEqual([]);
  });

  test.each(['--single-transaction', '--file=-'])(
    'the restore (%s), the next run brings it to its end',
    async (word) => {
      const shop = at.newShop();
      const before = shop.dump();
      const migrations = [...noInverse, bad];
      const path = deadly('pg_restore', word);
      expect(await dieAndGoOn(shop, { path, migrations }, { migrations }, 'restored')).toEqual([]);
      expect(shop.dump()).toBe(before);
    },
  );

  test('a command that applies, the next run ends what is left of it and goes on', async () => {
    const shop = at.newShop();
    const apply = at.script(
      `if psql -Atc "SELECT to_regclass('begun')" | grep -q begun
       then psql -qc "CREATE TABLE done ()"
       else psql -qc "CREATE TABLE begun ()"; kill -9 $PPID; psql -qc "SELECT pg_sleep(600)"; psql -qc "CREATE TABLE late ()"
       fi`,
    );
    const config = { ...sqlConfig, apply: { by: 'command', run: apply } };
    expect(await dieAndGoOn(shop, { config }, { config }, 'applied')).toEqual([]);
    expect(
      shop.sql(
        `SELECT string_agg(relname, ' ' ORDER BY relname) FROM pg_class WHERE relname IN ('begun', 'done', 'late')`,
      ),
    ).toBe('begun done');
  });

  test('applying, a run of another version takes it back', async () => {
    const shop = at.newShop();
    const before = shop.dump();
    const apply = at.script('psql -qc "DROP TABLE orders"; kill -9 $PPID; sleep 1');
    const config = { ...sqlConfig, apply: { by: 'command', run: apply } };
    const other = { config, version: '2.1.0' };
    expect(await dieAndGoOn(shop, { config }, other, 'restored')).toEqual([]);
    expect(shop.dump()).toBe(before);
  });

  test('applying, a run whose release the check stops applies nothing more and takes it back', async () => {
    const shop = at.newShop();
    const before = shop.dump();
    const apply = at.script('psql -qc "DROP TABLE orders"; kill -9 $PPID; sleep 1');
    const config = { ...sqlConfig, apply: { by: 'command', run: apply } };
    expect(await dieAndGoOn(shop, { config }, { config, mayApply: false }, 'restored')).toEqual([]);
    expect(shop.dump()).toBe(before);
  });

  test('fencing, a run whose release the check stops only lifts the fence', async () => {
    const shop = at.newShop();
    const before = shop.dump();
    const die = { write: 4, side: 'after' } as const;
    expect(await dieAndGoOn(shop, { die }, { mayApply: false }, 'failed')).toEqual([]);
    expect(shop.dump()).toBe(before);
  });

  test('applying, a journal that somebody changed since is not gone on with; it is held', async () => {
    const shop = at.newShop();
    const apply = at.script('psql -qc "DROP TABLE orders"; kill -9 $PPID; sleep 1');
    const config = { ...sqlConfig, apply: { by: 'command', run: apply } };
    const run = at.newRun();
    await at.start(at.jobFor(shop, run, { config })).ended;
    at.endRun(run);
    const before = JSON.parse(at.stateOf(at.refOf(shop)));
    at.forge(shop, { ...before, backup: { ...before.backup, location: '/tmp/forged.dump' } });
    const { end } = await at.start(at.jobFor(shop, at.newRun(), { config, version: '2.1.0' })).ended;
    expect([end?.result, end?.message]).toEqual([
      'held',
      expect.stringContaining('is not borne out by the database'),
    ]);
  });

  test('nothing, a forged journal that says all is done makes nothing green', async () => {
    const shop = at.newShop();
    const run = at.newRun();
    at.endRun(run);
    const now = new Date().toISOString();
    at.forge(shop, {
      schema: 'devops-actions/migration@1',
      environment: shop.name,
      service: 'shop',
      claim: 'forged',
      holder: { runId: run.runId, attempt: 1, job: run.jobId, actor: 'ana', workflow: 'x' },
      phase: 'running',
      version: '2.0.0',
      since: now,
      steps: ['fence', 'back-up', 'apply', 'verify'].map((step) => ({ step, begun: now, done: now })),
    });
    const { end } = await at.start(at.jobFor(shop, at.newRun())).ended;
    expect(end?.result).toBe('held');
    expect(shop.sql("SELECT to_regclass('notes')")).toBe('');
  });

  test('applying, a back-up that is gone with the machine is not restored; it is held', async () => {
    const shop = at.newShop();
    const apply = at.script(`psql -qc "DROP TABLE orders"; kill -9 $PPID; sleep 1`);
    const config = { ...sqlConfig, apply: { by: 'command', run: apply } };
    const run = at.newRun();
    expect(
      (await at.start(at.jobFor(shop, run, { config, temp: at.ownFolder() })).ended).end,
    ).toBeUndefined();
    at.endRun(run);
    at.emptyOwnFolder();
    const { end } = await at.start(at.jobFor(shop, at.newRun(), { config, version: '2.1.0' })).ended;
    expect([end?.result, end?.message]).toEqual(['held', expect.stringContaining('is not on this runner')]);
  });
});
