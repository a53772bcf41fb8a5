import { spawn } from 'node:child_process';
import { connect } from 'node:net';
import type { Child } from '../child.js';

/**
 * Starts a real server and waits until its port is open; one that ends first, or is not installed, is an error with
 * what it wrote.
 */
export async function startServer(
  argv: readonly [string, ...string[]],
  port: number,
  env: Readonly<Record<string, string>> = {},
): Promise<Pick<Child<unknown>, 'stop'>> {
  const [file, ...args] = argv;
  const server = spawn(file, args, { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...env } });
  let errors = '';
  server.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    errors = (errors + chunk).slice(-4_000);
  });
  const gone = new Promise<string>((resolve) => {
    server.once('error', (error) =>
      resolve(`${file} could not be started (${error.message}); install it, or choose another --router`),
    );
    server.once('exit', (code) => resolve(`${file} ended with ${code}: ${errors}`));
  });
  process.once('exit', () => server.kill('SIGKILL'));
  const failed = await Promise.race([gone, listening(port)]);
  if (failed) throw new Error(failed);
  return {
    stop: async () => {
      // nginx leaves its workers behind when it is killed outright.
      server.kill('SIGTERM');
      const timer = setTimeout(() => server.kill('SIGKILL'), 2_000);
      await gone;
      clearTimeout(timer);
    },
  };
}

async function listening(port: number): Promise<string | undefined> {
  for (let tries = 0; tries < 200; tries++) {
    const open = await new Promise<boolean>((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).once('error', () => resolve(false));
      socket.once('connect', () => socket.destroy());
    });
    if (open) return undefined;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return `nothing listens on port ${port}`;
}
