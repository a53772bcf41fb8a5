import { isPart, OpenApiError, type OpenApiDocument, type Part } from './openapi-document.js';

/** Keywords that stay as they are. */
const plainKeywords = new Set([
  ...['type', 'enum', 'const', 'multipleOf', 'maximum', 'minimum', 'exclusiveMaximum', 'exclusiveMinimum'],
  ...[
    'maxLength',
    'minLength',
    'pattern',
    'maxItems',
    'minItems',
    'uniqueItems',
    'maxContains',
    'minContains',
  ],
  ...['maxProperties', 'minProperties', 'required', 'dependentRequired'],
]);

/** Keywords with a schema, a list of schemas, and schemas by name. */
const oneInside = new Set([
  ...['items', 'additionalProperties', 'not', 'if', 'then', 'else', 'contains', 'propertyNames'],
  ...['unevaluatedItems', 'unevaluatedProperties'],
]);
const listInside = new Set(['allOf', 'anyOf', 'oneOf', 'prefixItems']);
const namesInside = new Set(['properties', 'patternProperties', 'dependentSchemas']);

/** Keywords that say something and check nothing, or are read beside others. */
const annotations = new Set([
  ...['title', 'description', 'default', 'example', 'examples', 'deprecated', 'readOnly', 'writeOnly'],
  ...['externalDocs', 'xml', 'discriminator', 'nullable', 'format', '$comment', '$defs', 'definitions'],
  ...['contentEncoding', 'contentMediaType', 'contentSchema'],
]);

/** Formats that are checked; any other is only a word, as OpenAPI has it. */
const formats = new Set([
  ...['date', 'time', 'date-time', 'duration', 'uri', 'uri-reference', 'uri-template', 'email', 'hostname'],
  ...['ipv4', 'ipv6', 'regex', 'uuid', 'json-pointer', 'relative-json-pointer', 'byte', 'int32', 'int64'],
  ...['float', 'double'],
]);

/**
 * A schema of an OpenAPI document, as an answer must fit it, as JSON Schema 2020-12 that stands by itself: OpenAPI
 * 3.0's own words are translated, and what is only ever sent (`writeOnly`) is not required. Throws OpenApiError.
 */
export function toJsonSchema(document: OpenApiDocument, schema: unknown, at: readonly string[]): Part {
  const names = new Map<string, string>();
  const definitions: Record<string, unknown> = {};

  // Not at once: a chain of references can be longer than any stack.
  const pending: (() => void)[] = [];

  /** Each `$ref` by itself: what stands beside one counts, also where only another one leads to it. */
  const nameOf = ($ref: string, from: readonly string[]): string => {
    const target = document.referred($ref, from);
    const key = JSON.stringify(target.at);
    const known = names.get(key);
    if (known !== undefined) return known;
    const name = `s${names.size}`;
    names.set(key, name);
    if (isPart(target.part) && typeof target.part['$ref'] === 'string')
      document.follow(target.part, target.at);
    pending.push(() => (definitions[name] = convert(target.part, target.at)));
    return name;
  };

  const convert = (part: unknown, from: readonly string[]): unknown => {
    if (typeof part === 'boolean' && document.version === '3.1') return part;
    if (!isPart(part)) throw new OpenApiError(`${document.placeOf(from)}: no schema`);
    const { $ref } = part;
    const reference = typeof $ref === 'string' ? { $ref: `#/$defs/${nameOf($ref, from)}` } : undefined;
    if (reference && document.version === '3.0') return reference;
    const made: Record<string, unknown> = { ...reference };
    for (const [keyword, value] of Object.entries(part)) {
      const inside = [...from, keyword];
      if (keyword === '$ref' || annotations.has(keyword) || keyword.startsWith('x-')) continue;
      if (plainKeywords.has(keyword)) made[keyword] = value;
      else if (oneInside.has(keyword))
        made[keyword] = typeof value === 'boolean' ? value : convert(value, inside);
      else if (listInside.has(keyword) && Array.isArray(value))
        made[keyword] = value.map((one, index) => convert(one, [...inside, `${index}`]));
      else if (namesInside.has(keyword) && isPart(value))
        made[keyword] = Object.fromEntries(
          Object.entries(value).map(([name, one]) => [name, convert(one, [...inside, name])]),
        );
      else
        throw new OpenApiError(
          `${document.placeOf(inside)}: "${keyword}" is no keyword that can be checked: correct it, or begin it with x-`,
        );
    }
    if (document.version === '3.0') fromVersion30(part, made);
    else if (part['nullable'] !== undefined)
      throw new OpenApiError(
        `${document.placeOf([...from, 'nullable'])}: "nullable" means nothing in OpenAPI 3.1: write type: [..., 'null']`,
      );
    if (typeof part['format'] === 'string' && formats.has(part['format'])) made['format'] = part['format'];
    leaveOutSent(part, from, made);
    discriminate(part, from, made);
    return made;
  };

  /** What only requests have is not required of answers. */
  const leaveOutSent = (part: Part, from: readonly string[], made: Record<string, unknown>) => {
    const { required, properties } = part;
    if (!Array.isArray(required) || !isPart(properties)) return;
    const left = required.filter((name: string) => {
      const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (!isPart(property)) return true;
      if (document.version === '3.1' && property['writeOnly'] === true) return false;
      return document.follow(property, [...from, 'properties', name]).part['writeOnly'] !== true;
    });
    if (left.length > 0) made['required'] = left;
    else delete made['required'];
  };

  /** Which of several schemas an answer must fit is said by a value in it. */
  const discriminate = (part: Part, from: readonly string[], made: Record<string, unknown>) => {
    const { discriminator } = part;
    if (!isPart(discriminator)) return;
    const property = String(discriminator['propertyName']);
    const mapping = isPart(discriminator['mapping']) ? Object.entries(discriminator['mapping']) : [];
    for (const keyword of ['oneOf', 'anyOf'] as const) {
      const branches = part[keyword];
      const converted = made[keyword];
      if (!Array.isArray(branches) || !Array.isArray(converted)) continue;
      made[keyword] = converted.map((branch: unknown, index) => {
        const $ref: unknown = (branches[index] as Part)['$ref'];
        if (typeof $ref !== 'string')
          throw new OpenApiError(
            `${document.placeOf([...from, keyword, `${index}`])}: a discriminator wants a $ref here`,
          );
        const own = $ref.split('/').at(-1)!;
        const mapped = mapping
          .filter(([, target]) => target === $ref || target === own)
          .map(([name]) => name);
        const named = { enum: mapped.length > 0 ? mapped : [own] };
        return { allOf: [branch, { required: [property], properties: { [property]: named } }] };
      });
    }
  };

  const root = convert(schema, at);
  for (let next = pending.pop(); next; next = pending.pop()) next();
  if (typeof root === 'boolean') return root ? {} : { not: {} };
  return Object.keys(definitions).length > 0 ? { ...(root as Part), $defs: definitions } : (root as Part);
}

/** `nullable`, and bounds that are exclusive by a word beside them. */
function fromVersion30(part: Part, made: Record<string, unknown>): void {
  if (part['nullable'] === true && typeof part['type'] === 'string') made['type'] = [part['type'], 'null'];
  for (const [exclusive, bound] of [
    ['exclusiveMinimum', 'minimum'],
    ['exclusiveMaximum', 'maximum'],
  ] as const) {
    if (typeof part[exclusive] !== 'boolean') continue;
    delete made[exclusive];
    if (!part[exclusive] || part[bound] === undefined) continue;
    made[exclusive] = part[bound];
    delete made[bound];
  }
}
