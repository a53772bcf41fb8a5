import { posix } from 'node:path';
import { loadConfig, readWorkspaceFile } from '../../../shared/config/load.js';
import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import type { LoadedFlow, LoadedSuite, Source } from './loaded-suite.js';
import { readRows, rowsOf, type Row } from './rows.js';
import { groupsOf } from './step-groups.js';
import { includedSchema, suiteSchema, type Flow, type Included } from './schema/schema.js';

/** Files that one suite may be made of; more is a mistake. */
const maxFiles = 100;

/**
 * Reads a suite, what it includes and its data; throws ConfigurationError with every problem of the first file that has
 * one.
 */
export async function loadSuite(workspace: string, path: string): Promise<LoadedSuite> {
  const { value, file, text, placeOf } = await loadConfig(workspace, path, 'suite', suiteSchema);
  const suite = {
    value,
    file: slashed(file),
    text,
    placeOf,
    variables: {} as Record<string, string>,
    variablePlaces: new Map<string, Source>(),
    flows: [] as LoadedFlow[],
  };
  const seen = new Set<string>();
  const add = async (part: Included, source: Source, chain: readonly string[]): Promise<void> => {
    seen.add(source.file);
    for (const [name, text] of Object.entries(part.variables ?? {})) {
      if (Object.hasOwn(suite.variables, name)) continue;
      suite.variables[name] = text;
      suite.variablePlaces.set(name, source);
    }
    for (const [index, flow] of (part.flows ?? []).entries()) {
      const at = ['flows', index];
      suite.flows.push({ flow, source, at, rows: await loadRows(workspace, flow, source, at) });
    }
    for (const [index, written] of (part.include ?? []).entries()) {
      const refuse = refusal(source, ['include', index], written);
      const target = inWorkspace(source.file, written) ?? refuse(outside);
      if (chain.includes(target)) refuse(cycle([...chain, target]));
      if (seen.has(target))
        refuse({ got: `${target} again`, allowed: 'each file once', fix: `remove ${written}` });
      if (seen.size >= maxFiles)
        refuse({
          got: `more than ${maxFiles} files`,
          allowed: `at most ${maxFiles}`,
          fix: 'include fewer files',
        });
      const next = await named(refuse, () => loadConfig(workspace, target, 'suite', includedSchema));
      await add(next.value, { file: target, text: next.text, placeOf: next.placeOf }, [...chain, target]);
    }
  };
  await add(value, suite, [suite.file]);
  return { ...suite, groups: groupsOf(suite) };
}

async function loadRows(
  workspace: string,
  { rows }: Flow,
  source: Source,
  at: readonly PropertyKey[],
): Promise<Row[] | undefined> {
  if (!rows) return undefined;
  const path = [...at, 'rows', rows.inline ? 'inline' : 'file'];
  const refuse = refusal(source, path, rows.file ?? '');
  const read = rows.inline
    ? rowsOf(rows.inline, source.file, (index) => source.placeOf([...path, index]))
    : await readRowsFile(workspace, inWorkspace(source.file, rows.file!) ?? refuse(outside), refuse);
  if (!read.ok) throw new ConfigurationError(read.problems);
  return read.rows;
}

async function readRowsFile(workspace: string, target: string, refuse: Refuse) {
  return readRows(await named(refuse, () => readWorkspaceFile(workspace, target, 'suite')), target);
}

type Wrong = Pick<Problem, 'got' | 'allowed' | 'fix'>;
type Refuse = (wrong: Wrong) => never;

function refusal(source: Source, path: readonly PropertyKey[], written: string): Refuse {
  return ({ got, allowed, fix }) => {
    const problem = { file: source.file, ...source.placeOf(path), path: path.map(String).join('.') };
    throw new ConfigurationError([{ ...problem, got: got || JSON.stringify(written), allowed, fix }]);
  };
}

/**
 * Runs `read`; that the file itself cannot be read is a problem of the line that names it, what is wrong inside has its
 * own lines.
 */
async function named<T>(refuse: Refuse, read: () => Promise<T>): Promise<T> {
  try {
    return await read();
  } catch (error) {
    const [first] = error instanceof ConfigurationError ? error.problems : [];
    if (!first || first.line !== undefined || first.path !== '') throw error;
    return refuse({
      got: `${first.file}: ${first.got}`,
      allowed: `${first.allowed}, named relative to this file`,
      fix: 'correct the path, or add the file',
    });
  }
}

const outside: Wrong = {
  got: '',
  allowed: 'a file of the workspace, named relative to this one with forward slashes',
  fix: 'move the file into the workspace',
};

function cycle(chain: readonly string[]): Wrong {
  return {
    got: `files that include each other: ${chain.join(' → ')}`,
    allowed: 'includes that end',
    fix: 'remove this include',
  };
}

/** The path below the workspace of a file named in another one; undefined when it would leave it. */
export function inWorkspace(from: string, written: string): string | undefined {
  if (written.includes('\\') || posix.isAbsolute(written)) return undefined;
  const target = posix.normalize(posix.join(posix.dirname(from), written));
  return target === '..' || target.startsWith('../') ? undefined : target;
}

function slashed(path: string): string {
  return posix.normalize(path.replaceAll('\\', '/'));
}
