import { randomUUID } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { evaluateText } from '../../read/expression/expressions.js';
import type { StepContext } from './step.js';
import { runProcess } from './step-process.js';
import type { Step } from '../../read/workflow.js';

/** GitHub docs, "Workflow syntax: shell": arguments before the script, and its extension. */
const shells: Record<string, { args: string; extension: string }> = {
  bash: { args: '--noprofile --norc -e -o pipefail {0}', extension: '.sh' },
  sh: { args: '-e {0}', extension: '.sh' },
  python: { args: '{0}', extension: '.py' },
};

/** Command line of a `shell:`; none means bash with `-e` and without pipefail. */
export function shellCommand(shell: string | undefined): { file: string; args: string[]; extension: string } {
  const [file = '', ...rest] = (shell ?? '').trim().split(/\s+/);
  if (file === '') return { file: 'bash', args: ['-e', '{0}'], extension: '.sh' };
  const builtin = shells[file];
  const args = rest.length > 0 ? rest : (builtin?.args.split(' ') ?? []);
  if (!args.some((arg) => arg.includes('{0}'))) {
    throw new Error(
      `Invalid shell option '${shell}'. It must be bash, sh, python or a command line containing '{0}'`,
    );
  }
  return { file, args, extension: builtin?.extension ?? '' };
}

type ScriptAction = Extract<Step['action'], { run: unknown }>;

/** Runs a `run:` script in its shell; a non-zero exit fails the step. */
export async function runScript(action: ScriptAction, context: StepContext): Promise<boolean> {
  const { job, group, scope, env, github, output, cancel } = context;
  const { machine, control, timings } = job.parts;
  const { defaults } = group;
  const directory = action.workingDirectory ?? defaults.workingDirectory;
  const cwd = resolve(machine.workspace, directory === undefined ? '' : evaluateText(directory, scope));
  if (!existsSync(cwd)) {
    throw new Error(
      `An error occurred trying to start the process: working directory '${cwd}' does not exist`,
    );
  }
  const shell = action.shell ?? defaults.shell;
  const { file, args, extension } = shellCommand(shell && evaluateText(shell, scope));
  const script = join(machine.temp, `${randomUUID()}${extension}`);
  const text = evaluateText(action.run, scope);
  writeFileSync(script, text);

  output.write(`##[group]Run ${text.trim().split('\n')[0]}`);
  text
    .trimEnd()
    .split('\n')
    .forEach((line) => output.write(line));
  output.write('##[endgroup]');
  const code = await runProcess({
    file,
    args: args.map((arg) => arg.replaceAll('{0}', script)),
    cwd,
    env: job.processEnvironment(env, github),
    onLine: (line) => output.line(line),
    cancel,
    dead: control.dead,
    timings,
  });
  if (code !== 0 && !cancel.aborted) output.error(`Process completed with exit code ${code}.`);
  return code === 0;
}
