import type { Finished } from '../../../shared/exec/run.js';

/** Runs a program of the team in the workspace. */
export type Run = (argv: readonly string[]) => Promise<Finished>;

/** SQL of a migration as its tool would run it, or why there is none. */
export type Printed = { ok: true; sql: string } | { ok: false; why: string };

/** A migration to print. */
export interface Printable {
  path: string;
  version: string;
}

/** SQL of migrations in the order in which they run, by path. */
export type Printer = (run: Run, migrations: readonly Printable[]) => Promise<ReadonlyMap<string, Printed>>;

/** What a program printed; anything but success with some SQL is no answer. */
export async function runPrinter(run: Run, argv: readonly string[]): Promise<Printed> {
  const shown = argv.join(' ');
  try {
    const done = await run(argv);
    if (done.ended) return { ok: false, why: `${shown} was ended: ${done.ended}` };
    if (done.code !== 0)
      return { ok: false, why: `${shown} ended with ${done.code ?? 'a signal'}: ${lastWords(done.stderr)}` };
    if (done.stdout.trim() === '') return { ok: false, why: `${shown} printed nothing` };
    return { ok: true, sql: done.stdout };
  } catch (error) {
    return { ok: false, why: error instanceof Error ? error.message : String(error) };
  }
}

/** The end of what a program said, where Python and Ruby say what is wrong. */
const lastWords = (text: string) => text.trim().split('\n').slice(-3).join(' / ').slice(-400) || 'no message';
