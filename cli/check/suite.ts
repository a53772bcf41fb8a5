import { inputs } from '../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../actions/smoke-test/main.js';
import { loadSuite } from '../../actions/smoke-test/suite/load.js';
import { referencesOf } from '../../actions/smoke-test/suite/references.js';
import { stepsOf } from '../../actions/smoke-test/suite/step-groups.js';
import { ConfigurationError, type Problem } from '../../shared/config/problem.js';
import type { Delivery } from './deliveries.js';
import { laptopHost } from '../laptop/laptop-host.js';
import type { Shell } from '../shell.js';

/** What stands for a value that only a run has. */
const placeholder = 'placeholder-of-check';

/** What a suite is given. */
export interface Passed {
  variables: readonly string[];
  /** What the workflow of the suite that runs it hands over; undefined: secrets and variables as a step of the team's own gives them. */
  handed: { secrets: readonly string[]; by: Delivery } | undefined;
}

/**
 * Problems of a suite with all it includes, as the action finds them before it sends anything. The base address and the
 * variables that are passed are taken for given; secrets and environment variables, unless it is known who hands them
 * over.
 */
export async function suiteProblems(
  root: string,
  path: string,
  { variables: passed, handed }: Passed,
  shell: Shell,
): Promise<Problem[]> {
  const host = laptopHost({ ...shell, cwd: root }, () => undefined);
  try {
    const suite = await loadSuite(root, path);
    const used = new Set([...stepsOf(suite.groups)].flatMap(({ step }) => referencesOf(step)));
    const named = (kind: string) =>
      [...used].flatMap((reference) =>
        reference.startsWith(`${kind}.`) ? [reference.slice(kind.length + 1)] : [],
      );
    const needed = passed.filter((name) => used.has(name));
    const variables = Object.fromEntries(needed.map((name) => [name, placeholder]));
    const given = {
      suite: path,
      'base-url': 'http://localhost',
      ...(used.has('version') && !Object.hasOwn(suite.variables, 'version')
        ? { 'expect-version': placeholder }
        : {}),
      environment: (handed ? [] : named('env')).join('\n'),
      variables: JSON.stringify(variables),
      secrets: JSON.stringify(
        Object.fromEntries(
          named('secrets')
            .filter((name) => handed?.secrets.includes(name) ?? true)
            .map((name) => [name, placeholder]),
        ),
      ),
    };
    const known = { ...host, variable: () => placeholder, signal: AbortSignal.abort() };
    await runSmokeTest(inputs.parse(given), known);
    return [];
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    return error.problems.map((problem) => (handed ? byCaller(problem, handed.by) : problem));
  } finally {
    host.close();
  }
}

/** How a value gets into a suite that a workflow of ours runs, which the action itself cannot know. */
function byCaller(problem: Problem, { path }: Delivery): Problem {
  const [, kind, name] = /^\{\{ (secrets|env)\.(\w+) \}\}, which has no value$/.exec(problem.got ?? '') ?? [];
  if (kind === undefined) return problem;
  const secret =
    kind === 'secrets' ? { DATABASE_URL: 'DATABASE_URL', PASSWORD: 'SMOKE_PASSWORD' }[name!] : undefined;
  return {
    ...problem,
    got: `{{ ${kind}.${name} }}, which ${path} does not pass`,
    allowed:
      'secrets.DATABASE_URL and secrets.PASSWORD, where the caller passes them; no environment variables',
    fix:
      secret === undefined
        ? 'use one of these, or run the suite in a step of your own (docs/templates/cd.md)'
        : `under "secrets:" of the job in ${path} add  ${secret}: \${{ secrets.${secret} }}`,
  };
}
