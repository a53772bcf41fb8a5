import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import { changesOf, judge, known, otherSha, pull, sha, unknown } from '../facts.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* Lines of the table "What an attacker could try" in docs/release-policy.md, played against the stand-in. */

let world: GateStage;
let branches = 0;

const policy = `
version: 1
environments:
  production: { gates: { approvals: {} } }
  guarded: { gates: { approvals: { last-pusher: true } } }
`;

beforeAll(async () => {
  world = await gateStage();
  const live = world.push({ [policyPath]: policy });
  const runId = world.ran({ sha: live, path: cdPath });
  for (const environment of ['production', 'guarded'])
    await world.deployed({ service: 'shop', environment, sha: live, runId });
  world.server.control.addUser({ login: 'late', role: 'write' });
});
afterAll(async () => {
  const violations = world.server.control.violations();
  await world.close();
  expect(violations).toEqual([]);
});

const ask = async (sha: string, environment = 'production') =>
  (await world.check({ service: 'shop', sha, runId: 1, environment })).gates['approvals']!;

/** An open pull request of octocat that nobody looked at. */
async function opened(message?: string) {
  const branch = `feature/${++branches}`;
  const pull = await world.pull({
    branch,
    files: { [`${branches}.txt`]: branch },
    approvedBy: false,
    method: false,
  });
  if (message === undefined) return { ...pull, branch };
  return { ...pull, branch, sha: pushOnto(branch, message) };
}

/** Another commit on a branch; `as` is who wrote it by its own account. */
function pushOnto(branch: string, message: string, as?: string): string {
  world.git('checkout', '-q', branch);
  world.push({ [`${branch}.txt`]: message }, message);
  if (as !== undefined)
    world.git('commit', '-q', '--amend', '--no-edit', `--author=${as} <${as}@users.noreply.github.com>`);
  const sha = world.git('rev-parse', 'HEAD');
  world.git('checkout', '-q', 'main');
  return sha;
}

it('an honest pull request, approved by somebody else on its last commit, passes', async () => {
  const { number, sha } = await opened();
  await world.review(number, 'hubot');
  expect(await ask(sha)).toMatchObject({ result: 'pass' });
});

describe("Approve one's own work by a second push", () => {
  it('after the approval of somebody else, the second push is not approved', async () => {
    const { number, branch, sha } = await opened();
    await world.review(number, 'hubot');
    const second = pushOnto(branch, 'and more');
    const gate = await ask(second);
    expect(gate.reason).toContain(`#${number} has 0 of 1 approvals that count`);
    expect(gate.notes).toEqual([expect.stringContaining(`on ${sha.slice(0, 12)}, not on its last commit`)]);
  });

  it('who pushed a commit of his own to it does not approve it, before nor after', async () => {
    const { number, branch } = await opened();
    const second = pushOnto(branch, 'mine', 'hubot');
    await world.review(number, 'hubot');
    const gate = await ask(second);
    expect(gate.result).toBe('fail');
    expect(gate.notes).toEqual([expect.stringContaining('by hubot: who wrote part of it')]);
  });

  it('who is named as co-author does not approve it', async () => {
    const { number, sha } = await opened('Pair\n\nCo-authored-by: hubot <hubot@users.noreply.github.com>');
    await world.review(number, 'hubot');
    expect((await ask(sha)).notes).toEqual([expect.stringContaining('who wrote part of it')]);
  });
});

describe('Push under the name of the author, then approve that', () => {
  const pushed = (actor: string, branch: string, after: string, before = '0'.repeat(40)) =>
    world.server.control.addPush({ owner: 'acme', name: 'shop', branch, before, after, actor });

  it('with last-pusher, who pushed the last commit does not approve it, whatever name it has', async () => {
    const { number, branch, sha } = await opened();
    pushed('octocat', branch, sha);
    const second = pushOnto(branch, 'under the name of octocat');
    pushed('hubot', branch, second, sha);
    await world.review(number, 'hubot');
    const gate = await ask(second, 'guarded');
    expect(gate.result).toBe('fail');
    expect(gate.notes).toEqual([expect.stringContaining('by hubot: who pushed its last commit')]);
    await world.review(number, 'mona');
    expect((await ask(second, 'guarded')).result).toBe('pass');
  });

  it('does not pass where GitHub does not tell who pushed', async () => {
    const { number, sha } = await opened();
    await world.review(number, 'hubot');
    expect((await ask(sha, 'guarded')).reason).toContain(
      `does not tell who pushed the last commit of #${number}`,
    );
  });
});

describe('with last-pusher, an approval', () => {
  type Pushes = Extract<NonNullable<GateEvidence['pushes']>, { is: 'known' }>['value'];
  const judged = (pushes: GateEvidence['pushes'], fields: Parameters<typeof pull>[0] = {}) =>
    judge('approvals: { last-pusher: true }', {
      changes: known(changesOf({ pulls: [pull(fields)] })),
      pushes,
    }).result;
  const by = (...logins: string[]): Pushes => [{ pull: 21, head: otherSha, by: logins }];

  it('counts by somebody else, in whatever case a login is written', () => {
    expect(judged(known(by('octocat')))).toBe('pass');
    expect(judged(known(by('HUBOT')))).toBe('fail');
    expect(judged(known(by('octocat', 'hubot')))).toBe('fail');
  });

  it.each<[string, GateEvidence['pushes']]>([
    ['is not known', unknown],
    ['was not looked up', undefined],
    ['is not told', known([{ pull: 21, head: otherSha, by: null }])],
    ['is told of another commit', known([{ pull: 21, head: sha, by: ['octocat'] }])],
    ['is told of another pull request', known([{ pull: 22, head: otherSha, by: ['octocat'] }])],
  ])('does not count where who pushed %s', (_, pushes) => expect(judged(pushes)).toBe('fail'));
});

describe('Use an approval that was dismissed, or of a reader or a bot', () => {
  it('a dismissed one does not count', async () => {
    const { number, sha } = await opened();
    await world.review(number, 'hubot');
    expect((await ask(sha)).result).toBe('pass');
    world.server.control.dismissReviews({ owner: 'acme', name: 'shop', number, login: 'hubot' });
    const gate = await ask(sha);
    expect(gate.result).toBe('fail');
    expect(gate.notes).toEqual([expect.stringContaining('was dismissed')]);
  });

  it('that of a reader does not count', async () => {
    const { number, sha } = await opened();
    await world.review(number, 'reader');
    expect((await ask(sha)).notes).toEqual([expect.stringContaining('by reader: who may not push')]);
  });

  it('that of a former writer does not count: the role is that of now', async () => {
    const { number, sha } = await opened();
    await world.review(number, 'late');
    expect((await ask(sha)).result).toBe('pass');
    world.server.control.addUser({ login: 'late', role: 'read' });
    expect((await ask(sha)).result).toBe('fail');
  });

  it('that of a bot does not count unless the policy names it', async () => {
    const { number, sha } = await opened();
    const bot = await world.as('helpful[bot]', { pull_requests: 'write' });
    await bot.rest('POST /repos/{owner}/{repo}/pulls/{pull_number}/reviews', {
      pull_number: number,
      event: 'APPROVE',
      body: '',
    });
    expect((await ask(sha)).result).toBe('fail');
  });

  it('one that was followed by a request for changes blocks', async () => {
    const { number, sha } = await opened();
    await world.review(number, 'hubot');
    await world.review(number, 'mona', 'REQUEST_CHANGES');
    expect((await ask(sha)).reason).toContain('has changes requested by mona');
  });
});

describe('Push to the branch directly', () => {
  it('a commit without pull request fails, also beside approved ones', async () => {
    const { sha: merged } = await world.pull({
      branch: 'approved',
      files: { 'a.txt': 'a' },
      method: 'squash',
    });
    expect((await ask(merged)).result).toBe('pass');
    const direct = world.push({ 'direct.txt': 'sneaked in' });
    expect((await ask(direct)).reason).toContain(`${direct.slice(0, 12)}: pushed without a pull request`);
    world.git('reset', '-q', '--hard', merged);
  });
});
