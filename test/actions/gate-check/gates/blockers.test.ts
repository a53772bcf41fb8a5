import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { changesOf, judge, known, now, request } from '../facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';

type Label = EvidenceValue<'blockers'>[number];
type Blocker = Label['open'][number];

const both = 'blockers: { labels: [blocker, work-in-transit] }';
const letIn = 'blockers: { labels: [blocker, work-in-transit], let-hotfix: true }';
const hotfix = { ...request, kind: 'hotfix' as const };

const issue = (fields: Partial<Blocker> = {}): Blocker => ({
  number: 12,
  title: 'Checkout is slow',
  url: 'https://github.example/acme/shop/issues/12',
  is: 'issue',
  ...fields,
});
const pull = issue({
  number: 13,
  title: 'Move the basket',
  url: 'https://github.example/acme/shop/pull/13',
  is: 'pull request',
});
const label = (name: string, ...open: Blocker[]): Label => ({ label: name, exists: true, open });

function ask(gates: string, value: Label[], asked = request) {
  const proof = { changes: known(changesOf()), incidents: known([]) };
  const { result, gates: judged, verdict } = judge(gates, { blockers: known(value), ...proof }, now, asked);
  return { is: result, ...judged[0]!, verdict };
}

describe('blockers', () => {
  it('passes while nothing with any of the labels is open', () => {
    expect(ask(both, [label('blocker'), label('work-in-transit')])).toMatchObject({
      is: 'pass',
      reason: 'nothing open is labelled blocker or work-in-transit',
    });
  });

  it('fails on an open issue and on an open pull request, each named with number, title and link', () => {
    const { is, reason, evidence } = ask(both, [label('blocker', issue()), label('work-in-transit', pull)]);
    expect(is).toBe('fail');
    expect(reason).toBe(
      'open issue #12 (blocker): Checkout is slow, https://github.example/acme/shop/issues/12; ' +
        'open pull request #13 (work-in-transit): Move the basket, https://github.example/acme/shop/pull/13. ' +
        'Close what blocks or take its label off first',
    );
    expect(evidence).toEqual([
      { text: '#12', url: issue().url },
      { text: '#13', url: pull.url },
    ]);
  });

  it('names what has two of the labels once, with both', () => {
    const { reason, evidence } = ask(both, [label('blocker', issue()), label('work-in-transit', issue())]);
    expect(reason).toContain('#12 (blocker, work-in-transit)');
    expect(evidence).toHaveLength(1);
  });

  it('fails on a label that the repository does not have, and says how to mend it', () => {
    const { is, reason } = ask(both, [
      label('blocker'),
      { label: 'work-in-transit', exists: false, open: [] },
    ]);
    expect(is).toBe('fail');
    expect(reason).toContain('no label work-in-transit');
    expect(reason).toContain('correct the policy');
  });

  it('fails where a label was not read, and where nothing could be read', () => {
    expect(ask(both, [label('blocker')]).is).toBe('fail');
    expect(judge(both, { blockers: { is: 'unknown', reason: 'GitHub answered 502' } }).result).toBe('fail');
    expect(judge(both, {}).result).toBe('fail');
  });

  it('lets a hotfix through where the policy says so and only then, and the verdict says so without titles', () => {
    const seen = [label('blocker', issue()), label('work-in-transit')];
    expect(ask(letIn, seen, hotfix)).toMatchObject({
      is: 'pass',
      reason: expect.stringContaining('Checkout is slow, https://'),
      verdict: {
        waivers: [
          {
            gate: 'blockers',
            by: 'hubot',
            reason: 'the hotfix (pull request #21) is allowed despite open issue #12 (blocker)',
          },
        ],
      },
    });
    expect(ask(letIn, seen).is).toBe('fail');
    expect(ask(both, seen, hotfix).is).toBe('fail');
  });

  it('lets no hotfix past a label that the repository does not have', () => {
    const seen = [label('blocker', issue()), { label: 'work-in-transit', exists: false, open: [] }];
    expect(ask(letIn, seen, hotfix).is).toBe('fail');
  });
});

describe('blockers against GitHub', () => {
  let world: GateStage;
  let sha: string;
  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${letIn} } } }\n`,
    });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
    ({ sha } = await world.pull({ branch: 'hotfix/basket', files: { 'app.txt': 'fixed' } }));
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const check = (fields: Partial<Parameters<GateStage['check']>[0]> = {}) =>
    world.check({ service: 'shop', sha, runId: 1, ...fields });

  /** Opens an issue with labels; gives its number. */
  const open = async (title: string, ...labels: string[]) => {
    const octocat = await world.as('octocat');
    return (await octocat.rest('POST /repos/{owner}/{repo}/issues', { title, labels })).number;
  };
  const close = async (issue_number: number) =>
    (await world.as('octocat')).rest('PATCH /repos/{owner}/{repo}/issues/{issue_number}', {
      issue_number,
      state: 'closed',
    });

  it('fails until both labels are there, then passes, and asks for all labels in one request', async () => {
    expect((await check()).gates['blockers']!.reason).toContain('no label blocker');
    await close(await open('Done long ago', 'Blocker', 'work-in-transit'));
    await open('Not in the way', 'enhancement');
    const before = world.server.control.requests().length;
    expect(await check()).toMatchObject({ ok: true, result: 'pass' });
    const asked = world.server.control.requests().slice(before);
    expect(asked.filter(({ operation }) => operation === 'GateEvidence')).toHaveLength(1);
    expect(asked.filter(({ path }) => path.includes('/labels/'))).toEqual([]);
  });

  it('fails on a hostile title, escaped in the summary, and lets only a hotfix past it', async () => {
    const number = await open('[x](https://evil.example) | <img src=x> @octocat', 'BLOCKER');
    const { ok, gates, summary } = await check();
    expect(ok).toBe(false);
    expect(gates['blockers']!.reason).toContain(`open issue #${number} (blocker): [x](https://evil.example)`);
    expect(summary).not.toMatch(/<img|\]\(https:\/\/evil|@octocat/);
    expect(summary).toContain(`](${world.server.url}/acme/shop/issues/${number})`);
    const waived = await check({ kind: 'hotfix' });
    expect(waived.ok).toBe(true);
    expect(waived.verdict).toContain(`despite open issue #${number} (blocker)`);
    expect(waived.verdict).not.toContain('evil');
    await close(number);
    expect((await check()).ok).toBe(true);
  });

  it('fails on an open pull request', async () => {
    world.git('checkout', '-q', '-b', 'feature');
    world.push({ 'app.txt': 'feature' });
    world.git('checkout', '-q', 'main');
    const octocat = await world.as('octocat');
    const { number } = await octocat.rest('POST /repos/{owner}/{repo}/pulls', {
      title: 'Move the basket',
      head: 'feature',
      base: 'main',
    });
    await octocat.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/labels', {
      issue_number: number,
      labels: ['work-in-transit'],
    });
    expect((await check()).gates['blockers']!.reason).toContain(
      `open pull request #${number} (work-in-transit): Move the basket, `,
    );
    await close(number);
    expect((await check()).ok).toBe(true);
  });

  it.each(['issues', 'pull_requests'])('fails without the permission %s, and names it', async (lacking) => {
    const { [lacking]: _, ...permissions } = gatePermissions;
    const { ok, gates } = await check({ permissions, kind: 'hotfix' });
    expect(ok).toBe(false);
    expect(gates['blockers']!.reason).toContain('what is not known does not pass');
    expect(gates['blockers']!.reason).toContain(`${lacking.replace('_', '-')}: read`);
  });

  it('does not pass at a rate limit, which it names as such, and asks for no permission', async () => {
    const reset = Math.floor(Date.now() / 1_000) + 1_800;
    world.server.control.addFault({
      graphql: 'GateEvidence',
      status: 403,
      times: 2,
      headers: { 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': String(reset) },
      message: 'API rate limit exceeded for installation ID 7.',
    });
    const { ok, gates } = await check();
    expect(ok).toBe(false);
    expect(gates['blockers']!.reason).toContain("GitHub's rate limit refused GraphQL GateEvidence");
    expect(gates['blockers']!.reason).toContain(new Date(reset * 1_000).toISOString());
    expect(gates['blockers']!.reason).not.toContain('Add to this job');
    world.server.control.clearFaults();
  });

  it('does not pass on a list that was cut, not even a hotfix', async () => {
    for (let left = 101; left > 0; left--) await open(`Blocker ${left}`, 'blocker');
    const { ok, gates } = await check({ kind: 'hotfix' });
    expect(ok).toBe(false);
    expect(gates['blockers']!.reason).toContain('more than 100 are labelled blocker');
  });
});
