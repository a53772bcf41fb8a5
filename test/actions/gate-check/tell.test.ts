import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/gate-check/main.js';
import { testHost } from '../../support/runner/host.js';
import { cdPath, digest, gatePermissions, gateStage, policyPath, type GateStage } from './stage.js';

let world: GateStage;
let number: number;
let sha: string;
let runId: number;

beforeAll(async () => {
  world = await gateStage();
  world.push({
    [policyPath]:
      'version: 1\nenvironments: { production: { gates: { branch: [main], blockers: { labels: [blocker] } } } }\n',
  });
  ({ number, sha } = await world.pull({ branch: 'feature', files: { 'app.txt': 'one' } }));
  runId = world.ran({ sha, path: cdPath });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

async function step(given: Record<string, string>, permissions: Record<string, 'read' | 'write'> = {}) {
  const { token } = world.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { ...gatePermissions, statuses: 'write', pull_requests: 'write', ...permissions },
    runId,
  });
  const context = { apiUrl: world.server.url, serverUrl: world.server.url, runId, sha };
  const input = { environment: 'production', service: 'shop', sha, digest, 'github-token': token, ...given };
  return action.run(action.inputs.parse(input), testHost({ context }));
}

async function comments() {
  const github = await world.as('mona');
  const { items } = await github.pages(
    'GET /repos/{owner}/{repo}/issues/{issue_number}/comments',
    { issue_number: number },
    (page) => page,
  );
  return items.map(({ id, user, body }) => ({ id, by: user?.login, body: body ?? '' }));
}

describe('the comment on a pull request', () => {
  it('is one, written anew each time; another with its marker, or an edited one, is left alone', async () => {
    const on = { 'comment-on': String(number) };
    await step(on);
    const [first, ...none] = await comments();
    expect(none).toEqual([]);
    expect(first!.body).toContain('may not go to production');
    expect(first!.body).toContain('advisory');

    // Somebody copies it, so that it looks like the suite's own.
    const mona = await world.as('mona');
    const forged = first!.body.replace('may not go', 'may go');
    const { id } = await mona.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: number,
      body: forged,
    });
    await mona.rest('POST /repos/{owner}/{repo}/labels', { name: 'blocker', color: 'ff0000' });
    await step(on);
    const after = await comments();
    expect(after.map((one) => one.id)).toEqual([first!.id, id]);
    expect(after[0]!.body).toContain('may go to production');
    expect(after[1]!.body).toBe(forged);

    await mona.rest('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', {
      comment_id: first!.id,
      body: `${first!.body} and more`,
    });
    await step(on);
    expect((await comments()).map((one) => one.by)).toHaveLength(3);
  });
});

describe('the commit status', () => {
  it('says advisory, the answer and the gates against it, and links the run', async () => {
    await step({ 'commit-status': 'true' });
    const github = await world.as('mona');
    const { statuses } = await github.rest('GET /repos/{owner}/{repo}/commits/{ref}/status', { ref: sha });
    expect(statuses).toMatchObject([
      {
        context: 'release gate: production shop',
        state: 'success',
        description: 'Advisory; pass',
        target_url: expect.stringContaining(`/actions/runs/${runId}/attempts/1`),
      },
    ]);
  });
});

it('what may not be shown is a warning with the permission, and the verdict stands', async () => {
  const outcome = await step(
    { 'commit-status': 'true', 'comment-on': String(number) },
    { statuses: 'read', pull_requests: 'read', issues: 'read' },
  );
  expect(outcome.ok).toBe(true);
  const warnings = (outcome.annotations ?? []).filter(({ title }) => title === 'Not shown');
  expect(warnings.map(({ message }) => message)).toEqual([
    expect.stringContaining('statuses: write'),
    expect.stringContaining('write'),
  ]);
});
