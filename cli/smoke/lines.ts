import { styleText } from 'node:util';
import { cameOf } from '../../actions/smoke-test/run/progress.js';
import type { SmokeReport } from '../../shared/contracts/reports/smoke-report.js';
import { formatDuration } from '../../shared/time/duration.js';

type Step = SmokeReport['flows'][number]['steps'][number];

/** Puts colour on a text, or leaves it as it is. */
export type Paint = (colour: 'red' | 'green' | 'yellow' | 'dim' | 'bold', text: string) => string;

/** Colours for a terminal that shows them. */
export const painter =
  (colours: boolean): Paint =>
  (colour, text) =>
    colours ? styleText(colour, text, { validateStream: false }) : text;

/** Text on one line, without the characters that move a terminal's cursor: what a server answers is not ours. */
export function plainLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Bidi_Control}]+/gu, ' ');
}

const marks = { passed: '✓', failed: '✗', 'not-run': '-' } as const;
const colourOf = { passed: 'green', failed: 'red', 'not-run': 'yellow' } as const;

/**
 * The end of a run for people: every flow that did not pass with its steps, every failure with its line of the suite,
 * the verdict.
 */
export function smokeLines(report: SmokeReport, paint: Paint): string[] {
  const broken = report.flows.filter(({ result }) => result !== 'passed');
  return [
    ...broken.flatMap((flow) => [
      '',
      paint('bold', plainLine(flow.name)),
      ...flow.steps.map(stepLine(paint)),
    ]),
    ...report.failures.flatMap((failure) => {
      const place = `${failure.file}${failure.line === undefined ? '' : `:${failure.line}`}`;
      return [
        '',
        `${paint('red', plainLine(`✗ ${failure.flow} › ${failure.step}`))}  ${paint('dim', plainLine(place))}`,
        `    ${plainLine(failure.check)}`,
        ...(failure.written === undefined ? [] : [`    written   ${plainLine(failure.written)}`]),
        `    expected  ${plainLine(failure.expected)}`,
        `    got       ${plainLine(failure.got)}`,
        ...(failure.request === '' ? [] : [`    request   ${plainLine(failure.request)}`]),
        ...(failure.curl === undefined ? [] : [`    again     ${plainLine(failure.curl)}`]),
      ];
    }),
    ...(broken.length > 0 ? [''] : []),
    paint(report.result === 'pass' ? 'green' : 'red', plainLine(verdict(report))),
  ];
}

function stepLine(paint: Paint): (step: Step) => string {
  return ({ name, result, reason, attempts, durationMs, phase }) => {
    const last = attempts.at(-1);
    const detail =
      reason !== undefined
        ? `not run: ${reason}`
        : [
            last ? cameOf(last) : 'no answer',
            formatDuration(durationMs),
            ...(attempts.length > 1 ? [`${attempts.length} attempts`] : []),
          ].join(', ');
    const label = phase === 'after' ? `${name} [clean-up]` : name;
    return `  ${paint(colourOf[result], marks[result])} ${plainLine(`${label} (${detail})`)}`;
  };
}

/** The verdict in one line; the details of the first failure stand above it already. */
function verdict({ result, message, passed, failed, notRun, p95Ms, durationMs }: SmokeReport): string {
  if (result === 'error') return message;
  const p95 = p95Ms === null ? '' : `, p95 ${formatDuration(Math.round(p95Ms))}`;
  const counts = `${passed} passed, ${failed} failed, ${notRun} not run in ${formatDuration(durationMs)}${p95}`;
  return `${result === 'pass' ? 'PASS' : 'FAIL'}  ${counts}`;
}
