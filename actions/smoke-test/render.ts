import type { SmokeFailure, SmokeReport } from '../../shared/contracts/reports/smoke-report.js';
import { code, codeBlock, details, escapeMarkdown, table } from '../../shared/report/markdown.js';
import { formatDuration } from '../../shared/time/duration.js';
import { cameOf } from './run/progress.js';

const verdicts = {
  pass: '✅ Smoke test passed',
  fail: '❌ Smoke test failed',
  error: '⚠️ Smoke test did not finish',
};
const phases = { before: ' (preparation)', test: '', after: ' (clean-up)' };
const marks = { passed: '✅', failed: '❌', 'not-run': '➖' };

/** How many of the slowest steps the summary names, and how many failures it shows in full. */
const slowestShown = 5;
const failuresShown = 20;

/** How many steps and how many looks of tenants the summary lists; the failed ones come first. */
const stepsShown = 300;
const checksShown = 100;

/** The job summary: verdict, facts, failures with what was expected and what came, flows, slowest steps. */
export function render(report: SmokeReport): string {
  return [
    `## ${verdicts[report.result]}`,
    escapeMarkdown(report.message),
    facts(report),
    isolation(report.isolation),
    ...failures(report.failures),
    budgets(report.budgets),
    latency(report.latency),
    flows(report),
    slowest(report),
    `Generated data is from the seed ${code(report.seed)}; the input ${code('seed')} makes it again.`,
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
      ...(failure.written === undefined ? [] : [`written:  ${failure.written}`]),
      `expected: ${failure.expected}`,
      `got:      ${failure.got}`,
      ...(failure.curl === undefined ? [] : [`again:    ${failure.curl}`]),
    ];
    const title = `${escapeMarkdown(failure.flow)} › ${escapeMarkdown(failure.step)}`;
    return `**${title}** — ${code(place)}\n\n${codeBlock(lines.join('\n'))}`;
  });
  const rest = all.length - shown.length;
  return ['### Failures', ...shown, ...(rest > 0 ? [`${rest} more are in the report file.`] : [])];
}

const isolationTitles = {
  held: '🔒 Isolation of tenants held',
  broken: '🚨 Isolation of tenants is broken',
  unproven: '⚠️ Isolation of tenants could not be shown',
};
const checkMarks = { held: '✅', broken: '🚨', unproven: '⚠️' };
const checkOrder = { broken: 0, unproven: 1, held: 2 };

function isolation(found: SmokeReport['isolation']): string {
  if (!found) return '';
  const shown = [...found.checks]
    .sort((a, b) => checkOrder[a.result] - checkOrder[b.result])
    .slice(0, checksShown)
    .map(({ tenant, other, step, request, result, evidence }) => [
      `${checkMarks[result]} ${escapeMarkdown(tenant)}`,
      tenant === other ? 'its own' : escapeMarkdown(other),
      `${escapeMarkdown(step)}${request === '' ? '' : `<br>${code(request)}`}`,
      escapeMarkdown(evidence),
    ]);
  const body = table(['Asked by', 'For what belongs to', 'Step', 'Evidence'], shown);
  const rest = found.checks.length - shown.length;
  const all = rest > 0 ? `${body}\n\n${rest} more are in the report file.` : body;
  const title = `### ${isolationTitles[found.result]}`;
  return found.result === 'held'
    ? `${title}\n\n${details(`All ${found.checks.length} looks of ${found.tenants.length} tenants`, all)}`
    : `${title}\n\n${all}`;
}

function budgets(all: SmokeReport['budgets']): string {
  const shown = all.filter(({ metric, limit, held }) => metric === 'p95' || limit > 0 || !held);
  if (!shown.some(({ metric, limit }) => metric === 'p95' || limit > 0)) return '';
  const rows = shown.map(({ metric, flow, limit, got, held }) => {
    const write = (value: number) => (metric === 'p95' ? formatDuration(value) : `${value}`);
    return [
      `${held ? '✅' : '❌'} ${metric === 'p95' ? 'p95' : 'failed flows'}`,
      flow === null ? 'the suite' : escapeMarkdown(flow),
      `${metric === 'p95' ? '&lt;' : 'at most'} ${write(limit)}`,
      got === null ? 'no answer' : write(got),
    ];
  });
  return table(['Budget', 'Of', 'Limit', 'Got'], rows);
}

function latency(found: SmokeReport['latency']): string {
  if (!found || found.answers < 2) return '';
  const { answers, p50Ms, p95Ms, p99Ms, maxMs } = found;
  return table(
    ['Answers', 'p50', 'p95', 'p99', 'Slowest'],
    [[`${answers}`, ...[p50Ms, p95Ms, p99Ms, maxMs].map(formatDuration)]],
  );
}

function flows(report: SmokeReport): string {
  const order = { failed: 0, 'not-run': 1, passed: 2 };
  const sorted =
    report.flows.length > stepsShown
      ? [...report.flows].sort((a, b) => order[a.result] - order[b.result])
      : report.flows;
  const all = sorted.flatMap((flow) => flow.steps.map((step, index) => ({ flow, step, index })));
  const rows = all
    .slice(0, stepsShown)
    .map(({ flow, step, index }) => [
      index === 0 ? `${marks[flow.result]} ${escapeMarkdown(flow.name)}` : '',
      `${marks[step.result]} ${escapeMarkdown(step.name)}${phases[step.phase]}`,
      step.reason === undefined
        ? `${answer(step.attempts)}${step.flaky ? ', flaky' : ''}`
        : `not run: ${escapeMarkdown(step.reason)}`,
      step.attempts.length === 0 ? '' : formatDuration(step.durationMs),
    ]);
  const rest = all.length - rows.length;
  const shown = table(['Flow', 'Step', 'Answer', 'Took'], rows);
  const body = rest > 0 ? `${shown}\n\n${rest} more steps are in the report file.` : shown;
  return report.result === 'pass' ? details(`All ${report.passed} steps`, body) : body;
}

function answer(attempts: SmokeReport['flows'][number]['steps'][number]['attempts']): string {
  const last = attempts.at(-1);
  if (!last) return '';
  const text = cameOf(last);
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
