/**
 * Cuts the operations the GitHub stand-in serves out of GitHub's OpenAPI description.
 *
 *   npm install --prefix DIR @octokit/openapi@23.0.2
 *   npx tsx scripts/openapi-slice.ts DIR/node_modules/@octokit/openapi
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Slice, SliceOperation, SliceParameter } from '../rehearsal/github/openapi/openapi.js';
import { routes } from '../rehearsal/github/routes/index.js';

type Json = Record<string, unknown>;

const dropped = new Set([
  'example',
  'examples',
  'description',
  'title',
  'externalDocs',
  'deprecated',
  'default',
]);
const formats = new Set(['date-time', 'date', 'uri']);

/** An OpenAPI 3.0 schema as JSON Schema: `nullable` becomes a type, words are dropped, refs point into the slice. */
function convert(schema: unknown, used: Set<string>): unknown {
  if (Array.isArray(schema)) return schema.map((one) => convert(one, used));
  if (typeof schema !== 'object' || schema === null) return schema;
  const source = schema as Json;
  if (typeof source['$ref'] === 'string') {
    const name = source['$ref'].replace('#/components/schemas/', '');
    used.add(name);
    return { $ref: `openapi-slice#/schemas/${name}` };
  }
  const result: Json = {};
  for (const [key, value] of Object.entries(source)) {
    if (dropped.has(key) || key === 'nullable' || key.startsWith('x-')) continue;
    if (key === 'format' && !formats.has(String(value))) continue;
    if (key === 'properties') {
      const members = Object.entries(value as Json).map(([name, member]) => [name, convert(member, used)]);
      result[key] = Object.fromEntries(members);
    } else if (key === 'enum' || key === 'required') result[key] = value;
    else result[key] = convert(value, used);
  }
  return source['nullable'] === true ? withNull(result) : result;
}

function withNull(schema: Json): Json {
  if (typeof schema['type'] !== 'string') return { anyOf: [schema, { type: 'null' }] };
  const values = schema['enum'];
  return {
    ...schema,
    type: [schema['type'], 'null'],
    ...(Array.isArray(values) && !values.includes(null) ? { enum: [...values, null] } : {}),
  };
}

function deref(document: Json, node: unknown): Json {
  const reference = (node as Json)['$ref'];
  if (typeof reference !== 'string') return node as Json;
  let at: unknown = document;
  for (const part of reference.slice(2).split('/')) at = (at as Json)[part];
  return deref(document, at);
}

function jsonSchema(content: unknown, used: Set<string>): Json | null {
  const json = (content as Json | undefined)?.['application/json'] as Json | undefined;
  return json?.['schema'] === undefined ? null : (convert(json['schema'], used) as Json);
}

function operationOf(document: Json, key: string, used: Set<string>): SliceOperation {
  const [method = '', path = ''] = key.split(' ');
  const item = (document['paths'] as Record<string, Json>)[path];
  const operation = item?.[method.toLowerCase()] as Json | undefined;
  if (item === undefined || operation === undefined) throw new Error(`GitHub's description has no ${key}`);
  const listed = [
    ...((item['parameters'] as unknown[]) ?? []),
    ...((operation['parameters'] as unknown[]) ?? []),
  ];
  const parameters = listed
    .map((parameter) => deref(document, parameter))
    .filter(({ in: place }) => place === 'path' || place === 'query')
    .map(({ name, in: place, required, schema }) => ({
      name: String(name),
      in: place as SliceParameter['in'],
      required: required === true,
      schema: convert(schema, used) as Json,
    }));
  const request = operation['requestBody'] === undefined ? null : deref(document, operation['requestBody']);
  const responses = Object.entries(operation['responses'] as Json)
    .filter(([status]) => Number(status) < 400)
    .map(([status, response]) => [status, jsonSchema(deref(document, response)['content'], used)]);
  return {
    parameters,
    body: request === null ? null : jsonSchema(request['content'], used),
    bodyRequired: request?.['required'] === true,
    responses: Object.fromEntries(responses) as SliceOperation['responses'],
  };
}

function main(folder: string | undefined): void {
  if (folder === undefined) {
    throw new Error('usage: tsx scripts/openapi-slice.ts <folder of the installed @octokit/openapi>');
  }
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string };
  const document = JSON.parse(readFileSync(join(folder, 'generated/api.github.com.json'), 'utf8')) as Json;
  const components = (document['components'] as Json)['schemas'] as Json;
  const used = new Set<string>();
  const operations: Slice['operations'] = {};
  for (const key of routes.map(({ operation }) => operation).sort()) {
    operations[key] = operationOf(document, key, used);
  }
  const schemas: Json = {};
  // The set grows while it is walked: a schema brings those it refers to.
  for (const name of used) schemas[name] = convert(components[name], used);
  const sorted = Object.fromEntries(Object.entries(schemas).sort(([one], [other]) => (one < other ? -1 : 1)));
  const slice: Slice = { source: `@octokit/openapi ${version}`, operations, schemas: sorted };
  const target = new URL('../rehearsal/github/openapi/openapi-slice.json', import.meta.url);
  writeFileSync(target, `${JSON.stringify(slice)}\n`);
  console.log(`${Object.keys(operations).length} operations, ${Object.keys(schemas).length} schemas`);
}

main(process.argv[2]);
