import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { rangesOf } from '../../../../actions/dora-report/metrics/commit-graph.js';
import { readCommits, type CommitAnswer } from '../../../../actions/dora-report/collect/commits.js';
import { sha } from '../ledger-facts.js';
import { fakeHistory, line, type FakeCommit } from './fake-history.js';

const hour = 3_600_000;
const chainOf = (...names: string[]) => names.map(sha);
const brought = (answer: CommitAnswer, chain: string[]) =>
  rangesOf(answer.commits, answer.missing, chain).brought.map((range) => range.length);

/** Which commits each deployed one brings, by walking the whole history: the definition, with nothing clever. */
function byDefinition(commits: readonly FakeCommit[], chain: readonly string[]): string[][] {
  const known = new Map(commits.map((commit) => [commit.name, commit]));
  const credited = new Set<string>();
  return chain.map((name, index) => {
    const range: string[] = [];
    const pending = [name];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      if (credited.has(next)) continue;
      credited.add(next);
      range.push(next);
      pending.push(...known.get(next)!.parents);
    }
    return index === 0 ? [] : range.map(sha).sort();
  });
}

describe('the reader of commits', () => {
  it('needs one request for a hundred commits, however many deployments they went live with', async () => {
    const { github, requests } = fakeHistory(line(1_001));
    const chain = Array.from({ length: 201 }, (_, i) => sha(`c${i * 5}`));
    const answer = await readCommits(github, { chains: [chain] });
    expect(answer.complete).toBe(true);
    expect(brought(answer, chain).slice(1)).toEqual(Array<number>(200).fill(5));
    expect(requests()).toBeLessThanOrEqual(10);
    expect(answer.requests).toBe(requests());
  });

  it('asks nothing when there is nothing to compare', async () => {
    const { github, requests } = fakeHistory(line(10));
    const answer = await readCommits(github, { chains: [[sha('c9')], []] });
    expect([answer.complete, requests()]).toEqual([true, 0]);
  });

  it('finds the commits of a branch that is years older than the deployment before', async () => {
    const old = { name: 'old', parents: ['c0'], at: hour / 2 };
    const merge = { name: 'merge', parents: ['c300', 'old'], at: 302 * hour };
    const { github } = fakeHistory([...line(301), old, merge]);
    const chain = chainOf('c299', 'merge');
    const answer = await readCommits(github, { chains: [chain] });
    const range = rangesOf(answer.commits, answer.missing, chain).brought[1]!;
    expect([...range].sort()).toEqual(chainOf('merge', 'c300', 'old').sort());
  });

  it('follows a hotfix branch that the newest deployment does not contain', async () => {
    const hotfix = { name: 'hotfix', parents: ['c50'], at: 91 * hour };
    const { github } = fakeHistory([...line(100), hotfix]);
    const chain = chainOf('c50', 'hotfix', 'c99');
    const answer = await readCommits(github, { chains: [chain] });
    expect(brought(answer, chain)).toEqual([0, 1, 49]);
  });

  it('knows a commit that is no longer there', async () => {
    const { github } = fakeHistory(line(20));
    const answer = await readCommits(github, { chains: [chainOf('c1', 'gone', 'c9')] });
    expect([...answer.missing]).toEqual([sha('gone')]);
    expect(answer.complete).toBe(true);
  });

  it('says that it stopped at the limit, and which ranges are uncertain', async () => {
    const { github } = fakeHistory(line(1_000));
    const chain = chainOf('c1', 'c999');
    const answer = await readCommits(github, { chains: [chain], limit: 300 });
    expect(answer.complete).toBe(false);
    expect([...rangesOf(answer.commits, answer.missing, chain).uncertain]).toEqual([1]);
  });

  it('reads side branches of several services in the same requests', async () => {
    const commits = [...line(150), { name: 'side', parents: ['c20'], at: 60 * hour }];
    const { github, requests } = fakeHistory(commits);
    const chains = [chainOf('c100', 'c149'), chainOf('c20', 'side')];
    const answer = await readCommits(github, { chains });
    expect(chains.map((chain) => brought(answer, chain))).toEqual([
      [0, 49],
      [0, 1],
    ]);
    expect(requests()).toBe(1);
  });

  it('takes reverted commits and the first line from the message', async () => {
    const message = `Revert "x"\n\nThis reverts commit ${sha('c1')}.\n`;
    const { github } = fakeHistory([...line(3), { name: 'revert', parents: ['c2'], at: 9 * hour, message }]);
    const answer = await readCommits(github, { chains: [chainOf('c1', 'revert')] });
    expect(answer.commits.get(sha('revert'))).toMatchObject({ headline: 'Revert "x"', reverts: [sha('c1')] });
  });

  it('credits the same commits as the definition does, in any history whose dates are in order', async () => {
    const history = fc
      .array(fc.tuple(fc.nat(), fc.nat(), fc.boolean()), { minLength: 2, maxLength: 260 })
      .chain((steps) =>
        fc.tuple(fc.constant(steps), fc.array(fc.nat(steps.length - 1), { minLength: 2, maxLength: 6 })),
      );
    await fc.assert(
      fc.asyncProperty(history, async ([steps, deployed]) => {
        const commits = steps.map(([first, second, merge], i): FakeCommit => {
          const parents = i === 0 ? [] : [`c${i - 1 - (first % Math.min(i, 4))}`];
          if (merge && i > 0) parents.push(`c${second % i}`);
          return { name: `c${i}`, parents: [...new Set(parents)], at: i * hour };
        });
        const chain = deployed.map((i) => `c${i}`);
        const answer = await readCommits(fakeHistory(commits).github, { chains: [chain.map(sha)] });
        const ranges = rangesOf(answer.commits, answer.missing, chain.map(sha));
        expect(answer.complete).toBe(true);
        expect(ranges.brought.map((range) => [...range].sort())).toEqual(byDefinition(commits, chain));
      }),
      { numRuns: 150, seed: 20260302 },
    );
  });
});
