/** The JSON Schema of a document, written so that an editor names the wrong key and not every alternative. */
import * as z from 'zod';
import { asOneOf, jsonFormsOf } from '../shared/schema/json-form.js';
import type { Document } from './documents.js';
import { inlineRefs } from './inline-refs.js';

type Json = z.core.JSONSchema.BaseSchema;

/** The schema in schemas/ of a document that people write or that the suite writes. */
export function jsonSchemaOf({ title, schema, io }: Document): Json {
  const json = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'ref', override });
  return { title, ...inlineRefs(json) };
}

function override({ zodSchema, jsonSchema }: { zodSchema: z.core.$ZodType; jsonSchema: Json }): void {
  discriminate(zodSchema, jsonSchema);
  nameProtocol(zodSchema, jsonSchema);
  addForms(zodSchema, jsonSchema);
  keepType(zodSchema, jsonSchema);
}

/**
 * `oneOf` reports a wrong key against every alternative; a condition for each value of the discriminator reports only
 * its own.
 */
function discriminate(schema: z.core.$ZodType, json: Json): void {
  if (json[asOneOf]) {
    json.type = 'object';
    delete json[asOneOf];
    return;
  }
  const { discriminator, options } = schema._zod.def as Partial<z.core.$ZodDiscriminatedUnionDef>;
  if (!discriminator || !options || !json.oneOf) return;
  const branches = json.oneOf;
  delete json.oneOf;
  const values = options.map((option) => valuesOf(option, discriminator));
  json.type = 'object';
  json.properties = {
    [discriminator]: {
      type: 'string',
      enum: [...new Set(values.flatMap(({ named }) => named))],
      ...describedBy(options[0]!, discriminator),
    },
  };
  if (!values.some(({ optional }) => optional)) json.required = [discriminator];
  json.allOf = branches.map((branch, index) => {
    const { named, optional } = values[index]!;
    const is = { properties: { [discriminator]: { enum: named } } };
    return { if: optional ? is : { ...is, required: [discriminator] }, then: branch };
  });
}

/** The values of the discriminator that choose an option, and whether it is chosen without one. */
function valuesOf(option: z.core.$ZodType, discriminator: string): { named: string[]; optional: boolean } {
  const values = [...(option._zod.propValues?.[discriminator] ?? [])];
  const named = values.filter((value) => value !== undefined).map(String);
  if (named.length === 0) throw new Error(`an option has no value of "${discriminator}"`);
  return { named, optional: values.length > named.length || isOptional(option, discriminator) };
}

function isOptional(option: z.core.$ZodType, key: string): boolean {
  const { shape } = option._zod.def as Partial<z.core.$ZodObjectDef>;
  return shape?.[key]?._zod.optin === 'optional';
}

function describedBy(option: z.core.$ZodType, key: string): { description?: string } {
  const { shape, options } = option._zod.def as Partial<z.core.$ZodObjectDef & z.core.$ZodUnionDef>;
  const field = shape?.[key] as z.ZodType | undefined;
  if (field) return field.description === undefined ? {} : { description: field.description };
  return options?.[0] ? describedBy(options[0], key) : {};
}

/** zod checks the protocol of an address by a pattern of its own, which JSON Schema can have as well. */
function nameProtocol(schema: z.core.$ZodType, json: Json): void {
  const { format, protocol } = schema._zod.def as { format?: string; protocol?: RegExp };
  if (format !== 'url' || !protocol || json.format !== 'uri') return;
  json.pattern = `^(${protocol.source.replace(/^\^|\$$/g, '')}):`;
}

/** Adds what checks mean; a schema that refers to the one it was made from has the checks of that one already. */
function addForms(schema: z.core.$ZodType, json: Json): void {
  const known = new Set((json.allOf ?? []).map((form) => JSON.stringify(form)));
  const parent = schema._zod.parent;
  if (json.$ref && parent) for (const form of jsonFormsOf(parent)) known.add(JSON.stringify(form));
  const added = jsonFormsOf(schema).filter((form) => !known.has(JSON.stringify(form)));
  if (added.length > 0) json.allOf = [...(json.allOf ?? []), ...(added as Json[])];
}

const typeOf: Readonly<Record<string, string>> = {
  string: 'string',
  object: 'object',
  record: 'object',
  array: 'array',
};

/**
 * Keywords beside a `$ref` want their type beside them in ajv's strict mode, where zod leaves out what the `$ref` says.
 */
function keepType(schema: z.core.$ZodType, json: Json): void {
  const type = typeOf[schema._zod.def.type];
  const asserts = Object.keys(json).some((key) => !['$ref', 'description', 'default', 'type'].includes(key));
  if (json.$ref && asserts && type) json.type = type as NonNullable<Json['type']>;
}
