import type { Reading } from '../../contracts/reports/analysis-report.js';
import { beganBy, increase, vanished, type Counter, type Increase, type Scrape } from './counters.js';

type Counted = Extract<Reading, { is: 'data' }>['samples'];

/** What is known of a page of counters from the looks at it so far. */
export interface Chain {
  /** The last scrape that had the counters, or the first one, which had none. */
  last: Scrape | undefined;
  /** The last value of every series of this process: one that is missing for a look keeps it. */
  remembered: ReadonlyMap<string, Counter>;
  /** In how many looks up to the last one series vanished. */
  churn: number;
  /** The most requests in a millisecond that a look has shown; 0 before there were any. */
  fastest: number;
  /** Looks since counters fell without a word on why; undefined when they have not, or long enough ago. */
  sinceFall: number | undefined;
  /** Counted, and not given yet: whether it is what this process counted in this time is not clear. */
  held: Counted;
  /** What is held is the first that the page showed of these counters. */
  appeared: boolean;
  /** Why nothing that the page says can be compared any more. */
  confused: string | undefined;
}

export const newChain: Chain = {
  last: undefined,
  remembered: new Map(),
  churn: 0,
  fastest: 0,
  sinceFall: undefined,
  held: [],
  appeared: false,
  confused: undefined,
};

/** A restart is believed, where the page names no process, when the counters have not fallen for so many looks. */
const looksToBelieve = 3;

/** Series that came and went in so many looks in a row were not renamed. */
const looksOfChurn = 2;

/** Counters that show up late with no more than this began at 0 just now; so many requests are never too many. */
const [fewAtFirst, fewRequests] = [50, 20];

/** A look may show so many times what the busiest one before did. */
const mostTimes = 5;

/** Series that are remembered at most: a label with ever new values must not fill the memory. */
const mostRemembered = 40_000;

const upAndDown =
  'its counters go up and down, so several processes answer in turn, or one that begins again and again, and it has no process_start_time_seconds to tell. Fix: give the colour one address that sums the processes up, use the multiprocess mode of the metrics library, or add process_start_time_seconds to the page';

interface Followed {
  chain: Chain;
  reading: Reading;
}

/**
 * What the next scrape of a page says of the time since the last one. Where the page does not name its process, counters
 * that fell may be a restart or another process: a fall to little is a restart at once, another one is believed when
 * they have not fallen again for some looks, and until then what was counted is kept back. Falls that follow each other,
 * and more counted in one look than ever fits into it, are several processes, for good. Counters that show up after the
 * first look have begun at 0 if what they show fits into that time.
 */
export function follow(chain: Chain, scrape: Scrape, by: readonly string[] = []): Followed {
  const { last } = chain;
  const error = (confused: string): Followed => ({
    chain: { ...chain, confused },
    reading: { is: 'error', message: confused },
  });
  if (chain.confused !== undefined) return error(chain.confused);
  if (!last)
    return {
      chain: { ...chain, last: scrape, remembered: scrape.counters },
      reading: { is: 'data', samples: [], message: 'first scrape, the baseline' },
    };
  const inChurn = chain.churn >= looksOfChurn;
  const known = { counters: chain.remembered, churn: inChurn };
  const grown = increase(last, scrape, by, known);
  if (!grown.ok) return error(grown.why);
  const fall = judgeFall(chain, last, scrape, grown);
  if (fall === 'several') return error(upAndDown);
  const counted = inChurn && !fits(chain, last, scrape, grown) ? increase(last, scrape, by) : grown;
  if (!counted.ok) return error(counted.why);

  const next = { ...remember(chain, last, scrape), ...afterFall(chain, fall) };
  const { ok: _, note, ...sums } = counted;
  const sample = { from: last.at, to: scrape.at, ...sums };
  const began = scrape.processStart !== undefined && beganBy(scrape.processStart, last) === 'after';
  if (last.counters.size === 0 && sums.requests > fewAtFirst && !began)
    return {
      chain: { ...next, held: [sample], appeared: true },
      reading: {
        is: 'data',
        samples: [],
        message: 'the counters showed up: whether they just began is next',
      },
    };
  const rate = sums.requests / Math.max(1, sample.to - sample.from);
  const before = chain.appeared
    ? chain.held.filter(({ from, to, requests }) => requests <= fewRequests + mostTimes * rate * (to - from))
    : chain.held;
  const late = before.length < chain.held.length ? 'what the counters showed at first is older' : undefined;
  const holding = fall === 'unclear' || (next.sinceFall !== undefined && chain.held.length > 0);
  const held = [...before, sample];
  const message = holding
    ? 'the counters fell: whether they began again at 0 is not known yet'
    : (late ?? note);
  return {
    chain: {
      ...next,
      fastest: fall === undefined ? Math.max(chain.fastest, rate) : chain.fastest,
      held: holding ? held : [],
    },
    reading: { is: 'data', samples: holding ? [] : held, ...(message ? { message } : {}) },
  };
}

/** The chain with what a scrape shows; a process that began anew has nothing of the one before. */
function remember(chain: Chain, last: Scrape, scrape: Scrape): Chain {
  const isSame = last.processStart === scrape.processStart;
  const all = new Map(isSame ? [...chain.remembered, ...scrape.counters] : scrape.counters);
  for (const key of all.keys()) {
    if (all.size <= mostRemembered) break;
    if (!scrape.counters.has(key)) all.delete(key);
  }
  return {
    ...chain,
    last: scrape,
    remembered: all,
    churn: vanished(last, scrape) ? chain.churn + 1 : 0,
    held: [],
    appeared: false,
  };
}

type Fall = 'restart' | 'unclear' | undefined;

function afterFall({ sinceFall }: Chain, fall: Fall): Pick<Chain, 'sinceFall'> {
  if (fall !== undefined) return { sinceFall: 0 };
  const looks = sinceFall === undefined ? undefined : sinceFall + 1;
  return { sinceFall: looks !== undefined && looks < looksToBelieve ? looks : undefined };
}

/** Whether so many requests can be of the time between two looks, as far as is known. */
const fits = (
  { fastest }: Chain,
  { at: from }: Scrape,
  { at: to }: Scrape,
  { requests }: Extract<Increase, { ok: true }>,
): boolean => fastest === 0 || requests <= fewRequests + mostTimes * fastest * (to - from);

/** What a fall of counters means; undefined where there is none, or the page itself says what it is. */
function judgeFall(
  chain: Chain,
  last: Scrape,
  scrape: Scrape,
  grown: Extract<Increase, { ok: true }>,
): Fall | 'several' {
  if (last.processStart !== undefined && scrape.processStart !== undefined) return undefined;
  const fell = [...scrape.counters].flatMap(([key, counter]) => {
    const known = last.counters.get(key);
    return known && counter.value < known.value && !isNamed(known, counter) ? [{ known, counter }] : [];
  });
  if (fell.length === 0) return undefined;
  const before = fell.reduce((sum, { known }) => sum + known.value, 0);
  const after = fell.reduce((sum, { counter }) => sum + counter.value, 0);
  if (chain.sinceFall !== undefined || !fits(chain, last, scrape, grown)) return 'several';
  return after * 4 <= before ? 'restart' : 'unclear';
}

const isNamed = (known: Counter, counter: Counter) =>
  known.created !== undefined && counter.created !== undefined;
