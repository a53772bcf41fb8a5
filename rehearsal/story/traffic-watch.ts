import { get } from 'node:http';

/** Traffic of an environment went from one version to another, as a visitor sees it. */
export interface Move {
  environment: string;
  from: Seen;
  to: Seen;
}

export interface Seen {
  version: string;
  colour: string;
}

/** One move in a line for people. */
export function describeMove({ environment, from, to }: Move): string {
  const versions = from.version === to.version ? to.version : `${from.version} → ${to.version}`;
  return `${environment}: traffic moved ${from.colour} → ${to.colour} (${versions})`;
}

const pauseMs = 50;

/**
 * Asks entries on new connections, again and again, who answers; reports each change until stopped. Answers without a
 * version change nothing.
 */
export function watchTraffic(
  entries: Readonly<Record<string, { url: string }>>,
  onMove: (move: Move) => void,
): { stop: () => Promise<void> } {
  let stopped = false;
  const loops = Object.entries(entries).map(async ([environment, { url }]) => {
    let last: Seen | undefined;
    while (!stopped) {
      const seen = await ask(`${url}/health`);
      if (seen) {
        if (last && (last.version !== seen.version || last.colour !== seen.colour))
          onMove({ environment, from: last, to: seen });
        last = seen;
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    }
  });
  return {
    stop: async () => {
      stopped = true;
      await Promise.all(loops);
    },
  };
}

/** Whoever answers; undefined without an answer that says so. */
function ask(url: string): Promise<Seen | undefined> {
  return new Promise((resolve) => {
    const none = () => resolve(undefined);
    const asked = get(url, { agent: false, timeout: 2_000 }, (answer) => {
      let text = '';
      answer
        .setEncoding('utf8')
        .on('data', (chunk: string) => (text += chunk))
        .once('error', none)
        .once('end', () => resolve(read(text)));
    });
    asked.once('timeout', () => asked.destroy()).once('error', none);
  });
}

function read(text: string): Seen | undefined {
  try {
    const { version, colour } = JSON.parse(text) as Partial<Seen>;
    return typeof version === 'string' && typeof colour === 'string' ? { version, colour } : undefined;
  } catch {
    return undefined;
  }
}
