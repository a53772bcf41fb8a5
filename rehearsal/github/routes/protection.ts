/** What protects branches and tokens: rulesets, what job tokens may do by default, and which secrets there are. */
import { isGranted } from '../auth.js';
import { found } from '../errors.js';
import type { Ruleset } from '../model.js';
import { created, noContent, ok, paged, type RepoContext, type Route, route } from '../route.js';
import { isAbout } from '../rules/protection.js';
import { iso } from '../state.js';

const rulesetOf = ({ repo, params }: RepoContext): Ruleset =>
  found(repo.rulesets.find(({ id }) => id === Number(params['ruleset_id'])));

/** OpenAPI repository-ruleset; `bypass_actors` only for who may write the ruleset (docs: "Get a repository ruleset"). */
const rulesetJson = (
  { repo, token }: RepoContext,
  { id, createdAt, ...ruleset }: Ruleset,
  whole: boolean,
) => ({
  id,
  name: ruleset.name,
  target: ruleset.target,
  source_type: 'Repository',
  source: `${repo.owner}/${repo.name}`,
  enforcement: ruleset.enforcement,
  created_at: iso(createdAt),
  updated_at: iso(createdAt),
  ...(whole ? { conditions: ruleset.conditions, rules: ruleset.rules } : {}),
  ...(whole && isGranted(token, [['administration', 'write']])
    ? { bypass_actors: ruleset.bypass_actors }
    : {}),
});

export const protectionRoutes: readonly Route[] = [
  route('GET /rulesets', [], (context) =>
    paged(context, context.repo.rulesets, (ruleset) => rulesetJson(context, ruleset, false)),
  ),
  route('POST /rulesets', [['administration', 'write']], (context) => {
    const { state, repo, body } = context;
    const given = body as Omit<Ruleset, 'id' | 'createdAt'>;
    const ruleset: Ruleset = {
      target: given.target ?? 'branch',
      bypass_actors: given.bypass_actors ?? [],
      conditions: given.conditions ?? { ref_name: { include: [], exclude: [] } },
      rules: given.rules ?? [],
      name: given.name,
      enforcement: given.enforcement,
      id: state.nextId(),
      createdAt: state.now(),
    };
    repo.rulesets.push(ruleset);
    return created(rulesetJson(context, ruleset, true));
  }),
  route('GET /rulesets/{ruleset_id}', [], (context) => ok(rulesetJson(context, rulesetOf(context), true))),
  route('DELETE /rulesets/{ruleset_id}', [['administration', 'write']], (context) => {
    context.repo.rulesets.splice(context.repo.rulesets.indexOf(rulesetOf(context)), 1);
    return noContent;
  }),
  route('GET /rules/branches/{branch}', [], (context) => {
    const { repo, params } = context;
    const about = repo.rulesets.filter((ruleset) => isAbout(repo, ruleset, params['branch'] ?? ''));
    const rules = about.flatMap(({ id, rules: all }) => all.map((rule) => ({ ruleset_id: id, rule })));
    return paged(context, rules, ({ ruleset_id, rule }) => ({
      ...rule,
      ruleset_source_type: 'Repository',
      ruleset_source: `${repo.owner}/${repo.name}`,
      ruleset_id,
    }));
  }),
  route('GET /actions/permissions/workflow', [['administration', 'read']], ({ repo }) =>
    ok({
      default_workflow_permissions: repo.jobTokens.default,
      can_approve_pull_request_reviews: repo.jobTokens.mayApprove,
    }),
  ),
  route('PUT /actions/permissions/workflow', [['administration', 'write']], ({ repo, body }) => {
    const given = body as {
      default_workflow_permissions?: 'read' | 'write';
      can_approve_pull_request_reviews?: boolean;
    };
    repo.jobTokens = {
      default: given.default_workflow_permissions ?? repo.jobTokens.default,
      mayApprove: given.can_approve_pull_request_reviews ?? repo.jobTokens.mayApprove,
    };
    return noContent;
  }),
  route('GET /actions/secrets', [['secrets', 'read']], (context) =>
    paged(
      context,
      context.repo.secrets,
      ({ name, createdAt }) => ({ name, created_at: iso(createdAt), updated_at: iso(createdAt) }),
      (secrets, total_count) => ({ total_count, secrets }),
    ),
  ),
];
