/** A place in a file; both numbers start at 1. */
export interface Place {
  readonly line: number;
  readonly column: number;
}

/** One thing that is wrong in a workflow file, and who found it. */
export interface Finding extends Place {
  /** Path as the reader knows it. */
  readonly file: string;
  readonly tool: string;
  readonly rule: string;
  readonly message: string;
  /** The exact change; tools of others often name none. */
  readonly fix?: string;
}

/** `file:line:column: message [tool/rule]` and, on a line of its own, the fix. */
export function formatFinding({ file, line, column, tool, rule, message, fix }: Finding): string {
  const head = `${file}:${line}:${column}: ${message} [${tool}/${rule}]`;
  return fix === undefined ? head : `${head}\n  Fix: ${fix}`;
}

/** By file, then by place, then by tool. */
export function byPlace(a: Finding, b: Finding): number {
  return (
    a.file.localeCompare(b.file) || a.line - b.line || a.column - b.column || a.tool.localeCompare(b.tool)
  );
}
