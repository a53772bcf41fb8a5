export interface FieldError {
  resource: string;
  code: 'missing' | 'missing_field' | 'invalid' | 'already_exists' | 'unprocessable' | 'custom';
  field?: string;
  message?: string;
  contexts?: unknown;
}

/** A refusal as GitHub words it; the pipeline turns it into the answer. */
export class GitHubError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly errors: readonly FieldError[] = [],
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }
}

export const notFound = (): GitHubError => new GitHubError(404, 'Not Found');

export const invalid = (...errors: FieldError[]): GitHubError =>
  new GitHubError(422, 'Validation Failed', errors);

/** Gives the value, or answers 404 as GitHub does for what is not there. */
export function found<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw notFound();
  return value;
}

/** The JSON body of a refusal. */
export function errorBody(error: GitHubError): Record<string, unknown> {
  return {
    message: error.message,
    ...(error.errors.length > 0 ? { errors: error.errors } : {}),
    documentation_url: 'https://docs.github.com/rest',
    status: String(error.status),
  };
}
