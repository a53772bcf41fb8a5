import { run } from '../suite/index.js';
await run('incident', 'main');
process.exit();
