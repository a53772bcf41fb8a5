import type { Observed } from '../../shared/probes/probe.js';
import { formatDuration } from '../../shared/time/duration.js';
import type { Judged } from './finding.js';
import { decided, judged, type Judging } from './judging.js';
import type { BodyMatcher, SizeBound } from './matcher-schema.js';
import { matchText } from './match-text.js';

const operators = ['equals', 'contains', 'not-contains', 'matches'] as const;

/** What is expected of one text, e.g. a body; `path` leads to the matcher inside `expect`. */
export function judgeText(
  check: string,
  path: readonly PropertyKey[],
  matcher: BodyMatcher,
  came: string,
  { lookup, excerpt }: Judging,
): Judged[] {
  return operators.flatMap((key) => {
    const source = matcher[key];
    if (source === undefined) return [];
    const verdict = matchText(key, source, came, lookup);
    const got = verdict.problem ?? (came === '' ? `an empty ${check}` : excerpt(came));
    return [judged(decided(verdict), check, [...path, key], excerpt(verdict.expected), got)];
  });
}

/** How many bytes came. */
export function judgeSize({ sign, bytes }: SizeBound, { size }: Observed): Judged {
  const holds = sign === '<' ? size < bytes : sign === '>' ? size > bytes : size === bytes;
  return judged(holds, 'size', ['size'], `${sign} ${bytes} bytes`, `${size} bytes`);
}

/** How long the answer took, in milliseconds. */
export function judgeLatency(limit: number, { durationMs }: Observed): Judged {
  return judged(
    durationMs < limit,
    'latency',
    ['latency'],
    `< ${formatDuration(limit)}`,
    formatDuration(durationMs),
  );
}
