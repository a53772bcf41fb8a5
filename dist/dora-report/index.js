import { run } from '../suite/index.js';
await run('dora-report', 'main');
process.exit();
