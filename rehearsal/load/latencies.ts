/** Neighbouring buckets differ by 1 %, so a percentile is right within 1 %. */
const GROWTH = Math.log(1.01);
const SMALLEST_MS = 0.01;

/** Latencies of any number of requests in bounded memory. */
export class Latencies {
  private readonly buckets: number[] = [];
  private count = 0;

  add(ms: number): void {
    const index = Math.max(0, Math.round(Math.log(ms / SMALLEST_MS) / GROWTH));
    this.buckets[index] = (this.buckets[index] ?? 0) + 1;
    this.count += 1;
  }

  /** Milliseconds below which the share `quantile` (0..1) of the requests lies; null before the first. */
  percentile(quantile: number): number | null {
    let left = Math.ceil(this.count * quantile);
    if (left === 0) return null;
    for (let index = 0; index < this.buckets.length; index += 1) {
      left -= this.buckets[index] ?? 0;
      if (left <= 0) return Number((SMALLEST_MS * Math.exp(index * GROWTH)).toPrecision(3));
    }
    return null;
  }
}
