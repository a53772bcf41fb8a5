import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { incidentLabels, openIncident, writeMarker } from '../../../../shared/ledger/incidents.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* Lines of the table "What an attacker could try" in docs/release-policy.md, played against the stand-in. */

const policy = `
version: 1
environments:
  production:
    gates:
      window: { timezone: UTC, freeze: [{ days: mon-sun, let-hotfix: high }] }
      incidents: { block-at: critical, let-hotfix: true }
`;

const marker = {
  schema: 'devops-actions/incident@1' as const,
  service: 'shop',
  environment: 'production',
  severity: 'high' as const,
  fingerprint: 'f',
  openedAt: '2026-11-29T00:00:00Z',
};

let world: GateStage;
let hotfix: string;
let feature: string;

beforeAll(async () => {
  world = await gateStage();
  const live = world.push({ [policyPath]: policy });
  const runId = world.ran({ sha: live, path: cdPath });
  await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
  ({ sha: feature } = await world.pull({ branch: 'feature/x', files: { 'x.txt': 'x' }, method: false }));
  ({ sha: hotfix } = await world.pull({ branch: 'hotfix/basket', files: { 'y.txt': 'y' }, method: false }));
});
afterEach(async () => {
  const octocat = await world.as('octocat');
  const issues = await octocat.rest('GET /repos/{owner}/{repo}/issues', {
    state: 'open',
    labels: 'incident',
  });
  for (const { number } of issues)
    await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      state: 'closed',
    });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const ask = (sha = hotfix) => world.check({ service: 'shop', sha, runId: 1, kind: 'hotfix' });
const suite = () => world.as('github-actions[bot]', { issues: 'write' });
const issue = async (body: string, labels: string[]) => {
  const octocat = await world.as('octocat');
  return (await octocat.rest('POST /repos/{owner}/{repo}/issues', { title: 'Down', body, labels })).number;
};

it('a hotfix for an incident of the suite passes the freeze', async () => {
  await openIncident(await suite(), { title: 'Down', body: 'It is.', marker });
  expect((await ask()).result).toBe('pass');
});

describe("Write or edit the suite's marker in an incident", () => {
  it('a forged marker is none: the severity it claims opens no freeze', async () => {
    await issue(`It is.\n\n${writeMarker(marker)}\n`, incidentLabels(marker));
    const { result, gates } = await ask();
    expect(result).toBe('fail');
    expect(gates['window']!.reason).toContain('no open incident of the suite is about this service');
  });

  it('an edited one is none either, though the suite opened the incident', async () => {
    const low = { ...marker, severity: 'low' as const };
    const { number } = await openIncident(await suite(), { title: 'Slow', body: 'It is.', marker: low });
    expect((await ask()).gates['window']!.reason).toContain("the incident's is low");
    const octocat = await world.as('octocat');
    await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      body: `It is.\n\n${writeMarker(marker)}\n`,
    });
    const { result, gates } = await ask();
    expect(result).toBe('fail');
    expect(gates['window']!.reason).toContain('no open incident of the suite');
  });

  it('a forged one does not make an incident pass for one that the hotfix ends', async () => {
    const worst = { ...marker, severity: 'critical' as const };
    await issue(writeMarker(worst), incidentLabels(worst));
    expect((await ask()).gates['incidents']!.result).toBe('fail');
  });
});

describe('Claim a severity by a label, or a hotfix by `kind: hotfix`', () => {
  it('a label without an incident of the suite proves no severity', async () => {
    await issue('It is.', ['incident', 'severity:critical', 'service:shop']);
    const { gates } = await ask();
    expect(gates['window']!.result).toBe('fail');
    expect(gates['incidents']!.result).toBe('fail');
  });

  it("a label raises what blocks: it does not raise the severity of the suite's own incident", async () => {
    const low = { ...marker, severity: 'low' as const };
    const { number } = await openIncident(await suite(), { title: 'Slow', body: 'It is.', marker: low });
    const octocat = await world.as('octocat');
    await octocat.rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number: number,
      labels: ['incident', 'severity:critical', 'service:shop'],
    });
    expect((await ask()).gates['window']!.reason).toContain("the incident's is low");
  });

  it('a feature is no hotfix by its kind, whatever is open', async () => {
    await openIncident(await suite(), { title: 'Down', body: 'It is.', marker });
    const { result, gates } = await ask(feature);
    expect(result).toBe('fail');
    expect(gates['window']!.reason).toContain('is from feature/x, not from a branch hotfix/');
  });
});
