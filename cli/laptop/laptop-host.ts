import type { RunContext } from '../../shared/runner/context.js';
import type { Host, Log } from '../../shared/runner/host.js';
import { Secrets } from '../../shared/runner/secrets.js';
import type { Shell } from '../shell.js';

/** A host on a laptop, and the secrets it was told of, for everything that is written elsewhere. */
export interface LaptopHost extends Host {
  secrets: Secrets;
  /** Stops listening for Ctrl-C. */
  close(): void;
}

/** No run, no repository: actions that need GitHub are not run here. */
const context: Omit<RunContext, 'workspace' | 'temp'> = {
  owner: '',
  repository: '',
  sha: '',
  ref: '',
  refName: '',
  eventName: '',
  eventPath: undefined,
  runId: 0,
  attempt: 0,
  job: '',
  step: '',
  workflowRef: '',
  actor: '',
  triggeringActor: '',
  apiUrl: '',
  graphqlUrl: '',
  serverUrl: '',
};

/**
 * The world of an action on a laptop: the current folder as workspace, progress as lines through `print`, Ctrl-C as the
 * Cancel button.
 */
export function laptopHost(shell: Shell, print: (line: string) => void): LaptopHost {
  const secrets = new Secrets();
  const stopping = new AbortController();
  const close = shell.onStop((signal) => stopping.abort(signal));
  const state = new Map<string, string>();
  const say = (message: string) => print(secrets.redact(message));
  const log: Log = {
    info: say,
    notice: say,
    warning: (message) => say(`warning: ${message}`),
    debug: say,
    group: (title, body) => {
      say(title);
      return body();
    },
  };
  return {
    context: { ...context, workspace: shell.cwd, temp: shell.env['TMPDIR'] ?? '/tmp' },
    signal: stopping.signal,
    clock: shell.clock,
    random: shell.random,
    log,
    mask: (secret) => void secrets.add(secret),
    state: { save: (key, value) => void state.set(key, value), read: (key) => state.get(key) },
    variable: (name) => shell.env[name],
    secrets,
    close,
  };
}
