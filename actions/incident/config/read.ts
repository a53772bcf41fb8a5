import { parseConfig } from '../../../shared/config/parse.js';
import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import type { GitHub } from '../../../shared/github/client.js';
import { readTrustedFile } from '../../../shared/github/trusted-file.js';
import { incidentsSchema, standardRules, type IncidentRules } from './schema.js';

/** The rules that hold, and where they come from. */
export interface ReadRules {
  rules: IncidentRules;
  path: string;
  /** Commit of the default branch at which the file was read; null when there is none, so that the defaults hold. */
  commit: string | null;
  /** What is wrong with the file, so that the defaults hold instead of it. */
  problems: readonly Problem[];
}

/**
 * The rules of the default branch. A file that is not there means the defaults; one that is wrong is told in `problems`:
 * whoever opens an incident goes on with the defaults, everybody else refuses. Needs `contents: read`.
 */
export async function readRules(github: GitHub, path: string): Promise<ReadRules> {
  try {
    const { text, commit } = await readTrustedFile(github, path);
    const parsed = parseConfig(text, path, incidentsSchema);
    return parsed.ok
      ? { rules: parsed.value, path, commit, problems: [] }
      : { rules: standardRules, path, commit, problems: parsed.problems };
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    const absent = error.problems.every(({ got }) => got.startsWith('no such file'));
    return { rules: standardRules, path, commit: null, problems: absent ? [] : error.problems };
  }
}
