import type { Backup, Mark } from '../../../../shared/ledger/refs/migration.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { LostStateError } from '../../../../shared/ledger/refs/state.js';
import { committedSince, readSince } from '../catalogue.js';
import { exchange } from './exchange.js';
import type { Keeper } from '../keeper.js';
import { proveNoWrites } from '../proof.js';
import { messageOf, withSession, type ApplyPorts } from '../ports.js';
import { sealOf } from '../seal.js';
import { ownTransactions, undoStatements } from './statements.js';
import { lastLine, runTeam } from './team.js';
import { schemaSum, versionOf } from './verify.js';

/** What became of a migration that failed. */
export type TakenBack =
  | { ending: 'untouched' | 'undone'; message: string }
  | { ending: 'restored'; message: string; endpoint: string }
  | { ending: 'held'; why: string };

/** Brings the database back to what it was before: by nothing where nothing was changed, the inverse, or the back-up. */
export async function takeBack(ports: ApplyPorts, keeper: Keeper): Promise<TakenBack> {
  const { mark, before, backup } = keeper.journal;
  if (!mark || !before || !backup) return { ending: 'held', why: 'the journal does not say what was before' };
  const own = await ownOf(ports, keeper);
  const doubts: string[] = [];
  if (!keeper.journal.steps.some(({ step }) => step === 'restore')) {
    if (await isUntouched(ports, keeper, mark))
      return { ending: 'untouched', message: 'the migration changed nothing: all of it was rolled back' };
    if (!ports.config.fence && (await looksUnchanged(ports, keeper)))
      return {
        ending: 'untouched',
        message:
          'schema and version are what they were; rows are not known to be, since writes were not fenced',
      };
    const undone = await undo(ports, keeper, mark);
    if (undone.done) return { ending: 'undone', message: undone.message };
    doubts.push(undone.why);
  }
  const restored = await restore(ports, keeper, { backup, mark, own });
  return restored.ending === 'held'
    ? { ending: 'held', why: [...doubts, restored.why].join('; ') }
    : restored;
}

/** Transactions that are known to be the migration's own; while a restore exchanges names there is nothing to ask. */
export async function ownOf(ports: ApplyPorts, keeper: Keeper): Promise<Set<string>> {
  return withSession(ports, keeper.claim, async (session) => {
    const seal = await sealOf(session, ports.address.database, keeper.journal);
    const noted = ports.config.apply.by === 'sql' ? await ownTransactions(ports, session) : new Set<string>();
    return seal === undefined ? noted : noted.add(seal);
  }).catch(() => new Set<string>());
}

/** Whether no transaction of anybody lasted since the mark, but the one that seals the back-up. */
const isUntouched = (ports: ApplyPorts, keeper: Keeper, mark: Mark): Promise<boolean> =>
  withSession(ports, keeper.claim, async (session) => {
    const seal = await sealOf(session, ports.address.database, keeper.journal);
    const own = new Set(seal === undefined ? [] : [seal]);
    return (await committedSince(session, mark, own))?.length === 0;
  });

/** Whether schema and version are those of before; what the application wrote meanwhile does not show in either. */
async function looksUnchanged(ports: ApplyPorts, keeper: Keeper): Promise<boolean> {
  const { before } = keeper.journal;
  if (!ports.config.verify.version) return false;
  const version = await withSession(ports, keeper.claim, (session) => versionOf(ports, session));
  return version === before!.version && (await schemaSum(ports, keeper.claim)) === before!.schemaSha256;
}

async function undo(
  ports: ApplyPorts,
  keeper: Keeper,
  mark: Mark,
): Promise<{ done: true; message: string } | { done: false; why: string }> {
  const { config } = ports;
  const { before } = keeper.journal;
  if (config.apply.by === 'command' && !config.undo) return { done: false, why: 'no inverse is declared' };
  try {
    await keeper.begin('undo');
    if (config.apply.by === 'command') await runTeam(ports, keeper.claim, 'Undo', config.undo!);
    else
      await withSession(
        ports,
        keeper.claim,
        (session) => undoStatements(ports, session, mark.nextXid),
        'usual',
      );
    const version = await withSession(ports, keeper.claim, (session) => versionOf(ports, session));
    if (version !== before!.version)
      return {
        done: false,
        why: `after the inverse the version is ${version ?? 'nothing'} instead of ${before!.version ?? 'nothing'}`,
      };
    if ((await schemaSum(ports, keeper.claim)) !== before!.schemaSha256)
      return { done: false, why: 'after the inverse the schema is not what it was' };
    await keeper.done('undo');
    return { done: true, message: 'the inverse brought the schema back to what it was' };
  } catch (error) {
    if (error instanceof LostStateError || error instanceof GitHubError) throw error;
    return { done: false, why: `the inverse failed: ${messageOf(error)}` };
  }
}

async function restore(
  ports: ApplyPorts,
  keeper: Keeper,
  of: { backup: Backup; mark: Mark; own: ReadonlySet<string> },
): Promise<Extract<TakenBack, { ending: 'restored' | 'held' }>> {
  const how = ports.config.restore;
  if (!how) return { ending: 'held', why: 'no restore is declared' };
  const held = (why: string) => ({
    ending: 'held' as const,
    why: `the back-up ${of.backup.location} was not restored: ${why}`,
  });
  try {
    if (how.by === 'exchange') {
      const exchanged = await exchange(ports, keeper, of);
      return exchanged.restored
        ? { ending: 'restored', message: exchanged.message, endpoint: '' }
        : held(exchanged.why);
    }
    const { database } = ports.address;
    const { claim } = keeper;
    // A restore that a dead run began on has made transactions of its own; the fence alone can still be proved.
    const proof = await withSession(ports, claim, async (session) =>
      proveNoWrites(of.mark, await readSince(session, { database, claim, mark: of.mark, own: of.own })),
    );
    if (!proof.proved) return held(proof.why);
    await keeper.begin('restore');
    const { stdout } = await runTeam(ports, claim, 'Restore', how.run, {
      BACKUP_LOCATION: of.backup.location,
    });
    await keeper.done('restore');
    return {
      ending: 'restored',
      message: `restored by the command; ${proof.message}`,
      endpoint: lastLine(stdout),
    };
  } catch (error) {
    if (error instanceof LostStateError || error instanceof GitHubError) throw error;
    return held(messageOf(error));
  }
}
