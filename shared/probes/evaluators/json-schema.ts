import type { ErrorObject } from 'ajv';
import { bounded, type Bounded } from './bounded.js';
import { namesOf } from './names-of.js';

/** How long one validation may take, in milliseconds: patterns of a schema may backtrack. */
const validateMs = 250;

/** Faults listed at most. */
const maxFaults = 5;

/** Keywords that say something and check nothing. */
const annotations = new Set([
  ...['$schema', '$id', '$anchor', '$comment', '$defs', 'definitions', 'title', 'description'],
  ...['default', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
]);

export interface JsonSchema {
  /** What is wrong with a value, each with its place; none when it is valid, and `ok: false` when the limit was hit. */
  faults(value: unknown): Bounded<string[]>;
}

export type CompiledSchema = { ok: true; schema: JsonSchema } | { ok: false; reason: string };

/** Loads the JSON Schema validator and gives its compiler: draft 2020-12, or draft-07 where `$schema` says so. Unknown keywords and formats are refused. */
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
      if (Object.keys(schema).every((keyword) => annotations.has(keyword)))
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
      // Such a validator gives a promise, whatever the value; parts that are asynchronous inside a whole that is not are refused by the compiler.
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
      return { ok: false, reason: (error as Error).message };
    }
  };
}

function faultsOf(errors: readonly ErrorObject[] | null | undefined): string[] {
  const faults = (errors ?? [])
    .slice(0, maxFaults)
    .map(({ instancePath, message }) => `${instancePath || 'the document'} ${message}`);
  return faults.length > 0 ? faults : ['the document is not valid'];
}

/** The validator takes every `$dynamicRef` for one to the top of the schema; one that means something else would check nothing. */
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
