import { run } from '../suite/index.js';
await run('hotfix-check', 'main');
process.exit();
