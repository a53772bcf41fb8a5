import { isAbsolute, relative } from 'node:path';
import { messageOf } from '../../message-of.js';
import type { Masker } from '../job/masker.js';
import type { Annotation } from '../../request.js';
import { parseCommand, type WorkflowCommand } from './workflow-commands.js';

/** Annotations kept per type and step; what is beyond is only in the log. */
const annotationsPerLevel = 10;
const longestAnnotation = 4096;

const levels = ['error', 'warning', 'notice'] as const;
const commands = new Set([
  ...levels,
  'debug',
  'group',
  'endgroup',
  'add-mask',
  'echo',
  'stop-commands',
  'set-output',
  'save-state',
  'set-env',
  'add-path',
  'add-matcher',
  'remove-matcher',
]);

/** Where the output of one step goes. */
export interface OutputSinks {
  masker: Masker;
  /** Paths in annotations are made relative to it. */
  workspace: string;
  setOutput: (name: string, value: string) => void;
  saveState: (name: string, value: string) => void;
  onLine: (line: string) => void;
  onAnnotation: (annotation: Annotation) => void;
  /** Debug lines are only kept when asked for. */
  debug: boolean;
}

/** Reads a step's output line by line: obeys workflow commands, masks, keeps log and annotations. */
export class StepOutput {
  readonly log: string[] = [];
  readonly annotations: Annotation[] = [];
  /** A command or file of the step could not be processed: the step fails. */
  failed = false;
  private stopToken: string | undefined;
  private echo = false;

  constructor(private readonly sinks: OutputSinks) {}

  /** One line as the process printed it, to stdout or stderr: the runner obeys both. */
  line(line: string): void {
    const command =
      line.includes('::') || line.includes('##[')
        ? parseCommand(line, (name) => commands.has(name) || name === this.stopToken)
        : undefined;
    if (command === undefined) return this.write(line);
    if (this.stopToken !== undefined) {
      if (command.name === this.stopToken) this.stopToken = undefined;
      return this.write(line);
    }
    try {
      this.obey(command, line);
    } catch (error) {
      this.annotate({ level: 'error', message: `Unable to process command '${line}' successfully.` });
      this.annotate({ level: 'error', message: messageOf(error) });
      this.failed = true;
    }
  }

  /** Adds a line to the log, masked. */
  write(line: string): void {
    const masked = this.sinks.masker.mask(line);
    this.log.push(masked);
    this.sinks.onLine(masked);
  }

  /** Adds an annotation and its line in the log, both masked. */
  annotate(annotation: Annotation): void {
    const masked = {
      ...annotation,
      message: this.sinks.masker.mask(annotation.message).slice(0, longestAnnotation),
    };
    this.record(masked);
    this.write(`##[${annotation.level}]${masked.message}`);
  }

  /** Keeps a masked annotation whose line is in the log already. */
  record(annotation: Annotation): void {
    const alike = this.annotations.filter(({ level }) => level === annotation.level);
    if (alike.length >= annotationsPerLevel) return;
    this.annotations.push(annotation);
    this.sinks.onAnnotation(annotation);
  }

  /** Something about the step itself failed before or after its process. */
  error(message: string): void {
    this.annotate({ level: 'error', message });
  }

  private obey(command: WorkflowCommand, line: string): void {
    const { name, properties, data } = command;
    const level = levels.find((candidate) => candidate === name);
    if (level !== undefined) return this.annotate(this.located(level, properties, data));
    if (this.echo && !['add-mask', 'debug'].includes(name)) this.write(line);
    switch (name) {
      case 'debug':
        return this.sinks.debug ? this.write(`##[debug]${data}`) : undefined;
      case 'group':
      case 'endgroup':
        return this.write(`##[${name}]${data}`);
      case 'add-mask':
        if (data.trim() === '') {
          return this.annotate({
            level: 'warning',
            message: "Can't add secret mask for empty string in ##[add-mask] command.",
          });
        }
        return this.sinks.masker.add(data);
      case 'echo':
        this.echo = data.trim().toLowerCase() === 'on';
        return;
      case 'stop-commands':
        return this.stop(data, line);
      case 'set-output':
      case 'save-state':
        return this.legacy(name, properties['name'], data);
      case 'set-env':
      case 'add-path':
        throw new Error(`The \`${name}\` command is disabled. Please upgrade to using Environment Files.`);
      case 'add-matcher':
      case 'remove-matcher':
        return this.annotate({
          level: 'warning',
          message: `Problem matchers are not served here: '${line.trim()}' has no effect.`,
        });
    }
  }

  private stop(token: string, line: string): void {
    const folded = token.toLowerCase();
    if (token === '' || folded === 'pause-logging' || commands.has(folded)) {
      throw new Error(
        "You cannot use a endToken that is an empty string, the string 'pause-logging', or another workflow command.",
      );
    }
    this.stopToken = folded;
    if (token.length > 6) this.sinks.masker.add(token);
    this.write(line);
  }

  private legacy(command: 'set-output' | 'save-state', name: string | undefined, value: string): void {
    this.annotate({
      level: 'warning',
      message: `The \`${command}\` command is deprecated and will be disabled soon. Please upgrade to using Environment Files.`,
    });
    if (name === undefined) throw new Error(`Required field 'name' is missing in ##[${command}] command.`);
    if (command === 'set-output') this.sinks.setOutput(name, value);
    else this.sinks.saveState(name, value);
  }

  private located(
    level: Annotation['level'],
    properties: Record<string, string>,
    message: string,
  ): Annotation {
    const number = (name: string) =>
      /^\d+$/.test(properties[name] ?? '') ? Number(properties[name]) : undefined;
    const { file, title } = properties;
    const within = file === undefined || !isAbsolute(file) ? file : relative(this.sinks.workspace, file);
    const places = {
      line: number('line'),
      endLine: number('endline'),
      column: number('col'),
      endColumn: number('endcolumn'),
    };
    return {
      level,
      message,
      ...(title !== undefined && { title }),
      ...(file !== undefined && { file: within?.startsWith('..') ? file : (within ?? file) }),
      ...Object.fromEntries(Object.entries(places).filter(([, value]) => value !== undefined)),
    };
  }
}
