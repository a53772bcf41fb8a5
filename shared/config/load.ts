import { readFile, stat } from 'node:fs/promises';
import { isAbsolute, join, relative } from 'node:path';
import type * as z from 'zod';
import { parseConfig, type Parsed } from './parse.js';
import { ConfigurationError } from './problem.js';

/** The largest configuration file that is read, in bytes. */
const maxBytes = 1_048_576;

/**
 * The text of a file of the workspace, of at most `most` bytes; a missing, oversized or unreadable one is a
 * configuration error that names the input to change.
 */
export async function readWorkspaceFile(
  workspace: string,
  path: string,
  input: string,
  most = maxBytes,
): Promise<string> {
  const fail = (got: string, fix: string): never => {
    throw new ConfigurationError([
      { file: path, path: '', got, allowed: `a readable file of at most ${most} bytes`, fix },
    ]);
  };
  try {
    const place = isAbsolute(path) ? path : join(workspace, path);
    // A device or a pipe may never end.
    const facts = await stat(place);
    if (!facts.isFile() && !facts.isDirectory()) return fail('no file', `set the input "${input}" to a file`);
    if (facts.size > most) return fail(`${facts.size} bytes`, `make ${path} smaller`);
    const content = await readFile(place);
    if (content.length > most) return fail(`${content.length} bytes`, `make ${path} smaller`);
    return content.toString('utf8');
  } catch (error) {
    if (error instanceof ConfigurationError) throw error;
    const code = (error as NodeJS.ErrnoException).code ?? String(error);
    return fail(
      code === 'ENOENT' ? 'no such file' : code,
      `set the input "${input}" to a path relative to ${workspace} (is there an actions/checkout step before?)`,
    );
  }
}

/** Whether an input is the YAML or JSON itself instead of the path of a file that has it. */
export const isInlineConfig = (value: string): boolean => /\n|^\s*(?:\{|version:)/.test(value);

/** Reads and parses a workspace file; throws ConfigurationError with every problem. */
export async function loadConfig<S extends z.ZodType>(
  workspace: string,
  path: string,
  input: string,
  schema: S,
): Promise<Extract<Parsed<z.output<S>>, { ok: true }> & { file: string; text: string }> {
  const file = isAbsolute(path) ? relative(workspace, path) || path : path;
  const text = await readWorkspaceFile(workspace, path, input);
  const parsed = parseConfig(text, file, schema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  return { ...parsed, file, text };
}
