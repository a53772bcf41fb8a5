import { expect } from '@jest/globals';
import { compute } from '../../../../actions/dora-report/measure/compute.js';
import { question } from '../ledger-facts.js';
import { leftOut, outcomes, type Rule, type Stage } from './rule.js';

/** Deploys the root at these times; the records in that order. */
async function deployed({ place, environment, root }: Stage, ...times: string[]): Promise<number[]> {
  const ids: number[] = [];
  for (const time of times) ids.push(await place.on(time).deploy(environment, root));
  return ids;
}

/** An incident from one time to another; open without the second. */
async function trouble({ place, environment }: Stage, of: number, from: string, to?: string): Promise<void> {
  const number = await place.on(from).incident(environment, of);
  if (to !== undefined) await place.on(to).closeIssue(number);
}

export const figureRules: readonly Rule[] = [
  ...[15, 24].map((rule): Rule => ({
    rule,
    title:
      rule === 15
        ? 'a sample is a commit or a pull request, as asked, with its p50, p75, p90, p95 and n'
        : 'the median of an even number is the middle of two',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const dates = ['03-02 09:00', '03-02 08:00', '03-02 06:00', '03-02 02:00'];
      const head = dates.reduce((parent, date) => place.on(date).commit([parent]), root);
      place.git('update-ref', `refs/heads/${environment}`, root);
      const merged = await place.on('03-02 09:30').pull(head, environment, 'merge');
      await place.on('03-02 10:00').deploy(environment, merged.sha);
      const { n, mean, p50, p75, p90, p95 } = (await report()).total.leadTime;
      expect({ n, mean, p50, p75 }).toEqual({ n: 4, mean: 3.75, p50: 3, p75: 5 });
      expect([p90, p95]).toEqual([expect.closeTo(6.8), expect.closeTo(7.4)]);
      const pulls = (await report({ leadTimeStart: 'merge' }, { pulls: true })).total.leadTime;
      expect([pulls.n, pulls.p50, pulls.p95]).toEqual([1, 0.5, 0.5]);
    },
  })),
  {
    rule: 16,
    title: 'an incident counts in the window of its deployment, its restoring in that of its closing',
    async play(stage) {
      const [first] = await deployed(stage, '03-03 10:00', '03-20 10:00');
      await trouble(stage, first!, '03-03 11:00', '03-20 11:00');
      const early = (await stage.report({ to: '2026-03-16T00:00:00.000Z' })).total;
      const late = (await stage.report({ from: '2026-03-16T00:00:00.000Z' })).total;
      expect([early.changeFailRate.hits, early.timeToRestore.n]).toEqual([1, 0]);
      expect([late.changeFailRate.hits, late.timeToRestore.n]).toEqual([0, 1]);
    },
  },
  {
    rule: 16,
    title: 'by time, a labelled incident belongs to the deployment strictly before it and not too long ago',
    async play({ place, environment, root, report }) {
      for (const time of ['03-03 10:00', '03-04 10:00', '03-06 10:00'])
        await place.on(time).deploy(environment, root);
      // At the second deployment, within the gap of the third, and long after it.
      for (const [index, time] of ['03-04 10:00', '03-07 10:00', '03-09 10:00'].entries())
        await place.on(time).github.rest('POST /repos/{owner}/{repo}/issues', {
          title: `Outage ${index}`,
          labels: ['outage'],
        });
      const more = { incidentLabel: 'outage' };
      const linked = await report({ linkWithinHours: 24, incidentSource: true }, more);
      expect(Object.values(outcomes(linked))).toEqual(['failed', 'succeeded', 'failed']);
      expect((await report({ incidentSource: true }, more)).total.changeFailRate.hits).toBe(0);
    },
  },
  {
    rule: 17,
    title: 'overlapping incidents are one failure and one outage, and each has its own time to restore',
    async play(stage) {
      const [bad] = await deployed(stage, '03-03 10:00', '03-05 10:00');
      const { place, environment } = stage;
      const first = await place.on('03-03 11:00').incident(environment, bad!);
      await trouble(stage, bad!, '03-03 12:00', '03-03 16:00');
      await place.on('03-03 13:00').closeIssue(first);
      const { total } = await stage.report();
      expect(total.changeFailRate).toMatchObject({ value: 0.5, hits: 1, n: 2 });
      expect(total.timeToRestore).toMatchObject({ n: 2, mean: 3 });
      expect(total.incidentOpen).toEqual({ hours: 5, incidents: 2 });
      expect(total.recovery).toMatchObject({ n: 1, p50: 6 });
    },
  },
  {
    rule: 18,
    title: 'what is open at the end is a failure, is in no recovery figure and has an age',
    async play(stage) {
      const [bad] = await deployed(stage, '03-29 10:00');
      await trouble(stage, bad!, '03-29 11:00');
      const { total } = await stage.report();
      expect([total.changeFailRate.value, total.recovery.n, total.recovery.p50]).toEqual([1, 0, null]);
      expect(total.recovery.open.map(({ hours }) => hours)).toEqual([14]);
      expect(total.timeToRestore.open.map(({ hours }) => hours)).toEqual([13]);
    },
  },
  {
    rule: 19,
    title: 'recovery runs from the failed deployment, time to restore from the opening',
    async play(stage) {
      const [bad] = await deployed(stage, '03-03 10:00');
      await trouble(stage, bad!, '03-03 12:00', '03-03 13:00');
      const { total } = await stage.report();
      expect([total.recovery.p50, total.timeToRestore.p50]).toEqual([3, 1]);
    },
  },
  {
    rule: 20,
    title: 'zero of everything: frequency 0, nothing else has a value, and nothing has a tier',
    async play({ place, environment, root, report }) {
      // GitHub knows the environment: something was tried there, which never succeeded.
      await place.on('03-03 10:00').deploy(environment, root, { states: ['failure'] });
      const { total, result } = await report({ incidentSource: true });
      expect([result, total.frequency.perDay, total.frequency.n]).toEqual(['no-deployments', 0, 0]);
      const { leadTime, changeFailRate, recovery, timeToRestore, reworkRate } = total;
      expect([leadTime.p50, recovery.p50, timeToRestore.p50, changeFailRate.value, reworkRate.value]).toEqual(
        Array.from({ length: 5 }, () => null),
      );
      expect([leadTime.tier, recovery.tier, timeToRestore.tier, changeFailRate.tier]).toEqual(
        Array.from({ length: 4 }, () => null),
      );
    },
  },
  {
    rule: 20,
    title: 'without failures the change fail rate is 0 where a source of them was named, else not known',
    async play(stage) {
      await deployed(stage, '03-03 10:00');
      const { facts } = await stage.report();
      const without = { ...facts, incidents: [] };
      const asked = (incidentSource: boolean) =>
        compute(without, { ...question, environment: stage.environment, incidentSource }).total
          .changeFailRate;
      expect([asked(true).value, asked(false).value]).toEqual([0, null]);
    },
  },
  {
    rule: 21,
    title: 'the window is half-open, and a week with a day of 23 hours has seven days',
    async play(stage) {
      // Monday to Monday in Berlin, where the clocks go forward on 29 March.
      const week = {
        from: '2026-03-22T23:00:00.000Z',
        to: '2026-03-29T22:00:00.000Z',
        timezone: 'Europe/Berlin',
      };
      await deployed(stage, '03-01 10:00', '03-22 22:59', '03-22 23:00', '03-29 21:59', '03-29 22:00');
      const { total } = await stage.report(week);
      expect([total.frequency.n, total.frequency.days, total.frequency.perDay]).toEqual([2, 7, 2 / 7]);
      expect(total.days.map(({ day, deployments }) => [day, deployments]).filter(([, n]) => n)).toEqual([
        ['2026-03-23', 1],
        ['2026-03-29', 1],
      ]);
    },
  },
  {
    rule: 25,
    title:
      'Deployments that jobs add by naming the environment are none of the suite, and of one run one plain one',
    async play({ place, environment, root, report }) {
      await place.on('03-03 10:00').deploy(environment, root);
      for (const minute of ['01', '02', '03']) {
        place.on(`03-03 10:${minute}`);
        const made = await place.github.rest('POST /repos/{owner}/{repo}/deployments', {
          ref: root,
          environment,
          auto_merge: false,
          required_contexts: [],
        });
        if (!('id' in made)) throw new Error('no Deployment was made');
        await place.github.rest('POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses', {
          deployment_id: Number(made.id),
          state: 'success',
          log_url: 'https://github.com/acme/shop/actions/runs/77/job/1',
        });
      }
      expect((await report()).total.frequency.n).toBe(1);
      const plain = await report({}, { source: 'deployments' });
      expect([plain.total.frequency.n, leftOut(plain)]).toEqual([
        2,
        expect.objectContaining({ 'further records of a deployment': 2 }),
      ]);
    },
  },
];
