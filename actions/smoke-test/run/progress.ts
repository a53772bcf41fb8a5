import { formatDuration } from '../../../shared/time/duration.js';
import type { AttemptResult, StepResult } from './results.js';

/** What happens to a step while a suite runs; texts are as they came, before secrets are taken out. */
export type Happening =
  | { what: 'begins'; flow: string; step: string }
  /** An attempt after which there will be another. */
  | { what: 'attempt'; flow: string; step: string; number: number; attempt: AttemptResult }
  | { what: 'ends'; flow: string; result: StepResult };

export type Tell = (happening: Happening) => void;

const marks = { passed: '✓', failed: '✗', 'not-run': '-' } as const;

/**
 * Says what happens, a line each. Of many attempts that come to the same, the 1st, 2nd, 4th, 8th and so on are said.
 */
export function tellInLines(write: (line: string) => void): Tell {
  const last = new Map<string, string>();
  return (happening) => {
    if (happening.what === 'begins') return;
    if (happening.what === 'ends') return write(endLine(happening.flow, happening.result));
    const { flow, step, number, attempt } = happening;
    const key = JSON.stringify([flow, step]);
    const came = cameOf(attempt);
    const isNews = last.get(key) !== came || Number.isInteger(Math.log2(number));
    last.set(key, came);
    if (isNews) write(`… ${flow} › ${step} (attempt ${number}: ${came})`);
  };
}

/** A step that ended, in one line. */
export function endLine(flow: string, { planned, result, reason, durationMs, attempts }: StepResult): string {
  const last = attempts.at(-1);
  const details =
    reason === undefined
      ? [
          ...(last ? [cameOf(last)] : []),
          formatDuration(Math.round(durationMs)),
          ...(attempts.length > 1 ? [`${attempts.length} attempts`] : []),
        ]
      : [`not run: ${reason}`];
  const cleanUp = planned.phase === 'after' ? ' [clean-up]' : '';
  return `${marks[result]} ${flow} › ${planned.name}${cleanUp} (${details.join(', ')})`;
}

/** What an attempt came to, in a few words. */
export function cameOf({ status, fault }: Pick<AttemptResult, 'status' | 'fault'>): string {
  return fault === null ? (status === null ? 'answered' : String(status)) : 'no answer';
}

/** A happening with secrets taken out of the texts that are shown of it. */
export function redacted(happening: Happening, redact: (text: string) => string): Happening {
  const flow = redact(happening.flow);
  if (happening.what !== 'ends') return { ...happening, flow, step: redact(happening.step) };
  const { planned, reason, ...result } = happening.result;
  return {
    what: 'ends',
    flow,
    result: {
      ...result,
      planned: { ...planned, name: redact(planned.name) },
      ...(reason === undefined ? {} : { reason: redact(reason) }),
    },
  };
}
