import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { action } from '../../../actions/smoke-test/main.js';
import type { SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import { runAction } from '../../../shared/runner/run-action.js';
import { testRunner, type TestRunner } from '../../support/runner/port.js';

export interface SuiteRun {
  runner: TestRunner;
  /** Undefined when nothing was run. */
  report: SmokeReport | undefined;
  ok: boolean;
  /** Everything that was written anywhere, in one text. */
  everything: string;
}

/**
 * Runs the whole action on a suite text, as a workflow step would; `onStart` gets the runner, to stop it, `files` stand
 * beside the suite.
 */
export async function runSuite(
  suite: string,
  given: Readonly<Record<string, string>> = {},
  env: Readonly<Record<string, string>> = {},
  onStart: (runner: TestRunner) => void = () => undefined,
  files: Readonly<Record<string, string>> = {},
): Promise<SuiteRun> {
  const workspace = await mkdtemp(join(tmpdir(), 'smoke-'));
  try {
    for (const [path, text] of Object.entries({ 'smoke.yml': suite, ...files })) {
      await mkdir(dirname(join(workspace, path)), { recursive: true });
      await writeFile(join(workspace, path), text);
    }
    const variables = Object.entries({ suite: 'smoke.yml', ...given }).map(([name, value]) => [
      `INPUT_${name.toUpperCase()}`,
      value,
    ]);
    const runner = testRunner({ GITHUB_WORKSPACE: workspace, ...env, ...Object.fromEntries(variables) });
    onStart(runner);
    await runAction(action, 'main', runner);
    const file = runner.files.get(runner.outputs.get('report') ?? '') ?? '{}';
    const report = JSON.parse(file) as SmokeReport | { schema: string };
    return {
      runner,
      report: report.schema === 'devops-actions/smoke-report@1' ? (report as SmokeReport) : undefined,
      ok: runner.failure === undefined,
      everything: JSON.stringify([
        runner.printed,
        runner.debugged,
        runner.annotations,
        runner.failure,
        runner.summary,
        [...runner.outputs],
        [...runner.files.values()],
      ]),
    };
  } finally {
    await rm(workspace, { recursive: true });
  }
}

/** A suite of one flow from the YAML of its steps, written as a list without indentation. */
export function suiteOf(steps: string, after = ''): string {
  const indent = (text: string) => text.trim().replace(/^/gm, '      ');
  const cleanUp = after === '' ? '' : `\n    after:\n${indent(after)}`;
  return `version: 1\nflows:\n  - name: flow\n    steps:\n${indent(steps)}${cleanUp}\n`;
}

/** `passed`, what failed with what was expected and what came, a line each, or why nothing was run. */
export function verdict({ report, ok, runner }: SuiteRun): string {
  if (!report) return `refused: ${runner.failure}`;
  if (ok) return 'passed';
  return report.failures.map(({ check, expected, got }) => `${check}: ${expected} ≠ ${got}`).join('\n');
}
