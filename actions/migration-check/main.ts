import { defineAction } from '../../shared/runner/define-action.js';
import { inputs, outputs } from './inputs.js';
import { inspect } from './inspect.js';
import { modes } from './modes/registry.js';
import { render } from './render.js';

/** Are the schema changes of this release safe while the live version still runs? */
export const action = defineAction({
  name: 'migration-check',
  title: 'Migration check',
  description:
    'Finds the schema changes of a release, says which would hurt while the live version still runs and how to make them safe, and plans them.',
  branding: { icon: 'database', color: 'orange' },
  inputs,
  outputs,
  render,
  run: async (input, host) => {
    // Ends a hold whatever is live and whatever was changed since.
    if (input.mode === 'settle') return (await import('./modes/settle.js')).settle(input, host);
    const mode = modes[input.mode];
    const inspection = await host.log.group('Reading the migrations', () => inspect(input, host));
    return mode(input, host, inspection);
  },
  post: async (host) => (await import('./modes/run.js')).finish(host),
});
