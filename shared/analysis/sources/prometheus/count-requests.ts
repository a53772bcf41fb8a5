import type { Reading } from '../../../contracts/reports/analysis-report.js';
import { labelPattern } from '../../label-pattern.js';
import { fillIn } from '../../placeholders.js';
import type { MetricSource, Subject } from '../../source.js';
import { selectCounters, sumOf, type Selection } from '../counters.js';
import { queryInstant, selectorOf, type PromPlace, type PromSeries } from './prometheus-api.js';
import { growthOfOne, noTrust } from './process-starts.js';
import { nothingCounted } from './raw-counters.js';
import type { RequestsField } from '../request-fields.js';

type Wanted = Omit<RequestsField, 'except'> & {
  except?: RequestsField['except'] | undefined;
  by: readonly string[];
  subject: Subject;
  maxAgeMs: number;
};

/**
 * Counts requests from the raw samples of counters, so that nothing is extrapolated, counted twice or lost between two
 * looks, whatever the scrape interval.
 */
export function countRequests(place: PromPlace, wanted: Wanted): MetricSource {
  const { metric, errors, except, by, subject, maxAgeMs } = wanted;
  const match = Object.fromEntries(
    Object.entries(wanted.match).map(([label, text]) => [label, fillIn(text, subject)]),
  );
  const selection: Selection = {
    metric,
    match,
    errorLabel: errors.label,
    isError: labelPattern(errors.matches)!,
    by,
    version: subject.version,
    colour: subject.colour,
    ...(except ? { except: { label: except.label, matches: labelPattern(except.matches)! } } : {}),
  };
  let counted = nothingCounted;
  let trust = noTrust;
  let last: number | undefined;
  /** Once several processes were seen behind one target, nothing that it counts can be compared any more. */
  let several: string | undefined;

  return {
    async query(window, signal): Promise<Reading> {
      if (several !== undefined) return { is: 'error', message: several };
      const from = last ?? window.from;
      const rangeMs = window.to - from + maxAgeMs;
      const selector = `${selectorOf(metric, match)}[${Math.ceil(rangeMs / 1_000)}s]`;
      const answer = await queryInstant(place, selector, window.to, signal);
      if (!answer.ok) return { is: 'error', message: answer.why };
      const newest = Math.max(...answer.series.map(({ points }) => points.at(-1)?.at ?? -Infinity));
      if (answer.series.length === 0) return { is: 'absent', message: `Prometheus has no ${selector}` };
      if (window.to - newest > maxAgeMs) {
        const age = Math.round((window.to - newest) / 1_000);
        return { is: 'stale', message: `the newest sample of ${metric} is ${age} s old` };
      }
      const selected = selectCounters(pageOf(metric, answer.series), selection, window.to, Infinity);
      if (selected.is !== 'selected') return { is: selected.is, message: selected.message };
      const keys = [...selected.counters.keys()];
      const bySeries = new Map(answer.series.map((series) => [keyOf(series), series]));
      const chosen = keys.map((key) => bySeries.get(key)!);
      const believed = await growthOfOne(
        place,
        { counted, chosen, from, to: window.to, rangeMs, trust },
        signal,
      );
      if (!believed.ok) {
        if (believed.several) several = believed.why;
        return { is: 'error', message: believed.why };
      }
      const { grown } = believed;
      trust = believed.trust;
      const first = last === undefined && window.from === window.to;
      counted = grown.counted;
      last = window.to;
      if (first) return { is: 'data', samples: [], message: 'first look, the baseline' };
      const grew = keys.map((key, index) => ({
        counter: selected.counters.get(key)!,
        grown: grown.grown[index]!,
      }));
      return { is: 'data', samples: [{ from, to: window.to, ...sumOf(grew, by) }] };
    },
  };
}

/** The series as a page of metrics would show them, so that both are selected by the same rules. */
function pageOf(metric: string, series: readonly PromSeries[]) {
  const lines = series.map(({ labels, points }) => {
    const { __name__: _, ...own } = labels;
    return { name: metric, labels: own, value: points.at(-1)?.value ?? NaN };
  });
  return { series: lines, types: new Map<string, string>(), names: new Set([metric]) };
}

function keyOf({ labels }: PromSeries): string {
  const { __name__: _, ...own } = labels;
  return JSON.stringify(Object.entries(own).sort());
}
