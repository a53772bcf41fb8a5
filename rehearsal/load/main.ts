import { parseArgs } from 'node:util';
import { stopAsked } from '../shop/stop-asked.js';
import { startLoad } from './load.js';

const SNAPSHOT_MS = 250;

const { values } = parseArgs({
  options: {
    url: { type: 'string' },
    rps: { type: 'string', default: '200' },
    keepalive: { type: 'string', default: '8' },
    fresh: { type: 'string', default: '4' },
    tenant: { type: 'string', default: 'main' },
  },
});
if (values.url === undefined) {
  console.error('usage: load/main.ts --url URL [--rps 200] [--keepalive 8] [--fresh 4] [--tenant main]');
  process.exit(2);
}
const stopped = stopAsked();
const load = startLoad({
  url: values.url,
  rps: Number(values.rps),
  keepalive: Number(values.keepalive),
  fresh: Number(values.fresh),
  tenant: values.tenant,
});
const print = (kind: 'snapshot' | 'final', report: object): void =>
  console.log(JSON.stringify({ kind, ...report }));
const timer = setInterval(() => print('snapshot', load.snapshot()), SNAPSHOT_MS);
await stopped;
clearInterval(timer);
print('final', await load.stop());
process.exit(0);
