import type { Answers, InitFile } from '../answers.js';
import { requiredChecks } from '../parts/parts.js';

/** The App of GitHub Actions: a check of the name by anybody else does not count. */
export const actionsApp = 15_368;

/** Rules of the release branch, as GitHub's API and its import take them. */
export const ruleset = ({ branch, ...given }: Pick<Answers, 'branch' | 'checks' | 'ci' | 'parts'>) => ({
  name: 'devops-actions: what is released was reviewed and tested',
  target: 'branch',
  enforcement: 'active',
  conditions: { ref_name: { include: [`refs/heads/${branch}`, '~DEFAULT_BRANCH'], exclude: [] } },
  bypass_actors: [],
  rules: [
    { type: 'deletion' },
    { type: 'non_fast_forward' },
    {
      type: 'pull_request',
      parameters: {
        required_approving_review_count: 1,
        dismiss_stale_reviews_on_push: true,
        require_code_owner_review: true,
        require_last_push_approval: true,
        required_review_thread_resolution: false,
      },
    },
    {
      type: 'required_status_checks',
      parameters: {
        strict_required_status_checks_policy: false,
        required_status_checks: requiredChecks(given).map(({ name }) => ({
          context: name,
          integration_id: actionsApp,
        })),
      },
    },
  ],
});

export const rulesetPath = '.github/rulesets/release-branch.json';

export const rulesetFile = (answers: Answers): InitFile => ({
  path: rulesetPath,
  text: `${JSON.stringify(ruleset(answers), null, 2)}\n`,
});

/** Tags of candidates and versions are never moved or deleted: what a gate saw under a name stays what it saw. */
export const tagRuleset = (prefixes: readonly string[]) => ({
  name: 'devops-actions: tags of releases stay where they are',
  target: 'tag',
  enforcement: 'active',
  conditions: { ref_name: { include: prefixes.map((prefix) => `refs/tags/${prefix}*`), exclude: [] } },
  bypass_actors: [],
  rules: [{ type: 'deletion' }, { type: 'update' }, { type: 'non_fast_forward' }],
});

export const tagRulesetPath = '.github/rulesets/release-tags.json';
