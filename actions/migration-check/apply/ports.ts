import type { DatabaseAddress } from '../../../shared/database/address.js';
import type { ActsAs, Session } from '../../../shared/database/session.js';
import type { Digested } from '../../../shared/exec/digest.js';
import type { FileFacts } from '../../../shared/exec/files.js';
import type { Command, Finished } from '../../../shared/exec/run.js';
import type { Holder, RunFacts } from '../../../shared/ledger/refs/holder.js';
import type { Migration } from '../../../shared/ledger/refs/migration.js';
import type { StateFile } from '../../../shared/ledger/refs/state.js';
import type { Clock } from '../../../shared/time/clock.js';
import type { RunConfig } from './config.js';

/** A migration as SQL, for projects whose statements are run from here. */
export interface SqlMigration {
  /** Its path in the repository, by which the history knows it. */
  name: string;
  up: string;
  down: string | undefined;
}

/** How the world is reached while a migration runs. */
export interface ApplyPorts {
  environment: string;
  service: string;
  version: string;
  config: RunConfig;
  timeouts: { lock: number; statement: number };
  migrations: readonly SqlMigration[];
  address: DatabaseAddress;
  /** The connection as the team wrote it, for its own programs. */
  url: string;
  file: StateFile<Migration>;
  me: Holder;
  runFacts(runId: number, attempt: number): Promise<RunFacts>;
  open(address: DatabaseAddress, application: string, actsAs?: ActsAs): Promise<Session>;
  execute(command: Command): Promise<Finished>;
  digest(
    command: Pick<Command, 'argv' | 'env' | 'timeoutMs'>,
    leaves: (line: string) => boolean,
  ): Promise<Digested>;
  files: {
    facts(path: string): Promise<FileFacts | undefined>;
    makePrivate(path: string, text?: string): Promise<void>;
    remove(path: string): Promise<void>;
  };
  variable(name: string): string | undefined;
  workspace: string;
  /** Folder for files of this job. */
  temp: string;
  clock: Clock;
  random: () => number;
  /** Aborts when the runner asks the step to stop: commands end, and what they began is taken back. */
  signal: AbortSignal;
  say(line: string): void;
}

/** What a step found out that the migration cannot go on with; the message says what a person must know. */
export class StepFailed extends Error {
  override readonly name = 'StepFailed';
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** Does something with a session of the migration's name, and closes it. */
export async function withSession<T>(
  { open, address }: Pick<ApplyPorts, 'open' | 'address'>,
  claim: string,
  use: (session: Session) => Promise<T>,
  actsAs: ActsAs = 'login',
): Promise<T> {
  const session = await open(address, claim, actsAs);
  try {
    return await use(session);
  } finally {
    await session.close();
  }
}
