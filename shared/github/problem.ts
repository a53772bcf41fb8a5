/** GitHub refused or could not be reached; `status` is 0 when there was no answer. */
export class GitHubError extends Error {
  override readonly name = 'GitHubError';
  constructor(
    message: string,
    readonly status: number,
    /** The job permission that is missing, such as `deployments: write`, when that is the cause. */
    readonly permission?: string,
  ) {
    super(message);
  }
}

interface Refusal {
  status: number;
  message: string;
  /** Value of the x-accepted-github-permissions header. */
  acceptedPermissions?: string;
}

/** Turns GitHub's refusal of a call into words that name the line to add. */
export function explainRefusal(call: string, { status, message, acceptedPermissions }: Refusal): GitHubError {
  if (status === 401) {
    return new GitHubError(
      `GitHub does not know the token used for ${call}. Pass a valid one as "github-token".`,
      status,
    );
  }
  if ((status === 403 || status === 404) && /not accessible by|must have|permission/i.test(message)) {
    const permission = firstPermission(acceptedPermissions);
    const line = permission
      ? `Add to this job:\n\n  permissions:\n    ${permission}\n`
      : 'Check the permissions of this job.';
    return new GitHubError(
      `GitHub refused ${call}: the token lacks a permission (${message}). ${line}`,
      status,
      permission,
    );
  }
  if (status === 0) return new GitHubError(`GitHub could not be reached for ${call}: ${message}`, status);
  return new GitHubError(`GitHub answered ${status} to ${call}: ${message}`, status);
}

/** `deployments=write; contents=read` names alternatives separated by `;` and joint needs by `,`; the first alternative is shown. */
function firstPermission(header: string | undefined): string | undefined {
  return (
    header
      ?.split(';')[0]
      ?.split(',')
      .map((need) => need.trim().replace('=', ': ').replaceAll('_', '-'))
      .filter((need) => need !== '')
      .join('\n    ') || undefined
  );
}
