/** Upper bounds in seconds, Prometheus' own defaults. */
const buckets = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

type Labels = Record<string, string>;

interface Series {
  labels: Labels;
  counts: number[];
  sum: number;
  count: number;
}

/** Request metrics of one version, rendered in Prometheus' text format 0.0.4. */
export class Metrics {
  private readonly version: string;
  /** Seconds since the epoch. */
  private readonly startedAt: number;
  private readonly totals = new Map<string, { labels: Labels; value: number }>();
  private readonly durations = new Map<string, Series>();

  constructor(version: string, startedAt: number) {
    this.version = version;
    this.startedAt = startedAt;
  }

  observe(method: string, route: string, code: number, seconds: number): void {
    const { version } = this;
    const total = entry(this.totals, { version, method, route, code: `${code}` }, (labels) => ({
      labels,
      value: 0,
    }));
    total.value += 1;
    const series = entry(this.durations, { version, method, route }, (labels) => ({
      labels,
      counts: buckets.map(() => 0),
      sum: 0,
      count: 0,
    }));
    series.sum += seconds;
    series.count += 1;
    buckets.forEach((bound, index) => {
      if (seconds <= bound) series.counts[index] = (series.counts[index] ?? 0) + 1;
    });
  }

  render(): string {
    const lines = [
      '# HELP http_requests_total Requests answered.',
      '# TYPE http_requests_total counter',
      ...[...this.totals.values()].map(({ labels, value }) => sample('http_requests_total', labels, value)),
      '# HELP http_request_duration_seconds Time from request to answer.',
      '# TYPE http_request_duration_seconds histogram',
      ...[...this.durations.values()].flatMap(histogramLines),
      '# HELP process_start_time_seconds Start time of the process since the epoch in seconds.',
      '# TYPE process_start_time_seconds gauge',
      sample('process_start_time_seconds', {}, this.startedAt),
    ];
    return `${lines.join('\n')}\n`;
  }
}

function histogramLines({ labels, counts, sum, count }: Series): string[] {
  const name = 'http_request_duration_seconds';
  return [
    ...buckets.map((bound, index) =>
      sample(`${name}_bucket`, { ...labels, le: `${bound}` }, counts[index] ?? 0),
    ),
    sample(`${name}_bucket`, { ...labels, le: '+Inf' }, count),
    sample(`${name}_sum`, labels, sum),
    sample(`${name}_count`, labels, count),
  ];
}

function entry<Value>(map: Map<string, Value>, labels: Labels, create: (labels: Labels) => Value): Value {
  const key = JSON.stringify(labels);
  const known = map.get(key);
  if (known) return known;
  const created = create(labels);
  map.set(key, created);
  return created;
}

function sample(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escapeLabel(text)}"`);
  return `${name}${pairs.length > 0 ? `{${pairs.join(',')}}` : ''} ${value}`;
}

function escapeLabel(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/"/g, '\\"').replace(/\n/g, '\\n');
}
