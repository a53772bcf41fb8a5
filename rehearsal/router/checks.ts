import { connect } from 'node:net';
import { countCheck, type Backend, type Server } from './backends.js';

/** Connects to every server that wants checks, again and again, as HAProxy's `check` does; returns what ends that. */
export function startChecks(backends: readonly Backend[], timeoutMs: number, now: () => number): () => void {
  const timers = new Set<NodeJS.Timeout>();
  for (const backend of backends) {
    for (const server of backend.servers) {
      if (server.checkEvery === undefined) continue;
      let busy = false;
      const check = (): void => {
        if (busy) return;
        busy = true;
        void accepts(server, timeoutMs).then((passed) => {
          busy = false;
          countCheck(backend, server, passed, now());
        });
      };
      check();
      timers.add(setInterval(check, server.checkEvery).unref());
    }
  }
  return () => timers.forEach(clearInterval);
}

function accepts({ host, port }: Server, timeoutMs: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (passed: boolean) => {
      socket.destroy();
      resolve(passed);
    };
    socket.setTimeout(timeoutMs, () => end(false));
    socket.once('connect', () => end(true)).once('error', () => end(false));
  });
}
