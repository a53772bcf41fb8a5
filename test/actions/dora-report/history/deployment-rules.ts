import { expect } from '@jest/globals';
import { instant } from '../ledger-facts.js';
import { hours, leftOut, outcomes, type Rule } from './rule.js';

export const deploymentRules: readonly Rule[] = [
  {
    rule: 1,
    title: 'two regions of one run are one deployment, though another run deployed between them',
    async play({ place, environment, root, report }) {
      const a = place.on('03-03 08:00').commit([root]);
      const b = place.commit([a]);
      await place.on('03-03 10:00').deploy(environment, a, { run: 7 });
      await place.on('03-03 10:05').deploy(environment, b, { run: 8 });
      await place.on('03-03 10:10').deploy(environment, a, { run: 7 });
      const found = await report();
      expect(found.total.frequency.n).toBe(2);
      expect(found.deployments.map(({ kind }) => kind)).toEqual(['release', 'release']);
      expect(leftOut(found)).toMatchObject({ 'further records of a deployment': 1 });
    },
  },
  {
    rule: 2,
    title: 'success is read from the history: inactive after it is one, after a failure is none',
    async play({ place, environment, root, report }) {
      const live = await place.on('03-03 10:00').deploy(environment, root);
      await place.on('03-04 10:00').status(live, 'inactive');
      const never = await place.on('03-05 10:00').deploy(environment, root, { states: ['failure'] });
      await place.on('03-06 10:00').status(never, 'inactive');
      const found = await report();
      expect(found.deployments.map(({ id }) => id)).toEqual([live]);
      expect(leftOut(found)).toMatchObject({ 'deployments that never succeeded': 1 });
    },
  },
  {
    rule: 3,
    title: 'a deployment is finished at its first success',
    async play({ place, environment, root, report }) {
      const id = await place.on('03-03 10:00').deploy(environment, root);
      await place.on('03-09 10:00').status(id, 'success');
      expect((await report()).deployments[0]!.at).toBe(instant('03-03 10:00'));
    },
  },
  {
    rule: 4,
    title: 'failure or error after a success is a change failure',
    async play({ place, environment, root, report }) {
      const ids: number[] = [];
      for (const [day, after] of [
        ['03-03', 'failure'],
        ['03-04', 'error'],
        ['03-05', undefined],
      ] as const) {
        const id = await place.on(`${day} 10:00`).deploy(environment, root);
        if (after) await place.on(`${day} 10:05`).status(id, after);
        ids.push(id);
      }
      const found = await report();
      expect(found.total.changeFailRate).toMatchObject({ value: 2 / 3, hits: 2, n: 3 });
      expect(Object.values(outcomes(found))).toEqual(['taken back', 'taken back', 'succeeded']);
    },
  },
  {
    rule: 5,
    title: 'what is queued, pending or in progress is listed and in no figure',
    async play({ place, environment, root, report }) {
      for (const state of ['queued', 'pending', 'in_progress'] as const)
        await place.on('03-03 10:00').deploy(environment, root, { states: [state] });
      const found = await report();
      expect([found.result, found.total.frequency.n]).toEqual(['no-deployments', 0]);
      expect(leftOut(found)).toMatchObject({ 'deployments in flight': 3 });
    },
  },
  {
    rule: 6,
    title: 'the first deployment counts for frequency and gives no lead time; the next begins at it',
    async play({ place, environment, root, report }) {
      await place.on('03-03 10:00').deploy(environment, root);
      const next = place.on('03-03 12:00').commit([root]);
      await place.on('03-03 14:00').deploy(environment, next);
      const found = await report();
      expect([found.total.frequency.n, hours(found)]).toEqual([2, [2]]);
      expect(leftOut(found)).toMatchObject({ 'first deployments': 1 });
    },
  },
  {
    rule: 6,
    title: 'the first range of the window begins at what was live before it',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const older = place.on('03-02 08:00').commit([root]);
      const next = place.on('03-03 08:00').commit([older]);
      await place.on('03-03 10:00').deploy(environment, next);
      const found = await report();
      expect([found.total.frequency.n, hours(found)]).toEqual([1, [2, 26]]);
      expect(leftOut(found)).not.toHaveProperty('first deployments');
    },
  },
  {
    rule: 7,
    title: 'the same commit again counts for frequency and gives no lead time',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const next = place.on('03-02 08:00').commit([root]);
      await place.on('03-02 10:00').deploy(environment, next);
      await place.on('03-03 10:00').deploy(environment, next);
      const found = await report();
      expect([found.total.frequency.n, hours(found)]).toEqual([2, [2]]);
    },
  },
  {
    rule: 8,
    title: 'a commit behind the one before is a rollback: failure and recovery of what it undoes',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const good = place.on('03-02 08:00').commit([root]);
      await place.on('03-02 10:00').deploy(environment, good);
      const bad = place.on('03-03 08:00').commit([good]);
      const undone = await place.on('03-03 10:00').deploy(environment, bad);
      const back = await place.on('03-03 12:00').deploy(environment, good);
      const found = await report();
      expect([found.total.frequency.n, hours(found)]).toEqual([2, [2, 2]]);
      expect(found.total.changeFailRate).toMatchObject({ hits: 1, n: 2 });
      expect(found.total.recovery).toMatchObject({ n: 1, p50: 2 });
      expect(found.deployments[0]).toMatchObject({ id: back, kind: 'rollback', counted: false });
      expect(found.deployments[1]).toMatchObject({ id: undone, recoveredBy: back });
      expect((await report({ countRollbacks: true })).total.frequency.n).toBe(3);
    },
  },
  {
    rule: 8,
    title: 'of a hotfix branch beside what is live, only its own commits are samples',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const next = place.on('03-02 08:00').commit([root]);
      await place.on('03-02 10:00').deploy(environment, next);
      const fix = place.on('03-02 11:30').commit([root], 'Hotfix');
      const id = await place.on('03-02 12:00').deploy(environment, fix, { kind: 'hotfix' });
      const found = await report();
      expect(found.deployments[0]).toMatchObject({ id, kind: 'hotfix', commits: 1, leadTimeP50: 0.5 });
      expect(found.total.hotfixes).toMatchObject({ n: 1, within: 1 });
    },
  },
];
