import type { GitHub } from '../../../shared/github/client.js';

/** How a commit stands to a base: ahead of it, behind it, both or neither. Needs `contents: read`. */
export async function compare(
  github: GitHub,
  base: string,
  head: string,
): Promise<'ahead' | 'behind' | 'diverged' | 'identical'> {
  const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${base}...${head}`,
    per_page: 1,
  });
  return status;
}
