import { RouterError } from '../../router.js';
import { describeEndpoint, type Endpoint, type Machine } from '../../transports/machine.js';

/** An answer longer than this is not one of the answers asked for here (bytes). */
const maxAnswer = 8 * 1024 * 1024;

/**
 * Sends one command to HAProxy's stats socket on a node's machine and returns the whole answer; throws RouterError when
 * there is none in time.
 */
export function askHaproxy(
  node: string,
  machine: Machine,
  endpoint: Endpoint,
  command: string,
  timeoutMs: number,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const stream = machine.connect(endpoint);
    let answer = '';
    const fail = (why: string) => {
      stream.destroy();
      const where = describeEndpoint(endpoint);
      reject(new RouterError(`HAProxy node "${node}" (${where}) ${why} to "${command}".`, node));
    };
    const timer = setTimeout(() => fail(`gave no complete answer within ${timeoutMs} ms`), timeoutMs);
    stream.setEncoding('utf8');
    stream.end(`${command}\n`);
    stream.on('data', (chunk: string) => {
      answer += chunk;
      if (answer.length > maxAnswer) {
        clearTimeout(timer);
        fail('gave an endless answer');
      }
    });
    stream.on('error', (error: NodeJS.ErrnoException) => {
      clearTimeout(timer);
      const why: Record<string, string> = {
        ENOENT: 'has no such socket, so there is no answer',
        EACCES: 'does not let this user connect, so there is no answer',
        ECONNREFUSED: 'is not running, so there is no answer',
      };
      fail(why[error.code ?? ''] ?? `gave no answer (${error.code ?? error.message})`);
    });
    stream.on('end', () => {
      clearTimeout(timer);
      // A command that worked is answered with an empty line; no byte at all is no answer.
      if (answer === '') return fail('closed the connection without an answer');
      stream.destroy();
      resolve(answer.trim());
    });
  });
}
