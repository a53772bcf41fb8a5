import { describe, expect, it } from '@jest/globals';
import { inParallel } from '../../../../actions/smoke-test/run/in-parallel.js';

const items = Array.from({ length: 40 }, (_, index) => index);
const soon = () => new Promise<void>((resolve) => setImmediate(resolve));

/** Work of which later items end sooner, and what was seen of it. */
function workshop() {
  const seen = { begun: [] as number[], most: 0 };
  let open = 0;
  const work = async (item: number) => {
    seen.begun.push(item);
    seen.most = Math.max(seen.most, ++open);
    for (let turns = item % 7; turns < 7; turns++) await soon();
    open--;
    return item * 2;
  };
  return { seen, work };
}

describe('work in parallel', () => {
  it.each([
    [1, 1],
    [7, 7],
    [10_000, 40],
  ])('of at most %d at a time has %d under way, in its order', async (limit, most) => {
    const { work, seen } = workshop();
    expect(await inParallel(items, limit, work)).toEqual(items.map((item) => item * 2));
    expect(seen).toEqual({ begun: items, most });
  });

  it('fails when one part of it does, whatever becomes of the others', async () => {
    const fails = async (item: number) => {
      if (item > 30) throw new Error('later');
      if (item === 3) throw new Error('no');
      await soon();
    };
    await expect(inParallel(items, 20, fails)).rejects.toThrow('no');
  });

  it('has no results where there are no items', async () => {
    expect(await inParallel([], 5, workshop().work)).toEqual([]);
  });
});
