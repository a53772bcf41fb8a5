import { fitSummary } from '../report/limits.js';
import type { RunnerPort } from './port.js';

/** UTF-16 code units of a lost file that the log still takes. */
const longestInLog = 100_000;

/**
 * Where the results of a step go. A place that takes nothing, such as a full disk, loses only what was meant for it:
 * that goes to the log instead, and `lost` names it.
 */
export class Sinks {
  readonly #port: Pick<RunnerPort, 'print' | 'writeFile' | 'setOutput' | 'appendSummary'>;
  readonly #redact: (text: string) => string;
  readonly #lost: string[] = [];
  #missing = false;
  #full = false;

  constructor(
    port: Pick<RunnerPort, 'print' | 'writeFile' | 'setOutput' | 'appendSummary'>,
    redact: (text: string) => string,
  ) {
    this.#port = port;
    this.#redact = redact;
  }

  /** One line of the log, or several; none of them is a command to the runner. */
  print(text: string): void {
    this.#port.print(plain(this.#redact(text)));
  }

  async output(name: string, value: string): Promise<void> {
    const text = this.#redact(value);
    const why = await this.#attempt(`output "${name}"`, () => this.#port.setOutput(name, text));
    if (why === undefined) return;
    this.#missing = true;
    this.print(`${name}=${text}`);
  }

  /** Writes a file and the output that carries its path; `text` has its secrets taken out already. */
  async file(name: string, path: string, text: string): Promise<void> {
    const why = await this.#attempt(`${name} (${path})`, () => this.#port.writeFile(path, text));
    if (why === undefined) return this.output(name, path);
    this.#missing = true;
    const rest = text.length - longestInLog;
    const more = rest > 0 ? `\n… ${rest} more characters` : '';
    this.print(`${name}, not written to ${path} (${why}):\n${text.slice(0, longestInLog)}${more}`);
  }

  /** What was done is done: a summary that cannot be drawn is lost like one that cannot be written. */
  async summary(render: () => string): Promise<void> {
    await this.#attempt('the job summary', () =>
      this.#port.appendSummary(fitSummary(this.#redact(render()))),
    );
  }

  /** What could not be written and why, as one sentence; undefined when everything was. */
  get lost(): string | undefined {
    if (this.#lost.length === 0) return undefined;
    const missing = this.#missing
      ? '; the log has what is missing, and later steps see those outputs empty'
      : '';
    const fix = this.#full ? ' Fix: free space on the disk of the runner.' : '';
    return this.#redact(
      `Not written: ${this.#lost.join('; ')}. The result of this step stands${missing}.${fix}`,
    );
  }

  /** Why something could not be written; undefined when it was. */
  async #attempt(what: string, write: () => void | Promise<void>): Promise<string | undefined> {
    try {
      await write();
      return undefined;
    } catch (cause) {
      const { code, message = String(cause) } = cause as Partial<NodeJS.ErrnoException>;
      if (code === 'ENOSPC' || code === 'EDQUOT') this.#full = true;
      this.#lost.push(`${what}: ${message}`);
      return message;
    }
  }
}

/**
 * The runner takes a line that starts with `::`, and one with `##[` anywhere, for a command, whoever's words it holds.
 * What it trims off has one blank more than \s.
 */
export function plain(text: string): string {
  return text.replace(/^([\s\u0085]*)(?=::)/gm, '$1\u200B').replaceAll('##[', '## [');
}
