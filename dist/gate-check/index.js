import { run } from '../suite/index.js';
await run('gate-check', 'main');
process.exit();
