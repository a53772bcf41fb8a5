import { programVariables, type DatabaseAddress } from '../../../../shared/database/address.js';
import { asLogin } from '../../../../shared/database/session.js';
import type { Finished } from '../../../../shared/exec/run.js';
import { formatDuration } from '../../../../shared/time/duration.js';
import { StepFailed, type ApplyPorts } from '../ports.js';

type TeamPorts = Pick<
  ApplyPorts,
  | 'config'
  | 'timeouts'
  | 'address'
  | 'url'
  | 'execute'
  | 'variable'
  | 'workspace'
  | 'clock'
  | 'say'
  | 'signal'
>;

/** Between two lines that say a long step is still at work, in milliseconds. */
const newsEvery = 30_000;

/** A migration tool may print every row; what is kept of that is a great deal more than anybody reads. */
const mostOutput = 64 * 1_048_576;

/** Says every half minute that something is still at work. */
export async function withNews<T>(
  { clock, say }: Pick<ApplyPorts, 'clock' | 'say'>,
  what: string,
  work: Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const began = clock.now();
  const telling = (async () => {
    for (;;) {
      await clock.sleep(newsEvery, over.signal);
      if (over.signal.aborted) return;
      say(`${what}: at work for ${formatDuration(clock.now() - began)}`);
    }
  })();
  try {
    return await work;
  } finally {
    over.abort();
    await telling;
  }
}

/**
 * Variables of every command of the team: what it listed, the connection as it wrote it, and the same for programs that
 * are built on PostgreSQL's own library, with the time-outs.
 */
export function teamVariables(
  {
    config,
    timeouts,
    address,
    url,
    variable,
  }: Pick<TeamPorts, 'config' | 'timeouts' | 'address' | 'url' | 'variable'>,
  claim: string,
): Record<string, string> {
  const listed = config.env.flatMap((name) => {
    const value = variable(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(listed),
    ...programVariables(address, claim),
    PGOPTIONS: `-c lock_timeout=${timeouts.lock} -c statement_timeout=${timeouts.statement}`,
    [config.connection]: url,
  };
}

/** Runs a command of the team to its end; throws StepFailed with what it said when that is not 0. */
export async function runTeam(
  ports: TeamPorts,
  claim: string,
  what: string,
  argv: readonly [string, ...string[]],
  own: Record<string, string> = {},
): Promise<Finished> {
  const { config, execute, workspace, signal } = ports;
  const finished = await withNews(
    ports,
    what,
    execute({
      argv,
      cwd: workspace,
      env: { ...teamVariables(ports, claim), ...own },
      timeoutMs: config['time-limit'],
      maxOutput: mostOutput,
      signal,
    }),
  ).catch((error: unknown) => {
    throw new StepFailed(`${what}: ${error instanceof Error ? error.message : String(error)}`);
  });
  if (finished.code === 0) return finished;
  const end = finished.ended
    ? `was stopped (${finished.ended})`
    : `ended with ${finished.code ?? 'a signal'}`;
  throw new StepFailed(`${what}: ${argv.join(' ')} ${end}. ${lastOf(finished)}`);
}

/** The end of what a program said, where errors stand. */
export function lastOf({ stdout, stderr }: Pick<Finished, 'stdout' | 'stderr'>): string {
  const text = (stderr.trim() || stdout.trim()).split('\n').slice(-8).join('\n');
  return text.slice(-1_500);
}

/** The last line with something on it. */
export const lastLine = (text: string): string => text.trim().split('\n').at(-1)?.trim() ?? '';

/** Variables of PostgreSQL's own programs for a database of the same server. */
export const toolVariables = (address: DatabaseAddress, claim: string): Record<string, string> => ({
  ...programVariables(address, claim),
  PGOPTIONS: asLogin,
});
