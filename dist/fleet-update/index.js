import { run } from '../suite/index.js';
await run('fleet-update', 'main');
process.exit();
