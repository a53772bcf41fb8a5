import { describe, expect, it } from '@jest/globals';
import { inParallel } from '../../../../actions/smoke-test/run/in-parallel.js';

const items = Array.from({ length: 500 }, (_, index) => index);

/** Work that ends only when it is told to, and counts how much of it is under way. */
function workshop() {
  const ends: (() => void)[] = [];
  const seen = { begun: [] as number[], most: 0 };
  let open = 0;
  return {
    seen,
    endAll: () => ends.splice(0).forEach((end) => end()),
    work: async (item: number) => {
      seen.begun.push(item);
      seen.most = Math.max(seen.most, ++open);
      await new Promise<void>((resolve) => ends.push(resolve));
      open--;
      return item * 2;
    },
  };
}

const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

describe('work in parallel', () => {
  it('where nothing ends is all begun in a few turns, in its order, and its results keep that order', async () => {
    const { work, endAll, seen } = workshop();
    let turns = 0;
    const turn = async () => {
      turns++;
      if (seen.begun.length >= 500) endAll();
      await soon();
    };
    const done = inParallel(items, { limit: 500, turn }, work);
    while (seen.begun.length < 500) await soon();
    endAll();
    expect(await done).toEqual(items.map((item) => item * 2));
    expect(seen.begun).toEqual(items);
    expect(seen.most).toBe(500);
    expect(turns).toBeLessThan(10);
  });

  it('where all ends at once needs far fewer places than it may have', async () => {
    const { work, endAll, seen } = workshop();
    const turn = async () => {
      endAll();
      await soon();
    };
    const ending = setInterval(endAll, 1);
    expect(await inParallel(items, { limit: 500, turn }, work)).toHaveLength(500);
    clearInterval(ending);
    expect(seen.most).toBeLessThan(250);
  });

  it.each([1, 7, 10_000])('never has more than %d under way', async (limit) => {
    const { work, endAll, seen } = workshop();
    const ending = setInterval(endAll, 0);
    await inParallel(items.slice(0, 40), { limit, turn: soon }, work);
    clearInterval(ending);
    expect(seen.most).toBeLessThanOrEqual(limit);
    expect(seen.begun).toHaveLength(40);
  });

  it('fails when one part of it does, also before the others are begun', async () => {
    const fails = async (item: number) => {
      if (item === 3) throw new Error('no');
      await soon();
    };
    await expect(inParallel(items, { limit: 500, turn: soon }, fails)).rejects.toThrow('no');
  });

  it('has no results where there are no items', async () => {
    expect(await inParallel([], { limit: 5, turn: soon }, workshop().work)).toEqual([]);
  });
});
