import { inputs } from '../../actions/smoke-test/inputs.js';
import { runSmokeTest } from '../../actions/smoke-test/main.js';
import { loadSuite } from '../../actions/smoke-test/suite/load.js';
import { referencesOf } from '../../actions/smoke-test/suite/references.js';
import { stepsOf } from '../../actions/smoke-test/suite/step-groups.js';
import { ConfigurationError, type Problem } from '../../shared/config/problem.js';
import { laptopHost } from '../laptop-host.js';
import type { Shell } from '../shell.js';

/** What stands for a value that only a run has. */
const placeholder = 'placeholder-of-check';

/**
 * Problems of a suite with all it includes, as the action finds them before it sends anything. Secrets, environment
 * variables, the base address and the variables in `passed` are taken for given.
 */
export async function suiteProblems(
  root: string,
  path: string,
  passed: readonly string[],
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
      environment: named('env').join('\n'),
      variables: JSON.stringify(variables),
      secrets: JSON.stringify(Object.fromEntries(named('secrets').map((name) => [name, placeholder]))),
    };
    const known = { ...host, variable: () => placeholder, signal: AbortSignal.abort() };
    await runSmokeTest(inputs.parse(given), known);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return [...error.problems];
    throw error;
  } finally {
    host.close();
  }
}
