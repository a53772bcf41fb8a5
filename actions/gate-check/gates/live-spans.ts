import { outcomeOf, type DeploymentRecord } from '../../../shared/ledger/record.js';

/** A time during which a release was live: from its first success until another took its place, or until now. */
export interface LiveSpan {
  from: number;
  to: number;
  ended: boolean;
}

/** Times during which any of the records was live, oldest first; a release deployed again over itself has one span. Records that never succeeded or were taken back have none. */
export function liveSpans(
  records: readonly Pick<DeploymentRecord, 'statuses' | 'createdAt'>[],
  now: number,
): LiveSpan[] {
  const spans: LiveSpan[] = [];
  const single = records
    .map(outcomeOf)
    .filter((outcome) => outcome.is === 'succeeded')
    .map(({ at, supersededAt }) => ({ from: at, to: supersededAt ?? now, ended: supersededAt !== undefined }))
    .sort((a, b) => a.from - b.from);
  for (const span of single) {
    const before = spans.at(-1);
    if (before && span.from <= before.to) {
      if (span.to > before.to || !span.ended) {
        before.to = Math.max(before.to, span.to);
        before.ended = before.ended && span.ended;
      }
    } else spans.push({ ...span });
  }
  return spans;
}
