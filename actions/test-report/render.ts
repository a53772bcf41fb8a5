import type { TestReport } from '../../shared/contracts/reports/test-report.js';
import { code, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { shareText } from './judge.js';

const signs = { passed: '✅', failed: '❌', blind: '🙈' } as const;
/** Rows of the list: the report has more. */
const mostRows = 20;

/** The job summary: one row for each level, the coverage, what failed. */
export function render(report: TestReport): string {
  const { result, levels, shares, coverage, failures } = report;
  const all = levels.reduce((sum, { tests }) => sum + tests, 0);
  const share = (tests: number) => (all === 0 ? '' : `${Math.round((tests / all) * 1_000) / 10} %`);
  return [
    `## ${signs[result]} ${escapeMarkdown(headline(report))}`,
    table(
      ['', 'level', 'ran', 'failed', 'skipped', 'seconds', 'of all'],
      levels.map(({ name, tests, failed, skipped, seconds, blind }) => [
        blind.length > 0 ? '🙈' : failed > 0 ? '❌' : '✅',
        code(name),
        blind.length > 0 ? '**not known**' : String(tests),
        String(failed),
        String(skipped),
        String(seconds),
        share(tests),
      ]),
    ),
    ...(levels.every(({ blind }) => blind.length === 0)
      ? []
      : [
          levels
            .flatMap(({ name, blind }) => blind.map((why) => `- 🙈 ${code(name)} ${escapeMarkdown(why)}`))
            .join('\n'),
        ]),
    ...(shares.length === 0
      ? []
      : [shares.map((each) => `- ${each.held ? '✅' : '❌'} ${escapeMarkdown(shareText(each))}`).join('\n')]),
    ...(coverage === undefined ? [] : [coverageLine(coverage)]),
    ...(failures.length === 0
      ? []
      : [
          table(
            ['level', 'test that failed', 'why'],
            failures
              .slice(0, mostRows)
              .map((each) => [code(each.level), code(each.name), escapeMarkdown(each.message)]),
          ),
        ]),
    ...(failures.length > mostRows ? [`${failures.length - mostRows} more stand in the report.`] : []),
    '',
  ].join('\n\n');
}

/** The verdict in one line; the lists below say more. */
function headline({ result, message, levels, shares, coverage }: TestReport): string {
  if (result === 'passed') return message;
  const failed = levels.reduce((sum, level) => sum + level.failed, 0);
  const unknown = [
    ...levels.filter(({ blind }) => blind.length > 0).map(({ name }) => name),
    ...(coverage?.blind === undefined ? [] : ['coverage']),
  ];
  const off = shares.filter(({ held }) => !held).length;
  return [
    ...(unknown.length > 0 ? [`not known: ${unknown.join(', ')}`] : []),
    ...(failed > 0 ? [failed === 1 ? '1 test failed' : `${failed} tests failed`] : []),
    ...(coverage && coverage.blind === undefined && !coverage.held
      ? [`coverage ${coverage.percent} % of ${coverage.bound} %`]
      : []),
    ...(off > 0 ? [off === 1 ? '1 share is off' : `${off} shares are off`] : []),
  ]
    .join(' · ')
    .replace(/^n/, 'N');
}

function coverageLine({
  lines,
  covered,
  percent,
  bound,
  held,
  blind,
}: NonNullable<TestReport['coverage']>): string {
  if (blind !== undefined) return `🙈 **Coverage is not known:** ${escapeMarkdown(blind)}`;
  return `${held ? '✅' : '❌'} Coverage: **${percent} %** (${covered} of ${lines} lines), at least ${bound} % is asked for.`;
}
