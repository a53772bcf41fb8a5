import { run } from '../suite/index.js';
await run('release-candidate', 'main');
process.exit();
