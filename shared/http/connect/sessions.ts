import type { ClientHttp2Session } from 'node:http2';
import type { TLSSocket } from 'node:tls';
import { openSession } from '../http2.js';

/** What a server speaks with us: streams of a session, or HTTP/1.1. */
export type Spoken = { session: ClientHttp2Session; isReused: boolean; done(): void } | undefined;

/** Opens a connection that offers HTTP/2, and hands one that speaks HTTP/1.1 to the pool. */
export interface Negotiation {
  connect(signal: AbortSignal): Promise<TLSSocket>;
  keep(socket: TLSSocket): void;
}

/** Sessions by what tells origins and client certificates apart. */
export interface Sessions {
  /** What the server of this URL speaks; a fresh connection is asked anew and used once. Rejects as `connect` does. */
  speak(
    key: string,
    url: URL,
    fresh: boolean,
    negotiation: Negotiation,
    signal: AbortSignal,
  ): Promise<Spoken>;
  close(): void;
}

type Choice = ClientHttp2Session | 'http/1.1';

/** Finds out once for each origin what its server speaks, and shares its HTTP/2 session. */
export function createSessions(): Sessions {
  const known = new Map<string, Promise<Choice>>();
  const open = new Set<ClientHttp2Session>();
  const negotiate = async (
    url: URL,
    { connect, keep }: Negotiation,
    signal: AbortSignal,
  ): Promise<Choice> => {
    const socket = await connect(signal);
    if (socket.alpnProtocol !== 'h2') {
      keep(socket);
      return 'http/1.1';
    }
    const session = await openSession(url, socket);
    open.add(session);
    session.once('close', () => open.delete(session));
    return session;
  };
  return {
    async speak(key, url, fresh, negotiation, signal) {
      if (fresh) return spoken(await negotiate(url, negotiation, signal), false, true);
      for (let pending = known.get(key); pending; pending = known.get(key)) {
        const choice = await unlessAborted(pending, signal);
        if (choice !== undefined && isUsable(choice)) return spoken(choice, true, false);
        if (known.get(key) === pending) known.delete(key);
      }
      const negotiated = negotiate(url, negotiation, signal);
      known.set(key, negotiated);
      try {
        return spoken(await negotiated, false, false);
      } catch (error) {
        if (known.get(key) === negotiated) known.delete(key);
        throw error;
      }
    },
    close() {
      for (const session of open) session.destroy();
    },
  };
}

function isUsable(choice: Choice): boolean {
  return choice === 'http/1.1' || !(choice.closed || choice.destroyed);
}

function spoken(choice: Choice, isReused: boolean, once: boolean): Spoken {
  if (choice === 'http/1.1') return undefined;
  return { session: choice, isReused, done: () => (once ? choice.close() : undefined) };
}

/** What another request's handshake came to, undefined when it failed; our own signal does not wait for it. */
function unlessAborted(pending: Promise<Choice>, signal: AbortSignal): Promise<Choice | undefined> {
  return new Promise((resolve, reject) => {
    const stop = () => reject(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    void pending
      .catch(() => undefined)
      .then((choice) => {
        signal.removeEventListener('abort', stop);
        resolve(choice);
      });
  });
}
