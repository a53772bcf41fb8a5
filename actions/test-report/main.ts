import { readWorkspaceFile } from '../../shared/config/load.js';
import { ConfigurationError } from '../../shared/config/problem.js';
import type { TestReport } from '../../shared/contracts/reports/test-report.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs } from './inputs.js';
import { judge, readLevel } from './judge.js';
import { mergedJunit } from './merged.js';
import { render } from './render.js';

/** Largest report that is read, in bytes. */
const mostBytes = 200_000_000;

export const action = defineAction({
  name: 'test-report',
  title: 'Test report',
  description:
    'One verdict over the reports of all tests: which level ran, what failed, how much of the code they ran, and the shares of the levels. A level that did not run is red.',
  branding: { icon: 'check-square', color: 'green' },
  inputs,
  outputs,
  render,
  async run(input, { context: { workspace } }) {
    const read = (file: string, from: string) => readIfThere(workspace, file, from);
    const levels = await Promise.all(
      input.junit.map(async ({ name, files }) =>
        readLevel(
          name,
          await Promise.all(files.map(async (file) => ({ file, text: await read(file, 'junit') }))),
        ),
      ),
    );
    const { coverage: file, shares: targets, within } = input;
    const coverage =
      file === undefined
        ? {}
        : { coverage: { file, text: await read(file, 'coverage'), bound: input['coverage-at-least'] } };
    const report = judge(levels, { targets, within, ...coverage });
    const { result, message } = report;
    return {
      ok: result === 'passed',
      message,
      outputs: {
        result,
        tests: String(report.levels.reduce((sum, { tests }) => sum + tests, 0)),
        coverage: report.coverage?.blind === undefined ? String(report.coverage?.percent ?? '') : '',
      },
      report,
      annotations: annotationsOf(report),
      files: { junit: { name: 'junit.xml', text: mergedJunit(levels) } },
    };
  },
});

/** A report that is missing, unreadable or far too large is one that nothing is known of. */
async function readIfThere(workspace: string, file: string, input: string): Promise<string | undefined> {
  try {
    return await readWorkspaceFile(workspace, file, input, mostBytes);
  } catch (error) {
    if (error instanceof ConfigurationError) return undefined;
    throw error;
  }
}

const annotationsOf = ({ failures }: TestReport): Annotation[] =>
  failures.map(({ level, name, message, file, line }) => ({
    level: 'error',
    title: `${level}: ${name}`,
    message: message || 'failed',
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }));
