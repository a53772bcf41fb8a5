import { existsSync, renameSync, writeFileSync } from 'node:fs';
import type { BreakGlass } from '../../shared/contracts/break-glass.js';
import { UsageError } from '../shell.js';

/** The file in which a rollback without GitHub is written down, before and after every call. */
export interface JournalFile {
  path: string;
  write(state: BreakGlass): void;
}

/** A name for it: environments and services may have spaces and slashes. */
export const journalName = ({
  environment,
  service,
  at,
}: Pick<BreakGlass, 'environment' | 'service' | 'at'>) =>
  `break-glass-${environment}-${service}-${at.replace(/[^0-9TZ]/g, '')}.json`.replace(/[ /]/g, '-');

/** A file that is not there yet: what another rollback wrote down is not lost. */
export function journalFile(path: string): JournalFile {
  if (existsSync(path)) throw new UsageError(`${path} is there already: name another file with --journal.`);
  return {
    path,
    write(state) {
      // Whoever reads it finds the state before or the state after, never half of one.
      writeFileSync(`${path}.new`, `${JSON.stringify(state, null, 2)}\n`);
      renameSync(`${path}.new`, path);
    },
  };
}
