import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { incidentOf } from '../../../actions/auto-rollback/incident.js';
import { page } from '../../../actions/auto-rollback/page.js';
import { incidentFact } from '../../../actions/dora-report/collect/facts.js';
import { inputs } from '../../../actions/incident/inputs.js';
import { runIncident } from '../../../actions/incident/main.js';
import { defaultWriters } from '../../../shared/ledger/proof/trust.js';
import { githubRefStore } from '../../../shared/ledger/refs/refs.js';
import { listIncidents } from '../../../shared/ledger/incidents.js';
import { openGitHub, type GitHub, type GitHubClock } from '../../../shared/github/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { testHost } from '../../support/runner/host.js';
import { failedReport } from '../auto-rollback/facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../gate-check/stage.js';
import { postMortem } from './post-mortem.js';

let world: GateStage;
let github: GitHub & GitHubClock;
let token: string;
let live: string;
const workspace = mkdtempSync(join(tmpdir(), 'incident-story-'));

beforeAll(async () => {
  world = await gateStage();
  const gates = 'incidents: { block-at: high, let-hotfix: critical }';
  live = world.push({ [policyPath]: `version: 1\nenvironments: { production: { gates: { ${gates} } } }\n` });
  const runId = world.ran({ sha: live, path: cdPath });
  await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
  token = world.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', issues: 'write' },
  }).token;
  github = await openGitHub({
    token,
    at: { owner: 'acme', repository: 'shop', apiUrl: world.server.url },
    clock: systemClock,
    random: Math.random,
  });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  rmSync(workspace, { recursive: true, force: true });
  expect(violations).toEqual([]);
});

const step = (given: Record<string, string>) =>
  runIncident(
    readInputs(
      inputs,
      Object.fromEntries(
        Object.entries({ ...given, 'github-token': token }).map(([name, value]) => [
          inputVariable(name),
          value,
        ]),
      ),
    ),
    testHost({
      random: Math.random,
      context: {
        apiUrl: world.server.url,
        serverUrl: 'https://github.com',
        triggeringActor: 'octocat',
        workspace,
      },
    }),
  );
const gate = async (sha: string, kind: 'release' | 'hotfix' = 'release') => {
  const { gates } = await world.check({ service: 'shop', sha, runId: 1, kind, permissions: gatePermissions });
  return gates['incidents']!;
};

it('an incident that a rollback opened goes its way: the gate holds releases and lets its hotfix pass, DORA reads the time to restore, and the end frees releases', async () => {
  const report = failedReport({ run: 'https://github.com/acme/shop/actions/runs/7/attempts/1' });
  const timeline = { say: () => undefined } as never;
  const lock = { clock: systemClock, random: Math.random, now: () => github.now() };
  const ports = {
    ...{ github, writers: defaultWriters, timeline },
    once: { store: githubRefStore(github), ...lock },
  };
  const paged = await page(ports, 'bad', incidentOf(report, 'high', github.now())!);
  const { number, url } = (paged as { incident: { number: number; url: string } }).incident;
  const issue = String(number);

  // The report of the rollback names it, so no second one is opened.
  writeFileSync(
    join(workspace, 'report.json'),
    JSON.stringify({ ...report, result: 'rolled-back', incident: { number, url } }),
  );
  const place = { service: 'shop', environment: 'production' };
  const told = await step({ mode: 'open', 'from-report': 'report.json', ...place });
  expect(told.outputs).toMatchObject({ result: 'updated', number: issue });
  expect((await listIncidents(github, { states: ['OPEN'] })).incidents).toHaveLength(1);

  const feature = world.push({ 'app.txt': 'a feature' });
  expect((await gate(feature)).reason).toContain(`open incident #${number}`);
  world.git('reset', '-q', '--hard', live);

  // The hotfix needs a critical incident, and gets one by triage alone, not by what it says of itself.
  const hotfix = await world.pull({ branch: 'hotfix/pool', files: { 'pool.txt': '20' }, method: 'squash' });
  const before = await gate(hotfix.sha, 'hotfix');
  const marked = (await listIncidents(github, { states: ['OPEN'] })).incidents[0]!.marker!;
  expect(before.result).toBe(marked.severity === 'critical' ? 'pass' : 'fail');
  await step({ mode: 'triage', issue, severity: 'critical', tenants: 'all' });
  expect((await gate(hotfix.sha, 'hotfix')).result).toBe('pass');

  const resolved = await step({ mode: 'resolve', issue });
  expect(resolved.outputs).toMatchObject({ result: 'resolved' });
  expect((await gate(hotfix.sha)).result).toBe('fail');
  const octokit = world.octokit('octocat');
  await octokit.rest.issues.createComment({ ...world.at, issue_number: number, body: postMortem() });
  expect((await step({ mode: 'close', issue })).outputs).toMatchObject({ result: 'closed' });
  expect((await gate(hotfix.sha)).result).toBe('pass');

  const [closed] = (await listIncidents(github, { states: ['CLOSED'] })).incidents;
  const fact = incidentFact(closed!);
  expect(fact.closedAt).toBe(resolved.report.incidents[0]!.resolvedAt);
  expect(fact).toMatchObject({ openedAt: marked.openedAt, marker: { causedBy: report.watched!.deployment } });
}, 120_000);
