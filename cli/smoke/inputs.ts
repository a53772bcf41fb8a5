import { inputs, type Inputs } from '../../actions/smoke-test/inputs.js';
import { explainIssues } from '../../shared/config/issues.js';
import { ConfigurationError, type Problem } from '../../shared/config/problem.js';
import { readPair, type Arguments } from '../arguments.js';
import { UsageError } from '../shell.js';

/** Inputs that are given one entry an option on the command line, with the name of that option. */
const listed = { variables: 'var', environment: 'env', secrets: 'secret', only: 'only' } as const;

/** Names of the options that stand for inputs of the action; an input added there is an option here. */
export const smokeOptions: readonly string[] = Object.keys(inputs.shape)
  .filter((name) => name !== 'suite')
  .map(optionOf);

function optionOf(input: string): string {
  return (listed as Readonly<Record<string, string>>)[input] ?? input;
}

/**
 * The inputs of the action from a command line with one suite at most; secrets come from the environment. Throws UsageError or
 * ConfigurationError with every problem.
 */
export function smokeInputs(given: Arguments, env: Readonly<Record<string, string | undefined>>): Inputs {
  const [suite] = given.positionals;
  const raw: Record<string, string> = suite === undefined ? {} : { suite };
  for (const name of Object.keys(inputs.shape)) {
    if (name === 'suite' || name in listed) continue;
    const value = given.one(name);
    if (value !== undefined) raw[name] = value;
  }
  const variables = given.all('var').map((text) => readPair('var', text));
  const secrets = given.all('secret').map((name) => [name, secretValue(name, env)] as const);
  if (variables.length > 0) raw['variables'] = JSON.stringify(once('var', variables));
  if (secrets.length > 0) raw['secrets'] = JSON.stringify(once('secret', secrets));
  if (given.all('env').length > 0) raw['environment'] = given.all('env').join('\n');
  if (given.all('only').length > 0) raw['only'] = given.all('only').join('\n');
  const parsed = inputs.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    explainIssues(parsed.error.issues, inputs, raw).map(({ path, got, allowed, didYouMean }) => {
      const option = optionOf(String(path[0] ?? ''));
      return {
        file: option === 'suite' ? 'the suite' : `option --${option}`,
        path: '',
        got: option === 'secret' ? 'a secret value' : got,
        allowed,
        fix: `correct --${option}`,
        ...(didYouMean ? { didYouMean } : {}),
      };
    }),
  );
}

function secretValue(name: string, env: Readonly<Record<string, string | undefined>>): string {
  const key = name.split('=')[0]!;
  if (key !== name)
    throw new UsageError(
      `--secret ${key}=…: everybody on this machine can read a command line. Write --secret ${key}; the value is read from the environment variable ${key}.`,
    );
  const value = env[name];
  if (!value) throw new UsageError(`--secret ${name}: the environment variable ${name} has no value.`);
  return value;
}

function once(
  option: string,
  pairs: readonly (readonly [string, string])[],
): Readonly<Record<string, string>> {
  const values = Object.fromEntries(pairs);
  if (Object.keys(values).length < pairs.length)
    throw new UsageError(`A name was given twice with --${option}.`);
  return values;
}

/** A problem as a user of the command line can fix it: inputs are options here. */
export function inOptions(problem: Problem): Problem {
  const reworded = (text: string) =>
    text.replace(/(?:the )?inputs? "?([a-z][a-z-]*)"?/g, (whole, name: string) =>
      name === 'suite'
        ? 'the path of the suite'
        : Object.hasOwn(inputs.shape, name)
          ? `--${optionOf(name)}`
          : whole,
    );
  const fix = reworded(problem.fix)
    .replace(/ \(is there an actions\/checkout step before\?\)/, '')
    .replace(/add (\S+)=… to (--var|--secret)/, (_whole, name: string, option: string) =>
      option === '--var' ? `add --var ${name}=…` : `add --secret ${name}`,
    )
    .replace(/under "env:" of the step/, 'in the environment');
  return { ...problem, file: reworded(problem.file), allowed: reworded(problem.allowed), fix };
}
