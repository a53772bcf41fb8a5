/** Milliseconds since some point in the past, unmoved by changes of the machine's clock. Unlike `performance.now()` it does not load node's measuring tools first. */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1_000 + nanoseconds / 1e6;
}
