import { allStages, type Answers, type Stage } from '../answers.js';
import type { PolicyFile } from '../../check/read.js';
import { extraEnvironments, extraLogins, partValues } from '../parts/github.js';
import { rulesetPath, tagRulesetPath } from './ruleset.js';

/** A heading and the lines under it: what only somebody with the right to it can do on GitHub. */
export interface Section {
  title: string;
  lines: string[];
}

/** Everything that remains to be done on GitHub, as commands of its own command line. */
export const githubSteps = (answers: Answers, policy: PolicyFile): Section[] => [
  environmentSteps(answers, policy),
  rulesetSteps(answers),
  secretSteps(answers),
  ...(answers.place === 'ecs' || answers.shape === 'caller' ? [trustSteps(answers, policy)] : []),
];

export const recoveryOf = ({ environment }: Stage) => `${environment}-recovery`;

/** Refs that may deploy to a stage: those that its gates would let through. */
export function refsOf({ environments }: PolicyFile, { environment }: Stage): readonly string[] {
  const { gates } = (environments[environment] ?? {}) as {
    gates?: { branch?: readonly string[]; environment?: { refs?: readonly string[] } };
  };
  return gates?.environment?.refs ?? gates?.branch ?? [];
}

function environmentSteps(answers: Answers, policy: PolicyFile): Section {
  const stages = allStages(answers);
  const reviewed = stages.filter(({ role }) => role !== 'staging');
  const reviewers = answers.owners.map((owner) => {
    const [name, team] = owner.slice(1).split('/');
    return team === undefined
      ? `{ "type": "User", "id": '"$(gh api users/${name} --jq .id)"' }`
      : `{ "type": "Team", "id": '"$(gh api orgs/${name}/teams/${team} --jq .id)"' }`;
  });
  const create = (name: string, isReviewed: boolean, refs: readonly string[] | undefined) => [
    `gh api --method PUT repos/${answers.repository}/environments/${name} --input - << JSON`,
    JSON.stringify({
      ...(isReviewed ? { prevent_self_review: true, reviewers: 'REVIEWERS' } : {}),
      can_admins_bypass: false,
      deployment_branch_policy: refs ? { protected_branches: false, custom_branch_policies: true } : null,
    }).replace('"REVIEWERS"', '[$reviewers]'),
    'JSON',
    ...(refs ?? []).map(
      (ref) =>
        `gh api --method POST repos/${answers.repository}/environments/${name}/deployment-branch-policies -f name='${ref}' -f type=branch`,
    ),
  ];
  return {
    title: 'Environments: one with reviewers, one for rescues without, none of them open to any branch',
    lines: [
      ...(reviewed.length > 0 || extraEnvironments(answers).some(({ reviewed: isReviewed }) => isReviewed)
        ? [`reviewers='${reviewers.join(', ')}'`]
        : []),
      ...stages.flatMap((stage) => [
        ...create(stage.environment, stage.role !== 'staging', refsOf(policy, stage)),
        ...create(recoveryOf(stage), false, refsOf(policy, stage)),
        ...openTo(recoveryOf(stage), refsOf(policy, stage)),
      ]),
      ...extraEnvironments(answers).flatMap(({ name, why, reviewed: isReviewed, refs }) => [
        `# ${name}: ${why}`,
        ...create(name, isReviewed, refs),
      ]),
    ],
  };
}

/** Branches that anybody makes: whoever does so has the login of an environment that nobody reviews. */
function openTo(name: string, refs: readonly string[]): string[] {
  const made = refs.filter((ref) => ref.includes('*')).join(', ');
  return made === ''
    ? []
    : [
        `# ${name} has a login and no reviewer: whoever may push to ${made} may use it with a workflow of their own.`,
        `# Let few push there (Settings, Rules: restrict creations and updates of ${made}), or leave ${made} out above.`,
      ];
}

const rulesetSteps = ({ repository, branch, parts }: Answers): Section => ({
  title: `Rules of ${branch}: reviewed by an owner, and tested`,
  lines: [rulesetPath, ...(parts.includes('release-candidate') ? [tagRulesetPath] : [])].map(
    (path) => `gh api --method POST repos/${repository}/rulesets --input ${path}`,
  ),
});

function secretSteps(answers: Answers): Section {
  const { repository, notify } = answers;
  const channel = {
    slack: 'SLACK_WEBHOOK',
    teams: 'TEAMS_WEBHOOK',
    pagerduty: 'PAGERDUTY_KEY',
    webhook: 'WEBHOOK_URL',
  };
  const environments = allStages(answers).map(({ environment }) => environment);
  return {
    title:
      'Secrets and variables, each asked for when you run its line; leave out what the smoke suite does not use',
    lines: [
      ...notify.map((one) => `gh secret set ${channel[one]} --repo ${repository}`),
      ...(notify.includes('webhook') ? [`gh secret set WEBHOOK_SECRET --repo ${repository}`] : []),
      ...environments.flatMap((name) =>
        ['DATABASE_URL', 'SMOKE_PASSWORD'].map(
          (secret) => `gh secret set ${secret} --repo ${repository} --env ${name}`,
        ),
      ),
      ...partValues(answers),
    ],
  };
}

/** What a cloud must ask of GitHub's token: the environment, and the workflow that was called. */
function trustSteps(answers: Answers, policy: PolicyFile): Section {
  const { suite, repository, shape } = answers;
  const [owner, name] = repository.split('/');
  const names = [
    ...allStages(answers).flatMap((stage) => [stage.environment, recoveryOf(stage)]),
    ...extraLogins(answers),
  ];
  const refs = [...new Set(allStages(answers).flatMap((stage) => refsOf(policy, stage)))];
  return {
    title: 'Trust for a login without secrets (OIDC): pin the subject, and job_workflow_ref with it',
    lines: [
      '# Subjects of repositories made before July 15, 2026, or that chose this form:',
      ...names.map((environment) => `#   repo:${repository}:environment:${environment}`),
      `# Subjects of newer ones carry ids; this prints them:`,
      ...names.map(
        (environment) =>
          `gh api repos/${repository} --jq '"repo:${owner}@\\(.owner.id)/${name}@\\(.id):environment:${environment}"'`,
      ),
      // Releases, rescues and looks are workflows of their own: the one of releases alone would lock the rescues out.
      ...(shape === 'caller'
        ? [`# job_workflow_ref of each: ${suite.repository}/.github/workflows/*.yml@${suite.ref}`]
        : [
            '# job_workflow_ref, one of:',
            ...refs.map((ref) => `#   ${repository}/.github/workflows/*.yml@refs/heads/${ref}`),
            ...extraLogins(answers).map(
              (environment) =>
                `#   of ${environment}, which pull requests use, also: ${repository}/.github/workflows/*.yml@refs/pull/*/merge`,
            ),
          ]),
    ],
  };
}
