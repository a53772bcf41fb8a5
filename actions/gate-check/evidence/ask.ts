import type { Piece } from '../../../shared/contracts/gate-evidence.js';
import { GitHubError } from '../../../shared/github/problem.js';

/** Runs a look-up; GitHub's refusal becomes an unknown piece that names the permission to add. Other errors are bugs and pass through. */
export async function ask<T>(permission: string, lookUp: () => Promise<T>): Promise<Piece<T>> {
  try {
    return { is: 'known', value: await lookUp() };
  } catch (error) {
    if (error instanceof Unknowable)
      return { is: 'unknown', reason: error.message, ...named(error.permission) };
    if (!(error instanceof GitHubError)) throw error;
    const missing = error.permission ?? (error.status === 403 ? permission : undefined);
    return { is: 'unknown', reason: firstLine(error.message), ...named(missing) };
  }
}

/** What was asked cannot be told from GitHub's answer; the message says why. */
export class Unknowable extends Error {
  constructor(
    message: string,
    readonly permission?: string | undefined,
  ) {
    super(message);
  }
}

const named = (permission: string | undefined) => (permission ? { permission } : {});

function firstLine(text: string): string {
  return text
    .split('\n')[0]!
    .replace(/ Add to this job:$/, '')
    .replace(/\.$/, '');
}
