/** One size in a process of its own: `node scale-run.mjs DEPLOYMENTS`. */
import { scaleOf } from './scale.js';

console.log(JSON.stringify(scaleOf(Number(process.argv[2]))));
