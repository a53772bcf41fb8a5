import { rmSync, writeFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { codesIn, releaseCodes } from '../../../../shared/contracts/refusal-codes.js';
import { checkVerdict } from '../../../../shared/contracts/verdict.js';
import type { Lock } from '../../../../shared/ledger/refs/lock.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import { canTakeBack, takeBack } from '../../../../shared/traffic/recovery/take-back.js';
import { allTo, RouterError } from '../../../../shared/traffic/router.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { untilLive } from '../../../support/traffic/until-live.js';

let at: TrafficStage;
let job: Job;
const minute = 60_000;
const from = (ms: number) => isoInstant(Date.now() + ms);

async function restage(...how: Parameters<typeof trafficStage>): Promise<void> {
  await at.close();
  at = await trafficStage(...how);
  job = at.startRun();
}

/** The texts in which codes are looked for, of a step. */
const told = ({ message, report }: { message: string; report: { reasons: string[] } }) => [
  message,
  ...report.reasons,
];
const step = async (mode: string, inputs: Record<string, string> = {}, run = at.startRun()) =>
  told(await at.step(run, { mode, ...inputs }));
const switchNow = (inputs: Record<string, string> = {}) =>
  step('switch', { verdict: at.verdict(job), ...inputs }, job);
const reserveWith = async (verdict: Record<string, unknown>) =>
  told(await at.reserve(job, { verdict: at.verdict(job, verdict) }));
const deploy = () => Object.assign(at.green, { version: '2.0.0', digest: newDigest });

async function withControl<T>(act: (control: Awaited<ReturnType<TrafficStage['control']>>) => Promise<T>) {
  const control = await at.control(job);
  try {
    return await act(control);
  } finally {
    control.close();
  }
}
const moveByHand = (colour: string) =>
  withControl(async ({ router, colours }) => {
    for (const call of router.plan(await router.read(), allTo(colour, colours))) await router.apply(call);
  });
const pushLock = (change: Partial<Lock>) =>
  withControl(async ({ lock }) => {
    const held = (await lock.read())!;
    await lock.replace(held, { ...held.state, ...change }, 'pushed');
  });
async function released() {
  expect(await at.release(job)).toMatchObject({ result: 'switched' });
  at.finishRun(job);
}
async function openIncident() {
  const labels = ['incident', 'severity:high', 'service:shop'];
  await at.stand
    .octokit('octocat')
    .rest.issues.create({ owner: 'acme', repo: 'shop', title: 'Down', labels });
}
const tokenWith = (permissions: Record<string, 'read' | 'write'>) =>
  at.stand.server.control.addToken({ actor: 'github-actions[bot]', permissions, runId: job.runId }).token;

/** Brings about, for each code, what it is for, and gives what the step then says. A code without one is no code. */
const forced: Record<(typeof releaseCodes)[number], () => Promise<string[]>> = {
  'verdict-missing': async () => {
    const { sha } = at;
    const claim = {
      ...{ environment: 'production', service: 'shop', sha, digest: newDigest },
      now: Date.now(),
    };
    const check = checkVerdict(undefined, { ...claim, runId: job.runId, attempt: 1 });
    return check.accepted ? [] : check.reasons;
  },
  'verdict-unreadable': async () => told(await at.reserve(job, { verdict: '{' })),
  'verdict-for-another-release': () => reserveWith({ digest: digestOf('9') }),
  'verdict-of-another-attempt': () => reserveWith({ attempt: 2 }),
  'verdict-too-long': () => reserveWith({ expiresAt: from(2 * 1_440 * minute) }),
  'verdict-expired': () => reserveWith({ issuedAt: from(-5 * minute), expiresAt: from(-minute) }),
  'verdict-from-the-future': () => reserveWith({ issuedAt: from(5 * minute) }),
  'verdict-ends-before-steps': async () => {
    await at.reserve(job);
    return switchNow({ strategy: '10 % for 20m' });
  },
  'lock-missing': () => switchNow(),
  'lock-of-another-run': async () => {
    await at.reserve(job);
    return step('switch', { verdict: at.verdict(job) });
  },
  'lock-in-another-phase': async () => {
    await at.reserve(job);
    return step('resume', {}, job);
  },
  'lock-busy': async () => {
    await at.reserve(job);
    return told(await at.reserve(at.startRun()));
  },
  'lock-not-proved': async () => {
    await at.reserve(job);
    await pushLock({ version: '6.6.6' });
    return switchNow();
  },
  'deployment-deleted': async () => {
    await at.reserve(job);
    await pushLock({ deployment: 424_242 });
    return switchNow();
  },
  'watch-busy': async () => {
    await released();
    const { runId, attempt, jobId } = at.startRun();
    const [live] = await at.deployments();
    await withControl(({ watch, environment, service }) =>
      watch.create(
        {
          schema: 'devops-actions/watch@1',
          ...{ environment, service, claim: 'c', deployment: live!.id },
          holder: { runId, attempt, job: jobId, actor: 'octocat', workflow: 'CD' },
          ...{ since: from(0), until: from(minute) },
        },
        'watch',
      ),
    );
    return told(await at.reserve(at.startRun()));
  },
  'incident-opened': async () => {
    const verdict = at.verdict(job);
    await at.reserve(job);
    await openIncident();
    return step('switch', { verdict }, job);
  },
  'digest-rolled-back': async () => {
    await twoReleases(at, job);
    const next = at.startRun();
    const digest = digestOf('3');
    const verdict = at.verdict(next, { digest, issuedAt: from(-minute) });
    await step('revert');
    await at.reserve(next, { version: '3.0.0', digest, verdict });
    return step('switch', { verdict }, next);
  },
  'traffic-moved': async () => {
    await at.reserve(job);
    await moveByHand('green');
    return switchNow();
  },
  'traffic-mixed': async () => {
    await restage({}, 'servers');
    await withControl(async ({ router }) => {
      const [half] = router.plan(await router.read(), { blue: 50, green: 50 });
      await router.apply(half!);
    });
    return told(await at.reserve(job));
  },
  'router-cannot-weigh': async () => told(await at.reserve(job, { strategy: '10 % for 1m' })),
  'router-holds-down': async () => {
    await restage({}, 'map', { every: 50, greenAt: '127.0.0.1:9', healthyWithin: '1s' });
    return told(await at.release(job));
  },
  'router-not-ready': async () => {
    rmSync(at.mapFile);
    return told(await at.reserve(job));
  },
  'router-failed': async () => {
    await at.router.close();
    return step('status');
  },
  'router-refused': async () => {
    at.finishRun((await twoReleases(at, job)).next);
    const [bad, good] = await at.deployments();
    return withControl(async (control) => {
      const apply = () => Promise.reject(new RouterError('edge-1 takes no calls', 'edge-1'));
      const router = { ...control.router, apply };
      const done = await takeBack({ ...control, router }, { bad: bad!, good: good!, reason: 'test' });
      expect(done.result).toBe('refused');
      return [done.message];
    });
  },
  'colour-unknown': async () => told(await at.reserve(job, { target: 'purple' })),
  'colour-live': async () => told(await at.reserve(job, { target: 'blue' })),
  'colour-answers': async () => told(await at.reserve(job, { mode: 'bootstrap' })),
  'colour-not-well': async () => {
    await at.reserve(job);
    at.green.well = false;
    return switchNow();
  },
  'colour-says-nothing': () => {
    at.blue.version = '';
    return step('adopt');
  },
  'colour-runs-another': async () => {
    await at.reserve(job);
    return switchNow();
  },
  'colour-overwritten': async () => {
    await released();
    const [record] = await at.deployments();
    const why = await withControl((control) => canTakeBack(control, { bad: record!, good: record! }));
    return why.ok ? [] : [why.why];
  },
  'live-of-another-run': async () => {
    await released();
    return step('confirm');
  },
  'remove-failed': async () => {
    await released();
    return step('retire', { bake: '0s', remove: '/bin/false' });
  },
  'deployed-before': async () => {
    await released();
    return told(await at.reserve(at.startRun(), { mode: 'bootstrap' }));
  },
  'already-recorded': async () => {
    await released();
    return step('adopt');
  },
  'record-would-not-count': () => {
    at.stand.commit('other.txt', 'x');
    return step('adopt', { sha: at.stand.git('rev-parse', 'HEAD') });
  },
  'schema-too-new': async () => {
    await twoReleases(at, job);
    const [bad, good] = await at.deployments();
    const payload = { ...bad!.payload, schema: { version: '9', oldestCompatibleApp: '9.0.0' } };
    const why = await withControl((control) =>
      canTakeBack(control, { bad: { ...bad!, payload }, good: good! }),
    );
    return why.ok ? [] : [why.why];
  },
  'entry-not-answering': async () => {
    await restage({ url: 'http://127.0.0.1:9/health' });
    return told(await at.reserve(job));
  },
  'nothing-live': () => step('revert'),
  'nothing-to-go-back-to': async () => {
    await released();
    return step('revert');
  },
  'router-differs-from-ledger': async () => {
    await at.release(job);
    await moveByHand('blue');
    return step('confirm', {}, job);
  },
  'node-not-saved': async () => {
    await released();
    writeFileSync(at.mapFile, 'shop shop_blue\n');
    return step('reconcile');
  },
  'deployment-left-over': async () => {
    await at.reserve(job);
    deploy();
    await withControl(async ({ github, lock }) => {
      const held = (await lock.read())!;
      await github.rest('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
        deployment_id: held.state.deployment,
        state: 'in_progress',
        auto_inactive: false,
      });
      await lock.remove(held);
    });
    await moveByHand('green');
    at.finishRun(job);
    return step('reconcile');
  },
  'nobody-paged': async () => {
    const token = tokenWith({ contents: 'write', deployments: 'write', issues: 'read', actions: 'read' });
    await at.reserve(job);
    deploy();
    const running = switchNow({ 'github-token': token });
    await untilLive(at, 'green');
    at.blue.well = false;
    at.green.version = '6.6.6';
    return running;
  },
  'permission-missing': () =>
    step(
      'status',
      { 'github-token': tokenWith({ contents: 'write', issues: 'write', actions: 'read' }) },
      job,
    ),
};

describe('every code of a refusal', () => {
  beforeEach(async () => {
    at = await trafficStage();
    job = at.startRun();
  });
  afterEach(() => at.close());

  it.each(releaseCodes)('%s is what a step says where it is so', async (code) => {
    expect(codesIn(await forced[code]())).toContain(code);
  });
});
