import type { Server } from 'node:http';

const SWEEP_MS = 20;

/**
 * Stops accepting, lets answers in flight finish for `graceMs` at most, and ends connections as they fall idle
 * (Node itself ends only those that are idle at the moment of the call).
 */
export async function closeGracefully(server: Server, graceMs: number): Promise<void> {
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  const deadline = setTimeout(() => server.closeAllConnections(), graceMs);
  await new Promise((resolve) => server.close(resolve));
  clearInterval(sweep);
  clearTimeout(deadline);
}
