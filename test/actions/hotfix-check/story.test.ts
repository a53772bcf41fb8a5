import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/hotfix-check/main.js';
import { hotfixReportSchema } from '../../../shared/contracts/reports/hotfix-report.js';
import { tellReport } from '../../../shared/notify/reports.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';
import { testHost } from '../../support/runner/host.js';
import { cdPath, ciPath, gateStage, type GateStage } from '../gate-check/stage.js';

const setting = {
  repository: 'acme/shop',
  serverUrl: 'https://github.com',
  runUrl: 'https://github.com/acme/shop/actions/runs/1',
  actor: 'octocat',
  environment: undefined,
  service: undefined,
  now: '2026-11-28T10:00:00Z',
};

let world: GateStage;
beforeEach(async () => {
  world = await gateStage();
  world.push({ 'app.txt': '1' });
});
afterEach(() => world.close());

const permissions: Permissions = {
  pull_requests: 'read',
  issues: 'read',
  actions: 'read',
  contents: 'read',
  deployments: 'read',
};
const run = async (
  given: {
    mode: 'evidence' | 'minutes' | 'kind' | 'delivered';
    number?: number;
    granted?: Permissions;
    runId?: number;
    sha?: string;
  } & Record<string, unknown>,
) => {
  const { mode, number, granted = permissions, runId = 1, sha, ...more } = given;
  const { token } = world.server.control.addToken({ actor: 'github-actions[bot]', permissions: granted });
  const outcome = await action.run(
    action.inputs.parse({
      mode,
      ...(number === undefined ? {} : { 'pull-request': String(number) }),
      service: 'shop',
      'github-token': token,
      ...more,
    }),
    testHost({
      context: { apiUrl: world.server.url, serverUrl: world.server.url, runId, ...(sha ? { sha } : {}) },
    }),
  );
  return {
    ...outcome,
    report: hotfixReportSchema.parse(outcome.report),
    summary: action.render(outcome.report),
  };
};
const opened = (body: string, approvedBy: string | false = false) =>
  world.pull({ branch: 'hotfix/cart', files: { 'app.txt': '2' }, body, approvedBy, method: false });
const incident = async (service: string, by = 'github-actions[bot]') => {
  const github = await world.as(by, by === 'octocat' ? undefined : { issues: 'write' });
  const marker = {
    schema: 'devops-actions/incident@1' as const,
    openedAt: '2026-11-28T10:00:00Z',
    fingerprint: `${service} ${by}`,
    service,
    environment: 'production',
    severity: 'high' as const,
  };
  return (await openIncident(github, { title: 'Cart is broken', body: 'It is.', marker })).number;
};

describe('evidence', () => {
  it('is the description as it is now, not as it was when the run began', async () => {
    const { number } = await opened('No time.');
    const before = await run({ mode: 'evidence', number });
    expect([before.ok, before.outputs.result]).toEqual([false, 'refused']);
    expect(before.message).toContain('Evidence: https://…');
    const octocat = await world.as('octocat');
    await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      body: 'Evidence: https://logs.acme.io/1',
    });
    const after = await run({ mode: 'evidence', number });
    expect([after.ok, after.outputs.result]).toEqual([true, 'proved']);
  });

  it('is an incident of this service that the suite opened, and no other issue', async () => {
    const own = await incident('shop');
    const other = await incident('billing');
    const forged = await incident('shop', 'octocat');
    const { number } = await opened(`Evidence: #${own}\nEvidence: #${other} #999 #${forged}`);
    const { ok, report } = await run({ mode: 'evidence', number });
    expect(ok).toBe(true);
    expect(report.evidence.map(({ text, is }) => [text, is])).toEqual(
      expect.arrayContaining([
        [`#${own}`, 'ok'],
        [`#${other}`, 'wrong'],
        ['#999', 'wrong'],
        [`#${forged}`, 'wrong'],
      ]),
    );
  });

  it('shows what others wrote as text', async () => {
    const { number } = await opened('Evidence: http://a.io/|<img/src=x>|@octocat');
    const { summary } = await run({ mode: 'evidence', number });
    expect(summary).not.toMatch(/<img|@octocat|http:\/\/a/);
  });

  it('is not known without the permission to read it', async () => {
    const { number } = await opened('Evidence: #1');
    await expect(run({ mode: 'evidence', number, granted: { issues: 'read' } })).rejects.toThrow(
      'pull-requests: read',
    );
    await expect(run({ mode: 'evidence', number, granted: { pull_requests: 'read' } })).rejects.toThrow(
      'issues: read',
    );
  });
});

it('minutes are those of the jobs of this run', async () => {
  const { number, sha } = await opened('', 'hubot');
  const runId = world.ran({ sha, event: 'pull_request', job: 'Hotfix / Evidence', branch: 'hotfix/cart' });
  const { ok, report, summary } = await run({ mode: 'minutes', number, runId });
  expect(ok).toBe(true);
  const names = report.stages.map(({ name }) => name);
  expect(names).toEqual(expect.arrayContaining(['Checks', '· Evidence', 'Review', 'Merge to production']));
  expect(report.stages.find(({ name }) => name === 'Review')?.seconds).not.toBeNull();
  expect([report.result, summary]).toEqual([
    'in-time',
    expect.stringContaining('| stage | took | planned |'),
  ]);
});

describe('a commit', () => {
  const kindOf = async (sha: string) =>
    (await run({ mode: 'kind', sha, environment: 'production' })).outputs.kind;
  const pull = (branch: string, method: 'merge' | 'squash' | 'rebase' | false, from = 'main') =>
    world.pull({ branch, files: { [branch]: branch }, method, from });
  const goLive = async (sha = world.git('rev-parse', 'main')) => {
    const runId = world.ran({ sha, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha, runId });
    return sha;
  };

  it.each(['merge', 'squash', 'rebase', false] as const)(
    'is a hotfix by its pull request onto what is live, merged by %s',
    async (method) => {
      await goLive();
      expect(await kindOf((await pull('hotfix/cart', method)).sha)).toBe('hotfix');
    },
  );

  it('is a hotfix with all the commits of its pull request', async () => {
    await goLive();
    world.git('checkout', '-q', '-b', 'hotfix/first');
    world.push({ first: '1' });
    world.git('checkout', '-q', 'main');
    expect(await kindOf((await pull('hotfix/cart', 'rebase', 'hotfix/first')).sha)).toBe('hotfix');
  });

  it('is none by its words, by a push, or as the feature that came after one', async () => {
    await goLive();
    const { sha } = await pull('hotfix/cart', 'merge');
    const feature = await pull('feature/hotfix/x', 'merge');
    const pushed = world.push({ b: '2' }, 'Merge pull request #1 from acme/hotfix/cart');
    expect([await kindOf(feature.sha), await kindOf(pushed), await kindOf(sha)]).toEqual([
      'release',
      'release',
      'hotfix',
    ]);
  });

  it('is a release where its merge takes a feature along, also once it went out from its branch', async () => {
    const live = await goLive();
    await pull('feature/app', 'merge');
    const fix = await pull('hotfix/cart', false, live);
    expect(await kindOf(fix.sha)).toBe('hotfix');
    await goLive(fix.sha);
    const octocat = await world.as('octocat');
    const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      pull_number: fix.number,
    });
    expect(await kindOf(sha)).toBe('release');
  });

  it('is a release where nothing is live', async () => {
    expect(await kindOf((await pull('hotfix/cart', 'merge')).sha)).toBe('release');
  });
});

describe('once production has it', () => {
  const released = async (sha: string, states: ('success' | 'failure')[] = ['success']) => {
    const runId = world.ran({ sha, path: cdPath, job: 'CD / Production / Release' });
    await world.deployed({
      service: 'shop',
      environment: 'production',
      sha,
      runId,
      payload: { kind: 'hotfix' },
      states,
    });
    return run({ mode: 'delivered', sha, runId, environment: 'production', 'also-into': 'develop' });
  };
  const merged = async () => {
    const { owner, repo: name } = world.at;
    const push = { owner, name, branch: 'hotfix/cart', actor: 'octocat' };
    world.server.control.addPush({ ...push, before: '0'.repeat(40), after: 'a'.repeat(40) });
    const { number, sha: head } = await opened('', false);
    world.ran({ sha: head, event: 'pull_request', job: 'test', branch: 'hotfix/cart' });
    // One that tried to release it from its branch is no check of it.
    world.ran({ sha: head, path: cdPath, event: 'workflow_dispatch', branch: 'hotfix/cart' });
    await world.review(number, 'hubot');
    const octocat = await world.as('octocat');
    const { sha } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      pull_number: number,
    });
    return { number, sha };
  };

  it('shows every stage from the first commit to production, by GitHub and the ledger', async () => {
    const { number, sha } = await merged();
    const { report, summary } = await released(sha);
    expect(report.stages.map(({ name, seconds }) => [name, seconds !== null])).toEqual([
      ['First commit to push', expect.any(Boolean)],
      ['Push to pull request', true],
      ['Checks', true],
      [`· ${ciPath}`, true],
      ['Review', true],
      ['Wait for the merge', true],
      ['Merge to production', true],
      ['· Production', true],
    ]);
    expect(report.delivered).toMatchObject({ service: 'shop', environment: 'production', target: 35 });
    expect([report.result, report.missing]).toEqual(['in-time', []]);
    expect(summary).toContain('to production; the target is 35 min');
    const { notification } = tellReport(JSON.stringify(report), setting);
    expect(notification.title).toContain(`Hotfix #${number} of shop is in production after`);
    expect(notification.body).toContain('Merge to production: ');
  });

  it('says which branch still lacks the fix, with the address that brings it there', async () => {
    world.git('branch', 'develop', 'main');
    const { sha } = await merged();
    const { report, summary, annotations } = await released(sha);
    expect(report.missing).toEqual([
      {
        branch: 'develop',
        what: 'bring main into develop: its next release would lack the fix',
        url: expect.stringMatching(/\/compare\/develop\.\.\.main\?expand=1$/),
      },
    ]);
    expect(summary).toContain('develop does not have the fix');
    expect(annotations?.[0]?.title).toBe('develop does not have the fix');
    world.git('branch', '-f', 'develop', sha);
    expect((await released(sha)).report.missing).toEqual([]);
  });

  it('is not brought to a branch that nobody has, and an open one is merged first', async () => {
    const { sha } = await opened('', 'hubot');
    const { report } = await released(sha);
    expect(report.missing.map(({ branch }) => branch)).toEqual(['main']);
    expect(report.stages.at(-2)?.name).toBe('Approval to production');
  });

  it('has no minutes where the ledger does not say that production got it', async () => {
    const { sha } = await merged();
    const { ok, report } = await released(sha, ['failure']);
    expect([ok, report.result, report.delivered]).toEqual([true, 'not-delivered', undefined]);
    const pushed = await run({ mode: 'delivered', sha: world.push({ c: '3' }), environment: 'production' });
    expect(pushed.report.result).toBe('not-delivered');
  });
});
