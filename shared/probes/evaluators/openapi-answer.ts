import type { Bounded } from './bounded.js';
import { checksNothing, type CompiledSchema, type JsonSchema } from './json-schema.js';
import {
  checkKeys,
  isPart,
  mappingOf,
  OpenApiError,
  type Found,
  type OpenApiDocument,
  type Part,
} from './openapi-document.js';
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
  content: Media[];
  headers: Look[];
}

/** What is described for a media type, or for a range of them. */
interface Media {
  range: string;
  parameters: readonly string[];
  look(answer: DescribedAnswer, type: string): Bounded<string[]>;
}

const responseKeys = new Set(['description', 'headers', 'content', 'links', 'summary', '$ref']);

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

function responseOf(document: OpenApiDocument, response: Found, compile: Compile): Response {
  checkKeys(document, response, responseKeys);
  const { at } = response;
  const content = Object.entries(mappingOf(document, response, 'content'));
  const headers = Object.entries(mappingOf(document, response, 'headers'));
  return {
    place: document.placeOf(at),
    content: content.map(([type, media]) => {
      const [range, parameters] = typeOf(type);
      const found = document.follow(media, [...at, 'content', type]);
      return { range, parameters, look: mediaLook(document, found, range, compile) };
    }),
    headers: headers
      .filter(([name]) => name.toLowerCase() !== 'content-type')
      .map(([name, header]) =>
        headerLook(document, name, document.follow(header, [...at, 'headers', name]), compile),
      ),
  };
}

/** A media type and its parameters, as they are compared. */
function typeOf(written: string): [type: string, parameters: string[]] {
  const [type = '', ...parameters] = written
    .toLowerCase()
    .split(';')
    .map((part) => part.replace(/[\s"]/g, ''));
  return [type, parameters.filter((parameter) => parameter !== '')];
}

function lookAtBody({ content, place }: Response, answer: DescribedAnswer): Bounded<string[]> {
  const { status, size } = answer;
  if (size === 0)
    return content.length === 0 || status === 204 || status === 205 || status === 304
      ? none
      : fault(`an empty body; ${place} describes ${rangesOf(content)}`);
  if (content.length === 0)
    return fault(`a body of ${size} bytes; ${place} describes none: add "content" there, or send none`);
  const sent = answer.headers['content-type']?.at(-1) ?? '';
  const [type, parameters] = typeOf(sent);
  const described = [type, `${type.split('/')[0]}/*`, '*/*']
    .map((wanted) =>
      closest(
        content.filter(({ range }) => range === wanted),
        parameters,
      ),
    )
    .find((found) => found !== undefined);
  if (described) return described.look(answer, type);
  return fault(
    `${type === '' ? 'a body without content-type' : `content-type ${sent}`}; ${place} describes ${rangesOf(content)}: add it there, or correct the service`,
  );
}

const rangesOf = (content: readonly Media[]): string =>
  content.map(({ range, parameters }) => [range, ...parameters].join('; ')).join(', ');

/** The one of which most is said that fits what was sent; where there is no choice, parameters decide nothing. */
function closest(media: readonly Media[], sent: readonly string[]): Media | undefined {
  if (media.length <= 1) return media[0];
  return media
    .filter(({ parameters }) => parameters.every((parameter) => sent.includes(parameter)))
    .sort((one, other) => other.parameters.length - one.parameters.length)[0];
}

const mediaKeys = new Set(['schema', 'example', 'examples', 'encoding']);
const isJsonType = (type: string): boolean => /[/+]json$/.test(type);

/** How a body is looked at; what a range describes is looked at by the type that was sent. */
function mediaLook(document: OpenApiDocument, media: Found, range: string, compile: Compile): Media['look'] {
  checkKeys(document, media, mediaKeys);
  const { schema } = media.part;
  const readable: Media['look'] = (answer, type) => {
    const read = isJsonType(type) ? answer.json() : undefined;
    return !read || read.ok ? none : fault(`${read.reason}, sent as ${type}`);
  };
  if (schema === undefined) return readable;
  const at = [...media.at, 'schema'];
  const converted = toJsonSchema(document, schema, at);
  if (checksNothing(converted)) return readable;
  const place = document.placeOf(at);
  const compiled = compiledOf(compile, converted, place);
  const isAnyText = Object.keys(converted).every((key) => key === 'type' && converted[key] === 'string');
  return (answer, type) => {
    if (isJsonType(type)) {
      const read = answer.json();
      return read.ok ? faultsAt(compiled, read.value, place) : fault(`${read.reason}, sent as ${type}`);
    }
    if (type.startsWith('text/')) {
      const doubt = answer.doubt?.();
      return doubt === undefined ? faultsAt(compiled, answer.text(), place) : { ok: false, reason: doubt };
    }
    // Any bytes are a text of OpenAPI.
    if (isAnyText) return none;
    const reason = `the schema at ${place} is of ${range}, and only JSON and text are checked: look with xpath, body or sha256 instead of openapi`;
    return { ok: false, reason };
  };
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

const headerKeys = new Set([
  ...['description', 'required', 'deprecated', 'allowEmptyValue', 'style', 'explode', 'allowReserved'],
  ...['schema', 'content', 'example', 'examples'],
]);

/** A header, which is a text of the type that its schema has (style `simple`), or of the one type in its `content`. */
function headerLook(document: OpenApiDocument, name: string, header: Found, compile: Compile): Look {
  checkKeys(document, header, headerKeys);
  const { required, schema } = header.part;
  const place = document.placeOf(header.at);
  const at = [...header.at, 'schema'];
  const converted = schema === undefined ? {} : toJsonSchema(document, schema, at);
  const compiled = checksNothing(converted) ? undefined : compiledOf(compile, converted, place);
  const resolved = isPart(schema) ? document.follow(schema, at) : undefined;
  const media = Object.entries(mappingOf(document, header, 'content')).map(([type, one]) => {
    const found = document.follow(one, [...header.at, 'content', type]);
    return { type: typeOf(type)[0], look: mediaLook(document, found, type, compile) };
  });
  const lookAt = (text: string): Bounded<string[]> => {
    const looks = media.map(({ type, look }) => look(headerAnswer(text), type));
    if (!compiled) return together(looks);
    const value = headerValue(document, text, resolved);
    if (value === undefined)
      return { ok: false, reason: `the header ${name} is an object by ${place}, which is not looked into` };
    return together([...looks, faultsAt(compiled, value, place)]);
  };
  return ({ headers }) => {
    const sent = headers[name.toLowerCase()];
    if (!sent) return required === true ? fault(`no header ${name}; ${place} requires it`) : none;
    const found = lookAt(sent.join(','));
    return found.ok ? { ok: true, value: found.value.map((text) => `header ${name}: ${text}`) } : found;
  };
}

/** A header as the body that its `content` describes. */
function headerAnswer(text: string): DescribedAnswer {
  return { status: 200, headers: {}, size: text.length, text: () => text, json: () => jsonOf(text) };
}

function jsonOf(text: string): ReturnType<DescribedAnswer['json']> {
  try {
    return { ok: true, value: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, reason: 'a text that is not JSON' };
  }
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
