import type { GitHub } from './client.js';
import { GitHubError } from './problem.js';

/** Roles of people in a repository, each may do what those before it may. */
export const roles = ['read', 'triage', 'write', 'maintain', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What somebody may do in the repository now. */
export interface Access {
  /** As GitHub names it; an organisation may have roles of its own. */
  role: string;
  /** The best of GitHub's own roles that it is sure to have; undefined when that is none. */
  level: Role | undefined;
}

/**
 * The role that somebody has in the repository now; null where GitHub does not tell, which is never a role. Needs
 * `metadata: read`, which every token has.
 */
export async function readAccess(github: GitHub, username: string): Promise<Access | null> {
  try {
    const found = await github.rest('GET /repos/{owner}/{repo}/collaborators/{username}/permission', {
      username,
    });
    const known = [found.role_name, found.permission].find((name): name is Role =>
      roles.includes(name as Role),
    );
    return { role: found.role_name, level: known };
  } catch (error) {
    if (error instanceof GitHubError) return null;
    throw error;
  }
}

/** Whether a role may do what another may. */
export const isAtLeast = (level: Role | undefined, least: Role): boolean =>
  level !== undefined && roles.indexOf(level) >= roles.indexOf(least);
