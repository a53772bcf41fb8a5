import type { SmokeFailure, SmokeReport } from '../../../shared/contracts/reports/smoke-report.js';

/**
 * A report in the Test Anything Protocol, version 14: a point for each step, and one for the verdict. A reader of it
 * takes what is skipped for a pass, so what was not run is none.
 */
export function tapOf(report: SmokeReport): string {
  const { flows, failures, result, message } = report;
  const points = [
    ...flows.flatMap((flow) =>
      flow.steps.map((step) => ({
        ok: step.result === 'passed',
        name: `${flow.name} › ${step.name}`,
        reason: step.result === 'not-run' ? `not run: ${step.reason ?? 'no reason'}` : '',
        failures: failures.filter((failure) => failure.flow === flow.name && failure.step === step.name),
      })),
    ),
    {
      ok: result === 'pass',
      name: message,
      reason: '',
      failures: failures.filter(({ kind }) => kind === 'budget'),
    },
  ];
  return [
    'TAP version 14',
    `1..${points.length}`,
    ...points.flatMap(({ ok, name, reason, failures: why }, index) => {
      // What a budget tolerates is a known failure, which is what TODO means.
      const todo = !ok && result === 'pass' ? ' # TODO tolerated by the budget' : '';
      const text = plain([name, reason].filter((part) => part !== '').join(': '));
      return [`${ok ? 'ok' : 'not ok'} ${index + 1} - ${text}${todo}`, ...(ok ? [] : why.flatMap(diagnosis))];
    }),
    '',
  ].join('\n');
}

/** JSON is YAML, so that nothing of others can end a text. */
function diagnosis(failure: SmokeFailure): string[] {
  const { check, expected, got, request, file, line } = failure;
  const at = line === undefined ? file : `${file}:${line}`;
  const entries = Object.entries({ check, expected, got, request, at });
  return ['  ---', ...entries.map(([key, value]) => `  ${key}: ${JSON.stringify(value)}`), '  ...'];
}

function plain(text: string): string {
  return text.replace(/[\\#]/g, '\\$&').replace(/\p{Cc}+/gu, ' ');
}
