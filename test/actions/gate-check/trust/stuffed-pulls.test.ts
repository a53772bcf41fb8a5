import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Override } from '../../../../actions/gate-check/evidence/overrides.js';
import { readPolicy } from '../../../../actions/gate-check/policy.js';
import { decide } from '../../../../actions/gate-check/decide.js';
import {
  changesOf,
  hotfixRequest,
  judge,
  known,
  minutesAgo,
  now,
  pull,
  request,
  sha,
  type Pull,
} from '../facts.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* Anybody may open a pull request that has the released commit in it, and put into it what he likes. */

const commits = (pulls: number[], more = {}) => [
  { sha, title: 'Fix the basket', author: 'octocat', pulls, ...more },
];
const strange = (fields: Partial<Pull> = {}) =>
  pull({
    number: 30,
    state: 'open',
    author: { login: 'mallory', bot: false },
    head: { branch: 'hotfix/other', sha: 'f'.repeat(40), fork: true },
    mergeSha: null,
    reviews: [],
    ...fields,
  });

describe('a pull request of a stranger with the commit of a release in it', () => {
  const gates = "approvals: {}, hotfix: { tests: ['src/**'] }";
  const asked = (pulls: Pull[], more = {}) => {
    const numbers = pulls.map(({ number }) => number);
    const changes = known(changesOf({ commits: commits(numbers, more), pulls }));
    return judge(gates, { changes, incidents: known([]) }, now, hotfixRequest);
  };

  it.each<[string, Pull[], object]>([
    ['is open', [pull(), strange()], {}],
    ['has more commits than are read', [pull(), strange({ unread: 'more than 1000 commits' })], {}],
    ['has the very last commit', [pull(), strange({ head: { ...strange().head, sha } })], {}],
    ['is one of very many', [pull()], { morePulls: true }],
  ])('does not block where it %s', (_, pulls, more) => expect(asked(pulls, more).result).toBe('pass'));

  it('does not pass, and what could not be read is named', () => {
    const unread = asked([pull({ unread: 'more than 50 reviewers' })]);
    expect(unread.gates.map(({ result }) => result)).toEqual(['fail', 'fail']);
    expect(unread.message).toContain('#21 has more than 50 reviewers');
    const cut = asked([strange()], { morePulls: true });
    expect(cut.result).toBe('fail');
    expect(cut.message).toContain('in more pull requests than are read');
  });
});

describe('an override', () => {
  const policy = `version: 1\nenvironments: { production: { gates: { blockers: { labels: [blocker] } }, overrides: [{ gate: blockers }] } }\n`;
  const override: Override = {
    by: { login: 'mona', bot: false },
    at: minutesAgo(5),
    edited: false,
    url: '',
    gate: 'blockers',
    environment: 'production',
    sha,
    reason: 'It is about another service',
    role: 'admin',
  };
  const asked = (pulls: Pull[]) => {
    const numbers = pulls.map(({ number }) => number);
    const evidence = {
      blockers: known([
        { label: 'blocker', exists: true, open: [{ number: 12, title: 'x', url: '', is: 'issue' as const }] },
      ]),
      overrides: known([override]),
      changes: known(changesOf({ commits: commits(numbers), pulls })),
      incidents: known([]),
    };
    return decide(readPolicy(policy, 'release-policy.yml', 'production'), request, evidence, now);
  };

  it('counts though a stranger names its author as co-author of a pull request that brought nothing', () => {
    expect(asked([pull(), strange({ contributors: ['mallory', 'mona'] })]).result).toBe('pass');
  });

  it('does not count where its author may have written what of a merged pull request was not read', () => {
    const { result, message } = asked([pull({ unread: 'a commit with more authors than are read' })]);
    expect(result).toBe('fail');
    expect(message).toContain('It can be overridden');
  });
});

describe('a pull request with more commits than GitHub lists at once', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({
      [policyPath]: 'version: 1\nenvironments: { production: { gates: { approvals: {} } } }\n',
    });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
  });
  afterAll(() => world.close());

  it('is read to its end: an approval of who wrote the first of them does not count', async () => {
    world.git('checkout', '-q', '-b', 'long', 'main');
    world.push({ 'long.txt': '0' }, 'First\n\nCo-authored-by: hubot <hubot@users.noreply.github.com>');
    for (let at = 1; at <= 100; at++)
      world.git('commit', '-q', '--allow-empty', '-m', `Commit ${at} of many`);
    world.git('checkout', '-q', 'main');
    const octocat = await world.as('octocat');
    const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
      title: 'Long',
      head: 'long',
      base: 'main',
    });
    await world.review(number, 'mona');
    const ask = async () => {
      const sha = world.git('rev-parse', 'long');
      return (await world.check({ service: 'shop', sha, runId: 1 })).gates['approvals']!;
    };
    expect(await ask()).toMatchObject({ result: 'pass' });
    world.git('checkout', '-q', 'long');
    world.git(
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'Last\n\nCo-authored-by: mona <mona@users.noreply.github.com>',
    );
    world.git('checkout', '-q', 'main');
    await world.review(number, 'mona');
    const { result, notes } = await ask();
    expect(result).toBe('fail');
    expect(notes.join()).toContain('by mona: who wrote part of it');
  });
});
