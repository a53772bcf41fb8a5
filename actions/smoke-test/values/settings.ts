import type { Problem } from '../../../shared/config/problem.js';
import { suggest } from '../../../shared/text/suggest.js';
import { reservedNames, type SuiteValues } from './scope.js';

/** What the workflow hands to a suite. */
export interface Settings {
  baseUrl?: string | undefined;
  variables: Readonly<Record<string, string>>;
  /** Names of environment variables the suite may read. */
  environment: readonly string[];
  secrets: Readonly<Record<string, string>>;
  expectVersion?: string | undefined;
  /** Which of the variables a file has, of which a suite may use a part. */
  fileVariables?: readonly string[];
  /** Names and tags of the flows to run; all of them without it. */
  only?: readonly string[] | undefined;
}

/** Values shorter than this cannot be masked: they would be found everywhere. */
export const minSecretLength = 4;

/**
 * The values a suite with these default variables may refer to, and everything wrong with how they were given.
 * `variable` reads the step's environment.
 */
export function settleValues(
  defaults: Readonly<Record<string, string>>,
  settings: Settings,
  variable: (name: string) => string | undefined,
): { values: SuiteValues; problems: Problem[] } {
  const problems: Problem[] = [];
  const environment: Record<string, string> = {};
  for (const name of settings.environment) {
    const value = variable(name);
    if (value) environment[name] = value;
    else {
      const got = value === undefined ? 'a variable that is not set' : 'a variable that is empty';
      problems.push(
        inputProblem(
          'environment',
          name,
          got,
          'names of variables with a value',
          `set ${name} under "env:" of the step`,
        ),
      );
    }
  }
  for (const [name, value] of Object.entries(settings.secrets)) {
    if (value.length >= minSecretLength) continue;
    const allowed = `secrets of at least ${minSecretLength} characters: shorter ones cannot be masked`;
    problems.push(
      inputProblem('secrets', name, 'a shorter value', allowed, `use a longer value for ${name}`),
    );
  }
  for (const name of Object.keys(settings.variables)) {
    if (!reservedNames.includes(name)) continue;
    problems.push(inputProblem('variables', name, 'a reserved name', 'another name', `rename ${name}`));
  }
  const version = settings.expectVersion;
  if (
    version !== undefined &&
    settings.variables['version'] !== undefined &&
    settings.variables['version'] !== version
  ) {
    const got = `version ${settings.variables['version']} here and ${version} in expect-version`;
    problems.push(
      inputProblem('variables', 'version', got, 'one version', 'remove version from the input "variables"'),
    );
  }
  const variables = {
    ...defaults,
    ...settings.variables,
    ...(version === undefined ? {} : { version }),
  };
  return { values: { variables, environment, secrets: settings.secrets }, problems };
}

/**
 * Variables given that nothing in the suite refers to: most often a misspelt name, while the suite goes on with its
 * default.
 */
export function unusedVariables(
  given: readonly string[],
  defaults: Readonly<Record<string, string>>,
  used: ReadonlySet<string>,
): Problem[] {
  const known = [...new Set([...Object.keys(defaults), ...used])].filter((name) => !name.includes('.'));
  return given
    .filter((name) => !known.includes(name))
    .map((name) => {
      const didYouMean = suggest(name, known);
      const fix = didYouMean
        ? `rename ${name} to ${didYouMean}`
        : `remove ${name}, or use {{ ${name} }} in the suite`;
      return {
        ...inputProblem(
          'variables',
          name,
          `unknown variable "${name}"`,
          known.join(', ') || 'none: the suite uses no variables',
          fix,
        ),
        ...(didYouMean ? { didYouMean } : {}),
      };
    });
}

/** A problem with an input of the action. */
export function inputProblem(
  input: string,
  path: string,
  got: string,
  allowed: string,
  fix: string,
): Problem {
  return { file: `input ${input}`, path, got, allowed, fix };
}
