import * as z from 'zod';
import type { Environment } from '../evidence/environment.js';
import { defineGate } from '../gate/gate.js';

const schema = z
  .strictObject({
    reviewers: z
      .boolean()
      .default(true)
      .describe('Whether somebody must approve deployments, and not the one who started them.'),
    'admins-bypass': z.boolean().default(false).describe('Whether administrators may go past the rules.'),
    refs: z
      .array(z.string().min(1))
      .min(1)
      .optional()
      .describe('The only patterns of branches and tags that may stand in the settings of the environment.'),
  })
  .describe('The settings of the GitHub environment protect it.');

/** The environment itself is protected, and by rules that somebody can satisfy. */
export const environment = defineGate({
  name: 'environment',
  schema,
  needs: { environment: true },
  judge: (config, { request, evidence: { environment: found } }) => {
    const name = request.environment;
    if (!found)
      return {
        is: 'fail',
        reason: `the repository has no environment ${name}: create it under Settings, Environments`,
      };
    const reasons = environmentProblems(found, config, request.actor);
    const evidence = [{ text: 'settings', url: `${request.repositoryUrl}/settings/environments` }];
    return reasons.length === 0
      ? { is: 'pass', reason: `${name} is protected`, evidence }
      : {
          is: 'fail',
          reason: `${name} is not protected: ${reasons.join('; ')}. Change it under Settings, Environments, ${name}`,
          evidence,
        };
  },
});

type Found = NonNullable<Environment>;

/** What lets somebody around an environment, or nobody through it, when `actor` starts a release; a sentence each. */
export const environmentProblems = (
  found: Found,
  config: z.output<typeof schema>,
  actor: string,
): string[] => [
  ...(config.reviewers ? reviewProblems(found, actor) : []),
  ...(found.adminsBypass && !config['admins-bypass'] ? ['administrators may bypass its rules'] : []),
  ...refProblems(found, config.refs),
];

function reviewProblems({ reviewers, preventSelfReview }: Found, actor: string): string[] {
  if (reviewers.length === 0) return ['it has no required reviewers'];
  if (!preventSelfReview) return ['whoever starts a deployment may approve it: set "Prevent self-review"'];
  const others = reviewers.filter(
    ({ is, name }) => is === 'team' || name.toLowerCase() !== actor.toLowerCase(),
  );
  return others.length > 0
    ? []
    : [`its only reviewer, ${actor}, started this release and may not approve it`];
}

/** A pattern without any letter or digit outside of brackets, such as `*` or `[a-z]*`, admits anything. */
const admitsAnything = (pattern: string) => !/[\p{L}\p{N}]/u.test(pattern.replace(/\[[^\]]*\]/g, ''));

function refProblems({ refs }: Found, allowed: readonly string[] | undefined): string[] {
  if (refs.only === 'any') return ['any branch may deploy to it: choose "Selected branches and tags"'];
  if (refs.only === 'protected')
    return [
      '"Protected branches only" admits every branch while no branch has a protection rule: choose "Selected branches and tags"',
    ];
  const names = refs.patterns.map((pattern) => pattern.name);
  const open = names.filter(admitsAnything);
  if (open.length > 0) return [`its pattern ${open.join(', ')} admits any branch`];
  if (names.length === 0) return ['no branch or tag may deploy to it, so nobody can release'];
  const more = allowed ? names.filter((one) => !allowed.includes(one)) : [];
  return more.length > 0
    ? [`it admits ${more.join(', ')}, and the policy allows ${allowed!.join(', ')}`]
    : [];
}
