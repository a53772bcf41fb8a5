import { readdirSync, readFileSync, statSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { Ajv2020, type ErrorObject } from 'ajv/dist/2020.js';
import addFormats from 'ajv-formats';
import { parse } from 'yaml';
import { documents } from '../../scripts/documents.js';
import { jsonSchemaOf } from '../../scripts/json-schema.js';
import { parseConfig } from '../../shared/config/parse.js';
import { keysWithoutDescription } from '../support/described-keys.js';
import { actionOnly, wrongFiles } from '../support/wrong-files.js';
import { wholeFiles } from '../support/whole-files.js';

/** Largest schema and all of them together, in bytes: editors load one for each file that is open. */
const largestSchema = 65_536;
const largestFolder = 491_520;

/** What people write. */
const written = Object.keys(documents).filter((name) => documents[name]!.io === 'input');

const read = (name: string) => JSON.parse(readFileSync(`schemas/${name}.json`, 'utf8')) as object;

function compile(schema: object) {
  const ajv = new Ajv2020({ strict: true, allErrors: true });
  (addFormats as unknown as (ajv: Ajv2020) => void)(ajv);
  return ajv.compile(schema);
}

const compiled = new Map<string, ReturnType<typeof compile>>();

/** What an editor finds in a file: the errors of its schema. */
function editorErrors(schema: string, text: string): ErrorObject[] {
  const validate = compiled.get(schema) ?? compile(read(schema));
  compiled.set(schema, validate);
  validate(parse(text));
  return validate.errors ?? [];
}

/** What the action finds in a file. */
function actionProblems(schema: string, text: string) {
  const parsed = parseConfig(text, 'file.yml', documents[schema]!.schema);
  return parsed.ok ? [] : parsed.problems.map(({ path, got, allowed }) => ({ path, got, allowed }));
}

describe('the published JSON Schemas', () => {
  it('are one for each document', () => {
    expect(readdirSync('schemas').sort()).toEqual(
      Object.keys(documents)
        .map((name) => `${name}.json`)
        .sort(),
    );
  });

  it.each(Object.keys(documents))(
    '%s is what the generator writes, and compiles in the strict mode of ajv',
    (name) => {
      expect(read(name)).toEqual(JSON.parse(JSON.stringify(jsonSchemaOf(documents[name]!))));
      expect(() => compile(read(name))).not.toThrow();
    },
  );

  it.each(written)('%s says of every key what it is for', (name) => {
    expect(keysWithoutDescription(read(name))).toEqual([]);
  });

  it('stay small enough for an editor', () => {
    const sizes = readdirSync('schemas').map((file) => statSync(`schemas/${file}`).size);
    expect(Math.max(...sizes)).toBeLessThanOrEqual(largestSchema);
    expect(sizes.reduce((sum, size) => sum + size)).toBeLessThanOrEqual(largestFolder);
  });
});

describe('a whole file in the documentation', () => {
  const files = wholeFiles();

  it('is there for each document that people write', () => {
    expect([...new Set(files.map(({ schema }) => schema))].sort()).toEqual([...written].sort());
  });

  it.each(files.map((file) => [file.where, file] as const))(
    '%s names its schema on its first line, and both schema and action take it',
    (_, { text, schema = 'none' }) => {
      expect(Object.keys(documents)).toContain(schema);
      expect(editorErrors(schema, text)).toEqual([]);
      expect(actionProblems(schema, text)).toEqual([]);
    },
  );
});

describe('a wrong file', () => {
  it.each(wrongFiles)('with $wrong is found by the editor, at the right place, and by the action', (file) => {
    const errors = editorErrors(file.schema, file.text);
    expect(errors.map(placeOf)).toContain(file.at);
    expect(actionProblems(file.schema, file.text)).not.toEqual([]);
  });

  it('names a wrong key of a router, and no other router', () => {
    const { schema, text } = wrongFiles.find(({ wrong }) => wrong === 'a misspelt key of an nginx router')!;
    const errors = editorErrors(schema, text);
    expect(errors.map(({ keyword }) => keyword)).not.toContain('oneOf');
    expect(errors.flatMap(({ params }) => (params['additionalProperty'] as string) ?? [])).toEqual(['flgs']);
    expect(JSON.stringify(errors)).not.toContain('haproxy');
  });

  it.each(actionOnly)('with $wrong is found by the action only', (file) => {
    expect(editorErrors(file.schema, file.text)).toEqual([]);
    expect(actionProblems(file.schema, file.text).map(({ path }) => path)).toContain(file.at);
  });
});

/** The path of what is wrong: of the key itself where a key is missing or may not be there. */
function placeOf({ instancePath, params }: ErrorObject): string {
  const key: unknown = params['additionalProperty'] ?? params['missingProperty'];
  return [...instancePath.split('/').slice(1), ...(typeof key === 'string' ? [key] : [])].join('.');
}
