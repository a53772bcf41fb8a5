import * as z from 'zod';
import { explainIssues, type Explanation } from '../config/issues.js';
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

/**
 * Parses all inputs at once; an empty input counts as not given. Throws ConfigurationError with every problem, unknown
 * inputs included.
 */
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
    const found = explainIssues(result.error.issues, schema, raw);
    problems.push(...found.map((explanation) => problemOf(explanation, schema, raw)));
  }
  if (problems.length > 0 || !result.success) throw new ConfigurationError(problems);
  return result.data;
}

function problemOf(
  { path, got, allowed, fix, didYouMean, byRule }: Explanation,
  schema: z.ZodObject,
  raw: Readonly<Record<string, string>>,
): Problem {
  const name = String(path[0] ?? '');
  const field = schema.shape[name] as z.ZodType | undefined;
  const meta = field ? fieldMeta(field) : {};
  const problem = { file: 'inputs', path: path.map(String).join('.'), allowed };
  if (path.length === 1 && raw[name] === undefined) {
    const example = meta.example ?? (field instanceof z.ZodEnum ? String(field.options[0]) : undefined);
    return {
      ...problem,
      got,
      fix: example === undefined ? `under "with:" ${fix}` : `under "with:" add  ${name}: ${example}`,
      message: byRule ? `Input "${name}" is missing: ${allowed}.` : `Input "${name}" is missing.`,
    };
  }
  const meant = meta.secret ? undefined : meta.corrected?.(raw[name] ?? '');
  return {
    ...problem,
    got: meta.secret ? 'a secret value' : got,
    fix: `under "with:" ${meant === undefined ? fix : `write  ${name}: ${meant}`}`,
    ...(didYouMean ? { didYouMean } : {}),
  };
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
