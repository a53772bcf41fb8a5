import { run } from '../suite/index.js';
await run('go-live', 'main');
process.exit();
