import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { setDeploymentStatus } from '../../../../shared/ledger/deployments.js';
import { listIncidents } from '../../../../shared/ledger/incidents.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import type { TrafficControl } from '../../../../shared/traffic/control.js';
import { trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let control: TrafficControl;
let live: number;
beforeAll(async () => {
  at = await trafficStage();
  const job = at.startRun();
  await at.release(job);
  at.finishRun(job);
  live = (await at.deployments())[0]!.id;
  control = await at.control(at.startRun());
});
afterAll(async () => {
  control.close();
  await at.close();
});

const watchOf = ({ runId, attempt, jobId }: Job, deployment: number) =>
  control.watch.create(
    {
      schema: 'devops-actions/watch@1',
      environment: 'production',
      service: 'shop',
      claim: `watch-${jobId}`,
      holder: { runId, attempt, job: jobId, actor: 'octocat', workflow: '.github/workflows/cd.yml@main' },
      deployment,
      since: isoInstant(Date.now()),
      until: isoInstant(Date.now() + 600_000),
    },
    'watch',
  );
const open = async () => (await listIncidents(control.github, { states: ['OPEN'] })).incidents;

it('a runner that dies in its watch leaves a release that nobody watches: red, and one incident', async () => {
  const watching = at.startRun();
  const settling = at.startRun();
  await watchOf(watching, live);
  expect(await at.step(settling, { mode: 'reconcile' })).toMatchObject({ ok: true, result: 'nothing' });

  at.finishRun(watching);
  const found = await at.step(settling, { mode: 'reconcile' });
  expect(found).toMatchObject({ ok: false, result: 'drift' });
  expect(found.message).toMatch(/shop 2\.0\.0 is live in production and nobody watches it: run \d+ .* died/);
  expect(await open()).toMatchObject([
    { title: 'shop 2.0.0 is live in production and nobody watches it', marker: { causedBy: live } },
  ]);
  expect([at.live(), await at.refs()]).toEqual(['green', []]);
  expect(await at.step(settling, { mode: 'reconcile' })).toMatchObject({ ok: true, result: 'nothing' });
});

it('of a release that is not live any more, or that was confirmed, the watch is swept and nobody is woken', async () => {
  const before = (await open()).length;
  const dead = at.startRun();
  at.finishRun(dead);
  await watchOf(dead, (await at.deployments()).at(-1)!.id + 1_000);
  expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: true, result: 'released' });
  await setDeploymentStatus(control.github, live, 'success', 'confirmed: 2.0.0 stays on green');
  await watchOf(dead, live);
  expect(await at.step(at.startRun(), { mode: 'reconcile' })).toMatchObject({ ok: true, result: 'released' });
  expect([(await open()).length, await at.refs()]).toEqual([before, []]);
});
