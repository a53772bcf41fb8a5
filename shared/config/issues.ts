import * as z from 'zod';
import { suggest } from '../text/suggest.js';
import { keysAt, schemasAt, valueAt } from './schema-at.js';

type Issue = z.core.$ZodIssue;
type Schema = z.core.$ZodType;

/** A zod issue turned into words, still without a place in a file. */
export interface Explanation {
  path: PropertyKey[];
  got: string;
  allowed: string;
  fix: string;
  didYouMean?: string;
  /** The key itself is wrong, so the place is the key and not its value. */
  atKey: boolean;
  /** A rule of the schema's own was broken, so that `allowed` is its sentence and not a form. */
  byRule: boolean;
}

/**
 * Explains every issue of a failed parse; an unknown key becomes one explanation each, with a suggestion from the
 * schema.
 */
export function explainIssues(issues: readonly Issue[], schema: Schema, input: unknown): Explanation[] {
  return issues.flatMap((issue) => explain(issue, schema, input));
}

function explain(issue: Issue, schema: Schema, input: unknown): Explanation[] {
  const path = [...issue.path];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, path, input);
    return issue.keys.map((key) => {
      const didYouMean = suggest(key, known);
      return {
        path: [...path, key],
        got: `unknown key "${key}"`,
        allowed: known.length > 0 ? known.join(', ') : 'no keys here',
        fix: didYouMean ? `rename "${key}" to "${didYouMean}"` : `remove "${key}"`,
        ...(didYouMean ? { didYouMean } : {}),
        atKey: true,
        byRule: false,
      };
    });
  }
  const atKey = issue.code === 'invalid_key';
  const value = atKey ? String(path.at(-1)) : valueAt(input, path);
  const name = nameOf(path);
  const missing = value === undefined || (value === null && path.length === 0);
  const got = missing ? 'nothing' : atKey ? `the key ${show(value)}` : show(value);
  const unquoted = unquotedText(issue, value, schemasAt(schema, path, input));
  const allowed = unquoted?.allowed ?? allowedBy(issue);
  const params = issue.code === 'custom' ? issue.params : undefined;
  const options = optionsOf(issue);
  const didYouMean = typeof value === 'string' ? suggest(value, options) : undefined;
  const fix =
    typeof params?.['fix'] === 'string'
      ? params['fix']
      : missing
        ? path.length === 0
          ? `write ${allowed}`
          : `add "${name}": ${allowed}`
        : atKey
          ? `rename "${name}" to ${allowed}`
          : didYouMean
            ? `write  ${name}: ${didYouMean}`
            : (unquoted?.fix(name) ?? `change "${name}" to ${oneOf(allowed, options)}`);
  const byRule = issue.code === 'custom';
  return [{ path, got, allowed, fix, ...(didYouMean ? { didYouMean } : {}), atKey, byRule }];
}

/**
 * What may stand in place of a number or boolean where a text is wanted: the same in quotes, or what a text there must
 * look like.
 */
function unquotedText(
  issue: Issue,
  value: unknown,
  schemas: readonly Schema[],
): { allowed: string; fix: (name: string) => string | undefined } | undefined {
  const wantsText = issue.code === 'invalid_type' && issue.expected === 'string';
  if (!wantsText || (typeof value !== 'number' && typeof value !== 'boolean')) return undefined;
  const found = schemas.map((schema) => z.safeParse(schema, String(value)));
  if (found.some(({ success }) => success))
    return { allowed: 'text', fix: (name) => `put it in quotes:  ${name}: "${value}"` };
  const [first] = found.flatMap(({ error }) => error?.issues ?? []);
  return first && { allowed: allowedBy(first), fix: () => undefined };
}

/** The words that may stand in a place, where only some may. */
function optionsOf(issue: Issue): string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  // A discriminator with a default may be left out, which zod lists as an option.
  return issue.code === 'invalid_union' && 'options' in issue && Array.isArray(issue.options)
    ? issue.options.filter((option) => option !== undefined).map(String)
    : [];
}

const oneOf = (allowed: string, options: readonly string[]) =>
  options.length > 1 ? `one of ${options.join(', ')}` : allowed;

/** The last key of a path; an entry of a list is named with its list. */
function nameOf(path: readonly PropertyKey[]): string {
  const key = path.findLastIndex((part) => typeof part !== 'number');
  return path.length === 0 ? 'the document' : path.slice(Math.max(0, key)).map(String).join('.');
}

function allowedBy(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_value':
      return issue.values.map(String).join(', ');
    case 'invalid_type':
      return issue.message.startsWith('Invalid input') ? article(issue.expected) : issue.message;
    case 'too_small':
      return issue.message.startsWith('Too small')
        ? `${sized(issue.origin)} ${issue.inclusive === false ? '>' : '>='} ${issue.minimum}`
        : issue.message;
    case 'too_big':
      return issue.message.startsWith('Too big')
        ? `${sized(issue.origin)} ${issue.inclusive === false ? '<' : '<='} ${issue.maximum}`
        : issue.message;
    case 'invalid_key':
      return issue.issues[0] ? allowedBy(issue.issues[0] as Issue) : issue.message;
    case 'invalid_union':
      if ('discriminator' in issue && optionsOf(issue).length > 0)
        return `one of ${optionsOf(issue).join(', ')}`;
      return issue.message === 'Invalid input'
        ? [...new Set(issue.errors.flatMap(([first]) => (first ? [allowedBy(first)] : [])))].join(' or ')
        : issue.message;
    default:
      return issue.message;
  }
}

function sized(origin: string): string {
  const words: Record<string, string> = { string: 'text of length', array: 'a list of length' };
  return words[origin] ?? 'a number';
}

function article(type: string): string {
  const words: Record<string, string> = {
    object: 'a mapping',
    array: 'a list',
    tuple: 'a list',
    int: 'a whole number',
    string: 'text',
    record: 'a mapping',
  };
  return words[type] ?? (/^[aeiou]/.test(type) ? `an ${type}` : `a ${type}`);
}

function show(value: unknown): string {
  const text = typeof value === 'number' ? String(value) : (JSON.stringify(value) ?? String(value));
  if (text.length <= 120) return text;
  // Cut between words: the beginning of a secret that was cut in two would be known to nobody who masks it.
  const [words = ''] = /^[^]*(?:\s|\\[nrt])/.exec(text.slice(0, 117)) ?? [];
  return words === '' ? `a value of ${text.length} characters` : `${words.trimEnd()}...`;
}
