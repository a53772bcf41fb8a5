import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, dirname, resolve } from 'node:path';
import * as z from 'zod';
import { parseConfig, type Accepted } from '../shared/config/parse.js';
import { ConfigurationError } from '../shared/config/problem.js';
import { readArguments, type Arguments } from './arguments.js';
import type { Drafted, FileOf, Unsupported } from './import/draft.js';
import { filesOf, placesOf } from './import/files.js';
import { writeSuite } from './import/suite-text.js';
import { exitCodes, UsageError, type Command, type Shell } from './shell.js';

const usage = `usage: devops-actions import postman COLLECTION.json [--environment FILE] > smoke.yml
       devops-actions import hurl FILE.hurl > smoke.yml

Writes a smoke suite that checks the same. When anything in the original has no counterpart, nothing is
written and all of it is listed with its place.

  --environment FILE   an exported Postman environment; its values win
  --partial            writes what can be said all the same; the rest stands as "todo" in its steps, which send
                       nothing and fail until it is done
  --output FILE        writes there instead of to standard output

Exit codes: 0 written; 2 something is not supported, or the original could not be read.`;

interface Original {
  text: string;
  path: string;
  fileOf: FileOf;
}

type Refused = Extract<Drafted, { ok: false }>;

type Reader = (original: Original, given: Arguments, shell: Shell) => Promise<Drafted>;

/** Every format by name, with the code for it loaded only when it is read. */
const formats: Readonly<Record<string, Reader>> = {
  async postman({ text, path, fileOf }, given, shell) {
    const { draftPostman } = await import('./import/postman/convert.js');
    const { collectionSchema, environmentSchema } = await import('./import/postman/collection.js');
    const file = given.one('environment');
    const environment =
      file === undefined
        ? undefined
        : readExport(await readText(file, shell), file, 'environment', environmentSchema).value;
    const collection = readExport(text, path, 'collection', collectionSchema);
    const placeOf = (at: readonly PropertyKey[]) => `${path}:${collection.placeOf(at)?.line ?? 1}`;
    return draftPostman(collection.value, environment, { placeOf, fileOf });
  },
  async hurl({ text, path, fileOf }, given) {
    if (given.one('environment') !== undefined)
      throw new UsageError('--environment is for Postman collections.');
    const { draftHurl } = await import('./import/hurl/convert.js');
    return draftHurl(text, path, fileOf);
  },
};

/** `import`: turns tests of other tools into a suite. */
export const importCommand: Command = {
  summary: 'turns a Postman collection or a Hurl file into a smoke suite',
  usage,
  async run(args, shell) {
    const given = readArguments(args, { values: ['environment', 'output'], flags: ['partial'] });
    const [format = '', path, ...more] = given.positionals;
    const read = Object.hasOwn(formats, format) ? formats[format] : undefined;
    if (!read) throw new UsageError(`Write what is imported: ${Object.keys(formats).join(' or ')}.`);
    if (path === undefined || more.length > 0) throw new UsageError('Name one file to import.');
    const output = given.one('output');
    const places = placesOf(shell.cwd, path, output);
    const original = { text: await readText(path, shell), path, fileOf: filesOf(places) };
    const drafted = await read(original, given, shell);
    const draft = drafted.ok ? drafted.draft : given.flag('partial') ? drafted.partial : undefined;
    const imported = draft ? await writeSuite(draft, basename(path), places, shell) : (drafted as Refused);
    if (!imported.ok) {
      shell.err(refusal(path, imported.unsupported));
      return exitCodes.error;
    }
    if (output === undefined) shell.out(imported.text.trimEnd());
    else {
      await mkdir(dirname(places.suite), { recursive: true });
      await writeFile(places.suite, imported.text);
    }
    imported.notes.forEach((note) => shell.err(`note: ${note}`));
    return exitCodes.pass;
  },
};

function refusal(path: string, unsupported: readonly Unsupported[]): string {
  const lines = unsupported.flatMap(({ place, what, fix }) => [
    `  ${place}`,
    `      ${what}`,
    ...(fix ? [`      fix: ${fix}`] : []),
  ]);
  const count = `${unsupported.length} thing${unsupported.length === 1 ? '' : 's'}`;
  return [`Nothing was written: ${path} uses ${count} that a smoke suite cannot say.`, ...lines].join('\n');
}

async function readText(path: string, shell: Shell): Promise<string> {
  try {
    return (await readFile(resolve(shell.cwd, path), 'utf8')).replace(/^\uFEFF/, '');
  } catch (error) {
    throw new UsageError(`${path} cannot be read: ${(error as Error).message}`);
  }
}

/** A file that Postman exported: as its app writes it, or inside an object of one key as its API does. */
function readExport<S extends z.ZodType>(
  text: string,
  path: string,
  wrapper: string,
  schema: S,
): Accepted<z.output<S>> {
  const isWrapped = hasKey(parseJson(text, path), wrapper);
  const parsed = parseConfig(text, path, isWrapped ? z.looseObject({ [wrapper]: schema }) : schema);
  if (!parsed.ok) throw new ConfigurationError(parsed.problems);
  if (!isWrapped) return parsed as Accepted<z.output<S>>;
  return {
    ok: true,
    value: (parsed.value as Record<string, z.output<S>>)[wrapper]!,
    placeOf: (at) => parsed.placeOf([wrapper, ...at]),
  };
}

function hasKey(value: unknown, key: string): boolean {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, key);
}

function parseJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new UsageError(`${path} is not JSON: ${(error as Error).message}`);
  }
}
