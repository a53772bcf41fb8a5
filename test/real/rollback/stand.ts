import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePorts, startServer } from '../../support/servers/real.js';

/** A real Prometheus that scrapes every second what it is told. */
export interface Prometheus {
  url: string;
  /** Scrapes these from now on, `host:port` each. */
  scrapes(targets: readonly string[]): void;
  /** The number that an expression is now; NaN where it is none. */
  number(query: string): Promise<number>;
  /** When a target was scraped in the last two minutes; epoch milliseconds. */
  scrapesOf(target: string): Promise<number[]>;
  stop(): Promise<void>;
}

export const scrapeMs = 1_000;

export async function startPrometheus(): Promise<Prometheus> {
  const dir = mkdtempSync(join(tmpdir(), 'prometheus-live-'));
  const scrapes = (targets: readonly string[]) => {
    writeFileSync(join(dir, 'targets.new'), JSON.stringify([{ targets }]));
    renameSync(join(dir, 'targets.new'), join(dir, 'targets.json'));
  };
  scrapes([]);
  const [port] = await freePorts(1);
  const url = `http://127.0.0.1:${port}`;
  writeFileSync(
    join(dir, 'prometheus.yml'),
    `global: { scrape_interval: 1s, scrape_timeout: 1s }
scrape_configs:
  - job_name: shop
    file_sd_configs: [{ files: ['${join(dir, 'targets.json')}'], refresh_interval: 1s }]
`,
  );
  const server = await startServer(
    [
      'prometheus',
      `--config.file=${join(dir, 'prometheus.yml')}`,
      `--storage.tsdb.path=${join(dir, 'data')}`,
      `--web.listen-address=127.0.0.1:${port}`,
      '--log.level=error',
    ],
    () => answers(`${url}/-/ready`),
    60_000,
  );
  const ask = async (query: string) => {
    const response = await fetch(`${url}/api/v1/query?${new URLSearchParams({ query })}`);
    const { data } = (await response.json()) as {
      data: { result: { value?: [number, string]; values?: [number, string][] }[] };
    };
    return data.result[0];
  };
  return {
    url,
    scrapes,
    number: async (query) => Number((await ask(query))?.value?.[1] ?? NaN),
    scrapesOf: async (target) =>
      ((await ask(`up{instance="${target}"}[120s]`))?.values ?? []).map(([at]) => at * 1_000),
    async stop() {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** How late a machine was with what is due every so often: the sum of all delays between two instants (ms). */
export function lateness(instants: readonly number[], everyMs: number, from: number, to: number): number {
  const [before = from, ...after] = [
    ...instants.filter((at) => at <= from).slice(-1),
    ...instants.filter((at) => at > from && at < to),
    to,
  ];
  let last = before;
  let sum = 0;
  for (const at of after) {
    sum += Math.max(0, at - last - everyMs);
    last = at;
  }
  return sum;
}

/** Beats every 2 ms; the beats that it misses say for how long this process was busy, or did not get a processor. */
export function startMetronome(): { everyMs: number; beats: number[]; stop(): void } {
  const everyMs = 2;
  const beats: number[] = [Date.now()];
  const timer = setInterval(() => beats.push(Date.now()), everyMs);
  return { everyMs, beats, stop: () => clearInterval(timer) };
}
