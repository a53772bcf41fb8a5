/** What the workflow writes beside a report when its scanner ended: `EXIT`, or `EXIT LOOKED-AT`. */
export interface Ended {
  exit: number;
  /** How many things it was given, where its report does not say; 0 always counts. */
  lookedAt?: number;
}

/** Reads NAME.ended; undefined when it says anything else. */
export function parseEnded(text: string): Ended | undefined {
  const match = /^(\d{1,3})(?: (\d{1,9}))?$/.exec(text.trim());
  if (!match) return undefined;
  return { exit: Number(match[1]), ...(match[2] === undefined ? {} : { lookedAt: Number(match[2]) }) };
}

/** Why an exit code is no end of a scan, if it is one that a limit or a signal gives. */
export function endOf(exit: number): string | undefined {
  if (exit === 124) return 'it was stopped by its time limit';
  if (exit === 127) return 'it was not there (exit code 127)';
  return exit > 128 ? `it was killed by signal ${exit - 128}` : undefined;
}
