import type { RequestOptions } from 'node:http';
import type { Negotiation } from './sessions.js';

/** A way to a URL: options of node's `request` that lead there. */
export interface Route {
  options: RequestOptions;
  /**
   * How to find out whether the server speaks HTTP/2; undefined where only HTTP/1.1 is spoken: without TLS, and through
   * a proxy.
   */
  negotiation?: Negotiation;
}
