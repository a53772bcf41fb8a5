import { schemaOf } from '../../../scripts/documents.js';
import type { Annotation } from '../../../shared/report/annotation.js';
import { systemClock, type RunnerPort } from '../../../shared/runner/port.js';

/** A runner that keeps everything an action does to it. */
export interface TestRunner extends RunnerPort {
  printed: string[];
  debugged: string[];
  annotations: Annotation[];
  /** The message the step failed with; undefined while it has not failed. */
  failure: string | undefined;
  masked: string[];
  outputs: Map<string, string>;
  state: Map<string, string>;
  summary: string;
  /** Written files by path. */
  files: Map<string, string>;
  /** Sends the stop signal the runner sends on Cancel. */
  stop(signal?: string): void;
}

/** Reports are published documents: one that is not as its schema says fails the test that wrote it. */
function mustFit(text: string): void {
  const report = JSON.parse(text) as { schema: string };
  if (report.schema.startsWith('devops-actions/')) schemaOf(report.schema).parse(report);
}

/** A runner for tests; `env` is added to the variables GitHub sets, inputs are `INPUT_*` as there. */
export function testRunner(env: Readonly<Record<string, string>> = {}): TestRunner {
  const listeners = new Set<(signal: string) => void>();
  const runner: TestRunner = {
    env: {
      GITHUB_REPOSITORY: 'acme/shop',
      GITHUB_SHA: '1111111111111111111111111111111111111111',
      GITHUB_RUN_ID: '4200',
      GITHUB_RUN_ATTEMPT: '1',
      GITHUB_WORKSPACE: '/nonexistent/workspace',
      RUNNER_TEMP: '/nonexistent/temp',
      ...env,
    },
    clock: systemClock,
    random: Math.random,
    printed: [],
    debugged: [],
    annotations: [],
    failure: undefined,
    masked: [],
    outputs: new Map(),
    state: new Map(),
    summary: '',
    files: new Map(),
    print: (line) => void runner.printed.push(line),
    debug: (line) => void runner.debugged.push(line),
    annotate: (annotation) => void runner.annotations.push(annotation),
    fail: (message) => void (runner.failure = message),
    maskInLog: (secret) => void runner.masked.push(secret),
    setOutput: (name, value) => void runner.outputs.set(name, value),
    saveState: (key, value) => void runner.state.set(key, value),
    startGroup: (title) => void runner.printed.push(`group: ${title}`),
    endGroup: () => undefined,
    appendSummary: async (markdown) => void (runner.summary += markdown),
    writeFile: async (path, text) => {
      if (/[/-]report\.json$/.test(path)) mustFit(text);
      runner.files.set(path, text);
    },
    onStop: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    stop: (signal = 'SIGINT') => listeners.forEach((listener) => listener(signal)),
  };
  return runner;
}
