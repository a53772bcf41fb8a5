import type { TestReport } from '../../shared/contracts/reports/test-report.js';
import { code, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { shareText } from './judge.js';

const signs = { passed: '✅', failed: '❌', blind: '🙈' } as const;
/** Rows of the list: the report has more. */
const mostRows = 20;

/** The job summary: one row for each level, the coverage, what failed. */
export function render({ result, message, levels, shares, coverage, failures }: TestReport): string {
  const all = levels.reduce((sum, { tests }) => sum + tests, 0);
  const share = (tests: number) => (all === 0 ? '' : `${Math.round((tests / all) * 1_000) / 10} %`);
  return [
    `## ${signs[result]} ${escapeMarkdown(message)}`,
    table(
      ['', 'level', 'ran', 'failed', 'skipped', 'seconds', 'of all'],
      levels.map(({ name, tests, failed, skipped, seconds, blind }) => [
        blind.length > 0 ? '🙈' : failed > 0 ? '❌' : '✅',
        code(name),
        blind.length > 0 ? `**not known:** ${escapeMarkdown(blind.join('; '))}` : String(tests),
        String(failed),
        String(skipped),
        String(seconds),
        share(tests),
      ]),
    ),
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
