import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/hotfix-check/main.js';
import { hotfixReportSchema } from '../../../shared/contracts/reports/hotfix-report.js';
import { openIncident } from '../../../shared/ledger/incidents.js';
import type { Permissions } from '../../../rehearsal/github/actors-model.js';
import { testHost } from '../../support/runner/host.js';
import { gateStage, type GateStage } from '../gate-check/stage.js';

let world: GateStage;
beforeEach(async () => {
  world = await gateStage();
  world.push({ 'app.txt': '1' });
});
afterEach(() => world.close());

const permissions: Permissions = { pull_requests: 'read', issues: 'read', actions: 'read' };
const run = async (
  given: { mode: 'evidence' | 'minutes'; number: number; granted?: Permissions; runId?: number } & Record<
    string,
    unknown
  >,
) => {
  const { mode, number, granted = permissions, runId = 1, ...more } = given;
  const { token } = world.server.control.addToken({ actor: 'github-actions[bot]', permissions: granted });
  const outcome = await action.run(
    action.inputs.parse({
      mode,
      'pull-request': String(number),
      service: 'shop',
      'github-token': token,
      ...more,
    }),
    testHost({ context: { apiUrl: world.server.url, runId } }),
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
