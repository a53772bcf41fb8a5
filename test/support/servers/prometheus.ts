import { serve } from './http.js';

/** What was asked, and what a server of Prometheus' API then has to say. */
export interface PrometheusStandIn {
  url: string;
  /** Instants (epoch ms) at which counters were asked for, and the length of each range. */
  asked: { at: number; rangeMs: number }[];
  close(): Promise<void>;
}

export interface Counters {
  scrapeMs: number;
  /**
   * By status code, and tenant after a blank: requests counted up to an instant (epoch ms); undefined while the target
   * cannot be scraped.
   */
  totals: Readonly<Record<string, (at: number, version: string) => number | undefined>>;
  /** Versions that have such counters; 1.1.0 when not given. */
  versions?: readonly string[];
  /** Whether the server answers now. */
  answers?: () => boolean;
}

/** Answers raw counters of any time, as Prometheus' API does for a range selector. */
export async function prometheusStandIn({
  scrapeMs,
  totals,
  versions = ['1.1.0'],
  answers = () => true,
}: Counters): Promise<PrometheusStandIn> {
  const asked: PrometheusStandIn['asked'] = [];
  const server = await serve((request, response) => {
    const { searchParams } = new URL(request.url!, 'http://prometheus');
    const range = /\[(\d+)s\]$/.exec(searchParams.get('query') ?? '');
    if (!answers() || !range) return void response.writeHead(503).end();
    const at = Number(searchParams.get('time')) * 1_000;
    const rangeMs = Number(range[1]) * 1_000;
    asked.push({ at, rangeMs });
    const times: number[] = [];
    for (let t = Math.floor(at / scrapeMs) * scrapeMs; t > at - rangeMs; t -= scrapeMs) times.unshift(t);
    const series = versions.flatMap((version) =>
      Object.entries(totals).map(([labels, total]) => ({ version, labels, total })),
    );
    const result = series.flatMap(({ version, labels, total }) => {
      const [code, tenant] = labels.split(' ');
      const values = times.flatMap((t) => {
        const value = total(t, version);
        return value === undefined ? [] : [[t / 1_000, String(value)]];
      });
      const metric = {
        __name__: 'http_requests_total',
        version,
        instance: 'a:80',
        code,
        ...(tenant ? { tenant } : {}),
      };
      return values.length > 0 ? [{ metric, values }] : [];
    });
    response
      .setHeader('content-type', 'application/json')
      .end(JSON.stringify({ status: 'success', data: { resultType: 'matrix', result } }));
  });
  return { url: server.url, asked, close: () => server.close() };
}
