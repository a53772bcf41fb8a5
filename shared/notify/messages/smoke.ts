import type { SmokeReport } from '../../contracts/reports/smoke-report.js';
import { formatDuration } from '../../time/duration.js';
import type { News } from '../message.js';

const titles = { pass: 'Smoke test passed', fail: 'Smoke test failed', error: 'Smoke test did not finish' };

/** Failures that a message shows; the run has all. */
const shown = 5;

/**
 * What people are told of a smoke test. Its page is one of its own: a pass of an idle colour ends no incident of the
 * release.
 */
export function tellSmoke(report: SmokeReport): News {
  const { result, message, failures, suite, target, version, startedAt, durationMs } = report;
  const lines = failures
    .slice(0, shown)
    .map(
      ({ flow, step, check, expected, got }) =>
        `${flow} › ${step}: ${check} expected ${expected}, got ${got}`,
    );
  const rest = failures.length - lines.length;
  return {
    tone: result === 'pass' ? 'success' : 'failure',
    title: `${titles[result]}: ${suite.name}${version === null ? '' : ` ${version}`}`,
    body: [message, ...lines, ...(rest > 0 ? [`${rest} more in the run.`] : [])].join('\n'),
    next:
      result === 'pass'
        ? 'Nothing to do.'
        : 'Open the run: its summary shows each failure with what was expected and what came.',
    changed: result !== 'pass',
    since: startedAt,
    facts: {
      Target: target ?? undefined,
      Steps: `${report.passed} passed, ${report.failed} failed, ${report.notRun} not run`,
      Took: formatDuration(durationMs),
    },
    page:
      result === 'pass'
        ? { action: 'resolve', severity: 'info', of: 'smoke-test' }
        : { action: 'trigger', severity: 'warning', of: 'smoke-test' },
  };
}
