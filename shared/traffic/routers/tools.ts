import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';

/** What a router may use of the world it runs in. */
export interface RouterTools {
  http: HttpClient;
  clock: Clock;
  /** Folder of the checkout: relative paths and commands are meant from here. */
  workspace: string;
  /** An environment variable of the step, for names that the traffic file or the router's own convention gives. */
  variable(name: string): string | undefined;
}
