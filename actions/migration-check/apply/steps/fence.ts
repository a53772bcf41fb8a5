import type { Session } from '../../../../shared/database/session.js';
import { othersIn, takeMark } from '../catalogue.js';
import type { Keeper } from '../keeper.js';
import { StepFailed, withSession, type ApplyPorts } from '../ports.js';
import { changeKept, readKept } from '../seal.js';
import { runTeam } from './team.js';

/** Who was given the right to connect to a database; null is everybody. The asker itself is left out. */
const grantedQuery = `
  SELECT DISTINCT CASE grantee WHEN 0 THEN NULL ELSE pg_get_userbyid(grantee) END AS role
    FROM pg_database, aclexplode(coalesce(datacl, acldefault('d', datdba)))
   WHERE datname = $1 AND privilege_type = 'CONNECT'
     AND (grantee = 0 OR pg_get_userbyid(grantee) <> session_user)`;

/** Keeps writes out, and takes the mark by which it is proved later that none came. */
export async function raiseFence(ports: ApplyPorts, keeper: Keeper): Promise<void> {
  const { fence } = ports.config;
  const { database, user } = ports.address;
  const { claim } = keeper;
  await withSession(ports, claim, async (session) => {
    // Afterwards an application that uses the same role looks like nobody: it was told to stop.
    const same = await othersIn(session, { database, claim, role: user });
    const shared = same.length > 0;
    if (shared && fence?.by === 'connections')
      throw new StepFailed(
        `The role ${user} is used by others too (${same.slice(0, 5).join(', ')}), so a fence cannot tell them from the migration. Fix: give the migration a role of its own: CREATE ROLE migrator LOGIN IN ROLE ${user}; ALTER ROLE migrator SET role = '${user}'`,
      );
    await keeper.begin('fence');
    if (fence?.by === 'connections') await closeToOthers(ports, session, claim);
    else if (fence) await runTeam(ports, claim, 'Fence', fence.run);
    const mark = await takeMark(session, { database, claim, shared });
    if (fence?.by === 'connections' && !mark.closed)
      throw new StepFailed(
        `Others can still connect to ${database} though the right was revoked. Fix: remove their grants, subscriptions and prepared transactions, or leave "fence" away`,
      );
    await keeper.done('fence', { mark });
    ports.say(
      mark.closed
        ? `Fenced: only ${user} can connect to ${database}`
        : fence
          ? 'Fenced by the command; that nobody wrote is proved by transactions'
          : 'Not fenced: nothing will be restored',
    );
  });
}

async function closeToOthers(
  { address: { database }, clock }: ApplyPorts,
  session: Session,
  claim: string,
): Promise<void> {
  const granted = (await session.query(grantedQuery, [database])).map(({ role }) => role ?? null);
  const { fence = [] } = await readKept(session, database);
  const revoked = [...new Set([...fence, ...granted])];
  // The database itself keeps whom it is given back to: whoever comes later needs it, and a journal can be forged.
  await changeKept(session, database, { fence: revoked });
  await grant(session, 'GRANT CONNECT ON DATABASE %I TO %s', database, await ownName(session));
  for (const role of revoked) await grant(session, 'REVOKE CONNECT ON DATABASE %I FROM %s', database, role);
  for (let look = 0; look < 100; look++) {
    const left = await session.query(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = $1 AND pid <> pg_backend_pid() AND application_name <> $2
          AND coalesce(backend_type, 'client backend') NOT IN ('autovacuum worker', 'parallel worker')`,
      [database, claim],
    );
    if (left.length === 0) return;
    await clock.sleep(100);
  }
  throw new StepFailed(
    `Sessions of others in ${database} do not end. Fix: end them by hand and run the step again`,
  );
}

const ownName = async (session: Session) => (await session.query('SELECT session_user AS me'))[0]!['me']!;

/** Runs a statement with a database and a role in it, quoted by the server. */
async function grant(session: Session, form: string, database: string, role: string | null): Promise<void> {
  const [row] = await session.query(
    `SELECT format('${form}', $1::text, coalesce(quote_ident($2::text), 'PUBLIC')) AS statement`,
    [database, role],
  );
  await session.query(row!['statement']!);
}

/** Lets writes in again. */
export async function liftFence(ports: ApplyPorts, keeper: Keeper): Promise<void> {
  const { fence } = ports.config;
  const { database } = ports.address;
  await keeper.begin('lift');
  await withSession(ports, keeper.claim, async (session) => {
    const { fence: revoked } = await readKept(session, database);
    for (const role of revoked ?? [])
      await grant(session, 'GRANT CONNECT ON DATABASE %I TO %s', database, role);
    if (revoked) await changeKept(session, database, { fence: undefined });
  });
  if (fence?.by === 'command') await runTeam(ports, keeper.claim, 'Lifting the fence', fence.lift);
  await keeper.done('lift');
}
