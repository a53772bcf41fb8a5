import { runPrinter, type Printed, type Printer } from './printer.js';

/** A program that prints the SQL of one migration, whose path is its last argument. */
export function commandPrinter(print: readonly string[]): Printer {
  return async (run, migrations) => {
    const printed = new Map<string, Printed>();
    for (const { path } of migrations) printed.set(path, await runPrinter(run, [...print, path]));
    return printed;
  };
}
