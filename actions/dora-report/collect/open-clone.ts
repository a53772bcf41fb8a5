import { runCommand } from '../../../shared/exec/run.js';
import type { Git } from './clone.js';

/** A hundred thousand commits and their messages are about 60 million characters. */
const mostOutput = 400_000_000;
const patienceMs = 120_000;

/**
 * Git in a folder, made to read only: nothing that a clone's configuration or replaced objects say changes what it
 * reads, and nothing is fetched.
 */
export function openClone(folder: string, signal: AbortSignal): Git {
  return async (args, input) => {
    const done = await runCommand({
      argv: [
        'git',
        '--no-replace-objects',
        '-c',
        'core.fsmonitor=false',
        '-c',
        'log.showSignature=false',
        ...args,
      ],
      cwd: folder,
      env: { GIT_NO_LAZY_FETCH: '1', GIT_TERMINAL_PROMPT: '0', GIT_OPTIONAL_LOCKS: '0' },
      input,
      timeoutMs: patienceMs,
      maxOutput: mostOutput,
      signal,
    }).catch(() => undefined);
    return done?.code === 0 ? done.stdout : undefined;
  };
}
