import { severalProcesses } from '../counters.js';
import { queryInstant, selectorOf, type PromPlace, type PromSeries } from './prometheus-api.js';
import { growth, targetOf, type Break, type Counted, type Growth } from './raw-counters.js';

type Grown = Extract<Growth, { ok: true }>;

/** What the looks so far have shown of the processes behind the counters. */
export interface Trust {
  /** The most requests in a millisecond; undefined before there were any. */
  fastest: number | undefined;
  /** How often counters fell to something like what they were, in a target that does not say when it started. */
  falls: number;
}

export const noTrust: Trust = { fastest: undefined, falls: 0 };

/** The growth of counters that one process each counted; `several`: they are not, and can never be compared. */
export type Believed = { ok: true; grown: Grown; trust: Trust } | { ok: false; why: string; several?: true };

interface Asked {
  counted: Counted;
  chosen: readonly PromSeries[];
  /** Points up to here are what counting starts from, up to there it is asked, and over how long (epoch ms, ms). */
  from: number;
  to: number;
  rangeMs: number;
  trust: Trust;
}

/** So many requests more than expected in one look are no reason to ask. */
const fewRequests = 20;

/**
 * What counters grew by. Where one fell, or more was counted than a look had before, the target is asked when its process
 * started: another process that answers the scrapes counted something else, and a restart began at 0. Where that is not
 * known, a fall to little is a restart; one to something like what there was counts from there, and a second one, or more
 * than fits into the time, are several processes.
 */
export async function growthOfOne(
  place: PromPlace,
  { counted, chosen, from, to, rangeMs, trust }: Asked,
  signal?: AbortSignal,
): Promise<Believed> {
  const grown = growth(counted, chosen, from);
  if (!grown.ok) return grown;
  const { fastest } = trust;
  const requests = grown.grown.reduce((sum, one) => sum + one, 0);
  const ms = Math.max(1, (grown.newest ?? to) - Math.max(from - rangeMs, ...counted.targets.values()));
  const fits = (times: number) => fastest === undefined || requests <= fewRequests + times * fastest * ms;
  const learnt = { ...trust, fastest: requests > 0 ? Math.max(fastest ?? 0, requests / ms) : fastest };
  const inTurn = chosen.find(goesUpAndDown);
  if (!grown.fell && !inTurn && fits(1.5)) return { ok: true, grown, trust: learnt };

  const labels = grown.fell?.labels ?? (inTurn ?? fastestOf(chosen, grown)).labels;
  const starts = await startsOf(place, labels, { to, rangeMs }, signal);
  // A fall must be explained; growth alone is what is to be expected.
  if (starts.is === 'not-known' && grown.fell) return { ok: false, why: starts.why };
  const target = `the target ${labels['instance'] ?? ''}`;
  if (starts.is === 'in-turn') return { ok: false, why: severalProcesses(target), several: true };
  if (starts.is === 'said') {
    if (starts.breaks.length === 0) return { ok: true, grown, trust: learnt };
    const again = growth(counted, chosen, from, new Map([[targetOf(labels), starts.breaks]]));
    return again.ok ? { ok: true, grown: again, trust } : again;
  }
  const likeBefore = grown.fell !== undefined && isLike(grown.fell);
  const falls = trust.falls + (likeBefore ? 1 : 0);
  if (inTurn || falls > 1 || (grown.fell && !fits(5)))
    return {
      ok: false,
      why: severalProcesses(target, 'its counters go up and down, and process_start_time_seconds'),
      several: true,
    };
  if (!likeBefore) return { ok: true, grown, trust: learnt };
  const breaks = new Map([[targetOf(labels), [{ at: grown.fell!.at, from: 'here' as const }]]]);
  const again = growth(counted, chosen, from, breaks);
  return again.ok ? { ok: true, grown: again, trust: { ...trust, falls } } : again;
}

/** Whether a counter fell to something like what it was: no restart counts so much until the next scrape. */
const isLike = ({ was, is }: { was: number; is: number }) => is * 4 > was;

/** Whether a counter goes up and down between values that are alike, as where several processes answer in turn. */
const goesUpAndDown = ({ points }: PromSeries): boolean =>
  points.filter(({ value: is }, index) => {
    const was = points[index - 1]?.value ?? 0;
    return is < was && isLike({ was, is });
  }).length > 1;

/** The series that grew most. */
const fastestOf = (chosen: readonly PromSeries[], { grown }: Grown): PromSeries =>
  chosen[grown.indexOf(Math.max(...grown))] ?? { labels: {}, points: [] };

/** Clocks of a target and of Prometheus may differ by so many milliseconds, and two processes overlap at a restart. */
const clockSkewMs = 60_000;

/**
 * What a target says of when "its" process started: that several answer where that goes back and forth, or forward to one
 * that ran at the scrape before already, which no restart does; or from which scrapes on another one answers.
 */
async function startsOf(
  place: PromPlace,
  { instance, job, pod }: PromSeries['labels'],
  { to, rangeMs }: Pick<Asked, 'to' | 'rangeMs'>,
  signal?: AbortSignal,
): Promise<
  { is: 'said'; breaks: Break[] } | { is: 'in-turn' | 'not-said' } | { is: 'not-known'; why: string }
> {
  const labels = Object.entries({ instance, job, pod }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  if (labels.length === 0) return { is: 'not-said' };
  const metric = 'process_start_time_seconds';
  const selector = selectorOf(metric, Object.fromEntries(labels));
  const answer = await queryInstant(place, `${selector}[${Math.ceil(rangeMs / 1_000)}s]`, to, signal);
  if (!answer.ok) return { is: 'not-known', why: answer.why };
  const series = answer.series.filter(({ labels: { __name__: name = metric } }) => name === metric);
  if (series.length === 0) return { is: 'not-said' };
  const changes = series.flatMap(({ points }) =>
    points.flatMap(({ at, value }, index) => {
      const before = points[index - 1];
      return before && before.value !== value ? [{ before, at, start: value }] : [];
    }),
  );
  const inTurn = changes.some(
    ({ before, start }) => start < before.value || start * 1_000 < before.at - clockSkewMs,
  );
  if (inTurn) return { is: 'in-turn' };
  return {
    is: 'said',
    breaks: changes.map(({ before, at, start }) => ({
      at,
      from: start * 1_000 < before.at ? ('here' as const) : ('zero' as const),
    })),
  };
}
