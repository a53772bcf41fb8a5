import { run } from '../suite/index.js';
await run('migration-check', 'main');
process.exit();
