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

/** Parses a command line; an option that does not exist, or has a value missing, is a UsageError with the nearest one. */
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
  const known = Object.keys(options);
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    const { message } = error as Error;
    const unknown = /^Unknown option '--?([^'=]*)/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const near = suggest(unknown, known);
    throw new UsageError(
      `There is no option --${unknown}${near ? `, did you mean --${near}?` : `; there are ${known.map((name) => `--${name}`).join(', ')}.`}`,
    );
  }
}

/** The part before the first `=` and the part after it. Throws UsageError without one. */
export function readPair(option: string, text: string): [string, string] {
  const at = text.indexOf('=');
  if (at < 1) throw new UsageError(`--${option} ${text}: write --${option} NAME=VALUE.`);
  return [text.slice(0, at), text.slice(at + 1)];
}
