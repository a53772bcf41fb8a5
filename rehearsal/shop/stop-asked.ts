import { fstatSync } from 'node:fs';

/**
 * Resolves once when the process is told to stop: SIGTERM, SIGINT, or the end of a piped stdin
 * (so that a child never outlives a parent that was killed).
 */
export function stopAsked(): Promise<void> {
  return new Promise((resolve) => {
    const stop = (): void => resolve();
    process.once('SIGTERM', stop);
    process.once('SIGINT', stop);
    if (stdinIsAPipe()) {
      process.stdin.resume();
      process.stdin.once('end', stop);
      process.stdin.once('error', stop);
    }
  });
}

/** /dev/null and terminals say nothing about the parent: /dev/null ends at once. */
function stdinIsAPipe(): boolean {
  try {
    const stat = fstatSync(0);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}
