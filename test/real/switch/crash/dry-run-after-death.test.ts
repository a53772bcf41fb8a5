import { afterEach, describe, expect, it } from '@jest/globals';
import type { Inputs } from '../../../../actions/blue-green-switch/inputs.js';
import { revert } from '../../../../actions/blue-green-switch/modes/revert.js';
import { switchOver } from '../../../../actions/blue-green-switch/modes/switch.js';
import type { TrafficControl } from '../../../../shared/traffic/control.js';
import { parseStrategy } from '../../../../shared/traffic/stops.js';
import { digestOf } from '../../../support/traffic/colours.js';
import { callsMade, callsSaid, dryAndReal } from '../../../support/traffic/dry-and-real.js';
import { Death, mortal } from '../../../support/crash/mortal.js';
import { twoReleases } from '../../../support/traffic/two-releases.js';
import { trafficStage, type Job, type TrafficStage } from '../../../support/traffic/stage.js';

let at: TrafficStage;
let job: Job;
afterEach(() => at.close());

/** 3.0.0 is live on blue, 2.0.0 was on green, and a run begins. */
async function releases(mode: 'map' | 'servers') {
  at = await trafficStage({}, mode);
  at.finishRun((await twoReleases(at, at.startRun())).next);
  job = at.startRun();
}

describe('a dry run of a revert says the very calls that it makes, or why it makes none, after the death of', () => {
  /** Does it until the run dies before its nth change. */
  async function dying(lives: number, act: (control: TrafficControl) => Promise<unknown>) {
    const control = await at.control(job);
    await act(mortal(control, lives)).catch((error: unknown) => {
      if (!(error instanceof Death)) throw error;
    });
    control.close();
    at.finishRun(job);
  }

  async function sameCalls() {
    const { dry, real } = await dryAndReal(at, at.startRun(), { mode: 'revert' });
    const would = dry.ok ? callsSaid(dry) : [];
    expect({ ok: dry.ok, target: dry.outputs['target'], calls: would }).toEqual({
      ok: real.ok,
      target: real.outputs['target'],
      calls: callsMade(real),
    });
  }

  const strategy = parseStrategy('10 % for 20ms\n50 % pause')!;
  for (const interrupt of ['revert', 'complete', 'hold'] as const)
    for (const [what, mode, stops] of [
      ['switch', 'map', []],
      ['switch by steps', 'servers', strategy],
    ] as const)
      it.each([3, 5, 7])(`a ${what} with on-interrupt ${interrupt}, before its change %i`, async (lives) => {
        await releases(mode);
        const digest = digestOf('4');
        const verdict = at.verdict(job, { digest });
        await at.reserve(job, { version: '4.0.0', digest, verdict });
        Object.assign(at.green, { version: '4.0.0', digest });
        const inputs = { verdict, strategy: stops, 'on-interrupt': interrupt } as unknown as Inputs;
        await dying(lives, (control) => switchOver(control, inputs, () => undefined));
        await sameCalls();
      });

  it.each([3, 5, 8])('a revert, before its change %i', async (lives) => {
    await releases('map');
    await dying(lives, (control) => revert(control, { 'lock-timeout': 0 } as Inputs, () => undefined));
    await sameCalls();
  });
});
