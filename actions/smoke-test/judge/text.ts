import type { Observed } from '../../../shared/probes/probe.js';
import { formatDuration } from '../../../shared/time/duration.js';
import type { Judged } from './finding.js';
import { judged, type Judging } from './judging.js';
import type { BodyMatcher, SizeBound } from '../suite/schema/matcher-schema.js';
import { matchTexts, operandsOf, textOperators } from './match-text.js';

/** What is expected of one text, e.g. a body; `path` leads to the matcher inside `expect`. */
export function judgeText(
  check: string,
  path: readonly PropertyKey[],
  matcher: BodyMatcher,
  came: string,
  { lookup, excerpt }: Judging,
): Judged[] {
  return textOperators.flatMap((key) =>
    operandsOf(matcher, key).map(({ source, path: at }) => {
      const { holds, expected, problem } = matchTexts(key, source, [came], lookup);
      const got = problem ?? (came === '' ? `an empty ${check}` : excerpt(came));
      return judged(holds, check, [...path, ...at], excerpt(expected), got);
    }),
  );
}

/** What is expected of a body; nothing is decided by a text that may be another one. */
export function judgeBody(matcher: BodyMatcher, answer: Observed, judging: Judging): Judged[] {
  const doubt = answer.doubt?.();
  if (doubt === undefined) return judgeText('body', ['body'], matcher, answer.text(), judging);
  return [judged(undefined, 'body', ['body'], 'a body whose text is certain', doubt)];
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
