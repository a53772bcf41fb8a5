import { isInlineConfig } from '../../../shared/config/load.js';
import { parseConfig } from '../../../shared/config/parse.js';
import { ConfigurationError } from '../../../shared/config/problem.js';
import { migrationsSchema, type MigrationsFile } from './schema.js';

/** The migrations file of a commit: what another step wrote into the workspace does not count. */
export async function readMigrationsFile(
  repository: { read(treeish: string, path: string): Promise<string | undefined> },
  treeish: string,
  given: string,
): Promise<MigrationsFile> {
  const inline = isInlineConfig(given);
  const file = inline ? 'input migrations' : given;
  const text = inline ? given : await repository.read(treeish, given);
  if (text === undefined)
    throw new ConfigurationError([
      {
        file,
        path: '',
        got: `no such file at ${treeish}`,
        allowed: 'a migrations file of the released commit',
        fix: 'write it (docs/migrations.md), or set the input "migrations" to its path',
      },
    ]);
  const parsed = parseConfig(text, file, migrationsSchema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  return parsed.value;
}
