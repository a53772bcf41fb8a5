import { chmodSync, existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { retire } from '../../../../actions/blue-green-switch/modes/retire.js';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { serviceLabel } from '../../../../shared/ledger/names.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  writeFileSync(join(at.workspace, 'remove'), `#!/bin/sh\ntouch ${join(at.workspace, 'removed')}\n`);
  chmodSync(join(at.workspace, 'remove'), 0o755);
});
afterEach(() => at.close());

const how = { mode: 'retire', remove: 'remove', bake: '0' };
const removed = () => existsSync(join(at.workspace, 'removed'));

it('an incident of a service whose name is longer than a label keeps the old colour', async () => {
  const service = 'a-service-of-a-very-long-name-that-no-label-can-hold-whole';
  const verdict = at.verdict(job, { service });
  await at.reserve(job, { service, verdict });
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
  expect(await at.step(job, { mode: 'switch', service, verdict })).toMatchObject({ result: 'switched' });
  const labels = ['incident', 'severity:critical', serviceLabel(service)];
  await at.stand
    .octokit('octocat')
    .rest.issues.create({ owner: 'acme', repo: 'shop', title: 'Carts are lost', labels });
  const kept = await at.step(at.startRun(), { ...how, service });
  expect(kept).toMatchObject({ ok: true, result: 'kept' });
  expect(kept.message).toContain('is open');
  expect(removed()).toBe(false);
});

it('a watch that begins just before retire has the lock keeps the old colour', async () => {
  await at.release(job);
  at.finishRun(job);
  const [live] = await at.deployments();
  const watcher = at.startRun();
  const control = await at.control(at.startRun());
  const { lock, watch } = control;
  const late: typeof lock = {
    ...lock,
    async create(state, message) {
      await watch.create(
        {
          schema: 'devops-actions/watch@1',
          environment: 'production',
          service: 'shop',
          claim: 'watch',
          holder: { runId: watcher.runId, attempt: 1, job: watcher.jobId, actor: 'octocat', workflow: 'x' },
          deployment: live!.id,
          since: isoInstant(Date.now()),
          until: isoInstant(Date.now() + 600_000),
        },
        'a watch begins',
      );
      return lock.create(state, message);
    },
  };
  const inputs = { ...how, bake: 0 } as unknown as Inputs;
  const kept = await retire({ ...control, lock: late }, inputs, at.workspace);
  control.close();
  expect(kept).toMatchObject({ ok: true, result: 'kept' });
  expect(kept.message).toContain('is being watched');
  expect(removed()).toBe(false);
  expect(await at.refs()).toEqual(['refs/devops-actions/production/shop/watch']);
});
