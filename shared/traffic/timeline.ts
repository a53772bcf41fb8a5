import type { Clock } from '../time/clock.js';

/** One thing that happened; `at` is epoch milliseconds. */
export interface Event {
  at: number;
  said: string;
}

/** What happened, in order, said to the log as it happens. */
export class Timeline {
  readonly events: Event[] = [];
  constructor(
    private readonly clock: Clock,
    private readonly print: (line: string) => void,
  ) {}

  say(said: string): void {
    this.events.push({ at: this.clock.now(), said });
    this.print(said);
  }
}
