import type { HttpClient } from '../../http/types.js';
import type { Clock } from '../../time/clock.js';
import type { TrafficConfig } from '../config/schema.js';

/** What a colour, and the entry in front of all, is asked with. */
export interface ColourPorts {
  config: TrafficConfig;
  http: HttpClient;
  clock: Clock;
}
