import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { refusal, type Octokit, type Stage, stage } from './support.js';

let shop: Stage;
let admin: Octokit;

beforeAll(async () => {
  shop = await stage();
  admin = shop.octokit('octocat');
});
afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

const make = (name: string, include: string[], enforcement: 'active' | 'disabled' = 'active') =>
  admin.rest.repos.createRepoRuleset({
    ...shop.at,
    name,
    enforcement,
    conditions: { ref_name: { include, exclude: [] } },
    bypass_actors: [{ actor_type: 'RepositoryRole', actor_id: 5, bypass_mode: 'always' }],
    rules: [{ type: 'deletion' }],
  });

describe('rulesets', () => {
  test('hold for the branches they name, while they are active', async () => {
    const ids: number[] = [];
    for (const [name, include] of [
      ['default', ['~DEFAULT_BRANCH']],
      ['named', ['refs/heads/release/*']],
      ['all', ['~ALL']],
    ] as const)
      ids.push((await make(name, [...include])).data.id);
    ids.push((await make('off', ['~ALL'], 'disabled')).data.id);
    const of = async (branch: string) =>
      (await admin.rest.repos.getBranchRules({ ...shop.at, branch })).data.map(({ ruleset_id: id }) =>
        ids.indexOf(id!),
      );
    expect([await of('main'), await of('release/1'), await of('topic')]).toEqual([[0, 2], [1, 2], [2]]);
  });

  test('show who may bypass them only to those who may change them', async () => {
    const { data } = await make('shown', ['~ALL']);
    const at = { ...shop.at, ruleset_id: data.id };
    expect((await admin.rest.repos.getRepoRuleset(at)).data.bypass_actors).toHaveLength(1);
    const reader = shop.octokit('github-actions[bot]', { contents: 'read' });
    expect((await reader.rest.repos.getRepoRuleset(at)).data).not.toHaveProperty('bypass_actors');
    expect((await refusal(reader.rest.repos.deleteRepoRuleset(at))).status).toBe(403);
  });
});

test('what job tokens may do is read and set with administration', async () => {
  const at = shop.at;
  await admin.rest.actions.setGithubActionsDefaultWorkflowPermissionsRepository({
    ...at,
    default_workflow_permissions: 'write',
  });
  const { data } = await admin.rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(at);
  expect(data).toEqual({ default_workflow_permissions: 'write', can_approve_pull_request_reviews: false });
  const reader = shop.octokit('github-actions[bot]', { contents: 'read' });
  const refused = reader.rest.actions.getGithubActionsDefaultWorkflowPermissionsRepository(at);
  expect((await refusal(refused)).headers['x-accepted-github-permissions']).toBe('administration=read');
});

test('secrets are listed by name, and only with their permission', async () => {
  shop.server.control.addSecret({ owner: 'acme', name: 'shop', secret: 'TOKEN' });
  const { data } = await shop.octokit('octocat', { secrets: 'read' }).rest.actions.listRepoSecrets(shop.at);
  expect(data.secrets.map(({ name }) => name)).toEqual(['TOKEN']);
  expect(
    (await refusal(shop.octokit('octocat', { actions: 'read' }).rest.actions.listRepoSecrets(shop.at)))
      .status,
  ).toBe(403);
});
