import { run } from '../suite/index.js';
await run('auto-rollback', 'main');
process.exit();
