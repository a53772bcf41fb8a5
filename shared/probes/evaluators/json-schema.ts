import type { ErrorObject } from 'ajv';
import { bounded, reasonOf, type Bounded } from './bounded.js';
import { namesOf } from './names-of.js';

/** How long one validation may take, in milliseconds: patterns of a schema may backtrack. */
const validateMs = 250;

/** Faults listed at most. */
const maxFaults = 5;

/** Keywords that say something and check nothing. */
const annotations = new Set([
  ...[
    '$schema',
    '$id',
    '$anchor',
    '$dynamicAnchor',
    '$comment',
    '$defs',
    'definitions',
    'title',
    'description',
  ],
  ...['default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
]);

/** Keywords that check as much as the schemas in them: one, a list of them, or a mapping of names to them. */
const applicators = new Set([
  ...['allOf', 'properties', 'patternProperties', 'additionalProperties', 'unevaluatedProperties'],
  ...['dependentSchemas', 'propertyNames', 'prefixItems', 'items', 'additionalItems', 'unevaluatedItems'],
]);
const mappings = new Set(['properties', 'patternProperties', 'dependentSchemas']);

export interface JsonSchema {
  /** What is wrong with a value, each with its place; none when it is valid, and `ok: false` when the limit was hit. */
  faults(value: unknown): Bounded<string[]>;
}

export type CompiledSchema = { ok: true; schema: JsonSchema } | { ok: false; reason: string };

/**
 * Loads the JSON Schema validator and gives its compiler: draft 2020-12, or draft-07 where `$schema` says so. Unknown
 * keywords and formats are refused.
 */
export async function loadJsonSchema(): Promise<(schema: unknown) => CompiledSchema> {
  const [recent, older, formats] = await Promise.all([
    import('ajv/dist/2020.js'),
    import('ajv'),
    import('ajv-formats'),
  ]);
  const { Ajv2020 } = namesOf(recent, 'Ajv2020');
  const { Ajv } = namesOf(older, 'Ajv');
  const addFormats = callable(formats) as (ajv: object) => void;
  return (schema) => {
    try {
      if (schema === null || typeof schema !== 'object') return { ok: false, reason: 'it is not a mapping' };
      const { $schema } = schema as { $schema?: unknown };
      const Validator = draftOf($schema) === 'draft-07' ? Ajv : Ajv2020;
      if (checksNothing(schema))
        return { ok: false, reason: 'it has no keyword that checks anything, so that every value is valid' };
      refuseDynamicRefs(schema);
      const ajv = new Validator({
        strict: true,
        strictRequired: false,
        strictTypes: false,
        strictTuples: false,
        allErrors: false,
      });
      addFormats(ajv);
      const validate = ajv.compile(schema);
      // Such a validator gives a promise, whatever the value; parts that are asynchronous inside a whole that is not
      // are refused by the compiler.
      if ('$async' in validate)
        return {
          ok: false,
          reason: 'it is an asynchronous schema: take "$async" out, since nothing waits for it',
        };
      return {
        ok: true,
        schema: {
          faults: (value) =>
            bounded(validateMs, () => (validate(value) === true ? [] : faultsOf(validate.errors))),
        },
      };
    } catch (error) {
      return { ok: false, reason: reasonOf(error) };
    }
  };
}

function faultsOf(errors: readonly ErrorObject[] | null | undefined): string[] {
  const faults = (errors ?? [])
    .slice(0, maxFaults)
    .map(({ instancePath, message }) => `${plainPointer(instancePath) || 'the document'} ${message}`);
  return faults.length > 0 ? faults : ['the document is not valid'];
}

/** A JSON Pointer without its escapes: in them a secret would not be found. */
function plainPointer(pointer: string): string {
  return pointer.replaceAll('~1', '/').replaceAll('~0', '~');
}

/** Whether every value is valid: a schema, and each inside it, has no keyword that refuses anything. */
export function checksNothing(schema: unknown): boolean {
  if (schema === true) return true;
  if (schema === null || typeof schema !== 'object') return false;
  return Object.entries(schema).every(([keyword, value]: [string, unknown]) => {
    if (annotations.has(keyword)) return true;
    if (keyword === 'anyOf' && Array.isArray(value)) return value.some(checksNothing);
    if (!applicators.has(keyword)) return false;
    const isMapping = mappings.has(keyword) && value !== null && typeof value === 'object';
    const inside: unknown[] = Array.isArray(value) ? value : isMapping ? Object.values(value) : [value];
    return inside.every(checksNothing);
  });
}

/**
 * The validator takes every `$dynamicRef` for one to the top of the schema; one that means something else would check
 * nothing.
 */
function refuseDynamicRefs(schema: object): void {
  const { $dynamicAnchor: top } = schema as { $dynamicAnchor?: unknown };
  const visit = (part: unknown): void => {
    if (part === null || typeof part !== 'object') return;
    const { $dynamicRef: ref } = part as { $dynamicRef?: unknown };
    if (typeof ref === 'string' && ref !== `#${String(top)}`)
      throw new Error(
        `$dynamicRef ${ref} does not lead to a $dynamicAnchor at the top of the schema, and no other is followed: use $ref`,
      );
    Object.values(part).forEach(visit);
  };
  visit(schema);
}

/** The function a CommonJS module is, however deep bundlers wrap it. */
function callable(loaded: unknown): unknown {
  return typeof loaded === 'function' ? loaded : callable((loaded as { default: unknown }).default);
}

function draftOf($schema: unknown): 'draft-07' | '2020-12' {
  if (
    $schema === undefined ||
    /^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/.test(String($schema))
  )
    return '2020-12';
  if (/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/.test(String($schema))) return 'draft-07';
  throw new Error(`$schema ${String($schema)} is neither draft 2020-12 nor draft-07`);
}
