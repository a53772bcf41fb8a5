import { line, type Command, type Runtime } from './command.js';
import { mapCommands } from './map-commands.js';
import { serverCommands } from './server-commands.js';
import { statCommands } from './stat-commands.js';

const commands: Command[] = [...mapCommands, ...serverCommands, ...statCommands];

const ownCommands = [
  ['help [<command>]', 'this list'],
  ['prompt', 'keep the session open, with a prompt'],
  ['quit', 'end the session'],
] as const;

function list(shown: readonly Command[]): string {
  const rows = shown.map(({ name, usage }) => line(`  ${`${name} ${usage}`.trim()}`));
  return (
    rows.join('') + ownCommands.map(([name, meaning]) => line(`  ${name.padEnd(40)}: ${meaning}`)).join('')
  );
}

function help(words: readonly string[]): string {
  const asked = words.slice(1).join(' ');
  const matching = commands.filter(({ name }) => name.startsWith(asked));
  return (
    line('The following commands are valid at this level:') + list(matching.length > 0 ? matching : commands)
  );
}

function unknown(words: readonly string[]): string {
  if (words.length === 0) {
    return line('Unknown command. Please enter one of the following commands only:') + list(commands);
  }
  const close = commands.filter(({ name }) => name.split(' ').some((word) => words.includes(word)));
  return line('Unknown command, but maybe one of the following ones is a better match:') + list(close);
}

/** Runs one command, already split into words, and returns HAProxy's answer without the session's own newline. */
export function execute(words: readonly string[], runtime: Runtime): string {
  if (words[0] === 'help') return help(words);
  const command = commands.find(({ name }) => name.split(' ').every((word, index) => word === words[index]));
  if (!command) return unknown(words);
  return command.run(words.slice(command.name.split(' ').length), runtime);
}

/** Splits a line at `;` into commands and each at blanks into words; a backslash keeps the next character. */
export function splitLine(text: string): string[][] {
  const parsed: string[][] = [[]];
  let word: string | undefined;
  const endWord = (): void => {
    if (word !== undefined) parsed.at(-1)?.push(word);
    word = undefined;
  };
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (char === '\\' && i + 1 < text.length) {
      i += 1;
      word = (word ?? '') + (text[i] ?? '');
    } else if (char === ';') {
      endWord();
      parsed.push([]);
    } else if (/\s/.test(char)) endWord();
    else word = (word ?? '') + char;
  }
  endWord();
  return parsed;
}
