import { parseArgs } from 'node:util';
import { parseFault } from './faults.js';
import { startShop } from './shop.js';
import { stopAsked } from './stop-asked.js';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    'admin-port': { type: 'string', default: '0' },
    version: { type: 'string' },
    digest: { type: 'string', default: 'none' },
    colour: { type: 'string', default: 'none' },
    data: { type: 'string', default: 'none' },
    fault: { type: 'string', default: '{}' },
  },
});
if (values.version === undefined) {
  console.error(
    'usage: shop/main.ts --version VERSION [--port 0] [--admin-port 0] [--digest sha256:…] [--colour NAME] ' +
      '[--data FOLDER|none] [--fault JSON]',
  );
  process.exit(2);
}
const stopped = stopAsked();
const shop = await startShop({
  port: Number(values.port),
  adminPort: Number(values['admin-port']),
  version: values.version,
  digest: values.digest,
  colour: values.colour,
  data: values.data === 'none' ? undefined : values.data,
  fault: parseFault(values.fault),
});
console.log(
  JSON.stringify({ url: shop.url, port: shop.port, adminUrl: shop.adminUrl, version: values.version }),
);
await stopped;
await shop.close();
process.exit(0);
