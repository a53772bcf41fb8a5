import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { jobsOf, openFixture, type Fixture } from '../fixture.js';

// GitHub docs: "Workflow syntax: how permissions are calculated for a workflow job", "Using secrets in GitHub Actions",
// "Events that trigger workflows: merge_group", "Troubleshooting Dependabot on GitHub Actions".
let fixture: Fixture;
beforeEach(async () => {
  fixture = await openFixture();
});
afterEach(() => fixture.close());

const workflow = (on: string) =>
  jobsOf(`
scan:
  runs-on: x
  environment: { name: scans, deployment: false }
  permissions: { contents: read, security-events: write, pull-requests: write, id-token: write }
  steps:
    - run: 'echo ">\${{ secrets.KEY }}|\${{ secrets.ENV_KEY }}|\${{ vars.NAME }}|\${{ secrets.GITHUB_TOKEN != '' }}|\${{ github.secret_source }}"'`)
    .replace("!= ''", "!= ''''")
    .replace('on: push', `on: ${on}`);

const secrets = {
  secrets: { KEY: 'key-1234' },
  environmentSecrets: { scans: { ENV_KEY: 'env-1234' } },
  vars: { NAME: 'n' },
};
const pull = (head: object | null) => ({
  action: 'opened',
  pull_request: {
    head: { ref: 'patch', repo: head },
    base: { ref: 'main', repo: { full_name: 'org/shop' } },
  },
});

async function play(event: { name: string; ref?: string; actor?: string; payload?: unknown }) {
  const report = await fixture.run(workflow(event.name), { ...secrets, event });
  const line = report.jobs['scan']?.steps[0]?.log.split('\n').find((each) => each.startsWith('>'));
  const token = fixture.control.calls.findLast(({ path }) => path === '/tokens')?.body['permissions'];
  return { report, line, token };
}

const full = {
  metadata: 'read',
  contents: 'read',
  security_events: 'write',
  pull_requests: 'write',
  id_token: 'write',
};
const reduced = { metadata: 'read', contents: 'read', security_events: 'read', pull_requests: 'read' };

describe('a pull request', () => {
  const ref = 'refs/pull/7/merge';

  it('of the repository itself has secrets and the token that is asked for', async () => {
    const { line, token } = await play({
      name: 'pull_request',
      ref,
      payload: pull({ full_name: 'Org/Shop' }),
    });
    expect(line).toBe('>***|***|n|true|Actions');
    expect(token).toEqual(full);
  });

  it('of a fork has no secrets, and a token that writes nothing', async () => {
    for (const repo of [{ full_name: 'mallory/shop' }, null]) {
      const { report, line, token } = await play({ name: 'pull_request', ref, payload: pull(repo) });
      expect(report.conclusion).toBe('success');
      expect(line).toBe('>||n|true|None');
      expect(token).toEqual(reduced);
    }
  });

  it('of a fork has both in pull_request_target, which runs what the base says', async () => {
    const { line, token } = await play({
      name: 'pull_request_target',
      payload: pull({ full_name: 'mallory/shop' }),
    });
    expect([line, token]).toEqual(['>***|***|n|true|Actions', full]);
  });

  it('of Dependabot runs as that of a fork does', async () => {
    const { line, token } = await play({
      name: 'pull_request',
      ref,
      actor: 'dependabot[bot]',
      payload: pull({ full_name: 'org/shop' }),
    });
    expect([line, token]).toEqual(['>||n|true|Dependabot', reduced]);
  });

  it('of a fork hands no secrets to a called workflow, and inherits none that it requires', async () => {
    fixture.commit({
      '.github/workflows/called.yml': `on: { workflow_call: { secrets: { KEY: { required: true } } } }
jobs: { a: { runs-on: x, steps: [{ run: 'echo "><\${{ secrets.KEY }}>"' }] } }`,
    });
    const call = (passed: string) =>
      fixture.run(
        `on: pull_request\njobs: { call: { uses: ./.github/workflows/called.yml, secrets: ${passed} } }`,
        {
          ...secrets,
          event: { name: 'pull_request', ref, payload: pull({ full_name: 'mallory/shop' }) },
        },
      );
    const named = await call('{ KEY: "${{ secrets.KEY }}" }');
    expect(named.jobs['call.a']?.steps[0]?.log).toContain('><>\n');
    await expect(call('inherit')).rejects.toThrow('Secret KEY is required, but not provided while calling.');
  });
});

describe('a merge queue', () => {
  it('starts merge_group on its own branch, with secrets', async () => {
    const { line, token, report } = await play({
      name: 'merge_group',
      ref: 'refs/heads/gh-readonly-queue/main/pr-7-0123',
      payload: { action: 'checks_requested', merge_group: { base_ref: 'refs/heads/main' } },
    });
    expect([report.conclusion, line, token]).toEqual(['success', '>***|***|n|true|Actions', full]);
    const run = fixture.control.calls.find(({ path }) => path === '/runs');
    expect(run?.body).toMatchObject({
      event: 'merge_group',
      headBranch: 'gh-readonly-queue/main/pr-7-0123',
    });
  });

  it('does not start a workflow that knows pull requests alone', async () => {
    await expect(
      fixture.run(workflow('pull_request'), {
        event: { name: 'merge_group', payload: { action: 'checks_requested' } },
      }),
    ).rejects.toThrow("event 'merge_group' does not start this workflow");
  });

  it('has no filters for branches and paths', async () => {
    await expect(fixture.run(workflow('{ merge_group: { branches: [main] } }'))).rejects.toThrow(
      /on\.merge_group\.branches/,
    );
  });
});
