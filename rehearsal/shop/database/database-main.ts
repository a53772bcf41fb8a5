/** The shop's database as a process: `database-main.ts --config FILE`, a JSON file with accounts and TLS. */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { proveBackUp, startDatabase, type DatabaseOptions } from './database.js';
import { stopAsked } from '../stop-asked.js';

const { values } = parseArgs({ options: { config: { type: 'string' } } });
if (values.config === undefined) {
  console.error(
    'usage: shop/database-main.ts --config FILE, with {"accounts":[{"user","password","schema"}],"tls":{"cert","key"}}',
  );
  process.exit(2);
}
const stopped = stopAsked();
const { accounts, tls } = JSON.parse(readFileSync(values.config, 'utf8')) as DatabaseOptions;
const database = await startDatabase({ port: 0, accounts, tls });

/** The administrator's own way in, which no client has. */
const orders: Readonly<Record<string, (body: Record<string, string>) => Promise<object>>> = {
  '/backup': async ({ file = '' }) => {
    const archive = await database.backUp();
    writeFileSync(file, archive, { mode: 0o600 });
    return { size: archive.length, sha256: createHash('sha256').update(archive).digest('hex') };
  },
  '/prove': async ({ file = '' }) => ({ tables: await proveBackUp(readFileSync(file)) }),
  '/schema': async ({ schema = '' }) => ({ text: await database.describe(schema) }),
};

// 0: the client closes idle connections first. A close from here could meet a request that is on its way.
const admin = createServer({ keepAliveTimeout: 0 }, (request, response) => {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  request.on('end', () => {
    Promise.resolve()
      .then(() => {
        const order = orders[request.url ?? ''];
        if (!order) throw new Error(`${request.url} is not known here`);
        return order(JSON.parse(text) as Record<string, string>);
      })
      .then(
        (answer) => response.end(JSON.stringify(answer)),
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
