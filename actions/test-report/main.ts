import { ConfigurationError } from '../../shared/config/problem.js';
import { filesHere } from '../../shared/runner/files-here.js';
import { jobBegan, notThere, readReportOfJob } from '../../shared/runner/report-of-job.js';
import type { TestReport } from '../../shared/contracts/reports/test-report.js';
import type { Annotation } from '../../shared/report/annotation.js';
import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs } from './inputs.js';
import { judge, readLevel, type Rules, type Source } from './judge.js';
import { mergedJunit } from './merged.js';
import { readCoverage } from './read/coverage.js';
import { render } from './render.js';

/** Least share of lines where the team names none, in per cent. */
const usualBound = 80;
const boundOfNothing = {
  file: 'inputs',
  path: 'coverage',
  got: 'nothing, with a bound in "coverage-at-least"',
  allowed: 'the report that the bound is for',
  fix: 'under "with:" add  coverage: coverage.xml  or take coverage-at-least out',
};

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
  async run(input, { context: { workspace, eventPath } }) {
    const began = await jobBegan(eventPath);
    const read = async (file: string, from: 'junit' | 'coverage'): Promise<Source> => {
      const found = await readReportOfJob(workspace, file, { most: mostBytes, began, input: from });
      const fix = `. Fix: let the tests write it there, or name its place in the input "${from}"`;
      return { file, ...('why' in found && found.why === notThere ? { why: `${notThere}${fix}` } : found) };
    };
    const levels = await Promise.all(
      input.junit.map(async ({ name, files }) =>
        readLevel(name, await Promise.all(files.map((file) => read(file, 'junit')))),
      ),
    );
    const { coverage, 'coverage-at-least': bound, shares: targets, within } = input;
    // A report whose name was an empty expression would be no report, and green.
    if (coverage === undefined && bound !== undefined) throw new ConfigurationError([boundOfNothing]);
    const asked =
      coverage === undefined
        ? {}
        : {
            coverage: await readCovered(workspace, await read(coverage, 'coverage'), bound ?? usualBound),
          };
    const report = judge(levels, { targets, within, ...asked });
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

/** The report of coverage with those of its files that are here. */
async function readCovered(
  workspace: string,
  source: Source,
  bound: number,
): Promise<NonNullable<Rules['coverage']>> {
  const read = 'text' in source ? readCoverage(source.text) : '';
  if (typeof read === 'string') return { source, bound };
  const { files, folders } = read;
  return { source, bound, here: await filesHere(workspace, { report: source.file, files, folders }) };
}

const annotationsOf = ({ failures }: TestReport): Annotation[] =>
  failures.map(({ level, name, message, file, line }) => ({
    level: 'error',
    title: `${level}: ${name}`,
    message: message || 'failed',
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
  }));
