import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';

/**
 * Below what Linux and macOS give to connections and to servers that ask for any port: nobody gets these by chance
 * before their server starts.
 */
const range = { first: 12_000, last: 30_000 };

/** Ports that nobody listens on, all different; tries at random, so that two rehearsals at once get their own. */
export async function freePorts(count: number): Promise<number[]> {
  const found = new Set<number>();
  for (let tries = 0; found.size < count; tries++) {
    if (tries > 1_000) throw new Error(`no free port between ${range.first} and ${range.last}`);
    const port = randomInt(range.first, range.last);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  return [...found];
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
      .once('error', () => resolve(false))
      .listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
