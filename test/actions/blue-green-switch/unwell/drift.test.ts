import { readFileSync, writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { withHelp } from '../../../../actions/blue-green-switch/help.js';
import { render } from '../../../../actions/blue-green-switch/report/render.js';
import { testHost } from '../../../support/runner/host.js';
import { trafficStage, type TrafficStage } from '../../../support/traffic/stage.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';

let at: TrafficStage;
afterEach(() => at.close());

const reconcile = () => at.step(at.startRun(), { mode: 'reconcile' });

/** Somebody moves traffic by the router's own calls, past the lock. */
async function moveByHand(weights: { blue: number; green: number }) {
  const control = await at.control(at.startRun());
  for (const call of control.router.plan(await control.router.read(), weights))
    await control.router.apply(call);
  control.close();
}

describe('switch fault 9: reconcile, where no run is at work,', () => {
  it('is red when somebody gave traffic back by hand, and mode revert, which it names, ends that', async () => {
    at = await trafficStage();
    const { next } = await twoReleases(at, at.startRun());
    at.finishRun(next);
    await moveByHand({ blue: 0, green: 100 });
    const red = await reconcile();
    expect(red).toMatchObject({ ok: false, result: 'drift' });
    expect(red.report.reasons).toEqual([
      expect.stringMatching(
        /^the ledger says blue \(3\.0\.0, Deployment \d+\), the router says green\. Fix: to stay on green, run mode revert: it moves nothing and records that 2\.0\.0 is live\. Or, by hand, give all traffic to blue \(.+: .+\), then run mode reconcile \[[a-z-]+\]$/,
      ),
    ]);
    expect(await at.step(at.startRun(), { mode: 'revert' })).toMatchObject({ ok: true, result: 'reverted' });
    expect(await reconcile()).toMatchObject({ ok: true, result: 'nothing' });
    expect(at.live()).toBe('green');
  });

  it('is red on mixed traffic and names the colour of the ledger and the calls that give it all', async () => {
    at = await trafficStage({}, 'servers');
    const job = at.startRun();
    await at.release(job);
    at.finishRun(job);
    await moveByHand({ blue: 50, green: 50 });
    const red = await reconcile();
    expect(red).toMatchObject({ ok: false, result: 'drift' });
    expect(red.report.reasons).toEqual([
      expect.stringMatching(
        /^traffic is mixed: blue 50 %, green 50 %\. Fix: by hand, give all traffic to green, which the ledger calls live \(2\.0\.0, Deployment \d+\) \(edge-1: .+ weight 100; edge-1: .+ weight 0\), then run mode reconcile \[[a-z-]+\]$/,
      ),
    ]);
    await moveByHand({ blue: 0, green: 100 });
    expect(await reconcile()).toMatchObject({ ok: true, result: 'nothing' });
  });

  it('is red on a file that a restart would bring back with another colour', async () => {
    at = await trafficStage();
    const job = at.startRun();
    await at.release(job);
    at.finishRun(job);
    const file = readFileSync(at.mapFile, 'utf8');
    writeFileSync(at.mapFile, file.replaceAll('green', 'blue'));
    const red = await reconcile();
    expect(red).toMatchObject({ ok: false, result: 'drift' });
    expect(red.report.reasons).toEqual([
      expect.stringMatching(/green 100 %, and a restart or reload would bring blue 100 %\. Fix: write green/),
    ]);
    writeFileSync(at.mapFile, file);
    expect(await reconcile()).toMatchObject({ ok: true, result: 'nothing' });
  });

  it('is red when the live colour runs something else than the ledger says', async () => {
    at = await trafficStage();
    const job = at.startRun();
    await at.release(job);
    at.finishRun(job);
    at.green.version = '6.6.6';
    const red = await reconcile();
    expect(red).toMatchObject({ ok: false, result: 'drift' });
    expect(red.message).toMatch(/green is live and not as the ledger says \(Deployment \d+\): .*6\.6\.6/);
  });

  it('leaves a release alone that stands half-way in a pause', async () => {
    at = await trafficStage({}, 'servers');
    await at.release(at.startRun(), { strategy: '25 % pause' });
    expect(await reconcile()).toMatchObject({ ok: true, result: 'busy' });
  });

  it('is red on drift under a reservation that waits for its reviewer', async () => {
    at = await trafficStage({}, 'servers');
    await at.reserve(at.startRun());
    await moveByHand({ blue: 50, green: 50 });
    expect(await reconcile()).toMatchObject({ ok: false, result: 'drift' });
  });
});

it('a reservation on mixed traffic is refused with what ends it, not with modes that find nothing', async () => {
  at = await trafficStage({}, 'servers');
  await moveByHand({ blue: 50, green: 50 });
  const refused = await at.reserve(at.startRun());
  expect(refused).toMatchObject({ ok: false, result: 'refused' });
  expect(refused.message).toMatch(
    /traffic is mixed \(blue 50 %, green 50 %\)\. Fix: by hand, give all traffic to blue; the ledger knows no live release, so any colour that is well will do \(.+\), then run mode reconcile \[[a-z-]+\]$/,
  );
  await moveByHand({ blue: 100, green: 0 });
  expect(await at.reserve(at.startRun())).toMatchObject({ ok: true });
});

it('a refusal has its code in message, report and summary, with the page that explains it', async () => {
  at = await trafficStage();
  const job = at.startRun();
  const { ok, message, report } = await at.step(job, { mode: 'switch', verdict: at.verdict(job) });
  expect(message).toContain('[lock-missing]');
  expect(report.codes).toEqual(['lock-missing']);
  expect(render(report)).toContain('**Help:** `lock-missing` in docs/troubleshooting.md');
  const variables = { GITHUB_ACTION_REPOSITORY: 'org/devops-actions', GITHUB_ACTION_REF: 'v1' };
  const context = { serverUrl: 'https://github.test' };
  const linked = withHelp({ ok, message, outputs: {} as never, report }, testHost({ variables, context }));
  expect(render(linked.report!)).toContain(
    '**Help:** [lock-missing](https://github.test/org/devops-actions/blob/v1/docs/troubleshooting.md#lock-missing)',
  );
});
