import * as z from 'zod';
import { runCommand, type Finished } from '../../../shared/exec/run.js';
import type { Log } from '../../../shared/runner/host.js';
import type { TransactionMode } from '../tools/tool.js';
import type { Statement } from '../sql/statement.js';
import type { Said, SquawkAnswer } from './said.js';

/** What squawk is asked about. */
export interface Asked {
  path: string;
  /** The text whose lines are those of the statements. */
  sql: string;
  statements: readonly Statement[];
  transaction: TransactionMode;
}

const answerSchema = z.array(z.object({ rule_name: z.string(), message: z.string(), line: z.int().min(0) }));

/** How long squawk may take for one migration; it takes milliseconds. */
const patienceMs = 30_000;
const atOnce = 8;

/**
 * Asks the squawk on the path about each migration, and notes whether it answered; nothing where there is none. What
 * the release itself says to squawk (its file of settings, comments) counts for nothing: waivers are ours.
 */
export async function askSquawk(
  asked: readonly Asked[],
  { path, signal, log }: { path: string | undefined; signal: AbortSignal; log: Pick<Log, 'warning'> },
): Promise<{ said: SquawkAnswer; notes: string[] }> {
  const said = new Map<string, readonly Said[]>();
  const readable = asked.filter(({ statements }) => statements.length > 0);
  if (path === undefined || readable.length === 0) return { said, notes: [] };
  const run = (args: string[], input = '') =>
    runCommand({
      argv: ['squawk', ...args],
      env: { PATH: path },
      input,
      timeoutMs: patienceMs,
      maxOutput: 16_777_216,
      signal,
    });
  let version: string;
  try {
    const answer = await run(['--version']);
    version = answer.stdout.trim();
    if (answer.code !== 0 || !/^squawk \d+\.\d+/.test(version))
      throw new Error(`squawk --version gave ${saidOf(answer)}`);
  } catch (error) {
    const why = messageOf(error);
    return /\bENOENT\b/.test(why) ? { said, notes: [] } : unasked(why, log);
  }
  try {
    for (let at = 0; at < readable.length; at += atOnce)
      await Promise.all(
        readable.slice(at, at + atOnce).map(async ({ path: file, sql, transaction }) => {
          const answer = await run(
            [
              ...['--reporter', 'json', '--config', '/dev/null'],
              ...(transaction === 'file' ? ['--assume-in-transaction'] : []),
            ],
            sql.replaceAll('squawk-ignore', 'squawk_ignore'),
          );
          said.set(file, readAnswer(file, answer));
        }),
      );
  } catch (error) {
    return unasked(messageOf(error), log);
  }
  return { said, notes: [`${version} looked at the migrations as well.`] };
}

function readAnswer(file: string, answer: Finished): Said[] {
  let found: unknown;
  try {
    found = answer.code === 0 || answer.code === 1 ? JSON.parse(answer.stdout) : undefined;
  } catch {
    found = undefined;
  }
  const read = answerSchema.safeParse(found);
  if (!read.success) throw new Error(`of ${file} it gave ${saidOf(answer)}`);
  return read.data.map(({ rule_name: rule, message, line }) => ({ rule, message, line: line + 1 }));
}

function unasked(why: string, log: Pick<Log, 'warning'>): { said: SquawkAnswer; notes: string[] } {
  const note = `squawk is on the path and could not be asked, so the rules here judged alone: ${why}`;
  log.warning(note);
  return { said: new Map(), notes: [note] };
}

function saidOf({ code, ended, stdout, stderr }: Finished): string {
  const text = (stderr.trim() || stdout.trim()).replace(/\s+/g, ' ').slice(0, 300);
  return `${ended ?? `exit code ${code ?? 'of a signal'}`}: ${text === '' ? 'nothing' : text}`;
}

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error));
