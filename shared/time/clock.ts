/**
 * The passage of time as an argument. `now` is milliseconds since the Unix epoch; `sleep` ends early, without error,
 * when the signal aborts.
 */
export interface Clock {
  now(): number;
  sleep(milliseconds: number, signal?: AbortSignal): Promise<void>;
}
