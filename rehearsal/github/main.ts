/** The GitHub stand-in as a process: `tsx rehearsal/github/main.ts [--port N]` prints `{"url": …}` when it is ready. */
import { parseArgs } from 'node:util';
import { startGitHub } from './server.js';

const { values } = parseArgs({ options: { port: { type: 'string', default: '0' } } });
const server = await startGitHub({ port: Number(values.port) });

const stop = (): void => {
  void server.close().then(() => process.exit(0));
};
process.once('SIGTERM', stop);
process.once('SIGINT', stop);
// A parent that dies closes our stdin: no stand-in is left behind.
process.stdin.once('end', stop).resume();
console.log(JSON.stringify({ url: server.url }));
