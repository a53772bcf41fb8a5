import { afterEach, describe, expect, it } from '@jest/globals';
import { allTo, share } from '../../../shared/traffic/router.js';
import { digestOf } from '../../support/traffic/colours.js';
import { callsMade, callsSaid, dryAndReal } from '../../support/traffic/dry-and-real.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../support/traffic/stage.js';
import { untilLive } from '../../support/traffic/until-live.js';

let at: TrafficStage;
let job: Job;
const open = async (mode: 'map' | 'servers' = 'map') => {
  at = await trafficStage({}, mode);
  job = at.startRun();
};
afterEach(() => at.close());

const dryThenReal = (inputs: Record<string, string>, from = job) => dryAndReal(at, from, inputs);

async function reserveAndDeploy() {
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
}

async function moveByHand(weights: Record<string, number>) {
  const control = await at.control(job);
  for (const call of control.router.plan(await control.router.read(), weights))
    await control.router.apply(call);
  control.close();
}

/** 2.0.0 on green, then 3.0.0 on blue, which is live. */
async function twoReleases() {
  await at.release(job);
  at.finishRun(job);
  job = at.startRun();
  const digest = digestOf('3');
  const verdict = at.verdict(job, { digest });
  await at.reserve(job, { version: '3.0.0', digest, verdict });
  Object.assign(at.blue, { version: '3.0.0', digest });
  await at.step(job, { mode: 'switch', verdict });
}

describe('a dry run', () => {
  it('says the very calls that the switch then makes', async () => {
    await open();
    await reserveAndDeploy();
    const { dry, real } = await dryThenReal({ mode: 'switch', verdict: at.verdict(job) });
    expect(dry).toMatchObject({ ok: true, result: 'dry-run' });
    expect(real).toMatchObject({ ok: true, result: 'switched' });
    const calls = callsSaid(dry);
    expect(calls).toHaveLength(2);
    expect(calls).toEqual(callsMade(real));
  });

  it('says the calls of every step where the router can weigh', async () => {
    await open('servers');
    await reserveAndDeploy();
    const inputs = { mode: 'switch', verdict: at.verdict(job), strategy: '10 % for 20ms\n50 % for 20ms' };
    const { dry, real } = await dryThenReal(inputs);
    expect(dry.result).toBe('dry-run');
    expect(callsSaid(dry)).toEqual(callsMade(real));
  });

  it('says the very calls that the revert then makes', async () => {
    await open();
    await twoReleases();
    const { dry, real } = await dryThenReal({ mode: 'revert' });
    expect(dry).toMatchObject({ ok: true, result: 'dry-run', outputs: { target: 'green' } });
    expect(real).toMatchObject({ ok: true, result: 'reverted' });
    expect(callsSaid(dry)).toEqual(callsMade(real));
  });
});

describe('a dry run of a switch is refused, in the words of the switch, for', () => {
  const cases: [string, () => Promise<Record<string, string> | void>, RegExp][] = [
    ['nothing that is reserved', async () => undefined, /nothing is reserved/],
    [
      'the lock of another run',
      async () => {
        await reserveAndDeploy();
        job = at.startRun();
      },
      /the lock belongs to run/,
    ],
    [
      'a verdict that has expired',
      async () => {
        await reserveAndDeploy();
        return { verdict: at.verdict(job, { expiresAt: '2026-01-01T00:00:00Z' }) };
      },
      /expired at 2026/,
    ],
    [
      'a colour that is not well',
      async () => {
        await reserveAndDeploy();
        at.green.well = false;
      },
      /colour green is not well/,
    ],
    [
      'a colour that runs another version',
      async () => {
        await reserveAndDeploy();
        at.green.version = '6.6.6';
      },
      /says version 6\.6\.6 instead of 2\.0\.0/,
    ],
    [
      'an incident that was opened meanwhile',
      async () => {
        await reserveAndDeploy();
        const labels = ['incident', 'severity:high', 'service:shop'];
        await at.stand
          .octokit('octocat')
          .rest.issues.create({ owner: 'acme', repo: 'shop', title: 'x', labels });
      },
      /incident #\d+ \(high\) is open/,
    ],
    [
      'traffic that someone moved',
      async () => {
        await reserveAndDeploy();
        await moveByHand(allTo('green', ['blue', 'green']));
      },
      /past the lock/,
    ],
    [
      'steps on a router that cannot weigh',
      async () => {
        await reserveAndDeploy();
        return { strategy: '10 % for 1m' };
      },
      /haproxy \(map\) gives all traffic to one colour: leave "strategy" at instant, or, in the traffic file, set router\.mode to "servers"/,
    ],
  ];
  it.each(cases)('%s', async (_, prepare, reason) => {
    await open();
    const changes = (await prepare()) ?? {};
    const { dry, real } = await dryThenReal({ mode: 'switch', verdict: at.verdict(job), ...changes });
    expect(dry).toMatchObject({ ok: false, result: 'refused' });
    expect(dry.message).toMatch(reason);
    expect(real).toMatchObject({ ok: false, result: 'refused' });
    expect(real.report.reasons).toEqual(dry.report.reasons);
  });

  it('mixed traffic and steps that outlast the verdict, both at once', async () => {
    await open('servers');
    await reserveAndDeploy();
    await moveByHand(share(40, 'green', 'blue'));
    const { dry, real } = await dryThenReal({
      mode: 'switch',
      verdict: at.verdict(job),
      strategy: '50 % for 2h',
    });
    expect(dry.report.reasons).toHaveLength(2);
    expect(dry.message).toMatch(/the router now says mixed.*before the steps do/);
    expect(real.report.reasons).toEqual(dry.report.reasons);
  });

  it('a verdict that is missing', async () => {
    await open();
    await reserveAndDeploy();
    const dry = await at.step(job, { mode: 'switch', 'dry-run': 'true' });
    expect(dry).toMatchObject({ ok: false, result: 'refused' });
    expect(dry.message).toContain('there is no verdict');
  });
});

describe('a dry run of a revert is refused, in the words of the revert, for', () => {
  const cases: [string, () => Promise<void>, RegExp][] = [
    ['nothing that is live by the ledger', async () => undefined, /nothing of shop .* to roll back/],
    ['a first release', async () => void (await at.release(job)), /knows no release that succeeded/],
    [
      'a colour that is not well',
      async () => {
        await twoReleases();
        at.green.well = false;
      },
      /Not rolled back: colour green is not well/,
    ],
    [
      'a colour that was overwritten',
      async () => {
        await twoReleases();
        at.green.version = '6.6.6';
      },
      /Not rolled back: .*says version 6\.6\.6/,
    ],
    [
      'the lock of a run that is at work',
      async () => {
        await twoReleases();
        const next = at.startRun();
        await at.reserve(next, { version: '4.0.0' });
      },
      /Not rolled back: The lock belongs to run \d+ .*refs\/devops-actions\/production\/shop\/lock/,
    ],
  ];
  it.each(cases)('%s', async (_, prepare, reason) => {
    await open();
    await prepare();
    const { dry, real } = await dryThenReal({ mode: 'revert' }, at.startRun());
    expect(dry).toMatchObject({ ok: false, result: 'refused' });
    expect(dry.message).toMatch(reason);
    expect(real).toMatchObject({ ok: false, result: 'refused' });
    expect(real.report.reasons.map((why) => why.replace(/; waited .*$/, ''))).toEqual(dry.report.reasons);
  });

  it('a held switch whose old colour is still ill', async () => {
    await open();
    await reserveAndDeploy();
    const running = at.step(job, { mode: 'switch', verdict: at.verdict(job) });
    await untilLive(at, 'green');
    at.blue.well = false;
    at.green.version = '6.6.6';
    expect((await running).result).toBe('held');
    const { dry, real } = await dryThenReal({ mode: 'revert' }, at.startRun());
    expect(dry).toMatchObject({ ok: false, result: 'refused' });
    expect(dry.message).toContain('Still held: colour blue is not well');
    expect(real).toMatchObject({ ok: false, result: 'held' });
    expect(real.report.reasons).toEqual(dry.report.reasons);
  });
});

describe('a reservation', () => {
  it('for steps that the router cannot do is refused before anything is deployed', async () => {
    await open();
    const reserved = await at.reserve(job, { strategy: '10 % for 1m' });
    expect(reserved).toMatchObject({ ok: false, result: 'refused' });
    expect(reserved.message).toContain('leave "strategy" at instant');
    expect(await at.deployments()).toEqual([]);
    expect(await at.refs()).toEqual([]);
  });

  it('for steps is made where the router can weigh', async () => {
    await open('servers');
    expect(await at.reserve(job, { strategy: '10 % for 1m' })).toMatchObject({ result: 'reserved' });
  });
});
