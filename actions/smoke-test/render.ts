import type { SmokeFailure, SmokeReport } from '../../shared/contracts/smoke-report.js';
import { code, codeBlock, details, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';

const verdicts = {
  pass: '✅ Smoke test passed',
  fail: '❌ Smoke test failed',
  error: '⚠️ Smoke test did not finish',
};
const marks = { passed: '✅', failed: '❌', 'not-run': '➖' };

/** How many of the slowest steps the summary names, and how many failures it shows in full. */
const slowestShown = 5;
const failuresShown = 20;

/** The job summary: verdict, facts, failures with what was expected and what came, flows, slowest steps. */
export function render(report: SmokeReport): string {
  return [
    `## ${verdicts[report.result]}`,
    escapeMarkdown(report.said),
    facts(report),
    ...failures(report.failures),
    flows(report),
    slowest(report),
  ]
    .filter((part) => part !== '')
    .join('\n\n');
}

function facts(report: SmokeReport): string {
  const p95 = report.p95Ms === null ? '–' : formatDuration(report.p95Ms);
  return table(
    ['Suite', 'Target', 'Version', 'Passed', 'Failed', 'Not run', 'p95', 'Took'],
    [
      [
        escapeMarkdown(report.suite.name),
        report.target === null ? '–' : code(report.target),
        report.version === null ? '–' : code(report.version),
        `${report.passed}`,
        `${report.failed}`,
        `${report.notRun}`,
        p95,
        formatDuration(report.durationMs),
      ],
    ],
  );
}

function failures(all: readonly SmokeFailure[]): string[] {
  if (all.length === 0) return [];
  const shown = all.slice(0, failuresShown).map((failure) => {
    const place = `${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`;
    const lines = [
      ...(failure.request === '' ? [] : [`request:  ${failure.request}`]),
      `check:    ${failure.check}`,
      `expected: ${failure.expected}`,
      `got:      ${failure.got}`,
    ];
    const title = `${escapeMarkdown(failure.flow)} › ${escapeMarkdown(failure.step)}`;
    return `**${title}** — ${code(place)}\n\n${codeBlock(lines.join('\n'))}`;
  });
  const rest = all.length - shown.length;
  return ['### Failures', ...shown, ...(rest > 0 ? [`${rest} more are in the report file.`] : [])];
}

function flows(report: SmokeReport): string {
  const rows = report.flows.flatMap((flow) =>
    flow.steps.map((step, index) => [
      index === 0 ? `${marks[flow.result]} ${escapeMarkdown(flow.name)}` : '',
      `${marks[step.result]} ${escapeMarkdown(step.name)}${step.phase === 'after' ? ' (clean-up)' : ''}`,
      step.reason === undefined ? answer(step.attempts) : `not run: ${escapeMarkdown(step.reason)}`,
      step.attempts.length === 0 ? '' : formatDuration(step.durationMs),
    ]),
  );
  const body = table(['Flow', 'Step', 'Answer', 'Took'], rows);
  return report.result === 'pass' ? details(`All ${report.passed} steps`, body) : body;
}

function answer(attempts: SmokeReport['flows'][number]['steps'][number]['attempts']): string {
  const last = attempts.at(-1);
  if (!last) return '';
  const text = last.status === null ? 'no answer' : `${last.status}`;
  return attempts.length === 1 ? text : `${text}, ${attempts.length} attempts`;
}

function slowest(report: SmokeReport): string {
  const steps = report.flows.flatMap((flow) => flow.steps.map((step) => ({ flow: flow.name, step })));
  const answered = steps.filter(({ step }) => step.attempts.length > 0);
  if (answered.length < 2) return '';
  const rows = answered
    .sort((a, b) => b.step.durationMs - a.step.durationMs)
    .slice(0, slowestShown)
    .map(({ flow, step }) => [escapeMarkdown(`${flow} › ${step.name}`), formatDuration(step.durationMs)]);
  return details('Slowest steps', table(['Step', 'Took'], rows));
}
