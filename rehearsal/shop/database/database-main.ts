/** The shop's database as a process: `database-main.ts --config FILE`, a JSON file with accounts and TLS. */
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { startDatabase, type DatabaseOptions } from './database.js';
import { stopAsked } from '../stop-asked.js';

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) {
  console.error(
    'usage: shop/database-main.ts --config FILE, with {"accounts":[{"user","password"}],"tls":{"cert","key"}}',
  );
  process.exit(2);
}
const stopped = stopAsked();
const { accounts, tls } = JSON.parse(readFileSync(values.config, 'utf8')) as DatabaseOptions;
const database = await startDatabase({ port: 0, accounts, tls });

/** The deployment's own way in, which no client has: POST / {user, version} migrates. */
// 0: the client closes idle connections first. A close from here could meet a request that is on its way.
const admin = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  request.on('end', () => {
    Promise.resolve()
      .then(() => JSON.parse(text) as { user: string; version: number })
      .then(({ user, version }) => database.migrate(user, version))
      .then(
        (reached) => response.end(JSON.stringify({ version: reached })),
        (error: Error) => response.writeHead(400).end(error.message),
      );
  });
});
await new Promise<void>((resolve) => admin.listen(0, '127.0.0.1', resolve));
console.log(
  JSON.stringify({
    port: database.port,
    adminUrl: `http://127.0.0.1:${(admin.address() as AddressInfo).port}`,
  }),
);
await stopped;
process.exit(0);
