import { marks } from './files.js';
import { hashOf } from './lock.js';
import type { InitFile } from './answers.js';

/** What a repository has at a path. */
export interface OnDisk {
  text: string;
  executable: boolean;
}

/**
 * What becomes of a file. `new`: it is not there. `same`: it is as it should be. `update`: it is as init wrote it, and
 * this version writes it otherwise. `edited`: somebody changed it, and init has nothing new for it, or leaves it to them.
 * `conflict`: somebody changed it, or wrote it, and init would write something else.
 */
export type Step = InitFile & {
  is: 'new' | 'same' | 'update' | 'edited' | 'conflict';
  before: string | undefined;
};

/** What would be done with each file. `written` are the hashes of what init wrote before. */
export function planFiles(
  files: readonly InitFile[],
  read: (path: string) => OnDisk | undefined,
  written: Readonly<Record<string, string>>,
): Step[] {
  return files.map((file) => {
    const found = read(file.path);
    const before = found && (file.part ? partIn(found.text) : found.text);
    if (found === undefined || before === undefined) return { ...file, is: 'new', before: found?.text };
    const last = Object.hasOwn(written, file.path) ? written[file.path] : undefined;
    const fits = before === file.text && (!file.executable || found.executable);
    const is = fits
      ? 'same'
      : before === file.text || last === hashOf(before)
        ? 'update'
        : last === hashOf(file.text) || file.seed
          ? 'edited'
          : 'conflict';
    return { ...file, is, before: found.text };
  });
}

/** The whole file after a step: of one of several parts, the others stay as they are. */
export function wholeText({ part, text, before }: Step): string {
  if (!part || before === undefined) return text;
  const mine = partIn(before);
  if (mine !== undefined) return before.replace(mine, () => text);
  const gap = before === '' || before.endsWith('\n\n') ? '' : before.endsWith('\n') ? '\n' : '\n\n';
  return `${before}${gap}${text}`;
}

/** What stands between our marks, with them. */
export function partIn(text: string): string | undefined {
  const to = text.indexOf(marks.end);
  // A first mark that has no last one is not ours to end.
  const from = text.lastIndexOf(marks.begin, to);
  if (to < 0 || from < 0) return undefined;
  const end = to + marks.end.length;
  return text.slice(from, text[end] === '\n' ? end + 1 : end);
}
