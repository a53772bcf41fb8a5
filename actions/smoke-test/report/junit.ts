import type { SmokeFlow, SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';
import { escapeHtml } from '../../../shared/report/markdown.js';

/**
 * A report as JUnit XML: a test suite for each flow, a test case for each step; what was not run is skipped, never
 * passed.
 */
export function junitOf(report: SmokeReport): string {
  const { passed, failed, notRun, flows, failures, budgets } = report;
  const byStep = new Map<string, SmokeReport['failures']>();
  for (const failure of failures) {
    const key = keyOf(failure.flow, failure.step);
    byStep.set(key, [...(byStep.get(key) ?? []), failure]);
  }
  const broken = budgets.filter(({ held, metric }) => metric === 'p95' && !held).length;
  const measured = budgets.filter(({ metric }) => metric === 'p95').length;
  // Readers of this format take a run without failures for a good one.
  const silent = report.result !== 'pass' && failed + broken === 0 ? 1 : 0;
  const total = passed + failed + notRun + measured + silent;
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites${attributes({ name: report.suite.name, tests: total, failures: failed + broken, errors: silent, skipped: notRun, time: seconds(report.durationMs) })}>`,
    ...flows.flatMap((flow) => suiteOf(flow, report, byStep)),
    ...(measured > 0 ? budgetSuite(report) : []),
    ...(silent > 0 ? verdictSuite(report) : []),
    '</testsuites>',
    '',
  ].join('\n');
}

function suiteOf(
  flow: SmokeFlow,
  report: SmokeReport,
  byStep: ReadonlyMap<string, SmokeReport['failures']>,
): string[] {
  const count = (result: string) => flow.steps.filter((step) => step.result === result).length;
  const facts = {
    name: flow.name,
    tests: flow.steps.length,
    failures: count('failed'),
    errors: 0,
    skipped: count('not-run'),
    time: seconds(flow.durationMs),
    timestamp: flow.steps[0]?.attempts[0]?.startedAt ?? report.startedAt,
    file: flow.file,
  };
  return [
    `  <testsuite${attributes(facts)}>`,
    ...flow.steps.flatMap((step) => {
      const open = `    <testcase${attributes({ name: step.name, classname: flow.name, time: seconds(step.durationMs), file: flow.file, line: step.line })}`;
      if (step.result === 'passed') return [`${open}/>`];
      if (step.result === 'not-run')
        return [
          `${open}>`,
          `      <skipped${attributes({ message: step.reason ?? 'not run' })}/>`,
          '    </testcase>',
        ];
      return [`${open}>`, failureOf(byStep.get(keyOf(flow.name, step.name)) ?? []), '    </testcase>'];
    }),
    '  </testsuite>',
  ];
}

function failureOf(failures: SmokeReport['failures']): string {
  const [first] = failures;
  const message = first ? `${first.check}: expected ${first.expected}, got ${first.got}` : 'failed';
  const text = failures
    .map(({ check, written, expected, got, request, file, line }) =>
      [
        ...(request === '' ? [] : [`request: ${request}`]),
        `check: ${check}`,
        ...(written === undefined ? [] : [`written: ${written}`]),
        `expected: ${expected}`,
        `got: ${got}`,
        `at ${file}${line === undefined ? '' : `:${line}`}`,
      ].join('\n'),
    )
    .join('\n\n');
  return `      <failure${attributes({ message, type: first?.kind ?? 'expectation' })}>${escapeXml(text)}</failure>`;
}

function budgetSuite({ budgets, failures, suite }: SmokeReport): string[] {
  const p95 = budgets.filter(({ metric }) => metric === 'p95');
  const broken = p95.filter(({ held }) => !held);
  return [
    `  <testsuite${attributes({ name: 'budgets', tests: p95.length, failures: broken.length, errors: 0, skipped: 0 })}>`,
    ...p95.flatMap(({ flow, held }) => {
      const name = flow ?? suite.name;
      const open = `    <testcase${attributes({ name: `p95 of ${name}`, classname: 'budgets' })}`;
      if (held) return [`${open}/>`];
      return [
        `${open}>`,
        failureOf(failures.filter((one) => one.kind === 'budget' && one.flow === name)),
        '    </testcase>',
      ];
    }),
    '  </testsuite>',
  ];
}

/** The verdict as a case of its own, for a run that is no pass though nothing in it failed. */
function verdictSuite({ message, result }: SmokeReport): string[] {
  return [
    `  <testsuite${attributes({ name: 'verdict', tests: 1, failures: 0, errors: 1, skipped: 0 })}>`,
    `    <testcase${attributes({ name: 'the smoke test came to its end', classname: 'verdict' })}>`,
    `      <error${attributes({ message: message, type: result })}/>`,
    '    </testcase>',
    '  </testsuite>',
  ];
}

function keyOf(flow: string, step: string): string {
  return JSON.stringify([flow, step]);
}

function seconds(milliseconds: number): string {
  return (milliseconds / 1_000).toFixed(3);
}

function attributes(values: Readonly<Record<string, string | number | undefined>>): string {
  let text = '';
  for (const [name, value] of Object.entries(values))
    if (value !== undefined)
      text += ` ${name}="${escapeXml(String(value)).replace(/[\t\n\r]/g, (space) => `&#${space.charCodeAt(0)};`)}"`;
  return text;
}

/** Characters that mean something in XML or cannot stand in it; most texts have none. */
const special = /[&<>"'\u0000-\u001F\uD800-\uDFFF\uFFFE\uFFFF]/;

/** Text for XML 1.0, which has no way at all to write some characters: those become U+FFFD. */
function escapeXml(text: string): string {
  if (!special.test(text)) return text;
  return escapeHtml(text).replace(
    /[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g,
    '\uFFFD',
  );
}
