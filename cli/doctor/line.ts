import type { Problem } from '../../shared/config/problem.js';
import type { DoctorLine } from '../../shared/contracts/reports/doctor-report.js';

export type Line = DoctorLine;

export const ok = (what: string, detail: string): Line => ({ what, is: 'ok', detail });
export const note = (what: string, detail: string): Line => told(what, 'note', detail);

/** A line of a text that may carry its own fix; `fix` is for one that does not. */
export const wrong = (what: string, text: string, fix?: string): Line => told(what, 'wrong', text, fix);
export const unknown = (what: string, text: string, fix?: string): Line => told(what, 'unknown', text, fix);

/** A line for each problem of a file. */
export const problemLines = (what: string, problems: readonly Problem[]): Line[] =>
  problems.map(({ file, line, column, path, got, allowed, fix, didYouMean, message }) => ({
    what,
    is: 'wrong',
    detail: `${[file, line, column].filter(Boolean).join(':')} ${path}: ${message ?? `${got}; expected ${allowed}`}`,
    fix: didYouMean === undefined ? fix : `${fix} (did you mean "${didYouMean}"?)`,
  }));

function told(what: string, is: Line['is'], text: string, fix?: string): Line {
  const code = /\[([a-z-]+)\]/.exec(text)?.[1];
  const [detail = '', own] = text.replace(/\s*\[[a-z-]+\]/g, '').split(/[\s.]*\bFix: /);
  const found = own?.replace(/\s+/g, ' ').trim() ?? fix ?? (code && `docs/troubleshooting.md#${code}`);
  return {
    what,
    is,
    detail: detail.replace(/\s+/g, ' ').replace(/\.$/, '').trim(),
    ...(found === undefined ? {} : { fix: found }),
  };
}

const signs = { ok: 'ok     ', note: 'note   ', wrong: 'WRONG  ', unknown: 'UNKNOWN' };

/** All lines as one table, each with its fix under it. */
export function table(lines: readonly Line[]): string {
  const width = Math.max(...lines.map(({ what }) => what.length));
  return lines
    .map(({ what, is, detail, fix }) => {
      const line = `${signs[is]} ${what.padEnd(width)}  ${detail}`;
      return fix === undefined ? line : `${line}\n        ${' '.repeat(width)}  Fix: ${fix}`;
    })
    .join('\n');
}
