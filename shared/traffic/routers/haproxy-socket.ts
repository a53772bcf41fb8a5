import { connect } from 'node:net';
import { RouterError } from '../router.js';

/** An answer longer than this is not one of the answers asked for here (bytes). */
const maxAnswer = 8 * 1024 * 1024;

/** Sends one command to HAProxy's stats socket and returns the whole answer; throws RouterError when there is none in time. */
export function askHaproxy(
  node: string,
  socketPath: string,
  command: string,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(socketPath);
    let answer = '';
    const fail = (why: string) => {
      socket.destroy();
      reject(new RouterError(`HAProxy node "${node}" (${socketPath}) ${why} to "${command}".`, node));
    };
    const timer = setTimeout(() => fail(`gave no complete answer within ${timeoutMs} ms`), timeoutMs);
    socket.setEncoding('utf8');
    socket.on('connect', () => socket.end(`${command}\n`));
    socket.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.length > maxAnswer) {
        clearTimeout(timer);
        fail('gave an endless answer');
      }
    });
    socket.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const why: Record<string, string> = {
        ENOENT: 'has no such socket, so there is no answer',
        EACCES: 'does not let this user connect, so there is no answer',
        ECONNREFUSED: 'is not running, so there is no answer',
      };
      fail(why[error.code ?? ''] ?? `broke off (${error.code ?? error.message})`);
    });
    socket.on('end', () => {
      clearTimeout(timer);
      resolve(answer.trim());
    });
  });
}
