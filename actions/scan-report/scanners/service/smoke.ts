import { smokeReport, type SmokeFailure } from '../../../../shared/contracts/reports/smoke-report.js';
import { defineScanner, type Found } from '../scanner.js';

/** Whether nothing was seen of what the step would look at. */
const isUnheard = ({ kind }: SmokeFailure) => ['network', 'timeout', 'interrupted', 'suite'].includes(kind);

/** The report of `smoke-test`, whose suite asserts headers, cookies and TLS of a running service. */
export const smoke = defineScanner({
  unit: 'steps',
  schema: smokeReport,
  read: ({ result, message, passed, failed, notRun, failures, isolation, leftOut = [] }) => ({
    lookedAt: passed + failed,
    findings: failures
      .filter((each) => !isUnheard(each))
      .map(({ check, step, expected, got, file, line }): Found => ({
        id: check,
        severity: 'high',
        title: `${step}: expected ${expected}, got ${got}`,
        file,
        ...(line === undefined ? {} : { line }),
      })),
    blind: [
      ...(result === 'error' || (result === 'fail' && failures.length === 0) ? [message] : []),
      ...failures.filter(isUnheard).map(({ step, got }) => `${step}: ${got}`),
      // A waiver of the step that failed would hide them.
      ...(notRun > 0 ? [`${notRun} steps behind one that failed did not run: give each a flow`] : []),
      ...(isolation?.checks ?? [])
        .filter((each) => each.result === 'unproven')
        .map(({ step, evidence }) => `${step}: ${evidence}`),
      ...(leftOut.length > 0 ? [`left out: ${leftOut.join(', ')}`] : []),
    ],
  }),
});
