import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { openIncident } from '../../../../shared/ledger/incidents.js';
import type { Severity } from '../../../../shared/contracts/severity.js';
import {
  changesOf,
  hotfixRequest,
  incident,
  judge,
  known,
  now,
  otherSha,
  pull,
  request,
  review,
  sha,
  unknown,
} from '../facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';

const letIn = 'incidents: { block-at: high, let-hotfix: true }';

const ask = (
  gates: string,
  evidence: Partial<Parameters<typeof judge>[1]> = {},
  asked: typeof request = hotfixRequest,
) => {
  const seen = { incidents: known([incident()]), changes: known(changesOf()), ...evidence };
  const decision = judge(gates, seen, now, asked);
  return { is: decision.result, ...decision.gates[0]!, verdict: decision.verdict };
};
const withChanges = (fields: Parameters<typeof changesOf>[0]) =>
  ask(letIn, { changes: known(changesOf(fields)) });
const withPull = (fields: Parameters<typeof pull>[0]) => withChanges({ pulls: [pull(fields)] });

describe('a hotfix is let past an open incident', () => {
  it('when its pull request from hotfix/ was approved by somebody else, and the verdict says all of it', () => {
    expect(ask(letIn)).toMatchObject({
      is: 'pass',
      verdict: {
        incidents: { blockAt: 'high', waived: [12] },
        waivers: [
          {
            gate: 'incidents',
            by: 'hubot',
            reason:
              'the hotfix (pull request #21, incident #12 (high)) is allowed despite open incident #12 (high)',
          },
        ],
      },
    });
  });

  it('and not when the release does not ask to be one, or the policy lets none through', () => {
    expect(ask(letIn, {}, request).is).toBe('fail');
    expect(ask('incidents: { block-at: high }').is).toBe('fail');
  });

  it('and not past an incident that somebody else opened or edited', () =>
    expect(ask(letIn, { incidents: known([incident(), incident({ number: 13, marker: null })]) }).is).toBe(
      'fail',
    ));
});

describe('asking to be a hotfix proves nothing', () => {
  it.each([
    [
      'without a pull request',
      { commits: [{ sha, title: 'x', author: 'ana', pulls: [] }], pulls: [] },
      'no pull request brought it',
    ],
    [
      'with a feature among its commits',
      {
        commits: [
          { sha: otherSha, title: 'Feature', author: 'ana', pulls: [20] },
          { sha, title: 'Fix', author: 'octocat', pulls: [21] },
        ],
        pulls: [pull({ number: 20, head: { branch: 'feature', sha: otherSha, fork: false } }), pull()],
      },
      '#20 is from feature',
    ],
    [
      'with a direct push among its commits',
      {
        commits: [
          { sha: otherSha, title: 'Push', author: 'ana', pulls: [] },
          { sha, title: 'Fix', author: 'octocat', pulls: [21] },
        ],
      },
      'no pull request brought it',
    ],
    [
      'that brings nothing',
      { commits: [], base: { sha: otherSha, status: 'ahead' as const } },
      'brings no commit',
    ],
    ['that is what is live', { base: { sha, status: 'identical' as const }, commits: [] }, 'identical'],
    [
      'that diverged from what is live',
      { base: { sha: otherSha, status: 'diverged' as const } },
      'not ahead of',
    ],
    ['where nothing is live', { base: null }, 'nothing is live'],
  ])('%s', (_, fields, words) => {
    const { is, reason } = withChanges(fields);
    expect(is).toBe('fail');
    expect(reason).toContain('It does not pass as a hotfix');
    expect(reason).toContain(words);
  });

  it.each([
    ['is from another branch', { head: { branch: 'hotfixes', sha: otherSha, fork: false } }],
    ['is from a fork', { head: { branch: 'hotfix/1', sha: otherSha, fork: true } }],
    ['was closed without a merge', { state: 'closed' as const }],
    ['is open at another commit', { state: 'open' as const }],
    ['nobody reviewed', { reviews: [] }],
    ['its author approved', { reviews: [review({ by: { login: 'OctoCat', bot: false } })] }],
    ['a co-author approved', { contributors: ['octocat', 'hubot'] }],
    ['a reader approved', { reviews: [review({ canPush: false })] }],
    ['a bot approved', { reviews: [review({ by: { login: 'hubot', bot: true } })] }],
    ['was approved before its last commit', { reviews: [review({ sha })] }],
    ['was approved at a commit that is gone', { reviews: [review({ sha: null })] }],
    ['had its approval dismissed', { reviews: [review({ state: 'dismissed' })] }],
    [
      'somebody asked to change',
      { reviews: [review(), review({ by: { login: 'mona', bot: false }, state: 'changes_requested' })] },
    ],
  ])('with a pull request that %s', (_, fields) => expect(withPull(fields).is).toBe('fail'));

  it('where the pull requests or the incidents cannot be read', () => {
    const missing = { ...unknown, permission: 'pull-requests: read' };
    expect(ask(letIn, { changes: missing })).toMatchObject({
      is: 'fail',
      reason: expect.stringContaining('pull-requests: read'),
    });
    expect(
      ask('blockers: { labels: [x], let-hotfix: true }', {
        blockers: known([
          { label: 'x', exists: true, open: [{ number: 1, title: '', url: '', is: 'issue' as const }] },
        ]),
        incidents: unknown,
      }).is,
    ).toBe('fail');
  });
});

describe('a freeze', () => {
  // Now is a Sunday.
  const freeze = (level: string) =>
    `window: { timezone: UTC, freeze: [{ days: sun, reason: No deploys on Sundays, let-hotfix: ${level} }] }`;
  const marked = (severity: Severity) =>
    known([incident({ marker: { service: 'shop', environment: 'production', severity } })]);

  it('lets a proven hotfix through from the severity the policy asks for, and the verdict names the freeze', () => {
    const { is, verdict } = ask(freeze('high'));
    expect(is).toBe('pass');
    expect(verdict?.waivers).toEqual([
      {
        gate: 'window',
        by: 'hubot',
        reason:
          'the hotfix (pull request #21, incident #12 (high)) is allowed despite the freeze (No deploys on Sundays)',
      },
    ]);
    expect(ask(freeze('high'), { incidents: marked('critical') }).is).toBe('pass');
    expect(ask(freeze('true'), { incidents: known([]) }).is).toBe('pass');
  });

  it('holds a hotfix of a lesser severity, of none, and of one that only a label claims', () => {
    expect(ask(freeze('high'), { incidents: marked('medium') }).is).toBe('hold');
    expect(ask(freeze('high'), { incidents: known([]) })).toMatchObject({
      is: 'hold',
      opensAt: '2026-11-23T00:00:00.000Z',
      reason: expect.stringContaining('severity high or above'),
    });
    const labelled = incident({
      severity: 'critical',
      marker: { service: 'shop', environment: 'production', severity: 'low' },
    });
    expect(
      ask(freeze('high'), { incidents: known([labelled, incident({ severity: 'critical', marker: null })]) })
        .is,
    ).toBe('hold');
  });

  it('does not take the severity of another service or environment', () => {
    const other = (fields: object) =>
      known([
        incident({ marker: { service: 'shop', environment: 'production', severity: 'critical', ...fields } }),
      ]);
    expect(ask(freeze('high'), { incidents: other({ service: 'search' }) }).is).toBe('hold');
    expect(ask(freeze('high'), { incidents: other({ environment: 'staging' }) }).is).toBe('hold');
  });

  it('that lets nothing through holds a hotfix even beside one that does', () => {
    const both = `window: { timezone: UTC, freeze: [{ days: sun, let-hotfix: true }, { dates: 2026-11-22 }] }`;
    expect(ask(both).is).toBe('hold');
    expect(ask('window: { timezone: UTC, freeze: [{ days: sun }] }').is).toBe('hold');
  });

  it('does not open what no rule allows', () => {
    const gates =
      'window: { timezone: UTC, allow: [{ days: mon }], freeze: [{ days: sun, let-hotfix: true }] }';
    expect(ask(gates).is).toBe('hold');
  });
});

describe('a hotfix against GitHub', () => {
  let world: GateStage;
  let live: string;
  beforeAll(async () => {
    world = await gateStage();
    live = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${letIn} } } }\n`,
    });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
    const marker = {
      schema: 'devops-actions/incident@1' as const,
      service: 'shop',
      environment: 'production',
      severity: 'critical' as const,
      fingerprint: 'f',
      openedAt: '2026-11-29T00:00:00Z',
    };
    const bot = await world.as('github-actions[bot]', { issues: 'write' });
    await openIncident(bot, { title: 'Checkout is down', body: 'It is.', marker });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });
  const check = (commit: string, permissions = gatePermissions) =>
    world.check({ service: 'shop', sha: commit, runId: 1, kind: 'hotfix', permissions });

  it('who may start the workflow does not pass an open critical incident by calling a release a hotfix', async () => {
    const pushed = world.push({ 'app.txt': 'not a hotfix' });
    const { ok, gates } = await check(pushed);
    expect(ok).toBe(false);
    expect(gates['incidents']!.reason).toContain('no pull request brought it');
    world.git('reset', '-q', '--hard', live);
  });

  it('nobody but its author looked at: fails; approved on its last commit: passes; approved by itself or a reader: fails', async () => {
    const { number, sha: head } = await world.pull({
      branch: 'hotfix/basket',
      files: { 'app.txt': 'fixed' },
      approvedBy: false,
      method: false,
    });
    expect((await check(head)).ok).toBe(false);
    await world.review(number, 'reader');
    expect((await check(head)).gates['incidents']!.reason).toContain('approved by nobody');
    await world.review(number, 'hubot');
    const passed = await check(head);
    expect(passed.ok).toBe(true);
    expect(passed.verdict).toContain(`"by":"hubot"`);
    world.git('checkout', '-q', 'hotfix/basket');
    const later = world.push({ 'app.txt': 'and more' });
    world.git('checkout', '-q', 'main');
    expect((await check(later)).ok).toBe(false);
  });

  it('squashed onto main passes, and does not once a feature was merged before it', async () => {
    const hotfix = await world.pull({ branch: 'hotfix/two', files: { 'two.txt': '2' }, method: 'squash' });
    expect((await check(hotfix.sha)).ok).toBe(true);
    const feature = await world.pull({ branch: 'feature/x', files: { 'x.txt': 'x' }, method: 'squash' });
    const third = await world.pull({ branch: 'hotfix/three', files: { 'three.txt': '3' }, method: 'squash' });
    const { ok, gates } = await check(third.sha);
    expect(ok).toBe(false);
    expect(gates['incidents']!.reason).toContain(`#${feature.number} is from feature/x`);
  });

  it.each(['pull_requests', 'deployments', 'issues'])('fails without the permission %s', async (lacking) => {
    const { [lacking]: _, ...permissions } = gatePermissions;
    const hotfix = world.git('rev-parse', 'main~2');
    const { ok, gates } = await check(hotfix, permissions);
    expect(ok).toBe(false);
    expect(gates['incidents']!.reason).toContain(`${lacking.replace('_', '-')}: read`);
  });
});
