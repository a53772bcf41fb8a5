import * as z from 'zod';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { defineEvidence } from './evidence.js';

const schema = z
  .strictObject({
    name: z.string(),
    /** People and teams, one of whom must approve. */
    reviewers: z.array(z.strictObject({ is: z.enum(['user', 'team']), name: z.string() })),
    preventSelfReview: z.boolean(),
    adminsBypass: z.boolean(),
    /** Which refs may deploy: any, those with a protection rule, or those of patterns. */
    refs: z.discriminatedUnion('only', [
      z.strictObject({ only: z.literal('any') }),
      z.strictObject({ only: z.literal('protected') }),
      z.strictObject({
        only: z.literal('listed'),
        patterns: z.array(z.strictObject({ name: z.string(), type: z.string() })),
      }),
    ]),
  })
  .nullable();

/** How GitHub protects the environment; null when the repository has none of this name. */
export type Environment = z.output<typeof schema>;

/** Most patterns of refs that are read. */
const mostPatterns = 1_000;

/** The protection of the environment that the release goes to. */
export const environment = defineEvidence({
  kind: 'environment',
  what: 'the protection of the environment',
  schema,
  permission: { actions: 'read' },
  collect: (_needs: readonly true[], { github, request }) => readEnvironment(github, request.environment),
});

/** Reads the protection of an environment; null where there is none of that name. */
export async function readEnvironment(github: GitHub, environment_name: string): Promise<Environment> {
  try {
    const found = await github.rest('GET /repos/{owner}/{repo}/environments/{environment_name}', {
      environment_name,
    });
    const rules = found.protection_rules ?? [];
    const review = rules.find(
      (rule): rule is Extract<typeof rule, { reviewers?: unknown }> => rule.type === 'required_reviewers',
    );
    const policy = found.deployment_branch_policy;
    return {
      name: found.name,
      reviewers: (review?.reviewers ?? []).map(({ type, reviewer }) => ({
        is: type === 'Team' ? 'team' : 'user',
        name: readName(reviewer),
      })),
      preventSelfReview:
        (review as { prevent_self_review?: boolean } | undefined)?.prevent_self_review === true,
      // What an answer leaves out is taken for the worse.
      adminsBypass: (found as { can_admins_bypass?: boolean }).can_admins_bypass !== false,
      refs: !policy
        ? { only: 'any' }
        : policy.protected_branches
          ? { only: 'protected' }
          : { only: 'listed', patterns: await patterns() },
    };
  } catch (error) {
    if (error instanceof GitHubError && error.status === 404 && !error.permission) return null;
    throw error;
  }
  async function patterns() {
    const { items } = await github.pages(
      'GET /repos/{owner}/{repo}/environments/{environment_name}/deployment-branch-policies',
      { environment_name },
      (page) => page.branch_policies,
      mostPatterns,
    );
    return items.map(({ name = '', type = 'branch' }) => ({ name, type }));
  }
}

const readName = (reviewer: unknown): string => {
  const { login, slug } = (reviewer ?? {}) as { login?: string; slug?: string };
  return login ?? slug ?? '(deleted)';
};
