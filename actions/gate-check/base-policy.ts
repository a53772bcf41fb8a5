import * as z from 'zod';
import { ConfigurationError } from '../../shared/config/problem.js';
import { nameSchema, shaSchema } from '../../shared/contracts/formats.js';
import type { BasePolicy } from '../../shared/contracts/reports/gate-report.js';
import type { GitHub } from '../../shared/github/client.js';
import { GitHubError } from '../../shared/github/problem.js';

/** The policy that a policy builds on, and in what it departs from it. */
export const extendsSchema = z
  .strictObject({
    repository: z
      .string()
      .regex(/^[\w.-]+\/[\w.-]+$/, 'OWNER/NAME')
      .describe('The repository with the base policy, as owner/name.'),
    path: z
      .string()
      .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$))[\w./-]+$/, 'a path inside the repository')
      .describe('The file there.'),
    sha: shaSchema.describe(
      'Full sha of a commit of its default branch. A branch or tag could change what holds here.',
    ),
    replaces: z
      .array(
        z.strictObject({
          environment: nameSchema.describe('The environment where it does not hold.'),
          gate: z.string().describe('The gate of the base policy that does not hold here, or first-release.'),
          reason: z.string().min(10).max(200).describe('Why; it stands in every summary and report.'),
        }),
      )
      .min(1)
      .refine(
        (all) => new Set(all.map(({ environment, gate }) => `${environment} ${gate}`)).size === all.length,
        {
          message: 'each gate of an environment once',
          params: { fix: 'keep one entry' },
        },
      )
      .optional()
      .describe('Gates that are left out here, or set otherwise beside it.'),
  })
  .describe('A policy of another repository that holds here too.');

export type Extends = z.output<typeof extendsSchema>;

/** Largest base policy, in bytes. */
const mostBytes = 1_048_576;

/** Who reads in which repository. */
export type OpenRepository = (owner: string, repository: string) => Promise<GitHub>;

/**
 * The base policy at its commit. A commit of a fork can be read through the repository it was forked from, so the
 * commit has to be on the default branch. What cannot be read is a ConfigurationError: without it nothing can be judged.
 */
export async function readBasePolicy(
  { repository: named, path, sha }: Extends,
  file: string,
  open: OpenRepository,
): Promise<BasePolicy> {
  const refuse = (got: string, fix: string): never => {
    const allowed = `a text file on the default branch of ${named}`;
    throw new ConfigurationError([{ file, path: 'extends', got, allowed, fix }]);
  };
  const [owner = '', name = ''] = named.split('/');
  try {
    const github = await open(owner, name);
    const { default_branch } = await github.rest('GET /repos/{owner}/{repo}');
    const { status } = await github.rest('GET /repos/{owner}/{repo}/compare/{basehead}', {
      basehead: `${default_branch}...${sha}`,
      per_page: 1,
    });
    if (status !== 'behind' && status !== 'identical')
      return refuse(
        `${sha.slice(0, 12)} is not on ${default_branch} of ${named}`,
        'name a commit that was merged there: a commit of a fork looks alike',
      );
    const found = await github.rest('GET /repos/{owner}/{repo}/contents/{path}', { path, ref: sha });
    if (Array.isArray(found) || found.type !== 'file' || !('content' in found) || found.size > mostBytes)
      return refuse(`${path} is no file of at most ${mostBytes} bytes`, 'name the policy file');
    const text = Buffer.from(found.content, 'base64').toString('utf8');
    return { repository: named, path, sha, text };
  } catch (error) {
    if (!(error instanceof GitHubError)) throw error;
    return refuse(
      `${path} at ${sha.slice(0, 12)} of ${named} could not be read (${error.message.split('\n')[0]})`,
      `check repository, path and sha; the token needs contents: read there, which GITHUB_TOKEN has for public repositories only: pass the token of an App as github-token`,
    );
  }
}
