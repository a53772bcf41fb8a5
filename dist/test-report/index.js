import { run } from '../suite/index.js';
await run('test-report', 'main');
process.exit();
