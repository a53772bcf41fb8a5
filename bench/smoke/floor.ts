/**
 * The least that can be done: `node smoke-floor.mjs URL COUNT CONCURRENCY`, bare node:http with kept connections; each
 * check is a status and one JSON value.
 */
import { Agent, get } from 'node:http';

const [, , url = '', count = '1', concurrency = '1'] = process.argv;
const agent = new Agent({ keepAlive: true, maxSockets: Number(concurrency) });
let next = 0;

function check(item: number): Promise<void> {
  return new Promise((resolve, reject) => {
    get(`${url}/item/${item}`, { agent }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => {
        const { token } = JSON.parse(body) as { token: string };
        if (response.statusCode === 200 && token === `t-${item}`) resolve();
        else reject(new Error(`item ${item}: ${response.statusCode} ${body}`));
      });
    }).on('error', reject);
  });
}

async function work(): Promise<void> {
  while (next < Number(count)) await check(++next);
}

await Promise.all(Array.from({ length: Number(concurrency) }, work));
agent.destroy();
