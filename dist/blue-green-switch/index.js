import { run } from '../suite/index.js';
await run('blue-green-switch', 'main');
process.exit();
