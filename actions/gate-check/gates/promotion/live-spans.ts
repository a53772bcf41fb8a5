import { outcomeOf, succeededAt, type DeploymentRecord } from '../../../../shared/ledger/record.js';

/** A time during which a release was live: from its first success until another took its place, or until now. */
export interface LiveSpan {
  from: number;
  to: number;
  ended: boolean;
}

type Timed = Pick<DeploymentRecord, 'id' | 'statuses' | 'createdAt'>;

/**
 * Times during which any of the records was live, oldest first; a release deployed again over itself has one span. Each
 * ends at the latest when one of the others succeeded, since the end is not always written. Records that never
 * succeeded or were taken back have none.
 */
export function liveSpans(records: readonly Timed[], others: readonly Timed[], now: number): LiveSpan[] {
  const spans: LiveSpan[] = [];
  const single = records
    .flatMap((record) => {
      const outcome = outcomeOf(record);
      if (outcome.is !== 'succeeded') return [];
      const next = others
        .map((other) => ({ id: other.id, at: succeededAt(other) ?? -Infinity }))
        .filter(({ id, at }) => at > outcome.at || (at === outcome.at && id > record.id))
        .map(({ at }) => at);
      const to = Math.min(outcome.supersededAt ?? Infinity, ...next);
      const ended = to !== Infinity;
      return [{ from: outcome.at, to: ended ? to : now, ended }];
    })
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
