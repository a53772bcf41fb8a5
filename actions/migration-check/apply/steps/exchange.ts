import type { Session } from '../../../../shared/database/session.js';
import type { Backup, Mark } from '../../../../shared/ledger/refs/migration.js';
import { fetchBackup, runTool } from './backup.js';
import { committedSince, othersIn, readSince } from '../catalogue.js';
import type { Keeper } from '../keeper.js';
import { proveNoWrites, type Proof } from '../proof.js';
import { messageOf, StepFailed, type ApplyPorts } from '../ports.js';
import { toolVariables, withNews } from './team.js';
import { isOfDump } from './verify.js';

/** The database through which others are made and renamed. */
export const maintenance = 'postgres';

/** PostgreSQL cuts names at so many bytes. */
const longestName = 63;

/** Whether writes were kept out, seen under a lock that keeps everybody out from then on. */
export type Exchanged = { restored: true; message: string } | { restored: false; why: string };

/** Why a database cannot be exchanged by this role; undefined when it can. Asked before anything is begun. */
export async function whyNotExchange(ports: ApplyPorts, claim: string): Promise<string | undefined> {
  try {
    return await inMaintenance(ports, claim, async (session) => {
      const [row] = await session.query(
        `SELECT (r.rolsuper OR (r.rolcreatedb AND pg_has_role(d.datdba, 'USAGE')))::text AS may
           FROM pg_roles r, pg_database d WHERE r.rolname = current_user AND d.datname = $1`,
        [ports.address.database],
      );
      return row?.['may'] === 'true'
        ? undefined
        : `the role ${ports.address.user} may not make and rename databases. Fix: ALTER ROLE ${ports.address.user} CREATEDB; ALTER DATABASE ${ports.address.database} OWNER TO ${ports.address.user}`;
    });
  } catch (error) {
    return `the database "${maintenance}" of the server cannot be used: ${messageOf(error)}`;
  }
}

/**
 * Puts the back-up in the place of the live database. First the live one is renamed, which the server refuses while
 * anybody is connected and after which nobody can be; under that lock it is proved that nobody wrote, or it is all
 * rolled back. The failed database stays beside, for whoever looks into it. Every part may be done again.
 */
export async function exchange(
  ports: ApplyPorts,
  keeper: Keeper,
  of: { backup: Backup; mark: Mark; own: ReadonlySet<string> },
): Promise<Exchanged> {
  const names = placesOf(ports, of.backup);
  await keeper.begin('restore');
  return inMaintenance(ports, keeper.claim, async (session) => {
    const there = await databasesOf(session);
    if (there.has(names.failed) && there.has(names.live)) {
      await keeper.done('restore');
      return { restored: true, message: `${names.live} is the back-up again` };
    }
    const plain = await fetchBackup(ports, keeper.claim, of.backup);
    try {
      if (!there.has(names.failed)) {
        const proof = await setAside(session, names, { ...of, claim: keeper.claim });
        if (!proof.proved) return { restored: false, why: proof.why };
        ports.say(`Set aside as ${names.failed}: ${proof.message}`);
      }
      const left = await takePlace(ports, session, names, { plain, claim: keeper.claim });
      await keeper.done('restore');
      const more = left.length > 0 ? `. An administrator must still run: ${left.join('; ')}` : '';
      return {
        restored: true,
        message: `${names.live} is the back-up of ${of.backup.at} again, its dump the same; the failed one is ${names.failed}${more}`,
      };
    } finally {
      if (plain !== of.backup.location) await ports.files.remove(plain);
    }
  });
}

/** Restores beside and takes the name; where that fails the failed database gets its name back. */
async function takePlace(
  ports: ApplyPorts,
  session: Session,
  names: Names,
  of: { plain: string; claim: string },
): Promise<string[]> {
  const rename = (from: string, to: string) => sql(session, 'ALTER DATABASE %I RENAME TO %I', from, to);
  try {
    const left = await makeRestored(ports, session, names, of);
    await session.query(await rename(names.restored, names.live));
    return left;
  } catch (error) {
    const back = await rename(names.failed, names.live).catch(
      () => `ALTER DATABASE "${names.failed}" RENAME TO "${names.live}"`,
    );
    try {
      await session.query(await sql(session, 'DROP DATABASE IF EXISTS %I', names.restored));
      await session.query(back);
    } catch (second) {
      throw new StepFailed(
        `${messageOf(error)}; and there is no database ${names.live} now, since the failed one could not be renamed back: ${messageOf(second)}. Run as its owner: ${back}`,
      );
    }
    throw error;
  }
}

interface Names {
  live: string;
  failed: string;
  restored: string;
}

/** Names of the databases that are exchanged for a back-up, the same whoever asks. */
export function placesOf({ address }: Pick<ApplyPorts, 'address'>, { sha256 = '' }: Backup): Names {
  const [live, mark] = [address.database, sha256.slice(0, 12)];
  return { live, failed: nameWith(live, `failed_${mark}`), restored: nameWith(live, `restored_${mark}`) };
}

/** Renames the live database away if it is proved that nobody but the migration wrote to it. */
async function setAside(
  session: Session,
  names: Names,
  of: { mark: Mark; own: ReadonlySet<string>; claim: string },
): Promise<Proof> {
  const { mark, own, claim } = of;
  const database = names.live;
  const since = await readSince(session, { database, claim, mark, own });
  await session.query('BEGIN');
  try {
    // Sessions of the migration that are still there keep it from being renamed, those of others too.
    await session.query(await sql(session, 'ALTER DATABASE %I RENAME TO %I', database, names.failed));
    const others = await othersIn(session, { database: names.failed, claim });
    const foreign = await committedSince(session, mark, own);
    const proof = proveNoWrites(mark, { ...since, others: [...since.others, ...others], foreign });
    await session.query(proof.proved ? 'COMMIT' : 'ROLLBACK');
    return proof;
  } catch (error) {
    await session.query('ROLLBACK').catch(() => undefined);
    return { proved: false, why: messageOf(error) };
  }
}

/** A new database with the back-up in it, and the properties of the one it takes the place of. */
async function makeRestored(
  ports: ApplyPorts,
  session: Session,
  names: Names,
  { plain, claim }: { plain: string; claim: string },
): Promise<string[]> {
  await session.query(await sql(session, 'DROP DATABASE IF EXISTS %I', names.restored));
  const [make] = await session.query(createQuery, [names.failed, names.restored]);
  await session.query(make!['statement']!);
  await fill(ports, claim, plain, names.restored);
  const digest = (argv: readonly [string, ...string[]]) =>
    withNews(
      ports,
      'Comparing the dumps',
      ports.digest(
        {
          argv,
          env: toolVariables({ ...ports.address, database: names.restored }, claim),
          timeoutMs: ports.config['time-limit'],
        },
        isOfDump,
      ),
    );
  const [taken, restored] = [await digest(['pg_restore', '--file=-', plain]), await digest(['pg_dump'])];
  if (!taken.ok || !restored.ok)
    throw new StepFailed(
      `The dumps cannot be compared: ${taken.ok ? (restored as { why: string }).why : taken.why}`,
    );
  if (taken.sha256 !== restored.sha256)
    throw new StepFailed(
      `What was restored differs from the back-up (${restored.lines} lines of dump instead of ${taken.lines})`,
    );
  return giveProperties(session, names);
}

/**
 * Restores a dump into an empty database. Schemas and who may make what in them come first: pg_restore gives rights last,
 * and without them a role that is no superuser can give no table to its owner.
 */
async function fill(ports: ApplyPorts, claim: string, plain: string, database: string): Promise<void> {
  const { stdout } = await runTool(ports, claim, 'Restore', ['pg_restore', '--list', plain]);
  const lines = stdout.split('\n').filter((line) => /^\d+;/.test(line));
  const isFirst = (line: string) => /^\d+; \d+ \d+ (SCHEMA - |ACL - SCHEMA )/.test(line);
  const list = `${ports.temp}/migration-backups/${database}.list`;
  try {
    for (const part of [lines.filter(isFirst), lines.filter((line) => !isFirst(line))]) {
      if (part.length === 0) continue;
      await ports.files.makePrivate(list, `${part.join('\n')}\n`);
      const how = ['--single-transaction', '--exit-on-error', '--use-list', list, '--dbname', database];
      await runTool(ports, claim, 'Restore', ['pg_restore', ...how, plain], database);
    }
  } finally {
    await ports.files.remove(list);
  }
}

/** Gives the restored database what dumps do not hold; answers with the statements that this role may not run. */
async function giveProperties(session: Session, names: Names): Promise<string[]> {
  const left: string[] = [];
  for (const { statement } of await session.query(propertiesQuery, [names.failed, names.restored])) {
    try {
      await session.query(statement!);
    } catch {
      left.push(statement!.replace(names.restored, names.live));
    }
  }
  return left;
}

/** How a database like another is made, in words that each version of the server knows. */
const createQuery = `
  SELECT format('CREATE DATABASE %I TEMPLATE template0 OWNER %I ENCODING %L LC_COLLATE %L LC_CTYPE %L CONNECTION LIMIT %s',
                $2::text, pg_get_userbyid(d.datdba), pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
                d.datconnlimit)
         || CASE t.spcname WHEN 'pg_default' THEN '' ELSE format(' TABLESPACE %I', t.spcname) END
         || CASE to_jsonb(d)->>'datlocprovider'
              WHEN 'i' THEN format(' LOCALE_PROVIDER icu ICU_LOCALE %L',
                                   coalesce(to_jsonb(d)->>'daticulocale', to_jsonb(d)->>'datlocale'))
              WHEN 'b' THEN format(' LOCALE_PROVIDER builtin BUILTIN_LOCALE %L', to_jsonb(d)->>'datlocale')
              ELSE '' END AS statement
    FROM pg_database d JOIN pg_tablespace t ON t.oid = d.dattablespace WHERE d.datname = $1`;

/** Grants, settings and comment of a database, as statements for another. */
const propertiesQuery = `
  WITH d AS (SELECT * FROM pg_database WHERE datname = $1)
  SELECT format('REVOKE ALL ON DATABASE %I FROM PUBLIC', $2::text) AS statement
  UNION ALL
  SELECT format('GRANT %s ON DATABASE %I TO %s%s', privilege_type, $2::text,
                CASE grantee WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(grantee)) END,
                CASE WHEN is_grantable THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM d, aclexplode(coalesce(datacl, acldefault('d', datdba)))
  UNION ALL
  SELECT CASE setrole WHEN 0 THEN format('ALTER DATABASE %I SET %I TO ', $2::text, split_part(setting, '=', 1))
              ELSE format('ALTER ROLE %I IN DATABASE %I SET %I TO ', pg_get_userbyid(setrole), $2::text,
                          split_part(setting, '=', 1)) END
         || CASE WHEN split_part(setting, '=', 1) IN ('search_path', 'temp_tablespaces', 'local_preload_libraries',
                                                      'session_preload_libraries')
                 THEN substr(setting, position('=' IN setting) + 1)
                 ELSE quote_literal(substr(setting, position('=' IN setting) + 1)) END
    FROM d JOIN pg_db_role_setting s ON s.setdatabase = d.oid, unnest(setconfig) setting
  UNION ALL
  SELECT format('COMMENT ON DATABASE %I IS %L', $2::text, shobj_description(d.oid, 'pg_database'))
    FROM d WHERE shobj_description(d.oid, 'pg_database') IS NOT NULL`;

const databasesOf = async (session: Session) =>
  new Set((await session.query('SELECT datname FROM pg_database')).map(({ datname }) => datname!));

/** A statement with names in it, quoted by the server. */
async function sql(session: Session, form: string, ...names: string[]): Promise<string> {
  const values = names.map((_, index) => `$${index + 1}::text`);
  const [row] = await session.query(`SELECT format('${form}', ${values.join(', ')}) AS statement`, names);
  return row!['statement']!;
}

function nameWith(name: string, ending: string): string {
  let cut = name;
  while (Buffer.byteLength(`${cut}_${ending}`) > longestName) cut = [...cut].slice(0, -1).join('');
  return `${cut}_${ending}`;
}

async function inMaintenance<T>(
  { open, address }: ApplyPorts,
  claim: string,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await open({ ...address, database: maintenance }, claim);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
