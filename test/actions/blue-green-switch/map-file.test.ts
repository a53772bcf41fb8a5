import { readFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from '@jest/globals';
import { runSwitch } from '../../../shared/traffic/switch/run-switch.js';
import { command } from '../../support/traffic/runtime-socket.js';
import { trafficStage, type TrafficStage } from '../../support/traffic/stage.js';

let stage: TrafficStage | undefined;
afterEach(async () => {
  await stage?.close();
  stage = undefined;
});

describe('switch fault 2: HAProxy restarts between the change of its map and the writing of the file', () => {
  it('leaves no file that makes the refused release live at the next restart', async () => {
    const at = (stage = await trafficStage());
    const job = at.startRun();
    await at.reserve(job);
    const control = await at.control(job);
    const held = (await control.lock.read())!;
    const { router } = control;
    let restarted = false;
    const restarting: typeof router = {
      ...router,
      async apply(call) {
        await router.apply(call);
        if (restarted || call.action['do'] !== 'set-map') return;
        restarted = true;
        await command(at.router.socket, `set map ${at.mapFile} shop shop_blue`);
      },
    };
    const end = await runSwitch({ ...control, router: restarting }, held, {
      onInterrupt: 'revert',
      wayBack: { colour: 'blue', expected: undefined },
    });
    control.close();
    expect(restarted).toBe(true);
    expect(end.result).toBe('back');
    expect(at.live()).toBe('blue');
    expect(readFileSync(at.mapFile, 'utf8')).toContain('shop shop_blue');
  });
});
