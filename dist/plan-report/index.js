import { run } from '../suite/index.js';
await run('plan-report', 'main');
process.exit();
