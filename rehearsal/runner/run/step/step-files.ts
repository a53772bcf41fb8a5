import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../../message-of.js';
import { readPairs, readPaths } from './file-commands.js';
import type { StepOutput } from './step-output.js';

const prefixes = {
  path: 'add_path_',
  env: 'set_env_',
  output: 'set_output_',
  state: 'save_state_',
  step_summary: 'step_summary_',
} as const;
type FileCommand = keyof typeof prefixes;

/** GitHub drops a bigger summary as a whole. */
const summaryLimit = 1024 * 1024;
const blockedEnv = ['NODE_OPTIONS'];

/** What the files of a step change. */
export interface FileEffects {
  addPath: (folder: string) => void;
  setEnv: (name: string, value: string) => void;
  setOutput: (name: string, value: string) => void;
  saveState: (name: string, value: string) => void;
}

/** The files behind `GITHUB_{PATH,ENV,OUTPUT,STATE,STEP_SUMMARY}` of one step. */
export class StepFiles {
  /** Members of the `github` context, which become the `GITHUB_*` variables. */
  readonly context: Record<FileCommand, string>;

  constructor(folder: string) {
    const id = randomUUID();
    const paths = Object.entries(prefixes).map(
      ([name, prefix]) => [name, join(folder, `${prefix}${id}`)] as const,
    );
    for (const [, path] of paths) writeFileSync(path, '');
    this.context = Object.fromEntries(paths) as Record<FileCommand, string>;
  }

  /** Applies what the step wrote and returns its raw summary; a malformed file fails the step. */
  process(output: StepOutput, effects: FileEffects): string {
    const run = (name: Exclude<FileCommand, 'step_summary'>, apply: (text: string) => void) => {
      try {
        apply(this.read(name));
      } catch (error) {
        output.error(`Unable to process file command '${name}' successfully.`);
        output.error(messageOf(error));
        output.failed = true;
      }
    };
    run('path', (text) => readPaths(text).forEach(effects.addPath));
    run('env', (text) => {
      for (const [name, value] of readPairs(text)) {
        if (blockedEnv.includes(name.toUpperCase())) {
          output.error(`Can't store ${name} output parameter using '$GITHUB_ENV' command.`);
        } else effects.setEnv(name, value);
      }
    });
    run('output', (text) => {
      for (const [name, value] of readPairs(text)) effects.setOutput(name, value);
    });
    run('state', (text) => {
      for (const [name, value] of readPairs(text)) effects.saveState(name, value);
    });
    const summary = this.summary(output);
    for (const path of Object.values(this.context)) rmSync(path, { force: true });
    return summary;
  }

  private summary(output: StepOutput): string {
    const size = statSync(this.context.step_summary, { throwIfNoEntry: false })?.size ?? 0;
    if (size <= summaryLimit) return this.read('step_summary');
    output.error(
      `$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of ${summaryLimit / 1024}k, got ${Math.floor(size / 1024)}k.`,
    );
    return '';
  }

  private read(name: FileCommand): string {
    try {
      return readFileSync(this.context[name], 'utf8');
    } catch (error) {
      // The step may have removed its file: then it said nothing.
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
      throw error;
    }
  }
}
