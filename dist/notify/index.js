import { run } from '../suite/index.js';
await run('notify', 'main');
process.exit();
