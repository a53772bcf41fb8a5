import { readEnvironment } from '../../../actions/gate-check/evidence/environment.js';
import type { GitHub } from '../../../shared/github/client.js';
import { GitHubError } from '../../../shared/github/problem.js';
import { allStages, type Answers } from '../answers.js';
import { extraEnvironments } from '../parts/github.js';
import { recoveryOf } from './github-steps.js';
import type { Protection, Rule, Seen } from './protection.js';

/** Most entries of a list that are read; one that is longer is unknown. */
const most = 1_000;

/** Reads from GitHub what decides whether the gate can be passed by; what it refuses is unknown, with the reason. */
export async function readProtection(github: GitHub, answers: Answers): Promise<Protection> {
  const names = [
    ...allStages(answers).flatMap((stage) => [stage.environment, recoveryOf(stage)]),
    ...extraEnvironments(answers).map(({ name }) => name),
  ];
  const repository = await see(() => github.rest('GET /repos/{owner}/{repo}'));
  // Policy and criteria are read from the default branch.
  const standing = repository.is === 'known' ? [repository.value.default_branch] : [];
  const branches = [...new Set([answers.branch, ...standing])];
  const rules = new Map<string, Seen<readonly FoundRule[]>>();
  if (repository.is === 'unknown') rules.set('the default branch', repository);
  for (const branch of branches) rules.set(branch, await see(() => rulesOf(github, branch)));
  const environments: Record<string, Protection['environments'][string]> = {};
  for (const name of names) environments[name] = await see(() => readEnvironment(github, name));
  return {
    environments,
    branches: Object.fromEntries(rules),
    bypass: await see(() => bypassOf(github, [...rules.values()])),
    jobTokens: await see(async () => {
      const found = await github.rest('GET /repos/{owner}/{repo}/actions/permissions/workflow');
      return {
        default: found.default_workflow_permissions,
        mayApprove: found.can_approve_pull_request_reviews,
      };
    }),
    secrets: await see(async () => {
      const found = await github.pages(
        'GET /repos/{owner}/{repo}/actions/secrets',
        {},
        (page) => page.secrets,
        most,
      );
      return found.items.map(({ name }) => name);
    }),
  };
}

/** What cannot be known, and is no fault of GitHub's. */
class Unseen extends Error {}

async function see<T>(look: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { is: 'known', value: await look() };
  } catch (error) {
    if (!(error instanceof GitHubError || error instanceof Unseen)) throw error;
    return { is: 'unknown', why: error.message.replace(/\.$/, '') };
  }
}

type FoundRule = Rule & { ruleset_id?: number };

async function rulesOf(github: GitHub, branch: string): Promise<readonly FoundRule[]> {
  const { items, truncated } = await github.pages(
    'GET /repos/{owner}/{repo}/rules/branches/{branch}',
    { branch },
    (page) => page as readonly FoundRule[],
    most,
  );
  if (truncated) throw new Unseen(`${branch} has more than ${most} rules`);
  return items;
}

async function bypassOf(github: GitHub, branches: readonly Seen<readonly FoundRule[]>[]): Promise<string[]> {
  const ids = branches.flatMap((seen) => {
    if (seen.is === 'unknown') throw new Unseen(seen.why);
    return seen.value.flatMap(({ ruleset_id: id }) => id ?? []);
  });
  const who: string[] = [];
  for (const ruleset_id of new Set(ids)) {
    const { name, bypass_actors: actors } = await github.rest(
      'GET /repos/{owner}/{repo}/rulesets/{ruleset_id}',
      {
        ruleset_id,
      },
    );
    // GitHub leaves the list out for a token that may not change the ruleset.
    if (!actors)
      throw new Unseen(`only a token with "administration: write" is told who may bypass "${name}"`);
    who.push(...actors.map(({ actor_type: type, actor_id: id }) => [type, id].filter(Boolean).join(' ')));
  }
  return who;
}
