import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { baseChangedAt } from '../../../../actions/gate-check/evidence/code/retargeted.js';
import { isoInstant } from '../../../../shared/time/instant.js';
import { changesOf, hotfixRequest, judge, known, minutesAgo, otherSha, pull, review, sha } from '../facts.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

/* Lines of the table "What an attacker could try" in docs/release-policy.md, played against the stand-in. */

const policy = `
version: 1
environments:
  production: { gates: { approvals: {} } }
  guarded: { gates: { approvals: { last-pusher: true } } }
`;

describe('An approval', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({ [policyPath]: policy });
    const runId = world.ran({ sha: live, path: cdPath });
    for (const environment of ['production', 'guarded'])
      await world.deployed({ service: 'shop', environment, sha: live, runId });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const ask = async (released: string, environment = 'production') =>
    (await world.check({ service: 'shop', sha: released, runId: 1, environment })).gates['approvals']!;

  /** A branch from main with these commits, and back. */
  function branchWith(name: string, ...texts: string[]): string[] {
    world.git('checkout', '-q', '-b', name, 'main');
    const shas = texts.map((text) => world.push({ [`${name}.txt`]: text }, text));
    world.git('checkout', '-q', 'main');
    return shas;
  }

  it('Release a commit from inside of an approved pull request: what the next commit undid, nobody approved', async () => {
    const [inner, head] = branchWith('inner', 'with a back door', 'without it');
    const octocat = await world.as('octocat');
    const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
      title: 'Harmless',
      head: 'inner',
      base: 'main',
    });
    await world.review(number, 'hubot');
    const { sha: merged } = await octocat.rest('PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge', {
      pull_number: number,
    });
    world.git('reset', '-q', '--hard', 'main');
    expect((await ask(merged)).result).toBe('pass');
    expect((await ask(head!)).result).toBe('pass');
    const { result, reason } = await ask(inner!);
    expect(result).toBe('fail');
    expect(reason).toContain(`neither the merge nor the last commit of #${number}`);
  });

  it('Have it approved against a branch that hides the change, then send it into main', async () => {
    const [hidden] = branchWith('cover', 'back door');
    world.git('branch', 'harmless', hidden!);
    world.git('checkout', '-q', 'harmless');
    const head = world.push({ 'harmless.txt': 'harmless' });
    world.git('checkout', '-q', 'main');
    const octocat = await world.as('octocat');
    const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
      title: 'Harmless',
      head: 'harmless',
      base: 'cover',
    });
    await world.review(number, 'hubot');
    world.server.control.retargetPull({ owner: 'acme', name: 'shop', number, base: 'main' });
    const gate = await ask(head);
    expect(gate.result).toBe('fail');
    expect(gate.notes).toEqual([expect.stringContaining('by hubot: from before it was sent into main')]);
  });

  it('Have it approved against a branch that hides the change, then push over that', async () => {
    const [hidden] = branchWith('screen', 'back door');
    world.git('branch', 'hotfix/small', hidden!);
    world.git('checkout', '-q', 'hotfix/small');
    const head = world.push({ 'small.txt': 'small' });
    world.git('checkout', '-q', 'main');
    const octocat = await world.as('octocat');
    const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
      title: 'Small',
      head: 'hotfix/small',
      base: 'screen',
    });
    await world.review(number, 'hubot');
    world.git('branch', '-f', 'screen', 'main');
    world.server.control.rewriteBase({ owner: 'acme', name: 'shop', number });
    const gate = await ask(head);
    expect(gate.result).toBe('fail');
    expect(gate.notes).toEqual([expect.stringContaining('screen, or that was written anew')]);
  });

  it('Let a workflow push, then approve that', async () => {
    const { number, sha: head } = await world.pull({
      branch: 'by-a-workflow',
      files: { 'w.txt': 'w' },
      approvedBy: 'hubot',
      method: false,
    });
    const push = {
      owner: 'acme',
      name: 'shop',
      branch: 'by-a-workflow',
      before: '0'.repeat(40),
      after: head,
    };
    world.server.control.addPush({ ...push, actor: 'github-actions[bot]' });
    const { result, reason } = await ask(head, 'guarded');
    expect(result).toBe('fail');
    expect(reason).toContain(
      `github-actions[bot] pushed the last commit of #${number}, and GitHub does not tell for whom`,
    );
  });
});

describe('what a pull request shows', () => {
  const event = (minutes: number) => ({
    __typename: 'BaseRefForcePushedEvent',
    createdAt: isoInstant(minutesAgo(minutes)),
  });
  const changed = (merged: number | null, minutes: number[], hasPreviousPage = false) =>
    baseChangedAt({
      mergedAt: merged === null ? null : isoInstant(minutesAgo(merged)),
      timelineItems: { nodes: minutes.map(event), pageInfo: { hasPreviousPage } },
    });

  it('changes with its base until its merge; where that is out of sight, at the latest then', () => {
    expect(changed(null, [])).toBeNull();
    expect(changed(null, [40, 30])).toBe(minutesAgo(30));
    expect(changed(20, [30, 10])).toBe(minutesAgo(30));
    expect(changed(20, [10])).toBeNull();
    expect(changed(20, [10], true)).toBe(minutesAgo(20));
  });
});

describe('an approval', () => {
  const retargeted = (at: number | null) =>
    known(changesOf({ pulls: [pull({ retargetedAt: minutesAgo(30), reviews: [review({ at })] })] }));

  it.each([
    ['after the base was changed counts', minutesAgo(29), 'pass'],
    ['at that moment does not count', minutesAgo(30), 'fail'],
    ['before it does not count', minutesAgo(31), 'fail'],
    ['at an unknown time does not count', null, 'fail'],
  ])('%s', (_, at, is) => {
    const incidents = known([]);
    expect(judge('approvals: {}', { changes: retargeted(at) }).result).toBe(is);
    const hotfix = judge(
      "hotfix: { tests: ['src/**'] }",
      { changes: retargeted(at), incidents },
      undefined,
      hotfixRequest,
    );
    expect(hotfix.result).toBe(is);
  });

  it('of a hotfix is not one of a commit inside of it', () => {
    const changes = known(changesOf({ pulls: [pull({ mergeSha: 'f'.repeat(40) })] }));
    const asked = [{ changes, incidents: known([]) }, undefined, hotfixRequest] as const;
    const [gate] = judge("hotfix: { tests: ['src/**'] }", ...asked).gates;
    expect(gate).toMatchObject({ result: 'fail', reason: expect.stringContaining('has it inside') });
    expect(sha).not.toBe(otherSha);
  });

  const by = (login: string, author: { login: string; bot: boolean }) =>
    judge('approvals: { last-pusher: true }', {
      changes: known(changesOf({ pulls: [pull({ author })] })),
      pushes: known([{ pull: 21, head: otherSha, by: [login] }]),
    }).result;

  it.each([
    ['a bot for its own pull request', 'renovate[bot]', { login: 'renovate', bot: true }, 'pass'],
    ['a bot for that of a person', 'renovate[bot]', { login: 'octocat', bot: false }, 'fail'],
    ['a bot for that of another bot', 'helpful[bot]', { login: 'renovate', bot: true }, 'fail'],
    [
      'a workflow for its own pull request',
      'github-actions[bot]',
      { login: 'github-actions', bot: true },
      'fail',
    ],
    ['a person', 'octocat', { login: 'octocat', bot: false }, 'pass'],
  ])('with last-pusher, of what was pushed by %s', (_, login, author, is) =>
    expect(by(login, author)).toBe(is),
  );
});
