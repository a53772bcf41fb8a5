import type { Socket } from 'node:net';
import { execute, splitLine } from './execute.js';
import type { Runtime } from './command.js';

/** Ways the runtime API can misbehave, for crash tests. The command itself is always carried out first. */
export interface ApiFaults {
  /** Milliseconds between carrying out a command and answering it. */
  answerDelayMs: number;
  /** Answer bytes that are no HAProxy answer. */
  answerGarbage: boolean;
}

const GARBAGE = '\u0000\u0001<html>not an answer';

/**
 * Serves one connection as HAProxy does: without `prompt` it answers the lines at hand and closes;
 * a line without its newline is never carried out.
 */
export function serveSession(socket: Socket, runtime: Runtime, faults: ApiFaults, idleMs: number): void {
  let pending = '';
  let interactive = false;
  let leaving = false;
  let lastAnswer: Promise<void> = Promise.resolve();

  const answer = (text: string): void => {
    const bytes = faults.answerGarbage ? GARBAGE : text;
    const delay = faults.answerDelayMs;
    lastAnswer = lastAnswer
      .then(() => (delay > 0 ? new Promise((resolve) => setTimeout(resolve, delay)) : undefined))
      .then(() => void (socket.destroyed || socket.write(bytes)));
  };
  const leave = (): void => {
    leaving = true;
    void lastAnswer.then(() => socket.end());
  };

  const runCommand = (words: string[]): void => {
    if (words[0] === 'quit') return leave();
    let text = '';
    if (words[0] === 'prompt') interactive = !interactive;
    else text = execute(words, runtime);
    answer(`${text}\n${interactive ? '> ' : ''}`);
  };

  const takeLines = (): void => {
    for (let end = pending.indexOf('\n'); end >= 0 && !leaving; end = pending.indexOf('\n')) {
      const text = pending.slice(0, end);
      pending = pending.slice(end + 1);
      for (const words of splitLine(text)) if (!leaving) runCommand(words);
      if (!interactive && !pending.includes('\n')) leave();
    }
  };

  socket.setEncoding('utf8');
  socket.setTimeout(idleMs, () => socket.destroy());
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk: string) => {
    pending += chunk;
    if (!leaving) takeLines();
  });
  socket.on('end', leave);
}
