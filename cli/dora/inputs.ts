import { inputs, type Inputs } from '../../actions/dora-report/inputs.js';
import { explainIssues } from '../../shared/config/issues.js';
import { ConfigurationError, type Problem } from '../../shared/config/problem.js';
import { durationForm, parseDuration } from '../../shared/time/duration.js';
import { isoInstant } from '../../shared/time/instant.js';
import type { Arguments } from '../arguments.js';

/** Inputs with an option of another name on the command line. */
const renamed: Readonly<Record<string, string>> = {
  from: 'since',
  to: 'until',
  repositories: 'repo',
};

/** Inputs that are no option: a command line is no place for secrets. */
const secret = new Set(['github-token', 'cache-key']);

/** Names of the options that stand for inputs of the action; an input added there is an option here. */
export const doraOptions: readonly string[] = Object.keys(inputs.shape)
  .filter((name) => !secret.has(name))
  .map(optionOf);

function optionOf(input: string): string {
  return renamed[input] ?? input;
}

/**
 * The inputs of the action from a command line; an option that is repeated is a list. Throws ConfigurationError with
 * every problem.
 */
export function doraInputs(given: Arguments, token: string, now: number): Inputs {
  const raw: Record<string, string> = { 'github-token': token };
  for (const name of Object.keys(inputs.shape)) {
    const values = secret.has(name) ? [] : given.all(optionOf(name));
    if (values.length > 0) raw[name] = values.join('\n');
  }
  if (raw['from'] !== undefined) raw['from'] = since(raw['from'], raw['to'], now);
  const parsed = inputs.safeParse(raw);
  if (parsed.success) return parsed.data;
  throw new ConfigurationError(
    explainIssues(parsed.error.issues, inputs, raw).map(({ path, got, allowed, didYouMean }) => ({
      ...atOption(String(path[0] ?? '')),
      got,
      allowed,
      ...(didYouMean ? { didYouMean } : {}),
    })),
  );
}

/** `90d` before the end of the window; a date or an instant stays what it is. */
function since(text: string, until: string | undefined, now: number): string {
  const length = parseDuration(text);
  if (length === undefined) return text;
  const end = until === undefined ? now : Date.parse(until);
  if (length > 0 && Number.isFinite(end - length)) return isoInstant(Math.min(end, now) - length);
  throw new ConfigurationError([
    { ...atOption('from'), got: text, allowed: `${durationForm}, a date or an instant before the end` },
  ]);
}

const atOption = (input: string) => ({
  file: `option --${optionOf(input)}`,
  path: '',
  fix: `correct --${optionOf(input)}`,
});

/** What is wrong with an input, as the option that stands for it. */
export function asOption(problem: Problem): Problem {
  return problem.file === 'inputs' ? { ...problem, ...atOption(problem.path) } : problem;
}
