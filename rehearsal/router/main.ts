import { parseArgs } from 'node:util';
import type { ApiFaults } from './api/session.js';
import { stopAsked } from '../shop/stop-asked.js';
import { readConfig } from './config.js';
import { startRouter } from './router.js';

const { values } = parseArgs({
  options: { config: { type: 'string' }, fault: { type: 'string', default: '{}' } },
});
if (values.config === undefined) {
  console.error(
    'usage: router/main.ts --config FILE [--fault \'{"answerDelayMs":500,"answerGarbage":false}\']',
  );
  process.exit(2);
}
const stopped = stopAsked();
const router = await startRouter(readConfig(values.config), JSON.parse(values.fault) as Partial<ApiFaults>);
console.log(JSON.stringify({ url: router.url, socket: router.socket }));
await stopped;
await router.close();
process.exit(0);
