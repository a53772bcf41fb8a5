import type { SmokeFailure, SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import { dataTable, element, htmlPage, type Child, type Markup } from '../../../shared/report/html.js';
import { formatDuration } from '../../../shared/time/duration.js';

const words = { pass: 'passed', fail: 'failed', error: 'did not finish' } as const;
const marks = { passed: '✓ passed', failed: '✗ failed', 'not-run': '– not run' } as const;

const style = `
:root { font: 1rem/1.5 system-ui, sans-serif; color-scheme: light dark; }
main { max-width: 70rem; margin: 0 auto; padding: 1rem; }
table { border-collapse: collapse; width: 100%; margin: 0.5rem 0; }
caption { text-align: left; font-weight: 600; }
th, td { border-bottom: 1px solid #8886; padding: 0.25rem 0.5rem; text-align: left; overflow-wrap: anywhere; }
pre { overflow-x: auto; background: #8881; padding: 0.75rem; white-space: pre-wrap; overflow-wrap: anywhere; }
.pass { border-left: 0.5rem solid #1a7f37; padding-left: 0.75rem; }
.fail, .error { border-left: 0.5rem solid #cf222e; padding-left: 0.75rem; }
summary { cursor: pointer; }
`;

/** The report as one HTML page without scripts, and without anything that is loaded from elsewhere. Pure. */
export function pageOf(report: SmokeReport): string {
  const title = `Smoke test ${words[report.result]}: ${report.suite.name}`;
  const bad = report.flows.filter(({ result }) => result !== 'passed');
  const good = report.flows.filter(({ result }) => result === 'passed');
  return htmlPage({
    title,
    language: 'en',
    style,
    body: [
      element(
        'main',
        {},
        element('h1', { class: report.result }, title),
        element('p', {}, report.message),
        facts(report),
        report.isolation ? element('p', {}, `Isolation of tenants: ${report.isolation.result}.`) : undefined,
        report.failures.length > 0
          ? [element('h2', {}, 'Failures'), report.failures.map(failure)]
          : undefined,
        bad.length > 0 ? [element('h2', {}, 'Flows that did not pass'), flows(bad, true)] : undefined,
        good.length > 0 ? [element('h2', {}, 'Flows that passed'), flows(good, false)] : undefined,
        report.leftOut
          ? [
              element('h2', {}, 'Left out by "only"'),
              element(
                'ul',
                {},
                report.leftOut.map((name) => element('li', {}, name)),
              ),
            ]
          : undefined,
        element('p', {}, `Begun ${report.startedAt}. Generated data is from the seed ${report.seed}.`),
      ),
    ],
  });
}

function facts(report: SmokeReport): Markup {
  const ms = (value: number | null) => (value === null ? '–' : formatDuration(Math.round(value)));
  return dataTable(
    'What was run',
    ['Target', 'Version', 'Passed', 'Failed', 'Not run', 'Only on a retry', 'p95', 'Took'],
    [
      [
        report.target ?? '–',
        report.version ?? '–',
        report.passed,
        report.failed,
        report.notRun,
        report.flaky ?? 0,
        ms(report.p95Ms),
        formatDuration(report.durationMs),
      ],
    ],
  );
}

function failure({
  flow,
  step,
  check,
  written,
  expected,
  got,
  request,
  curl,
  file,
  line,
}: SmokeFailure): Child {
  const entries = { request, check, written, expected, got, again: curl };
  const text = Object.entries(entries)
    .filter(([, value]) => value !== undefined && value !== '')
    .map(([key, value]) => `${`${key}:`.padEnd(10)}${value}`)
    .join('\n');
  return [
    element('h3', {}, `${flow} › ${step}`),
    element('p', {}, line === undefined ? file : `${file}:${line}`),
    element('pre', {}, text),
  ];
}

function flows(all: SmokeReport['flows'], open: boolean): Markup[] {
  return all.map(({ name, durationMs, steps }) =>
    element(
      'details',
      open ? { open: '' } : {},
      element('summary', {}, `${name} (${formatDuration(durationMs)})`),
      dataTable(
        `Steps of ${name}`,
        ['Step', 'Result', 'Request', 'Attempts', 'Took'],
        steps.map((step) => [
          step.name,
          `${marks[step.result]}${step.flaky ? ' on a retry' : ''}${step.reason === undefined ? '' : `: ${step.reason}`}`,
          step.request,
          step.attempts.length,
          formatDuration(Math.round(step.durationMs)),
        ]),
      ),
    ),
  );
}
