import type { Notification } from '../contracts/notification.js';

/** Values of the inputs of all channels by name; those without a value are left out. */
export type Settings = Readonly<Record<string, string | undefined>>;

/** What goes to a service. */
export interface Outgoing {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** When and from which run a message goes out. */
export interface Occasion {
  /** Epoch milliseconds. */
  now: number;
  /** Such as `acme/shop`. */
  repository: string;
}

/**
 * A service that people are told by. It only gives the message its form: sending, waiting and trying again is done for
 * all of them in one place.
 */
export interface Channel {
  name: string;
  /** Its inputs; all of them are needed, and it is off while the first one is empty. */
  inputs: readonly [string, ...string[]];
  /**
   * On-call services are told what has a page, whatever the input `on` says: an incident that was opened must be
   * closed.
   */
  pagesOnly?: true;
  /** The least time between two tries that the service's rate limit asks for, in milliseconds. */
  spacingMs: number;
  form(message: Notification, settings: Settings, occasion: Occasion): Outgoing;
  /** Why an answer is no delivery; undefined when the service says that it took the message. */
  doubt(status: number, answer: string): string | undefined;
}

/** A channel, checked by type. */
export const defineChannel = (channel: Channel): Channel => channel;

/** Why a text is no https address to send to; the text itself is a secret and not repeated. */
export function addressProblem(text: string): string | undefined {
  if (!URL.canParse(text)) return 'it is not an address';
  const { protocol } = new URL(text);
  return protocol === 'https:' ? undefined : `it starts with ${protocol}//, expected https://`;
}

export const json = { 'content-type': 'application/json; charset=utf-8' };
