import { run } from '../suite/index.js';
await run('migration-check', 'post');
process.exit();
