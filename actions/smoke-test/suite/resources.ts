import { ConfigurationError, type Problem } from '../../../shared/config/problem.js';
import { readBelow } from '../../../shared/probes/files.js';
import { inWorkspace } from './load.js';
import type { LoadedSuite, Source } from './loaded-suite.js';
import type { JsonSchemaMatcher } from './schema/matcher-schema.js';
import { schemasOf } from './references.js';
import { stepsOf } from './step-groups.js';

/** Files that the steps of a suite name, by the part of the suite that names them. */
export interface Resources {
  schemas: Map<JsonSchemaMatcher, unknown>;
  files: Map<object, Uint8Array>;
  /** PEM certificates that are trusted besides the usual ones. */
  ca: string[];
  /** The OpenAPI document of the suite. */
  openApi?: { text: string; file: string };
}

/** Longest JSON Schema, OpenAPI document and file that is sent, in bytes. */
const maxSchemaBytes = 1_048_576;
const maxOpenApiBytes = 4_194_304;
const maxFileBytes = 16_777_216;

/**
 * Reads the JSON Schemas of a suite and the files its steps send; throws ConfigurationError with every one that cannot
 * be had.
 */
export async function loadResources(workspace: string, suite: LoadedSuite): Promise<Resources> {
  const resources: Resources = { schemas: new Map(), files: new Map(), ca: [] };
  const problems: Problem[] = [];
  const read = async (named: Named, maxBytes: number, keep: (bytes: Buffer) => void) => {
    const target = inWorkspace(named.source.file, named.file);
    const found = target === undefined ? outside : await readBelow(workspace, target, maxBytes);
    if (!found.ok) problems.push(problemOf(named, found.reason));
    else keep(found.bytes);
  };
  for (const { step, source, at } of stepsOf(suite.groups)) {
    for (const { matcher, path } of schemasOf(step)) {
      if (matcher.file === undefined) resources.schemas.set(matcher, matcher.schema);
      else {
        const named = { file: matcher.file, source, path: [...at, ...path] };
        await read(named, maxSchemaBytes, (bytes) => {
          try {
            resources.schemas.set(matcher, JSON.parse(bytes.toString('utf8')));
          } catch (error) {
            problems.push(problemOf(named, `no JSON (${(error as Error).message})`));
          }
        });
      }
    }
    const whole = step.http?.['body-file'];
    if (step.http && whole !== undefined) {
      const named = { file: whole, source, path: [...at, 'http', 'body-file'] };
      await read(named, maxFileBytes, (bytes) => resources.files.set(step.http!, bytes));
    }
    for (const [index, part] of (step.http?.multipart ?? []).entries()) {
      if (part.file === undefined) continue;
      const named = { file: part.file, source, path: [...at, 'http', 'multipart', index, 'file'] };
      await read(named, maxFileBytes, (bytes) => resources.files.set(part, bytes));
    }
  }
  const { openapi } = suite.value;
  if (openapi !== undefined)
    await read({ file: openapi, source: suite, path: ['openapi'] }, maxOpenApiBytes, (bytes) => {
      resources.openApi = { text: bytes.toString('utf8'), file: inWorkspace(suite.file, openapi)! };
    });
  for (const [index, file] of (suite.value.ca ?? []).entries()) {
    const named = { file, source: suite, path: ['ca', index] };
    await read(named, maxSchemaBytes, (bytes) => {
      const text = bytes.toString('utf8');
      if (/-----BEGIN CERTIFICATE-----/.test(text)) resources.ca.push(text);
      else problems.push(problemOf(named, 'no certificate in PEM form'));
    });
  }
  if (problems.length > 0) throw new ConfigurationError(problems);
  return resources;
}

interface Named {
  file: string;
  source: Source;
  path: readonly PropertyKey[];
}

const outside = { ok: false as const, reason: 'a path that leads out of the workspace' };

function problemOf({ file, source, path }: Named, reason: string): Problem {
  return {
    file: source.file,
    ...source.placeOf(path),
    path: path.map(String).join('.'),
    got: `${file}: ${reason}`,
    allowed: 'a file of the workspace, named relative to this one with forward slashes',
    fix: 'correct the path, or add the file',
  };
}
