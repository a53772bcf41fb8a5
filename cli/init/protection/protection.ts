import { environmentProblems } from '../../../actions/gate-check/gates/environment.js';
import type { Environment } from '../../../actions/gate-check/evidence/environment.js';
import type { PolicyFile } from '../../check/read.js';
import { allStages, type Answers } from '../answers.js';
import { extraEnvironments, guardedSecrets } from '../parts/github.js';
import { requiredChecks } from '../parts/parts.js';
import { recoveryOf, refsOf } from './github-steps.js';
import { actionsApp } from './ruleset.js';

/** What was read, or why it could not be. */
export type Seen<T> = { is: 'known'; value: T } | { is: 'unknown'; why: string };

/** A rule as it holds for a branch. */
export interface Rule {
  type: string;
  parameters?: Readonly<Record<string, unknown>>;
}

/** What of GitHub's settings decides whether the gate can be passed by. */
export interface Protection {
  environments: Readonly<Record<string, Seen<Environment>>>;
  /** Rules of each branch that matters: the one that is released, and the one that policy and criteria are read from. */
  branches: Readonly<Record<string, Seen<readonly Rule[]>>>;
  /** Who may pass by the rules of these branches. */
  bypass: Seen<readonly string[]>;
  jobTokens: Seen<{ default: string; mayApprove: boolean }>;
  /** Names of the secrets that every workflow of every branch can read. */
  secrets: Seen<readonly string[]>;
}

/** One line of the answer: a setting, and what lets somebody around the gate there; nothing where it holds. */
export interface Finding {
  setting: string;
  is: 'ok' | 'wrong' | 'unknown';
  /** Sentences without a full stop. */
  why: readonly string[];
  fix?: string;
}

const asFinding = (setting: string, why: readonly string[], fix: string): Finding =>
  why.length === 0 ? { setting, is: 'ok', why } : { setting, is: 'wrong', why, fix };

const judge = <T>(setting: string, seen: Seen<T>, problems: (value: T) => string[], fix: string): Finding =>
  seen.is === 'known'
    ? asFinding(setting, problems(seen.value), fix)
    : { setting, is: 'unknown', why: [seen.why] };

/** Every setting that could let somebody around the gate, each with what is wrong there and the change to make. */
export const judgeProtection = (answers: Answers, policy: PolicyFile, seen: Protection): Finding[] => [
  ...environmentFindings(answers, policy, seen),
  ...Object.entries(seen.branches).map(([branch, rules]) =>
    judge(
      `rules of ${branch}`,
      rules,
      (found) => ruleProblems(answers, branch, found),
      'Settings, Rules: import .github/rulesets/release-branch.json',
    ),
  ),
  judge(
    'bypass of the rules',
    seen.bypass,
    (who) => who.map((one) => `${one} may pass by them`),
    'Settings, Rules: empty the bypass list',
  ),
  judge(
    'tokens of jobs',
    seen.jobTokens,
    ({ default: level, mayApprove }) => [
      ...(level === 'read' ? [] : [`a workflow that says nothing may ${level} everything`]),
      ...(mayApprove ? ['a workflow may approve pull requests, its own among them'] : []),
    ],
    'Settings, Actions, General, Workflow permissions: read only, and no approvals',
  ),
  judge(
    'secrets',
    seen.secrets,
    (names) =>
      names
        .filter((name) => guardedSecrets.includes(name))
        .map((name) => `${name} belongs to the repository: a workflow of any branch can read it`),
    'make it a secret of each environment, and delete it here',
  ),
];

function environmentFindings(answers: Answers, policy: PolicyFile, { environments }: Protection): Finding[] {
  const fix = 'init --dry-run prints the commands; administrators: Settings, Environments';
  const look = (name: string, problems: (found: NonNullable<Environment>) => string[]) =>
    judge(
      `environment ${name}`,
      environments[name] ?? { is: 'unknown', why: 'it was not read' },
      (found) =>
        found ? problems(found) : ['it does not exist: GitHub makes it at first use, open to everybody'],
      fix,
    );
  const guarded = (found: NonNullable<Environment>, reviewers: boolean, refs: readonly string[]) =>
    environmentProblems(
      found,
      { reviewers, 'admins-bypass': false, ...(refs.length > 0 ? { refs: [...refs] } : {}) },
      '',
    );
  const stages = allStages(answers).flatMap((stage) => {
    const refs = refsOf(policy, stage);
    return [
      look(stage.environment, (found) => guarded(found, stage.role !== 'staging', refs)),
      look(recoveryOf(stage), (found) => [
        ...guarded(found, false, refs),
        ...(found.reviewers.length > 0 ? ['it has reviewers: a rescue would wait for them'] : []),
      ]),
    ];
  });
  const extra = extraEnvironments(answers).map(({ name, reviewed, refs }) =>
    // What is open to every branch on purpose has only to be there.
    look(name, (found) => (refs ? guarded(found, reviewed, refs) : [])),
  );
  return [...stages, ...extra];
}

/** What the rules of a branch do not ask for; of several rules of a type, each may ask for a part. */
function ruleProblems(answers: Answers, name: string, rules: readonly Rule[]): string[] {
  const checks = requiredChecks(answers).map((check) => check.name);
  const some = (type: string, holds: (parameters: Readonly<Record<string, unknown>>) => boolean) =>
    rules.some((rule) => rule.type === type && holds(rule.parameters ?? {}));
  const required = rules.flatMap(({ type, parameters }) =>
    type === 'required_status_checks'
      ? ((parameters?.['required_status_checks'] ?? []) as { context: string; integration_id?: number }[])
      : [],
  );
  const unproved = checks.filter((check) => !required.some(({ context }) => context === check));
  const anybodys = checks.filter(
    (check) =>
      !unproved.includes(check) &&
      !required.some(({ context, integration_id: app }) => context === check && app === actionsApp),
  );
  return [
    ...(some('pull_request', (asked) => Number(asked['required_approving_review_count']) >= 1)
      ? []
      : ['a commit needs no approved pull request']),
    ...(some('pull_request', (asked) => asked['require_code_owner_review'] === true)
      ? []
      : ['policy, criteria and scripts can be changed without their owners']),
    ...(some('pull_request', (asked) => asked['require_last_push_approval'] === true)
      ? []
      : ['who pushes last may approve it']),
    ...(some('non_fast_forward', () => true) ? [] : ['its history can be rewritten']),
    ...(some('deletion', () => true) ? [] : ['it can be deleted']),
    ...(name === answers.branch
      ? [
          ...(unproved.length > 0 ? [`the checks ${unproved.join(', ')} are not required`] : []),
          ...(anybodys.length > 0
            ? [`the checks ${anybodys.join(', ')} count from anybody, not from GitHub Actions alone`]
            : []),
        ]
      : []),
  ];
}
