import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { mechanisms } from '../../../../bench/switch/subjects.js';
import { writeReleaseTree } from '../../../../scripts/release-tree.js';
import { describeCase, everyCase, playAll, playCase, unsettled } from '../../../support/crash/case.js';
import { crashStage, stageRouter, type CrashStage } from '../../../support/crash/stage.js';

/** Stages at work at the same time. */
const atOnce = 2;

let tree: string;
beforeAll(() => {
  tree = join(mkdtempSync(join(tmpdir(), 'release-')), 'tree');
  writeReleaseTree(tree);
});
afterAll(() => rmSync(join(tree, '..'), { recursive: true, force: true }));

for (const mechanism of mechanisms) {
  describe(`a switch of ${mechanism.product} (${mechanism.mode}) that is cut off`, () => {
    let stages: CrashStage[];
    let plan: string[];

    beforeAll(async () => {
      const start = () => crashStage(tree, stageRouter(mechanism));
      stages = await Promise.all(Array.from({ length: atOnce }, start));
      const [first] = stages;
      const job = await first!.reserved();
      first!.gate.set();
      const whole = await first!.startSwitch(job).ended;
      plan = [...first!.gate.passed];
      expect([whole.code, ...(await unsettled(first!, job, 'green'))]).toEqual([0]);
    }, 1_800_000);
    afterAll(() => Promise.all(stages.map((at) => at.close())));

    it('at whatever change, by whatever signal, leaves one colour live, a true ledger and no lock', async () => {
      const failures = await playAll(
        stages,
        everyCase(plan, mechanism.isDefault ? 'all' : 'router'),
        (at, of) => playCase(at, of, plan, mechanism.mode === 'include'),
        (of) => describeCase(of, plan),
      );
      expect(failures).toEqual([]);
      expect(stages.flatMap(({ stand }) => stand.server.control.violations())).toEqual([]);
    }, 600_000);
  });
}
