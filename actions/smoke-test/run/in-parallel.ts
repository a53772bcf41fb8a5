/** How many at a time, and how to wait for a turn of the event loop. */
export interface Pace {
  limit: number;
  turn(): Promise<void>;
}

/** How much is begun at once before the first look at what is done. */
const firstTurn = 8;

/**
 * Does the work for every item, at most `limit` at a time and begun in their order; results keep that order. Work is begun in turns: where answers come
 * at once, what is done takes up the next item, and connections are not opened for all of them; where nothing is done yet, each turn begins twice as much.
 */
export async function inParallel<Item, Result>(
  items: readonly Item[],
  { limit, turn }: Pace,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const waiting = items.entries();
  let begun = 0;
  let done = 0;
  const worker = async () => {
    for (const [index, item] of waiting) {
      begun++;
      results[index] = await work(item);
      done++;
    }
  };
  const workers: Promise<void>[] = [];
  for (let more = firstTurn; workers.length < limit && begun < items.length;) {
    for (let i = 0; i < more && workers.length < limit && begun < items.length; i++) {
      const started = worker();
      // Until all are awaited together, node would take a rejection for one that nobody looks at.
      started.catch(() => undefined);
      workers.push(started);
    }
    const before = done;
    if (begun < items.length) await turn();
    more = done > before ? firstTurn : more * 2;
  }
  await Promise.all(workers);
  return results;
}
