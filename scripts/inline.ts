/** `npm run inline -- CALLER.yml`: prints a calling workflow and everything it calls as one file. */
import { readFileSync } from 'node:fs';
import { inlineWorkflow } from './inline/inline-workflow.js';

const [caller] = process.argv.slice(2);
if (!caller) {
  console.error('usage: npm run --silent inline -- CALLER.yml > WHOLE.yml');
  process.exit(2);
}
const read = (path: string) => readFileSync(path, 'utf8');
process.stdout.write(inlineWorkflow(read(caller), read).toString({ lineWidth: 100 }));
