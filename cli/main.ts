/** `devops-actions COMMAND …`, in a clone `npm run cli -- COMMAND …`: the code of the actions, on a laptop. */
import { dispatch } from './dispatch.js';
import { processShell } from './shell.js';

const code = await dispatch(process.argv.slice(2), processShell());
// What was written is on its way first, however slow the reader of a pipe is.
process.stdout.write('', () => process.exit(code));
