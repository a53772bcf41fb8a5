import { describe, expect, it } from '@jest/globals';
import type { Scrape } from '../../../../shared/analysis/sources/counters.js';
import { follow, newChain, type Chain } from '../../../../shared/analysis/sources/scrape-chain.js';
import type { Reading } from '../../../../shared/contracts/reports/analysis-report.js';

const began = 1_790_000_000;

interface Page {
  good?: number;
  bad?: number;
  start?: number;
  /** When both series were made. */
  created?: number;
  /** Other series, by their code. */
  more?: Record<string, number>;
}

const scrape = (look: number, { good, bad, start, created, more = {} }: Page, theirs?: number): Scrape => {
  const of = {
    ...(good === undefined ? {} : { 200: good }),
    ...(bad === undefined ? {} : { 500: bad }),
    ...more,
  };
  return {
    at: began * 1_000 + look * 5_000,
    ...(theirs === undefined ? {} : { theirs: began * 1_000 + look * 5_000 + theirs }),
    processStart: start,
    counters: new Map(
      Object.entries(of).map(([code, value]) => [
        code,
        { value, error: code.startsWith('5'), ...(created === undefined ? {} : { created }) },
      ]),
    ),
  };
};

/** What a page says look by look; errors by their message. */
function looks(pages: readonly Page[], theirs?: number): (string | [number, number][])[] {
  let chain: Chain = newChain;
  return pages.map((page, look) => {
    const followed = follow(chain, scrape(look, page, theirs));
    chain = followed.chain;
    const { reading }: { reading: Reading } = followed;
    return reading.is === 'data'
      ? reading.samples.map(({ requests, errors }): [number, number] => [requests, errors])
      : reading.message;
  });
}

const several = expect.stringContaining('several processes');

describe('workers that began shortly before the first look, behind one page', () => {
  it.each([2, 4, 8])('(%i of them) are an error, and the life of none is counted', (workers) => {
    for (const step of [1, -1, 3]) {
      const turn = Array.from(
        { length: 2 * workers + 1 },
        (_, look) => (((look * step) % workers) + workers) % workers,
      );
      const pages = turn.map((worker) => ({
        good: 100 + worker * 7,
        bad: 40 - worker,
        start: began - 20 + worker * 0.4,
      }));
      const said = looks(pages);
      expect(said.flat(2).filter((one) => typeof one === 'number' && one > 0)).toEqual([]);
      expect(said.at(-1)).toEqual(several);
    }
  });

  it('are told from a restart by the clock of their machine', () => {
    const pages = [
      { good: 900, bad: 90, start: began - 400 },
      { good: 40, bad: 1, start: began - 298 },
    ];
    // It is five minutes behind: the second one began two seconds after the first look.
    expect(looks(pages, -300_000)[1]).toEqual([[41, 1]]);
    expect(looks(pages)[1]).toEqual(several);
  });

  it('are told by when their series began, where the page does not say when they started', () => {
    const page = (created: number, good: number, bad: number) => ({ good, bad, created: began + created });
    expect(looks([page(-900, 800, 90), page(-700, 500, 30)])[1]).toEqual(several);
    expect(looks([page(-700, 500, 30), page(-900, 800, 90)])[1]).toEqual(several);
    expect(looks([page(-900, 800, 90), page(2, 30, 1)])[1]).toEqual([[31, 1]]);
  });
});

describe('a page that does not say when its process started', () => {
  const turns = (...values: [number, number][]) => looks(values.map(([good, bad]) => ({ good, bad })));

  it('and goes up and down is an error that says what to add', () => {
    const said = turns([900, 90], [850, 70], [905, 90], [855, 70], [910, 90]);
    expect(said).toEqual([
      [],
      [],
      [],
      expect.stringMatching(/up and down.*process_start_time_seconds/),
      said[3],
    ]);
  });

  it('and shows more than fits into the time is answered by another process', () => {
    expect(turns([20_000, 0], [20_025, 0], [20_050, 0], [400, 4_000])[3]).toEqual(several);
  });

  it('and falls to little began again, at once', () => {
    expect(turns([900, 90], [925, 90], [20, 5])[2]).toEqual([[25, 5]]);
  });

  it('and falls to something like before counts once it has not fallen again for three looks, and loses nothing', () => {
    const said = turns([40, 4], [65, 4], [60, 2], [85, 2], [110, 3], [135, 3], [160, 3]);
    expect(said.slice(2, 5)).toEqual([[], [], []]);
    expect(said[5]).toEqual([
      [62, 2],
      [25, 0],
      [26, 1],
      [25, 0],
    ]);
    expect(said[6]).toEqual([[25, 0]]);
  });
});

describe('series that are not on the page at every look', () => {
  const start = began - 3_600;

  it('keep what they last were: the lifetime is not counted again when they are back', () => {
    const said = looks([
      { good: 8_000, bad: 1_200, start },
      { good: 8_050, start },
      { good: 8_100, bad: 1_201, start },
      { good: 8_150, start },
      { good: 8_200, bad: 1_201, start },
    ]);
    expect(said.slice(1)).toEqual([[[50, 0]], [[51, 1]], [[50, 0]], [[50, 0]]]);
  });

  it('and show up after the first look count from 0 when what they show fits into the time', () => {
    expect(looks([{ start }, { good: 30, bad: 12, start }])[1]).toEqual([[42, 12]]);
    const busy = looks([{ start }, { good: 300, bad: 120, start }, { good: 600, bad: 240, start }]);
    expect(busy).toEqual([
      [],
      [],
      [
        [420, 120],
        [420, 120],
      ],
    ]);
  });

  it('and show a lifetime when they show up count from there', () => {
    const said = looks([{ start }, { good: 8_800, bad: 1_200, start }, { good: 8_850, bad: 1_200, start }]);
    expect(said).toEqual([[], [], [[50, 0]]]);
  });

  it('that got another label twice in a row do not count their lifetime', () => {
    const said = looks([
      { good: 8_000, bad: 1_200, start },
      { good: 8_050, bad: 1_200, start },
      { more: { '200a': 8_100, '500a': 1_200 }, start },
      { more: { '200b': 8_150, '500b': 1_200 }, start },
      { more: { '200b': 8_200, '500b': 1_200 }, start },
    ]);
    expect(said.slice(2)).toEqual([[[0, 0]], [[0, 0]], [[50, 0]]]);
  });

  it('that come and go at every look count from 0: every failure is a series of its own', () => {
    const pages = Array.from({ length: 8 }, (_, look) => ({
      good: 1_000 + look * 40,
      start,
      more: { [`500 user-${look}`]: 10 },
    }));
    expect(looks(pages).slice(4)).toEqual(Array.from({ length: 4 }, () => [[50, 10]]));
  });
});
