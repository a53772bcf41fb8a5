import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readClone } from '../../../../actions/dora-report/collect/clone.js';
import { readCommits } from '../../../../actions/dora-report/collect/commits.js';
import { openClone } from '../../../../actions/dora-report/collect/open-clone.js';
import { commit, deployment, reportOf, sha } from '../ledger-facts.js';
import { fakeHistory } from './fake-history.js';

const people = [
  { name: 'Mona Lisa', email: 'mona@example.com' },
  { name: 'Hubot', email: '12+hubot@users.noreply.github.com' },
  { name: 'renovate[bot]', email: '29139614+renovate[bot]@users.noreply.github.com' },
];
const at = Date.parse('2026-03-02T08:00:00Z');

describe('the authors of commits', () => {
  let folder: string;
  const shas: string[] = [];
  const git = (args: string[], env: Record<string, string> = {}) =>
    execFileSync('git', args, { cwd: folder, env: { ...process.env, ...env }, encoding: 'utf8' }).trim();

  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'dora-authors-'));
    git(['init', '-q']);
    for (const { name, email } of people) {
      const date = new Date(at + shas.length * 3_600_000).toISOString();
      git(['commit', '-q', '--allow-empty', '--no-gpg-sign', '-m', `By ${name}`], {
        GIT_AUTHOR_NAME: name,
        GIT_AUTHOR_EMAIL: email,
        GIT_AUTHOR_DATE: date,
        GIT_COMMITTER_NAME: 'GitHub',
        GIT_COMMITTER_EMAIL: 'noreply@github.com',
        GIT_COMMITTER_DATE: date,
      });
      shas.push(git(['rev-parse', 'HEAD']));
    }
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it('are the same from a clone and from the API: name and login of a noreply address, no address', async () => {
    const clone = await readClone(
      openClone(folder, new AbortController().signal),
      [[shas[0]!, shas[2]!]],
      'acme/shop',
    );
    if (!clone.usable) throw new Error(clone.why);
    const { github } = fakeHistory(
      people.map((author, n) => ({
        name: `c${n}`,
        parents: n > 0 ? [`c${n - 1}`] : [],
        at: at + n * 3_600_000,
        author,
      })),
    );
    const api = await readCommits(github, { chains: [[sha('c0'), sha('c2')]] });
    const expected = [
      { name: 'Hubot', login: 'hubot', bot: false },
      { name: 'renovate[bot]', login: 'renovate[bot]', bot: true },
    ];
    expect(shas.slice(1).map((oid) => clone.commits.get(oid)!.author)).toEqual(expected);
    expect([1, 2].map((n) => api.commits.get(sha(`c${n}`))!.author)).toEqual(expected);
  });

  it.each([
    [['Hubot'], 1],
    [['hubot'], 1],
    [['Mona Lisa', 'HUBOT'], 0],
    [['mona'], 2],
  ])('are left out by %j', (excludeAuthors, n) => {
    const report = reportOf(
      {
        deployments: [deployment(1, '03-02 08:30', 'a'), deployment(2, '03-03 10:00', 'c')],
        commits: [
          commit('a', '03-02 08:00'),
          commit('b', '03-02 09:00', ['a'], { author: { name: 'Mona Lisa', bot: false } }),
          commit('c', '03-02 10:00', ['b'], { author: { name: 'Hubot X', login: 'hubot', bot: false } }),
        ],
      },
      { filters: { paths: [], excludeAuthors, excludeBots: false, labels: [] } },
    );
    expect(report.total.leadTime.n).toBe(n);
  });
});
