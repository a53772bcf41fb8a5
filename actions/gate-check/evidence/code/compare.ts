import type { Answer, GitHub } from '../../../../shared/github/client.js';
import type { Sources } from '../evidence.js';

export type Standing = 'ahead' | 'behind' | 'diverged' | 'identical';

/** How a commit stands to a base: ahead of it, behind it, both or neither. Needs `contents: read`. */
export async function compare(github: GitHub, base: string, head: string): Promise<Standing> {
  const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
    basehead: `${base}...${head}`,
    per_page: 1,
  });
  return status;
}

export type Comparison = Answer<'GET /repos/{owner}/{repo}/compare/{basehead}'>;

/** Commits on a page of a comparison. */
export const commitsOnPage = 100;

/**
 * The released commit against a base, with the first commits and up to 300 files: one request for all kinds of evidence
 * that ask.
 */
export const compareWhole = (
  { github, request: { sha }, once }: Pick<Sources, 'github' | 'request' | 'once'>,
  base: string,
): Promise<Comparison> =>
  once(`compare ${base}`, () =>
    github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
      basehead: `${base}...${sha}`,
      per_page: commitsOnPage,
      page: 1,
    }),
  );
