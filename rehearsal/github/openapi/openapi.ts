import { readFileSync } from 'node:fs';
import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import formats from 'ajv-formats';
import { knownDrift } from './known-drift.js';

export interface SliceParameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: Record<string, unknown>;
}

export interface SliceOperation {
  parameters: SliceParameter[];
  body: Record<string, unknown> | null;
  bodyRequired: boolean;
  /** Status → JSON schema of the answer; null when it has no JSON body. */
  responses: Record<string, Record<string, unknown> | null>;
}

export interface Slice {
  source: string;
  operations: Record<string, SliceOperation>;
  schemas: Record<string, unknown>;
}

export interface RequestCheck {
  query: Record<string, unknown>;
  errors: string[];
  /** Members GitHub ignores in silence: nearly always a misspelt option. */
  unknown: string[];
}

const sliceId = 'openapi-slice';

/** GitHub's own OpenAPI description as a judge over requests and answers; validators are compiled on first use. */
export class OpenApi {
  private readonly slice: Slice;
  private readonly strict: Ajv;
  private readonly coercing: Ajv;
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor() {
    this.slice = JSON.parse(readFileSync(new URL('./openapi-slice.json', import.meta.url), 'utf8')) as Slice;
    const options = {
      strict: false,
      allErrors: true,
      inlineRefs: false,
      validateSchema: false,
      verbose: true,
    } as const;
    this.strict = new Ajv(options);
    this.coercing = new Ajv({ ...options, coerceTypes: 'array' });
    for (const ajv of [this.strict, this.coercing]) {
      formats.default(ajv);
      ajv.addSchema({ $id: sliceId, schemas: this.slice.schemas });
    }
  }

  operation(key: string): SliceOperation {
    const operation = this.slice.operations[key];
    if (operation === undefined) {
      throw new Error(
        `${key} is not in rehearsal/github/openapi/openapi-slice.json: run scripts/openapi-slice.ts again`,
      );
    }
    return operation;
  }

  /** Checks a request; the query comes back with its values as the types the description gives them. */
  checkRequest(
    key: string,
    params: Record<string, string>,
    query: Record<string, string>,
    body: unknown,
  ): RequestCheck {
    const operation = this.operation(key);
    const errors: string[] = [];
    for (const place of ['path', 'query'] as const) {
      const declared = operation.parameters.filter((parameter) => parameter.in === place);
      const schema = {
        type: 'object',
        properties: Object.fromEntries(declared.map(({ name, schema: type }) => [name, type])),
        required: declared.filter(({ required }) => required).map(({ name }) => name),
      };
      const value: Record<string, unknown> = place === 'path' ? { ...params } : query;
      errors.push(
        ...this.run(this.coercing, `${key} ${place}`, schema, value).map((text) => `${place} ${text}`),
      );
    }
    const known = operation.parameters.filter(({ in: place }) => place === 'query').map(({ name }) => name);
    const unknown = Object.keys(query).filter((name) => !known.includes(name));
    if (operation.body !== null && (body !== undefined || operation.bodyRequired)) {
      errors.push(
        ...this.run(this.strict, `${key} body`, operation.body, body ?? null).map((text) => `body ${text}`),
      );
      unknown.push(...this.unknownMembers(operation.body, body));
    }
    return { query, errors, unknown };
  }

  /** What is wrong with an answer of ours, by GitHub's description; [] when nothing is. */
  checkResponse(key: string, status: number, body: unknown): string[] {
    const operation = this.operation(key);
    const schema = operation.responses[String(status)];
    if (schema === undefined) {
      return status >= 400
        ? []
        : [`status ${status} is not among ${Object.keys(operation.responses).join(', ')}`];
    }
    if (schema === null || status >= 400) return [];
    const validate = this.compile(this.strict, `${key} ${status}`, schema);
    if (validate(body)) return [];
    return (validate.errors ?? []).filter((error) => !isKnownDrift(key, error)).map(describe);
  }

  private unknownMembers(schema: Record<string, unknown>, body: unknown): string[] {
    const properties = schema['properties'];
    if (typeof properties !== 'object' || properties === null) return [];
    if (typeof body !== 'object' || body === null || Array.isArray(body)) return [];
    return Object.keys(body).filter((name) => !(name in properties));
  }

  private run(ajv: Ajv, name: string, schema: Record<string, unknown>, value: unknown): string[] {
    const validate = this.compile(ajv, name, schema);
    return validate(value) ? [] : (validate.errors ?? []).map(describe);
  }

  private compile(ajv: Ajv, name: string, schema: Record<string, unknown>): ValidateFunction {
    const known = this.compiled.get(name);
    if (known !== undefined) return known;
    const validate = ajv.compile(schema);
    this.compiled.set(name, validate);
    return validate;
  }
}

let shared: OpenApi | undefined;

/**
 * The description for every stand-in of this process: it keeps no state but the validators it compiled, which are most
 * of a short test.
 */
export function openApi(): OpenApi {
  return (shared ??= new OpenApi());
}

function describe(error: ErrorObject): string {
  const detail = error.params['missingProperty'] ?? error.params['allowedValues'] ?? '';
  return `${error.instancePath || '/'} ${error.message ?? ''} ${JSON.stringify(detail)}`;
}

function isKnownDrift(key: string, error: ErrorObject): boolean {
  return knownDrift.some(
    ({ operation, at, value }) => operation.test(key) && at.test(error.instancePath) && error.data === value,
  );
}
