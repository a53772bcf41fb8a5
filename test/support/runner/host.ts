import { systemClock } from '../../../shared/runner/port.js';
import type { RunContext } from '../../../shared/runner/context.js';
import type { Host } from '../../../shared/runner/host.js';

/** A host whose writings can be read back; `stop` is what the runner's Cancel button does. */
export interface TestHost extends Host {
  /** Log lines in order, warnings and notices with their level in front. */
  printed: string[];
  /** Values handed to `mask`, in order. */
  masked: string[];
  /** State saved for post. */
  saved: Map<string, string>;
  stop(reason?: string): void;
}

/**
 * What a test may replace: any part of a host, single fields of its context, and the environment variables it can read.
 */
export type HostOverrides = Partial<Omit<Host, 'context'>> & {
  context?: Partial<RunContext>;
  variables?: Readonly<Record<string, string>>;
};

const context: RunContext = {
  owner: 'acme',
  repository: 'shop',
  sha: '1111111111111111111111111111111111111111',
  ref: 'refs/heads/main',
  refName: 'main',
  eventName: 'workflow_dispatch',
  eventPath: undefined,
  runId: 4_200,
  attempt: 1,
  job: 'job',
  step: 'step',
  workflowRef: 'acme/shop/.github/workflows/cd.yml@refs/heads/main',
  actor: 'ana',
  triggeringActor: 'ana',
  apiUrl: 'http://127.0.0.1:9',
  graphqlUrl: 'http://127.0.0.1:9/graphql',
  serverUrl: 'http://127.0.0.1:9',
  workspace: '/nonexistent/workspace',
  temp: '/nonexistent/temp',
};

/**
 * A host for tests: real clock, fixed chance (0.5), everything written kept in lists; pass overrides for anything else.
 */
export function testHost(overrides: HostOverrides = {}): TestHost {
  const { context: contextOverrides, variables = {}, ...parts } = overrides;
  const stopping = new AbortController();
  const printed: string[] = [];
  const masked: string[] = [];
  const saved = new Map<string, string>();
  return {
    context: { ...context, ...contextOverrides },
    signal: stopping.signal,
    clock: systemClock,
    random: () => 0.5,
    log: {
      info: (message) => void printed.push(message),
      notice: (message) => void printed.push(`notice: ${message}`),
      warning: (message) => void printed.push(`warning: ${message}`),
      debug: (message) => void printed.push(`debug: ${message}`),
      group: async (title, body) => {
        printed.push(`group: ${title}`);
        return body();
      },
    },
    mask: (secret) => void masked.push(secret),
    state: { save: (key, value) => void saved.set(key, value), read: (key) => saved.get(key) },
    variable: (name) => variables[name],
    printed,
    masked,
    saved,
    stop: (reason = 'SIGINT') => stopping.abort(reason),
    ...parts,
  };
}
