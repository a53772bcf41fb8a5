import type * as z from 'zod';
import { explainIssues } from '../config/issues.js';
import { ConfigurationError, type Problem } from '../config/problem.js';
import { suggest } from '../text/suggest.js';
import { fieldMeta } from './fields.js';

type Environment = Readonly<Record<string, string | undefined>>;

/** The variable in which the runner hands over an input: only spaces are replaced, hyphens stay. */
export function inputVariable(name: string): string {
  return `INPUT_${name.replace(/ /g, '_').toUpperCase()}`;
}

/** Values of the inputs marked secret, to be masked before anything else is done. */
export function secretInputs(schema: z.ZodObject, env: Environment): string[] {
  return Object.entries(schema.shape)
    .filter(([, field]) => fieldMeta(field).secret)
    .map(([name]) => (env[inputVariable(name)] ?? '').trim())
    .filter((value) => value !== '');
}

/** Parses all inputs at once; an empty input counts as not given. Throws ConfigurationError with every problem, unknown inputs included. */
export function readInputs<S extends z.ZodObject>(schema: S, env: Environment): z.output<S> {
  const names = Object.keys(schema.shape);
  const raw: Record<string, string> = {};
  for (const name of names) {
    const value = (env[inputVariable(name)] ?? '').trim();
    if (value !== '') raw[name] = value;
  }
  const problems = [...unknownInputs(names, env)];
  const result = schema.safeParse(raw);
  if (!result.success) {
    for (const { path, got, allowed, fix, didYouMean } of explainIssues(result.error.issues, schema, raw)) {
      const name = String(path[0] ?? '');
      problems.push({
        file: 'inputs',
        path: path.map(String).join('.'),
        got,
        allowed,
        fix: `${fix} under "with:"`,
        ...(didYouMean ? { didYouMean } : {}),
      });
      if (isSecret(schema, name)) problems.at(-1)!.got = 'a secret value';
    }
  }
  if (problems.length > 0 || !result.success) throw new ConfigurationError(problems);
  return result.data;
}

function isSecret(schema: z.ZodObject, name: string): boolean {
  const field = schema.shape[name];
  return field !== undefined && Boolean(fieldMeta(field).secret);
}

function unknownInputs(names: readonly string[], env: Environment): Problem[] {
  const known = new Set(names.map(inputVariable));
  return Object.keys(env)
    .filter((variable) => variable.startsWith('INPUT_') && !known.has(variable))
    .map((variable) => {
      const name = variable.slice('INPUT_'.length).toLowerCase();
      const didYouMean = suggest(name, names);
      return {
        file: 'inputs',
        path: name,
        got: `unknown input "${name}"`,
        allowed: names.join(', '),
        fix: didYouMean ? `rename it to "${didYouMean}" under "with:"` : `remove "${name}" under "with:"`,
        ...(didYouMean ? { didYouMean } : {}),
      };
    });
}
