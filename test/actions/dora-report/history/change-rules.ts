import { expect } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { hours, leftOut, outcomes, type Rule, type Stage } from './rule.js';

/** A base branch of the environment's own, deployed before the window. */
async function based({ place, environment, root }: Stage): Promise<string> {
  await place.on('03-01 10:00').deploy(environment, root);
  place.git('update-ref', `refs/heads/${environment}`, root);
  return environment;
}

const reverted = (title: string, message: (undone: { sha: string; number: number }) => string): Rule => ({
  rule: 9,
  title: `a revert that names ${title}: the sample stays, its deployment failed, the reverting one is rework`,
  async play(stage) {
    const { place, environment, root, report } = stage;
    const base = await based(stage);
    const work = place.on('03-02 07:00').commit([root]);
    const merged = await place.on('03-02 08:00').pull(work, base, 'squash');
    const bad = await place.on('03-02 10:00').deploy(environment, merged.sha);
    const revert = place.on('03-03 08:00').commit([merged.sha], message(merged));
    const good = await place.on('03-03 10:00').deploy(environment, revert);
    const found = await report();
    expect(hours(found)).toEqual([2, 2]);
    expect(outcomes(found)).toEqual({ [bad]: 'failed', [good]: 'succeeded' });
    expect(found.deployments.map(({ rework }) => rework)).toEqual([true, false]);
    expect(found.total.changeFailRate).toMatchObject({ hits: 1, n: 2 });
  },
});

const begun = (
  method: 'merge' | 'squash' | 'rebase',
  expected: Record<'commit' | 'first-commit' | 'merge', number[]>,
): Rule => ({
  rule: 10,
  title: `a ${method} begins at its commits, at the first commit of its pull request, or at its merge`,
  async play(stage) {
    const { place, environment, root, report } = stage;
    const base = await based(stage);
    const first = place.on('03-02 06:00').commit([root]);
    const second = place.on('03-02 07:00').commit([first]);
    const merged = await place.on('03-02 09:00').pull(second, base, method);
    await place.on('03-02 10:00').deploy(environment, merged.sha);
    for (const [leadTimeStart, all] of Object.entries(expected))
      expect([
        leadTimeStart,
        hours(await report({ leadTimeStart: leadTimeStart as 'merge' }, { pulls: true })),
      ]).toEqual([leadTimeStart, all]);
  },
});

export const changeRules: readonly Rule[] = [
  reverted('the commit', ({ sha }) => `Revert "Work"\n\nThis reverts commit ${sha}.`),
  reverted('a short sha', ({ sha }) => `Revert "Work"\n\nThis reverts commit ${sha.slice(0, 8)}.`),
  reverted(
    'the pull request, as the button does',
    ({ number }) => `Revert "Work"\n\nReverts acme/shop#${number}`,
  ),
  begun('squash', { commit: [1], 'first-commit': [4], merge: [1] }),
  begun('merge', { commit: [3, 4], 'first-commit': [4], merge: [1] }),
  begun('rebase', { commit: [1, 1], 'first-commit': [4], merge: [1] }),
  {
    rule: 11,
    title: 'a merge commit gives no sample of its own',
    async play(stage) {
      const { place, environment, root, report } = stage;
      const base = await based(stage);
      const work = place.on('03-02 07:00').commit([root]);
      const merged = await place.on('03-02 09:00').pull(work, base, 'merge');
      await place.on('03-02 10:00').deploy(environment, merged.sha);
      const found = await report();
      expect([hours(found), leftOut(found)]).toEqual([[3], expect.objectContaining({ 'merge commits': 1 })]);
    },
  },
  {
    rule: 12,
    title: 'a branch older than the deployment before belongs to the range that merged it',
    async play(stage) {
      const { place, environment, root, report } = stage;
      const base = await based(stage);
      const old = place.on('02-01 10:00').commit([root]);
      const next = place.on('03-02 08:00').commit([root]);
      place.git('update-ref', `refs/heads/${base}`, next);
      await place.on('03-02 10:00').deploy(environment, next);
      const merged = await place.on('03-03 09:00').pull(old, base, 'merge');
      await place.on('03-03 10:00').deploy(environment, merged.sha);
      expect(hours(await report())).toEqual([2, 30 * 24]);
    },
  },
  {
    rule: 13,
    title: 'durations of zero and less are dropped and counted',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const same = place.on('03-02 10:00').commit([root]);
      const late = place.on('03-02 12:00').commit([same]);
      await place.on('03-02 10:00').deploy(environment, late);
      const found = await report();
      expect(found.total.leadTime).toMatchObject({ n: 0, p50: null, mean: null });
      expect(leftOut(found)).toMatchObject({ 'commits dated at or after their deployment': 2 });
    },
  },
  {
    rule: 14,
    title:
      'a commit belongs to the first deployment that contains it, also when it was taken back in between',
    async play({ place, environment, root, report }) {
      const before = await place.on('03-01 10:00').deploy(environment, root);
      const once = place.on('03-02 08:00').commit([root]);
      const bad = await place.on('03-02 10:00').deploy(environment, once);
      await place.on('03-02 11:00').deploy(environment, root, { kind: 'rollback', previous: bad });
      const again = place.on('03-03 08:00').commit([once]);
      const good = await place.on('03-03 10:00').deploy(environment, again);
      const found = await report();
      const counted = found.deployments.filter(({ counted: is }) => is);
      expect(counted.map(({ id, commits }) => [id, commits])).toEqual([
        [good, 1],
        [bad, 1],
      ]);
      expect(before).toBeLessThan(bad);
    },
  },
  {
    rule: 22,
    title:
      'a commit that was force-pushed away gives no sample, nor does the deployment after it; both are counted',
    async play({ place, environment, root, report }) {
      await place.on('03-01 10:00').deploy(environment, root);
      const gone = place.on('03-02 08:00').commit([root], 'Pushed away');
      await place.on('03-02 10:00').deploy(environment, gone);
      const next = place.on('03-03 08:00').commit([root]);
      await place.on('03-03 10:00').deploy(environment, next);
      rmSync(join(place.gitDir, '.git', 'objects', gone.slice(0, 2), gone.slice(2)));
      const found = await report();
      expect([found.total.frequency.n, found.total.leadTime.n]).toEqual([2, 0]);
      expect(leftOut(found)).toMatchObject({
        'deployments of a lost commit': 1,
        'deployments after a lost commit': 1,
      });
    },
  },
  {
    rule: 23,
    title: 'a deployment of a tag that is gone is that of its commit',
    async play({ place, environment, root, report }) {
      const next = place.on('03-02 08:00').commit([root]);
      place.git('update-ref', 'refs/tags/v23', next);
      for (const [time, ref] of [
        ['03-01 10:00', root],
        ['03-02 10:00', 'v23'],
      ] as const) {
        place.on(time);
        const made = await place.github.rest('POST /repos/{owner}/{repo}/deployments', {
          ref,
          environment,
          auto_merge: false,
          required_contexts: [],
        });
        if (!('id' in made)) throw new Error('no Deployment was made');
        await place.status(Number(made.id), 'success');
      }
      place.git('update-ref', '-d', 'refs/tags/v23');
      const found = await report({}, { source: 'deployments' });
      expect([found.deployments[0]!.sha, hours(found)]).toEqual([next, [2]]);
    },
  },
];
