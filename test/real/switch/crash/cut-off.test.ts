import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { switchOver } from '../../../../actions/blue-green-switch/modes/switch.js';
import { GitHubError } from '../../../../shared/github/problem.js';
import { listIncidents } from '../../../../shared/ledger/incidents.js';
import { holdForPerson } from '../../../../shared/traffic/switch/hold.js';
import type { TrafficControl } from '../../../../shared/traffic/control.js';
import { RouterError } from '../../../../shared/traffic/router.js';
import { served } from '../../../support/crash/embedded.js';
import { moreNodes } from '../../../support/traffic/more-nodes.js';
import { newDigest, trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
beforeEach(async () => {
  at = await trafficStage();
  job = at.startRun();
  await at.reserve(job);
  Object.assign(at.green, { version: '2.0.0', digest: newDigest });
});
afterEach(() => at.close());

/** Runs the switch with parts of its control replaced. */
async function switchWith(
  change: (control: TrafficControl) => Partial<TrafficControl>,
  onInterrupt: Inputs['on-interrupt'] = 'revert',
) {
  const control = await at.control(job);
  const inputs = { verdict: at.verdict(job), 'on-interrupt': onInterrupt, strategy: [] } as unknown as Inputs;
  try {
    return await switchOver({ ...control, ...change(control) }, inputs, () => undefined);
  } finally {
    control.close();
  }
}

const down = () => Promise.reject(new GitHubError('GitHub answered 500', 500));

/** A router whose first call has a consequence. */
const onFirstCall = ({ router }: TrafficControl, then: () => void) => ({
  router: { ...router, apply: (call: Parameters<typeof router.apply>[0]) => router.apply(call).then(then) },
});

async function reconcileElsewhere() {
  at.finishRun(job);
  return at.step(at.startRun(), { mode: 'reconcile' });
}

describe('a switch that is cancelled once it has begun', () => {
  it.each(['complete', 'hold'] as const)('keeps to on-interrupt: %s', async (onInterrupt) => {
    const cancel = new AbortController();
    const running = switchWith(
      (control) => ({ ...onFirstCall(control, () => cancel.abort()), signal: cancel.signal }),
      onInterrupt,
    );
    if (onInterrupt === 'complete')
      await expect(running).rejects.toThrow(/cancelled while switching .*post step .* completes the switch/);
    else expect(await running).toMatchObject({ ok: false, result: 'held' });
    expect(at.live()).toBe('green');
    const reconciled = await reconcileElsewhere();
    expect(reconciled.result).toBe(onInterrupt === 'complete' ? 'completed' : 'held');
    expect(at.live()).toBe('green');
  });
});

describe('a GitHub that goes down in the middle of a switch', () => {
  it('does not stop it half-way, and the error says where traffic is', async () => {
    let moved = false;
    const running = switchWith((control) => ({
      ...onFirstCall(control, () => (moved = true)),
      lock: {
        ...control.lock,
        replace: (...how) => (moved ? down() : control.lock.replace(...how)),
      },
    }));
    await expect(running).rejects.toThrow(
      /^traffic: green 100 %. But the ledger could not be told.*GitHub answered 500/,
    );
    expect(readFileSync(at.mapFile, 'utf8')).toBe('shop shop_green\n');
    expect(await reconcileElsewhere()).toMatchObject({ ok: true, result: 'reverted' });
    expect(readFileSync(at.mapFile, 'utf8')).toBe('shop shop_blue\n');
  });

  it('keeps no node waiting that the others are ahead of, even when it never answers', async () => {
    const nodes = await moreNodes(at, 2);
    let moved = false;
    const waits: number[] = [];
    const running = switchWith((control) => ({
      ...onFirstCall(control, () => (moved = true)),
      // The wait for GitHub is over at once, every other one is real.
      clock: {
        ...control.clock,
        sleep: (ms, signal) => {
          if (ms === 3_000) waits.push(ms);
          return ms === 3_000 && moved ? Promise.resolve() : control.clock.sleep(ms, signal);
        },
      },
      lock: {
        ...control.lock,
        replace: (...how) => (moved ? new Promise(() => undefined) : control.lock.replace(...how)),
      },
    }));
    try {
      await expect(running).rejects.toThrow(/^traffic: green 100 %.*GitHub did not answer within 3 s/);
      expect(served(nodes)).toEqual(['green', 'green', 'green']);
      // Once for a call's note, once for the last try when all nodes are moved.
      expect(waits).toEqual([3_000, 3_000]);
      expect(await reconcileElsewhere()).toMatchObject({ ok: true, result: 'reverted' });
    } finally {
      await Promise.all(nodes.slice(1).map((node) => node.close()));
    }
  });

  it('leaves what was verified to be completed, since only the outcome is missing', async () => {
    const running = switchWith((control) => ({
      github: { ...control.github, rest: withoutSuccess(control.github.rest) },
    }));
    await expect(running).rejects.toThrow(/^green has all traffic and new connections reach 2\.0\.0, but/);
    expect(await reconcileElsewhere()).toMatchObject({ ok: true, result: 'completed' });
    expect(at.live()).toBe('green');
    expect((await at.deployments())[0]?.statuses.at(-1)?.state).toBe('success');
  });

  it('is named with the live colour when only the outcome is missing', async () => {
    const running = switchWith((control) => ({ lock: { ...control.lock, remove: down } }));
    await expect(running).rejects.toThrow(/^green has all traffic and new connections reach 2\.0\.0, but/);
    expect(await reconcileElsewhere()).toMatchObject({ ok: true, result: 'completed' });
  });
});

describe('a router that cannot be read any more', () => {
  it('is told to go back all the same, and the switch is held', async () => {
    const done = await switchWith((control) => {
      let moved = false;
      const { router } = control;
      return {
        router: {
          ...router,
          read: () => (moved ? Promise.reject(new RouterError('edge-1 is gone', 'edge-1')) : router.read()),
          apply: (call) => router.apply(call).then(() => void (moved = true)),
        },
      };
    });
    expect(done).toMatchObject({ ok: false, result: 'held' });
    expect(done.message).toMatch(/edge-1 confirmed blue 100 %$/);
    expect(at.live()).toBe('blue');
  });
});

describe('reconcile', () => {
  it('pages for a held lock whose run died before it did, once', async () => {
    const control = await at.control(job);
    const held = (await control.lock.read())!;
    const noIssues = { ...control.github, rest: down as never };
    await holdForPerson({ ...control, github: noIssues }, held, 'a test');
    const open = async () => (await listIncidents(control.github, { states: ['OPEN'] })).incidents.length;
    expect(await open()).toBe(0);
    for (let again = 0; again < 2; again++) {
      expect(await reconcileElsewhere()).toMatchObject({ ok: false, result: 'held' });
      expect(await open()).toBe(1);
    }
    control.close();
  });

  it('leaves a Deployment open that has the traffic and whose lock someone removed', async () => {
    const running = switchWith((control) => ({
      github: { ...control.github, rest: withoutSuccess(control.github.rest) },
    }));
    await expect(running).rejects.toThrow(/green has all traffic/);
    const control = await at.control(job);
    const held = (await control.lock.read())!;
    await control.lock.remove(held);
    control.close();
    const reconciled = await reconcileElsewhere();
    expect(reconciled).toMatchObject({ ok: false, result: 'drift' });
    expect(reconciled.message).toMatch(/its lock is gone, and green is live/);
    const [deployment] = await at.deployments();
    expect(deployment!.statuses.at(-1)?.state).toBe('in_progress');
  });
});

/** GitHub's REST without the status that ends a switch well. */
function withoutSuccess(rest: TrafficControl['github']['rest']): TrafficControl['github']['rest'] {
  return ((route: never, parameters: { state?: string }) =>
    parameters.state === 'success' ? down() : rest(route, parameters as never)) as never;
}
