import type { Readable, Writable } from 'node:stream';
import { ProbeFailure } from '../within.js';

/** Something the browser says without being asked. */
export interface DevToolsEvent {
  method: string;
  params: Record<string, unknown>;
}

/** The DevTools protocol over the pipe of a browser that was started: no port that others could open. */
export interface DevTools {
  /** Rejects when the browser refuses, or is gone. */
  send(method: string, params?: object, sessionId?: string): Promise<Record<string, unknown>>;
  /** Throws why the browser is gone, when it is. */
  checkOpen(): void;
  onEvent(listener: (event: DevToolsEvent) => void): void;
  /** Rejects all that is still awaited. */
  close(reason: Error): void;
}

interface Message extends Partial<DevToolsEvent> {
  id?: number;
  result?: Record<string, unknown>;
  error?: { message?: string };
}

/** Longest single message, in characters; a page can log what it likes. */
const maxMessage = 33_554_432;

export function devTools(toBrowser: Writable, fromBrowser: Readable): DevTools {
  const awaited = new Map<
    number,
    { resolve: (result: Record<string, unknown>) => void; reject: (e: Error) => void }
  >();
  const listeners: ((event: DevToolsEvent) => void)[] = [];
  let closed: Error | undefined;
  let parts: string[] = [];
  let length = 0;
  let lastId = 0;

  const close = (reason: Error) => {
    closed ??= reason;
    for (const { reject } of awaited.values()) reject(closed);
    awaited.clear();
  };
  const take = (text: string) => {
    const { id, result = {}, error, method, params = {} } = JSON.parse(text) as Message;
    if (id === undefined) {
      if (method !== undefined) for (const listener of listeners) listener({ method, params });
      return;
    }
    const waiting = awaited.get(id);
    awaited.delete(id);
    if (error) waiting?.reject(new ProbeFailure('browser', error.message ?? 'the browser refused'));
    else waiting?.resolve(result);
  };
  fromBrowser.setEncoding('utf8').on('data', (chunk: string) => {
    if (closed) return;
    const [first = '', ...others] = chunk.split('\0');
    parts.push(first);
    length += first.length;
    for (const next of others) {
      take(parts.join(''));
      parts = [next];
      length = next.length;
    }
    if (length > maxMessage) close(new ProbeFailure('too-large', 'the page says more than can be kept'));
  });
  fromBrowser.on('close', () => close(new ProbeFailure('browser', 'the browser ended')));
  for (const stream of [toBrowser, fromBrowser]) stream.on('error', () => undefined);

  return {
    close,
    checkOpen() {
      if (closed) throw closed;
    },
    onEvent: (listener) => void listeners.push(listener),
    send: (method, params = {}, sessionId = undefined) =>
      new Promise((resolve, reject) => {
        if (closed) return reject(closed);
        const id = ++lastId;
        awaited.set(id, { resolve, reject });
        toBrowser.write(`${JSON.stringify({ id, method, params, ...(sessionId ? { sessionId } : {}) })}\0`);
      }),
  };
}
