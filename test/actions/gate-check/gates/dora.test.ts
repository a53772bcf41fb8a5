import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { zipSync } from 'fflate';
import { action as doraReport } from '../../../../actions/dora-report/main.js';
import { readDoraReport } from '../../../../actions/gate-check/evidence/dora-figures.js';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { testHost } from '../../../support/runner/host.js';
import { changesOf, hotfixRequest, judge, known, now, request, sha } from '../facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';

type Dora = EvidenceValue<'dora'>;
type Read = Extract<Dora['report'], { is: 'read' }>;
type Figures = Read['services'][number]['figures'];

const workflow = '.github/workflows/dora-report.yml';
const gates = (more = '', bounds = '{ figure: change-fail-rate, max: 0.15 }') =>
  `dora: { workflow: ${workflow}, bounds: [${bounds}]${more} }`;

const measured = (figures: Partial<Figures> = {}, fields: Partial<Read> = {}): Read => ({
  is: 'read',
  environment: 'production',
  from: '2026-08-31T00:00:00Z',
  to: '2026-11-20T00:00:00Z',
  services: [
    {
      service: 'shop',
      figures: {
        'change-fail-rate': 0.1,
        'rework-rate': 0,
        'deployments-per-day': 1,
        'change-lead-time-p50-hours': 5,
        'recovery-time-p50-hours': 0.5,
        'time-to-restore-p50-hours': null,
        ...figures,
      },
    },
  ],
  ...fields,
});

const seen = (
  report: Dora['report'] = measured(),
  run: Partial<NonNullable<Dora['run']>> | null = {},
): Dora => ({
  run: run && {
    id: 9,
    number: 3,
    path: workflow,
    event: 'schedule',
    headSha: sha,
    onDefaultBranch: true,
    conclusion: 'success',
    url: 'https://github.example/acme/shop/actions/runs/9',
    ...run,
  },
  report,
});

function ask(value: Dora, policy = gates(), asked = request) {
  const proof = { changes: known(changesOf()), incidents: known([]) };
  const { gates: judged, verdict } = judge(policy, { dora: known(value), ...proof }, now, asked);
  return { is: judged[0]!.result, reason: judged[0]!.reason, waivers: verdict?.waivers };
}

describe('dora', () => {
  it('passes while each figure is within its bounds, the bounds included', () => {
    expect(ask(seen())).toMatchObject({ is: 'pass', reason: 'change-fail-rate is 0.1' });
    expect(ask(seen(measured({ 'change-fail-rate': 0.15 })))).toMatchObject({ is: 'pass' });
  });

  it('fails outside, and says the figure and what is allowed', () => {
    expect(ask(seen(measured({ 'change-fail-rate': 0.2 })))).toMatchObject({
      is: 'fail',
      reason: 'change-fail-rate is 0.2, allowed is at most 0.15',
    });
  });

  it('fails where a figure was not measured, unless the policy says that this passes', () => {
    const none = seen(measured({ 'change-fail-rate': null }));
    expect(ask(none)).toMatchObject({ is: 'fail', reason: expect.stringContaining('not measured') });
    expect(ask(none, gates('', '{ figure: change-fail-rate, max: 0.15, without-data: pass }')).is).toBe(
      'pass',
    );
  });

  it.each<[string, Dora, string]>([
    ['there is no run', seen({ is: 'unreadable', reason: 'no run' }, null), 'nobody measured'],
    ['the run was started by hand', seen(measured(), { event: 'workflow_dispatch' }), 'is no run of'],
    ['the run is of another workflow', seen(measured(), { path: '.github/workflows/x.yml' }), 'is no run of'],
    ['the run is of a branch', seen(measured(), { onDefaultBranch: false }), 'not on the default branch'],
    ['the newest run failed', seen(measured(), { conclusion: 'failure' }), 'ended as failure'],
    ['the report cannot be read', seen({ is: 'unreadable', reason: 'it has expired' }), 'it has expired'],
    ['it measured another environment', seen(measured({}, { environment: 'staging' })), 'not production'],
    ['it is old', seen(measured({}, { to: '2026-11-13T00:00:00Z' })), 'allowed are 8 d'],
    ['it ends in the future', seen(measured({}, { to: '2026-11-23T12:00:00Z' })), 'has not come yet'],
    ['it does not measure the service', seen(measured({}, { services: [] })), 'does not measure shop'],
  ])('fails where %s, also for a hotfix', (_, value, reason) => {
    for (const asked of [request, hotfixRequest])
      expect(ask(value, gates(', let-hotfix: true'), asked)).toMatchObject({
        is: 'fail',
        reason: expect.stringContaining(reason),
      });
  });

  it('lets a proven hotfix go despite a figure outside its bounds, and the verdict says so', () => {
    const outside = seen(measured({ 'change-fail-rate': 0.5 }));
    expect(ask(outside, gates(', let-hotfix: true'), hotfixRequest)).toMatchObject({
      is: 'pass',
      waivers: [{ gate: 'dora', reason: expect.stringContaining('change-fail-rate is 0.5') }],
    });
    expect(ask(outside, gates(), hotfixRequest).is).toBe('fail');
  });

  it.each([
    ['a figure that does not exist', '{ figure: change-fail, max: 1 }'],
    ['no bound', '{ figure: change-fail-rate }'],
    ['a max below min', '{ figure: change-fail-rate, min: 2, max: 1 }'],
    ['a figure twice', '{ figure: rework-rate, max: 1 }, { figure: rework-rate, min: 0 }'],
  ])('refuses a policy with %s', (_, bounds) => {
    expect(() => judge(gates('', bounds), {})).toThrow();
  });
});

describe('an archive', () => {
  const text = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
  const schema = 'devops-actions/dora-report@1';
  it.each<[string, Uint8Array, string]>([
    ['of other bytes', new Uint8Array([1, 2, 3]), 'no ZIP archive'],
    ['without a report', zipSync({ 'page.html': text({ schema }) }), '0 reports'],
    ['with two reports', zipSync({ 'a.json': text({ schema }), 'b.json': text({ schema }) }), '2 reports'],
    ['with a part of a report', zipSync({ 'a.json': text({ schema }) }), 'no report of dora-report: result'],
    ['of 21 MB of one letter', zipSync({ 'a.json': new Uint8Array(21_000_000) }), 'larger than is read'],
  ])('%s holds no report, and says why', (_, zip, reason) => {
    expect(readDoraReport(zip)).toMatchObject({ is: 'unreadable', reason: expect.stringContaining(reason) });
  });
});

describe('dora as a step', () => {
  let world: GateStage;
  let report: Uint8Array;
  let live: string;
  beforeAll(async () => {
    world = await gateStage();
    live = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${gates('', '{ figure: deployments-per-day, min: 0.001 }')} } } }\n`,
    });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: { ...gatePermissions, contents: 'read' },
    });
    const input = doraReport.inputs.parse({
      environment: 'production',
      'pull-requests': 'false',
      'github-token': token,
    });
    const host = testHost({ context: { apiUrl: world.server.url, serverUrl: world.server.url } });
    const outcome = await doraReport.run(input, host);
    report = new TextEncoder().encode(JSON.stringify(outcome.report));
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const check = (permissions = gatePermissions) =>
    world.check({ service: 'shop', sha: live, runId: world.ran({ sha: live, path: cdPath }), permissions });
  const name = 'dora-report-production';

  it('reads what dora-report wrote from the newest scheduled run of the default branch', async () => {
    expect((await check()).gates['dora']!.reason).toContain('nobody measured');

    const runId = world.ran({ sha: live, path: workflow, event: 'schedule' });
    expect((await check()).gates['dora']!.reason).toContain(`no artifact "${name}"`);
    world.server.control.addArtifact(runId, { name, zip: zipSync({ 'a/report.json': report }) });
    const before = world.server.control.requests().length;
    expect(await check()).toMatchObject({ result: 'pass' });
    // The policy, the runs, the comparison, the artifacts, and the archive with its redirect.
    expect(world.server.control.requests().slice(before).length).toBeLessThanOrEqual(6);

    const { actions: _, ...without } = gatePermissions;
    expect((await check(without as typeof gatePermissions)).gates['dora']!.reason).toContain('actions: read');
  });

  it('Upload a better DORA report in a run of a branch, or start the workflow by hand', async () => {
    world.git('checkout', '-q', '-b', 'forged');
    const forged = world.push({ 'app.txt': 'forged' });
    world.git('checkout', '-q', 'main');
    const runId = world.ran({ sha: forged, path: workflow, event: 'schedule' });
    world.server.control.addArtifact(runId, { name, zip: zipSync({ 'report.json': report }) });
    expect((await check()).gates['dora']!.reason).toContain('not on the default branch');

    const empty = world.ran({ sha: live, path: workflow, event: 'schedule' });
    expect((await check()).gates['dora']!.reason).toContain('no artifact');
    world.server.control.addArtifact(empty, { name, zip: zipSync({ 'report.json': report }), expired: true });
    expect((await check()).gates['dora']!.reason).toContain('expired');

    const byHand = world.ran({ sha: live, path: workflow, event: 'workflow_dispatch' });
    world.server.control.addArtifact(byHand, { name, zip: zipSync({ 'report.json': report }) });
    expect((await check()).gates['dora']!.reason).toContain('expired');
  });
});
