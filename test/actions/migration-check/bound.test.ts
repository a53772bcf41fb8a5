import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { action as rollback } from '../../../actions/auto-rollback/main.js';
import { action } from '../../../actions/migration-check/main.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { testHost } from '../../support/runner/host.js';
import { digestOf } from '../../support/traffic/colours.js';
import { hurried, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';
import { configPath, plainConfig } from './stage.js';

/** What migration-check writes goes into the ledger, and reverts and rollbacks are asked after it: no field is made up. */
let at: TrafficStage;
beforeAll(async () => {
  at = await trafficStage();
  for (const folder of ['.github', 'db']) mkdirSync(join(at.stand.gitDir, folder));
  at.stand.commit(configPath, plainConfig);
});
afterAll(() => at.close());

function startRun(headSha: string): Job {
  const { control } = at.stand.server;
  const run = control.addRun({
    owner: 'acme',
    name: 'shop',
    workflowPath: '.github/workflows/cd.yml',
    workflowName: 'CD',
    event: 'push',
    headSha,
    headBranch: 'main',
    actor: 'octocat',
  });
  control.progressRun(run.id, { status: 'in_progress' });
  return at.startJob({ runId: run.id, attempt: run.attempt, jobId: 0 });
}

const hostOf = ({ runId, attempt }: Job, sha: string, workspace: string) =>
  testHost({
    context: { sha, runId, attempt, apiUrl: at.stand.server.url, workspace, temp: at.workspace },
    clock: hurried,
    random: Math.random,
  });
const token = () =>
  at.stand.server.control.addToken({
    actor: 'github-actions[bot]',
    permissions: { contents: 'write', deployments: 'write', issues: 'write', actions: 'read' },
  }).token;

/** What the check says of a commit, as it goes to blue-green-switch. */
async function judged(sha: string, version: string) {
  const input = { environment: 'production', service: 'shop', version, sha, 'github-token': token() };
  const { ok, outputs } = await action.run(
    action.inputs.parse(input),
    hostOf(startRun(sha), sha, at.stand.gitDir),
  );
  const said = outputs as Record<string, string>;
  return {
    ok,
    result: said['result'],
    schema: {
      'schema-version': said['schema-version']!,
      'oldest-compatible-app': said['oldest-compatible-app']!,
    },
  };
}

/** reserve → deploy → switch, with the schema that the check gave. */
async function release(sha: string, version: string, schema: Record<string, string>) {
  const job = startRun(sha);
  const digest = digestOf(version[0]!);
  const verdict = at.verdict(job, { sha, digest });
  const host = hostOf(job, sha, at.workspace);
  const given = { mode: 'reserve', version, digest, verdict, sha, ...schema };
  const reserved = await at.step(job, given, host);
  if (!reserved.ok) return reserved;
  Object.assign(reserved.outputs['target'] === 'green' ? at.green : at.blue, { version, digest });
  const switched = await at.step(job, { mode: 'switch', verdict, sha }, host);
  at.finishRun(job);
  return switched;
}

async function panic(strategy: string) {
  const job = startRun(at.sha);
  const given = {
    mode: 'now',
    environment: 'production',
    service: 'shop',
    traffic: 'traffic.yml',
    'github-token': token(),
    'job-id': String(job.jobId),
    strategy,
  };
  const env = Object.fromEntries(Object.entries(given).map(([name, value]) => [inputVariable(name), value]));
  const outcome = await rollback.run(readInputs(rollback.inputs, env), hostOf(job, at.sha, at.workspace));
  at.finishRun(job);
  return outcome.outputs as Record<string, string>;
}

const tooOld = 'schema 002 needs an app of at least 3.0.0, and this is 2.';

test('reverts, rollbacks and releases are refused where the schema no longer carries the app', async () => {
  const first = at.stand.commit('db/001.sql', 'CREATE TABLE users (id int, name text);\n');
  const before = await judged(first, '2.0.0');
  expect([before.result, before.schema['oldest-compatible-app']]).toEqual(['safe', '2.0.0']);
  expect(await release(first, '2.0.0', before.schema)).toMatchObject({ result: 'switched' });

  const drop = (rules: string) =>
    `-- migration-check: oldest-app 3.0.0
-- migration-check: allow ${rules} until 2027-06-30 because the shop is closed meanwhile
-- migration-check: irreversible because the names are gone
ALTER TABLE users DROP COLUMN name;\n`;
  const unsaid = await judged(at.stand.commit('db/002.sql', drop('drop-column')), '3.0.0');
  expect(unsaid).toMatchObject({ ok: false, result: 'unsafe' });
  const second = at.stand.commit('db/002.sql', drop('drop-column, live-app-too-old'));
  const bound = await judged(second, '3.0.0');
  expect(bound).toEqual({
    ok: true,
    result: 'waived',
    schema: { 'schema-version': '002', 'oldest-compatible-app': '3.0.0' },
  });
  expect(await release(second, '3.0.0', bound.schema)).toMatchObject({ result: 'switched' });
  expect(at.live()).toBe('blue');

  const job = startRun(second);
  const reverted = await at.step(job, { mode: 'revert' }, hostOf(job, second, at.workspace));
  at.finishRun(job);
  expect(reverted.ok).toBe(false);
  expect(JSON.stringify(reverted.report)).toContain(tooOld);
  const rolled = await panic('traffic, redeploy, command');
  expect([rolled['result'], rolled['reason']]).toEqual(['held', expect.stringContaining(tooOld)]);
  const older = await release(second, '2.9.0', {});
  expect([older.result, older.message]).toEqual(['refused', expect.stringContaining(tooOld)]);
  expect(at.live()).toBe('blue');

  const third = at.stand.commit('db/003.sql', 'CREATE TABLE notes (id int);\n');
  const additive = await judged(third, '4.0.0');
  expect(additive.schema).toEqual({ 'schema-version': '003', 'oldest-compatible-app': '3.0.0' });
  // What paged for the refused rescue is closed by a person, or nothing would be switched.
  const { issues } = at.stand.octokit().rest;
  for (const { number: issue_number } of (await issues.listForRepo(at.stand.at)).data)
    await issues.update({ ...at.stand.at, issue_number, state: 'closed' });
  expect(await release(third, '4.0.0', additive.schema)).toMatchObject({ result: 'switched' });

  // 5.0.0 migrates, and its runner dies before it deploys: 3.0.0 still runs on the idle colour, without its table.
  const fourth = at.stand.commit(
    'db/004.sql',
    `-- migration-check: allow drop-table until 2027-06-30 because 4.0.0 reads no notes\nDROP TABLE notes;\n`,
  );
  const narrower = await judged(fourth, '5.0.0');
  expect(narrower.schema).toEqual({ 'schema-version': '004', 'oldest-compatible-app': '4.0.0' });
  const dead = startRun(fourth);
  const digest = digestOf('5');
  const verdict = at.verdict(dead, { sha: fourth, digest });
  const given = { mode: 'reserve', version: '5.0.0', digest, verdict, sha: fourth, ...narrower.schema };
  expect((await at.step(dead, given, hostOf(dead, fourth, at.workspace))).ok).toBe(true);
  at.finishRun(dead);
  const mayHaveRun = /needs an app of at least 4\.0\.0.*migrations of 5\.0\.0 .*may have run/;
  const next = startRun(third);
  const back = await at.step(next, { mode: 'revert' }, hostOf(next, third, at.workspace));
  at.finishRun(next);
  expect([back.ok, back.message]).toEqual([false, expect.stringMatching(mayHaveRun)]);
  const rescued = await panic('traffic, redeploy, command');
  expect([rescued['result'], rescued['reason']]).toEqual(['held', expect.stringMatching(mayHaveRun)]);
  expect(at.live()).toBe('green');
});
