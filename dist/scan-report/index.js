import { run } from '../suite/index.js';
await run('scan-report', 'main');
process.exit();
