/** One thing wrong in a file or input, with what a person needs to fix it. Lines and columns count from 1. */
export interface Problem {
  file: string;
  line?: number;
  column?: number;
  /** Dotted path of the value inside the file, empty for the whole. */
  path: string;
  got: string;
  allowed: string;
  fix: string;
  didYouMean?: string;
  /** What happened, as a sentence; it is shown instead of what came and what is allowed. */
  message?: string;
}

/** Problems as numbered plain text, one block each: place, what came, what is allowed, the change to make. */
export function describeProblems(problems: readonly Problem[]): string {
  const head = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
  return [head, ...problems.map(describeProblem)].join('\n');
}

function describeProblem(problem: Problem): string {
  const place = [problem.file, problem.line, problem.column].filter((part) => part !== undefined).join(':');
  if (problem.message) return `  ${problem.message}\n      Fix: ${problem.fix}`;
  return [
    `  ${place}${problem.path ? ` — ${problem.path}` : ''}`,
    `      got:     ${problem.got}`,
    `      allowed: ${problem.allowed}`,
    `      fix:     ${problem.fix}${problem.didYouMean ? ` (did you mean "${problem.didYouMean}"?)` : ''}`,
  ].join('\n');
}

/** The user's configuration or inputs are wrong: carries every problem found, nothing was done. */
export class ConfigurationError extends Error {
  override readonly name = 'ConfigurationError';
  constructor(readonly problems: readonly Problem[]) {
    super(`Nothing was done: ${describeProblems(problems)}`);
  }
}
