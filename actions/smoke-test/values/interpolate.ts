import { Buffer } from 'node:buffer';

/** Ways to write a value, `{{ name | base64 }}`. */
const filters = {
  base64: (value: string) => Buffer.from(value).toString('base64'),
  base64url: (value: string) => Buffer.from(value).toString('base64url'),
  hex: (value: string) => Buffer.from(value).toString('hex'),
  text: (value: string) => value,
  url: encodeURIComponent,
};

/** A piece of a template: literal text, or the name inside `{{ }}` with how its value is written. */
export type TemplatePart = { literal: string } | { reference: string; filter?: keyof typeof filters };

/** What is no template is quoted, with what to write instead. */
export type Template = { ok: true; parts: TemplatePart[] } | { ok: false; got: string; fix: string };

/** What a reference stands for; undefined when nothing has that name. */
export type Lookup = (reference: string) => unknown;

/** Raised while a step is prepared: it needs a value that is not there or has the wrong form. */
export class UnresolvedError extends Error {
  override readonly name = 'UnresolvedError';
}

const reference = /^\s*([A-Za-z_][\w-]*(?:\.[\w-]+)?)\s*(?:\|\s*(\w+)\s*)?$/;

/**
 * Splits text at its `{{ }}`; anything between them that is not a name, an opening without an end, and an expression of
 * GitHub, which nobody evaluates in a suite, are refused.
 */
export function parseTemplate(text: string): Template {
  if (!text.includes('{{')) return { ok: true, parts: [{ literal: text }] };
  const parts: TemplatePart[] = [];
  let rest = text;
  for (let open = rest.indexOf('{{'); open >= 0; open = rest.indexOf('{{')) {
    const close = rest.indexOf('}}', open);
    const [, name, filter] = (close >= 0 && reference.exec(rest.slice(open + 2, close))) || [];
    const written = rest.slice(open, close < 0 ? undefined : close + 2);
    if (rest[open - 1] === '$' && rest[open - 2] !== '\\') return asExpression(written, name);
    if (name === undefined) return { ok: false, got: written, fix: 'close the braces or correct the name' };
    if (filter !== undefined && !isFilter(filter))
      return { ok: false, got: written, fix: `write one of ${Object.keys(filters).join(', ')} behind |` };
    if (open > 0) parts.push({ literal: rest.slice(0, open) });
    parts.push(filter === undefined ? { reference: name } : { reference: name, filter });
    rest = rest.slice(close + 2);
  }
  if (rest !== '' || parts.length === 0) parts.push({ literal: rest });
  return { ok: true, parts };
}

const isFilter = (name: string): name is keyof typeof filters => Object.hasOwn(filters, name);

/** Inputs of the action by which values reach a suite. */
const inputOf: Readonly<Record<string, string>> = { secrets: 'secrets', env: 'environment' };

function asExpression(written: string, name: string | undefined): Template {
  const input = inputOf[name?.split('.')[0] ?? ''];
  const fix =
    input === undefined
      ? 'pass the value by the input "variables" in the workflow, and write {{ name }} here, without $'
      : `write {{ ${name} }}, without $, and pass the value by the input "${input}" in the workflow`;
  return { ok: false, got: `$${written}, an expression of GitHub, which has no value in a suite`, fix };
}

/**
 * Text with its references filled in, each passed through `escape`; throws UnresolvedError for a name without a value.
 */
export function fillText(
  text: string,
  lookup: Lookup,
  escape: (value: string) => string = (value) => value,
): string {
  if (!text.includes('{{')) return text;
  return partsOf(text)
    .map((part) => {
      if ('literal' in part) return part.literal;
      const value = asText(part.reference, valueOf(part.reference, lookup));
      return escape(part.filter ? filters[part.filter](value) : value);
    })
    .join('');
}

/**
 * A value with the references in all its texts and keys filled in. A text that is one reference and nothing else
 * becomes the value itself, so a captured number stays a number.
 */
export function fillValue(value: unknown, lookup: Lookup): unknown {
  if (typeof value === 'string') {
    if (!value.includes('{{')) return value;
    const [only, ...others] = partsOf(value);
    return only && 'reference' in only && !only.filter && others.length === 0
      ? valueOf(only.reference, lookup)
      : fillText(value, lookup);
  }
  if (Array.isArray(value)) return value.map((item) => fillValue(item, lookup));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [fillText(key, lookup), fillValue(item, lookup)]),
  );
}

/** A mapping of texts with the references in keys and values filled in. */
export function fillTexts(texts: Readonly<Record<string, string>>, lookup: Lookup): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, text]) => [fillText(key, lookup), fillText(text, lookup)]),
  );
}

function partsOf(text: string): TemplatePart[] {
  const template = parseTemplate(text);
  if (!template.ok) throw new UnresolvedError(`${template.got} is not a reference`);
  return template.parts;
}

function valueOf(name: string, lookup: Lookup): unknown {
  const value = lookup(name);
  if (value === undefined) throw new UnresolvedError(`{{ ${name} }} has no value`);
  return value;
}

function asText(name: string, value: unknown): string {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value);
  const form = value === null ? 'null' : Array.isArray(value) ? 'a list' : 'an object';
  throw new UnresolvedError(`{{ ${name} }} is ${form} and cannot stand inside text`);
}
