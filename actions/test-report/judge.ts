import type { ReportOfJob } from '../../shared/runner/report-of-job.js';
import type { TestFailure, TestReport } from '../../shared/contracts/reports/test-report.js';
import type { Target } from './inputs.js';
import { readCoverage } from './read/coverage.js';
import { readJunit, type TestCase } from './read/junit.js';

/** A report, or why nothing is known of it. */
export type Source = { file: string } & ReportOfJob;

/** A level as its reports have it. */
export interface LevelRead {
  name: string;
  cases: TestCase[];
  blind: string[];
}

/** Reads the reports of a level. One that is missing or tells of no test makes the level unknown. */
export function readLevel(name: string, sources: readonly Source[]): LevelRead {
  const cases: TestCase[] = [];
  const blind: string[] = [];
  for (const source of sources) {
    const { file } = source;
    const read = 'why' in source ? source.why : readJunit(source.text);
    if (typeof read === 'string') blind.push(`${file}: ${read}`);
    else if (read.length === 0) blind.push(`${file}: it has no test`);
    else cases.push(...read);
  }
  if (cases.length > 0 && cases.every(({ result }) => result === 'skipped'))
    blind.push(`every one of its ${cases.length} tests was skipped`);
  return { name, cases, blind };
}

/** What the team asks for. */
export interface Rules {
  targets: readonly Target[];
  within: number;
  /** Undefined: the coverage is not looked at. */
  coverage?: {
    source: Source;
    bound: number;
    /** Those of its files that are in the workspace; undefined where it was not looked. */
    here?: ReadonlySet<string>;
  };
}

/** Failures in the report: the first ones are what a person reads. */
const mostFailures = 200;
const longest = 300;
const cut = (text: string) => (text.length > longest ? `${text.slice(0, longest - 1)}…` : text);

export function judge(read: readonly LevelRead[], rules: Rules): TestReport {
  const levels = read.map(({ name, cases, blind }) => {
    const count = (result: TestCase['result']) => cases.filter((each) => each.result === result).length;
    return {
      name,
      tests: cases.length - count('skipped'),
      failed: count('failed'),
      skipped: count('skipped'),
      seconds: Math.round(cases.reduce((sum, { seconds }) => sum + seconds, 0) * 1_000) / 1_000,
      blind,
    };
  });
  const failures = read.flatMap(({ name, cases }) =>
    cases
      .filter(({ result }) => result === 'failed')
      .map((each): TestFailure => ({
        level: name,
        name: cut(each.name),
        message: cut(each.message),
        ...(each.file === undefined ? {} : { file: each.file }),
        ...(each.line === undefined ? {} : { line: each.line }),
      })),
  );
  const coverage = coverageOf(rules.coverage);
  const shares = sharesOf(levels, rules);
  const reasons = {
    blind: [
      ...levels.filter(({ blind }) => blind.length > 0).map(({ name, blind }) => `${name}: ${blind[0]}`),
      ...(coverage?.blind === undefined ? [] : [`coverage: ${coverage.blind}`]),
    ],
    failed: [
      ...(failures.length === 0
        ? []
        : [failures.length === 1 ? '1 test failed' : `${failures.length} tests failed`]),
      ...(coverage && coverage.blind === undefined && !coverage.held
        ? [`coverage is ${coverage.percent} %, at least ${coverage.bound} % is asked for`]
        : []),
      ...shares.filter(({ held }) => !held).map(shareText),
    ],
  };
  const total = levels.reduce((sum, { tests }) => sum + tests, 0);
  const result = reasons.blind.length > 0 ? 'blind' : reasons.failed.length > 0 ? 'failed' : 'passed';
  const bad = [
    ...(reasons.blind.length > 0 ? [`Not known: ${reasons.blind.join('; ')}`] : []),
    ...reasons.failed,
  ];
  const known = coverage ? `, coverage ${coverage.percent} %` : '';
  return {
    schema: 'devops-actions/test-report@1',
    result,
    message:
      result === 'passed' ? `${total === 1 ? '1 test' : `${total} tests`} passed${known}` : bad.join('; '),
    levels,
    shares,
    ...(coverage ? { coverage } : {}),
    failures: failures.slice(0, mostFailures),
  };
}

export const shareText = ({ levels, share, target, within }: TestReport['shares'][number]): string =>
  `${levels.join(' and ')}: ${share === null ? 'no test' : `${share} % of the tests`}, ${target} % ± ${within} is asked for`;

function coverageOf(asked: Rules['coverage']): TestReport['coverage'] {
  if (asked === undefined) return undefined;
  const { source, bound, here } = asked;
  const read = 'why' in source ? source.why : readCoverage(source.text);
  const why = typeof read === 'string' ? read : here && strangersIn(read.files, here);
  if (typeof read === 'string' || why !== undefined)
    return { lines: 0, covered: 0, percent: 0, bound, held: false, blind: `${source.file}: ${why}` };
  const { lines, covered } = read;
  // Compared before it is rounded: 79.996 is not 80.
  const percent = Math.floor((covered / lines) * 10_000) / 100;
  return { lines, covered, percent, bound, held: covered * 100 >= bound * lines };
}

/** Why a report is of another project: most of the files that it names are not here. */
function strangersIn(files: readonly string[], here: ReadonlySet<string>): string | undefined {
  const strangers = files.filter((file) => !here.has(file));
  if (strangers.length * 2 <= files.length) return undefined;
  return `${strangers.length} of its ${files.length} files are not in this repository, such as ${strangers[0]}: it is of another project. Fix: name the report of this one in the input "coverage"`;
}

function sharesOf(levels: TestReport['levels'], { targets, within }: Rules): TestReport['shares'] {
  const all = levels.reduce((sum, { tests }) => sum + tests, 0);
  return targets.map(({ levels: names, percent: target }) => {
    const own = levels.filter(({ name }) => names.includes(name)).reduce((sum, { tests }) => sum + tests, 0);
    const share = all === 0 ? null : Math.round((own / all) * 1_000) / 10;
    const isNamed = names.every((name) => levels.some((each) => each.name === name));
    return {
      levels: names,
      target,
      share,
      within,
      held: isNamed && share !== null && Math.abs(share - target) <= within,
    };
  });
}
