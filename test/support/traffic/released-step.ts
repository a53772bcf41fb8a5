import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** A step of the release tree that ended. */
export interface EndedStep {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
  outputs: Record<string, string>;
  summary: string;
}

/** Reads the file of outputs, `name<<delimiter` with lines as the runner does. */
function readOutputs(path: string): Record<string, string> {
  const text = readFileSync(path, 'utf8');
  return Object.fromEntries(
    [...text.matchAll(/^(.+?)<<(.+)\r?\n([^]*?)\r?\n\2\r?\n/gm)].map(([, name, , value]) => [name!, value!]),
  );
}

/**
 * Runs a bundled file as the runner would, in an environment of these variables alone; what it writes goes below
 * `root`.
 */
export async function runReleased(
  file: string,
  root: string,
  variables: Readonly<Record<string, string>> = {},
): Promise<EndedStep> {
  const folder = mkdtempSync(join(root, 'step-'));
  const [output, summary, state] = ['output', 'summary', 'state'].map((name) => join(folder, name)) as [
    string,
    string,
    string,
  ];
  for (const path of [output, summary, state]) writeFileSync(path, '');
  const env = {
    PATH: process.env['PATH'],
    GITHUB_OUTPUT: output,
    GITHUB_STEP_SUMMARY: summary,
    GITHUB_STATE: state,
    RUNNER_TEMP: folder,
    ...variables,
  };
  const child = spawn(process.execPath, [file], {
    cwd: folder,
    env: env as NodeJS.ProcessEnv,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const [code, signal] = await new Promise<[number | null, NodeJS.Signals | null]>((resolve) =>
    child.once('close', (...ended) => resolve(ended)),
  );
  return {
    code,
    signal,
    stdout,
    stderr,
    outputs: readOutputs(output),
    summary: readFileSync(summary, 'utf8'),
  };
}

/** What GitHub tells every step, for a workspace. */
export function workflowVariables(workspace: string): Record<string, string> {
  return {
    GITHUB_REPOSITORY: 'acme/shop',
    GITHUB_SHA: '1'.repeat(40),
    GITHUB_RUN_ID: '1',
    GITHUB_RUN_ATTEMPT: '1',
    GITHUB_WORKSPACE: workspace,
  };
}
