import { parseArgs, type ParseArgsConfig } from 'node:util';
import { suggest } from '../shared/text/suggest.js';
import { UsageError } from './shell.js';

type Options = NonNullable<ParseArgsConfig['options']>;

/** Options and positionals as they were given; every option may be repeated. */
export interface Arguments {
  /** Values of an option in order, empty when it was not given. */
  all(name: string): readonly string[];
  /** The value of an option that is given once at most. Throws UsageError when it is repeated. */
  one(name: string): string | undefined;
  flag(name: string): boolean;
  positionals: readonly string[];
}

/**
 * Parses a command line; options that do not exist or lack their value are one UsageError, each with what was meant.
 */
export function readArguments(
  args: readonly string[],
  options: { values: readonly string[]; flags: readonly string[] },
): Arguments {
  const config: Options = {};
  for (const name of options.values) config[name] = { type: 'string', multiple: true };
  for (const name of options.flags) config[name] = { type: 'boolean' };
  const parsed = parse(args, config);
  const all = (name: string) => (parsed.values[name] as string[] | undefined) ?? [];
  return {
    all,
    one(name) {
      const [first, ...more] = all(name);
      if (more.length > 0)
        throw new UsageError(`--${name} was given ${more.length + 1} times; it is given once.`);
      return first;
    },
    flag: (name) => parsed.values[name] === true,
    positionals: parsed.positionals,
  };
}

function parse(args: readonly string[], options: Options) {
  const parsed = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  const problems = parsed.tokens.flatMap((token) =>
    token.kind === 'option' ? (problemOf(token, options) ?? []) : [],
  );
  if (problems.length > 0) throw new UsageError(problems.join('\n'));
  return parsed;
}

interface OptionToken {
  name: string;
  rawName: string;
  value?: string | undefined;
  inlineValue?: boolean | undefined;
}

function problemOf({ name, rawName, value, inlineValue }: OptionToken, options: Options): string | undefined {
  const known = Object.keys(options);
  const option = Object.hasOwn(options, name) ? options[name] : undefined;
  if (!option) {
    const near = suggest(name, known);
    return `There is no option ${rawName}${near ? `, did you mean --${near}?` : `; there are ${known.map((one) => `--${one}`).join(', ')}.`}`;
  }
  if (option.type === 'boolean')
    return value === undefined ? undefined : `--${name} takes no value, got "${value}".`;
  if (value === undefined || value === '') return `--${name} needs a value.`;
  // `--router --json` forgot the value; a value that does begin with a dash is written `--router=-x`.
  return value.startsWith('-') && !inlineValue ? `--${name} needs a value, got "${value}".` : undefined;
}

/** The part before the first `=` and the part after it. Throws UsageError without one. */
export function readPair(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--${option} ${text}: write --${option} NAME=VALUE.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
