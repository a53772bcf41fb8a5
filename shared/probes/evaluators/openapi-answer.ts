import type { Bounded } from './bounded.js';
import { checksNothing, type CompiledSchema, type JsonSchema } from './json-schema.js';
import { isPart, OpenApiError, type Found, type OpenApiDocument, type Part } from './openapi-document.js';
import { toJsonSchema } from './openapi-schema.js';

/** What is looked at of an answer. */
export interface DescribedAnswer {
  status: number;
  /** By lower-case name. */
  headers: Readonly<Record<string, readonly string[]>>;
  /** Bytes of the body. */
  size: number;
  text(): string;
  doubt?(): string | undefined;
  json(): { ok: true; value: unknown } | { ok: false; reason: string };
}

type Compile = (schema: unknown) => CompiledSchema;

/** What looks at a value of JSON, or at a text, and why that cannot be. */
type Look = (answer: DescribedAnswer) => Bounded<string[]>;

interface Response {
  place: string;
  content: { range: string; place: string; look: Look }[];
  headers: Look[];
}

/** Judges answers of an operation; all its schemas are compiled now, so that a broken one is no surprise later. */
export function describedAnswers(
  document: OpenApiDocument,
  operation: Found & { method: string },
  compile: Compile,
): Look {
  const written = operation.part['responses'];
  const at = [...operation.at, 'responses'];
  if (!isPart(written) || Object.keys(written).length === 0)
    throw new OpenApiError(`${document.placeOf(operation.at)}: no responses are described`);
  const responses = new Map(
    Object.entries(written)
      .filter(([status]) => !status.startsWith('x-'))
      .map(([status, one]) => [
        status.toUpperCase(),
        responseOf(document, document.follow(one, [...at, status]), compile),
      ]),
  );
  return (answer) => {
    const { status } = answer;
    const response =
      responses.get(`${status}`) ??
      responses.get(`${Math.floor(status / 100)}XX`) ??
      responses.get('DEFAULT');
    if (!response) {
      const described = [...responses.keys()].join(', ');
      return fault(
        `status ${status}; ${document.placeOf(at)} describes ${described}: add it there, or correct the service`,
      );
    }
    const body = operation.method === 'HEAD' ? none : lookAtBody(response, answer);
    return together([...response.headers.map((look) => look(answer)), body]);
  };
}

const none: Bounded<string[]> = { ok: true, value: [] };
const fault = (text: string): Bounded<string[]> => ({ ok: true, value: [text] });

/** Everything that is wrong; what is, outweighs what cannot be told. */
function together(all: readonly Bounded<string[]>[]): Bounded<string[]> {
  const faults = all.flatMap((one) => (one.ok ? one.value : []));
  return faults.length > 0 ? { ok: true, value: faults } : (all.find(({ ok }) => !ok) ?? none);
}

function responseOf(document: OpenApiDocument, { part, at }: Found, compile: Compile): Response {
  const { content, headers } = part;
  return {
    place: document.placeOf(at),
    content: Object.entries(isPart(content) ? content : {}).map(([range, media]) => {
      const found = document.follow(media, [...at, 'content', range]);
      const base = baseOf(range);
      return { range: base, place: document.placeOf(found.at), look: lookOf(document, found, base, compile) };
    }),
    headers: Object.entries(isPart(headers) ? headers : {})
      .filter(([name]) => name.toLowerCase() !== 'content-type')
      .map(([name, header]) =>
        headerLook(document, name, document.follow(header, [...at, 'headers', name]), compile),
      ),
  };
}

/** A media type without its parameters. */
const baseOf = (type: string): string => type.split(';')[0]!.trim().toLowerCase();

function lookAtBody({ content, place }: Response, answer: DescribedAnswer): Bounded<string[]> {
  const { status, size } = answer;
  if (size === 0)
    return content.length === 0 || status === 204 || status === 205 || status === 304
      ? none
      : fault(`an empty body; ${place} describes ${content.map(({ range }) => range).join(', ')}`);
  if (content.length === 0)
    return fault(`a body of ${size} bytes; ${place} describes none: add "content" there, or send none`);
  const type = baseOf(answer.headers['content-type']?.at(-1) ?? '');
  const described = [type, `${type.split('/')[0]}/*`, '*/*']
    .map((wanted) => content.find(({ range }) => range === wanted))
    .find((found) => found !== undefined);
  if (described) return described.look(answer);
  const ranges = content.map(({ range }) => range).join(', ');
  return fault(
    `${type === '' ? 'a body without content-type' : `content-type ${type}`}; ${place} describes ${ranges}: add it there, or correct the service`,
  );
}

/** How a body of a media type is looked at. */
function lookOf(document: OpenApiDocument, media: Found, range: string, compile: Compile): Look {
  const { schema } = media.part;
  const isJson = /[/+]json$/.test(range);
  const readable: Look = (answer) => {
    const read = isJson ? answer.json() : undefined;
    return !read || read.ok ? none : fault(`${read.reason}, sent as ${range}`);
  };
  if (schema === undefined) return readable;
  const at = [...media.at, 'schema'];
  const converted = toJsonSchema(document, schema, at);
  if (checksNothing(converted)) return readable;
  const place = document.placeOf(at);
  const compiled = compiledOf(compile, converted, place);
  if (isJson)
    return (answer) => {
      const read = answer.json();
      return read.ok ? faultsAt(compiled, read.value, place) : fault(`${read.reason}, sent as ${range}`);
    };
  if (range.startsWith('text/'))
    return (answer) => {
      const doubt = answer.doubt?.();
      return doubt === undefined ? faultsAt(compiled, answer.text(), place) : { ok: false, reason: doubt };
    };
  // Any bytes are a text of OpenAPI.
  if (Object.keys(converted).every((key) => key === 'type' && converted[key] === 'string')) return readable;
  const reason = `the schema at ${place} is of ${range}, and only those of JSON and text are checked: look with xpath, body or sha256 instead of openapi`;
  return () => ({ ok: false, reason });
}

function compiledOf(compile: Compile, schema: Part, place: string): JsonSchema {
  const compiled = compile(schema);
  if (!compiled.ok) throw new OpenApiError(`${place}: ${compiled.reason}`);
  return compiled.schema;
}

function faultsAt(schema: JsonSchema, value: unknown, place: string): Bounded<string[]> {
  const found = schema.faults(value);
  return found.ok ? { ok: true, value: found.value.map((text) => `${text} (${place})`) } : found;
}

/** A header, which is a text of the type that its schema has (style `simple`). */
function headerLook(document: OpenApiDocument, name: string, header: Found, compile: Compile): Look {
  const { required, schema } = header.part;
  const place = document.placeOf(header.at);
  const at = [...header.at, 'schema'];
  const converted = schema === undefined ? {} : toJsonSchema(document, schema, at);
  const compiled = checksNothing(converted) ? undefined : compiledOf(compile, converted, place);
  const resolved = isPart(schema) ? document.follow(schema, at) : undefined;
  const valueOf = (text: string) => headerValue(document, text, resolved);
  return ({ headers }) => {
    const sent = headers[name.toLowerCase()];
    if (!sent) return required === true ? fault(`no header ${name}; ${place} requires it`) : none;
    if (!compiled) return none;
    const value = valueOf(sent.join(','));
    if (value === undefined)
      return { ok: false, reason: `the header ${name} is an object by ${place}, which is not looked into` };
    const found = faultsAt(compiled, value, place);
    return found.ok ? { ok: true, value: found.value.map((text) => `header ${name}: ${text}`) } : found;
  };
}

function headerValue(document: OpenApiDocument, text: string, schema: Found | undefined): unknown {
  const type = schema?.part['type'];
  const types = [type].flat();
  if (types.includes('object')) return undefined;
  if (types.includes('array')) {
    const items = schema!.part['items'];
    const of = isPart(items) ? document.follow(items, [...schema!.at, 'items']) : undefined;
    return text.split(',').map((item) => headerValue(document, item.trim(), of));
  }
  if ((types.includes('integer') || types.includes('number')) && /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text))
    return Number(text);
  if (types.includes('boolean') && /^(true|false)$/.test(text)) return text === 'true';
  return text;
}
