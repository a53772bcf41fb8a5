import { globMatcher } from '../../glob.js';
import type { Repo, Ruleset } from '../model.js';

/** Whether a ruleset is about a branch: by full ref, with `~ALL` and `~DEFAULT_BRANCH` (docs: "Creating rulesets"). */
export function isAbout(repo: Repo, { target, enforcement, conditions }: Ruleset, branch: string): boolean {
  const names = (list: readonly string[]) =>
    list.some((pattern) => {
      if (pattern === '~ALL') return true;
      if (pattern === '~DEFAULT_BRANCH') return branch === repo.defaultBranch;
      return globMatcher(pattern)(`refs/heads/${branch}`);
    });
  const { include, exclude } = conditions.ref_name;
  return target === 'branch' && enforcement === 'active' && names(include) && !names(exclude);
}
