import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { decide } from '../../../../actions/gate-check/decide.js';
import type { Override } from '../../../../actions/gate-check/evidence/overrides.js';
import type { GateEvidence } from '../../../../actions/gate-check/evidence/registry.js';
import { readPolicy } from '../../../../actions/gate-check/policy.js';
import {
  changesOf,
  hotfixRequest,
  incident,
  known,
  minutesAgo,
  now,
  otherSha,
  pull,
  request,
  sha,
  unknown,
} from '../facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';

const policyWith = (gates: string, overrides: string) =>
  `version: 1\nenvironments: { production: { gates: { ${gates} }, overrides: [${overrides}] } }\n`;
const blockers = 'blockers: { labels: [blocker] }';

const override = (fields: Partial<Override> = {}): Override => ({
  by: { login: 'mona', bot: false },
  at: minutesAgo(5),
  edited: false,
  url: 'https://github.example/acme/shop/pull/21#issuecomment-1',
  gate: 'blockers',
  environment: 'production',
  sha,
  reason: 'The blocker is about another service',
  role: 'admin',
  ...fields,
});

const blocked = known([
  {
    label: 'blocker',
    exists: true,
    open: [{ number: 12, title: 'evil title', url: 'https://github.example/12', is: 'issue' as const }],
  },
]);

function ask(
  evidence: GateEvidence,
  { gates = blockers, rules = '{ gate: blockers }', asked = request, at = now } = {},
) {
  const policy = readPolicy(policyWith(gates, rules), 'release-policy.yml', 'production');
  const whole = { blockers: blocked, changes: known(changesOf()), incidents: known([]), ...evidence };
  return decide(policy, asked, whole, at);
}
const by = (fields: Partial<Override> = {}) => ({ overrides: known([override(fields)]) });

describe('an override', () => {
  it('lets the gate through that it names; the verdict says why and by whom, without titles of others', () => {
    const { result, verdict } = ask(by());
    expect(result).toBe('pass');
    expect(verdict!.waivers).toEqual([
      {
        gate: 'blockers',
        reason: 'overridden (The blocker is about another service) despite open issue #12 (blocker)',
        by: 'mona',
      },
    ]);
    expect(JSON.stringify(verdict)).not.toContain('evil');
  });

  it.each<[string, Partial<Override>, string]>([
    ['by the author of a commit', { by: { login: 'OctoCat', bot: false } }, 'wrote part of the release'],
    ['by who started the run', { by: { login: 'Ana', bot: false } }, 'who started this run'],
    ['by a bot', { by: { login: 'helper', bot: true } }, 'who is no person'],
    ['by somebody of a lower role', { role: 'maintain' }, 'the policy asks for admin'],
    ['by somebody who may only read', { role: 'read' }, 'whose role is read'],
    ['by somebody of an unknown role', { role: 'release-boss' }, 'the policy asks for admin'],
    ['by somebody whose role cannot be read', { role: null }, 'whose role could not be read'],
    ['that was edited', { edited: true }, 'was edited'],
    ['of another commit', { sha: otherSha }, `it is for ${otherSha.slice(0, 12)}`],
    ['older than a day', { at: minutesAgo(24 * 60) }, 'older than a day'],
  ])('does not count: %s', (_, fields, words) => {
    const { result, gates, verdict } = ask(by(fields));
    expect([result, verdict]).toEqual(['fail', undefined]);
    expect(gates[0]!.notes.join()).toContain(words);
  });

  it.each<[string, Partial<Override>]>([
    ['of another gate', { gate: 'incidents' }],
    ['of another environment', { environment: 'staging' }],
  ])('does not count: %s', (_, fields) => expect(ask(by(fields)).result).toBe('fail'));

  it('does not count by who may have written a commit under no name, nor by a co-author', () => {
    const nameless = changesOf({ commits: [{ sha, title: 'x', author: null, pulls: [21] }] });
    expect(ask({ ...by(), changes: known(nameless) }).result).toBe('fail');
    const helped = changesOf({ pulls: [pull({ contributors: ['octocat', 'mona'] })] });
    expect(ask({ ...by(), changes: known(helped) }).result).toBe('fail');
  });

  it('does not count where the policy does not ask for it, or where anything it rests on is not known', () => {
    expect(ask(by(), { rules: '{ gate: incidents }' }).result).toBe('fail');
    expect(ask({ overrides: unknown }).gates[0]!.reason).toContain('No override counts');
    expect(ask({ ...by(), changes: unknown }).result).toBe('fail');
    expect(ask({}).result).toBe('fail');
  });

  it('never lets through what is not known, nor what the gate lets nobody through', () => {
    expect(ask({ ...by(), blockers: unknown }).result).toBe('fail');
    expect(ask({ ...by(), blockers: known([{ label: 'blocker', exists: false, open: [] }]) }).result).toBe(
      'fail',
    );
  });

  it('is refused by the policy for the gates of quality', () => {
    for (const gate of ['checks', 'promotion', 'monotonic', 'branch', 'approvals', 'hotfix', 'environment'])
      expect(() => ask({}, { rules: `{ gate: ${gate} }` })).toThrow('overrides');
  });

  it('has one rule for each gate', () =>
    expect(() => ask({}, { rules: '{ gate: blockers }, { gate: blockers, role: maintain }' })).toThrow(
      'keep one entry for each gate',
    ));

  it('lifts a freeze until it is a day old, and no longer', () => {
    const frozen = {
      gates:
        'window: { timezone: UTC, freeze: [{ from: 2026-11-20T00:00, to: 2026-11-30T00:00, reason: Sale }] }',
      rules: '{ gate: window }',
    };
    const { result, verdict } = ask(by({ gate: 'window', at: minutesAgo(24 * 60 - 10) }), frozen);
    expect([result, verdict!.expiresAt]).toEqual(['pass', '2026-11-22T12:10:00.000Z']);
    expect(verdict!.waivers[0]!.reason).toContain('despite frozen: Sale');
    expect(ask({ overrides: known([]) }, frozen).result).toBe('hold');
  });

  it('of incidents names those let through, for the switch to look at again', () => {
    const open = known([incident({ marker: null })]);
    const { verdict } = ask(
      { ...by({ gate: 'incidents' }), incidents: open },
      { gates: 'incidents: { block-at: high }', rules: '{ gate: incidents }' },
    );
    expect(verdict!.incidents).toEqual({ blockAt: 'high', waived: [12] });
  });

  it('by severity counts only for a hotfix that is proved, of that severity', () => {
    const rules = '{ gate: blockers, severity: high }';
    const open = (severity: 'high' | 'medium') =>
      known([incident({ severity, marker: { service: 'shop', environment: 'production', severity } })]);
    expect(ask({ ...by(), incidents: open('high') }, { rules, asked: hotfixRequest }).result).toBe('pass');
    expect(ask({ ...by(), incidents: open('medium') }, { rules, asked: hotfixRequest }).result).toBe('fail');
    expect(ask(by(), { rules, asked: hotfixRequest }).result).toBe('fail');
  });

  it('is no waiver where the gate passes by itself', () => {
    const none = known([{ label: 'blocker', exists: true, open: [] }]);
    expect(ask({ ...by(), blockers: none }).verdict!.waivers).toEqual([]);
  });
});

describe("Override one's own release, or edit an override", () => {
  let world: GateStage;
  let released: { number: number; sha: string };
  beforeAll(async () => {
    world = await gateStage();
    const live = world.push({ [policyPath]: policyWith(blockers, '{ gate: blockers, role: maintain }') });
    const runId = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId });
    released = await world.pull({ branch: 'basket', files: { 'app.txt': 'next' } });
    const octocat = await world.as('octocat');
    const labels = ['blocker'];
    await octocat.rest('POST /repos/{owner}/{repo}/issues', { title: 'Not yet', labels });
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  const check = (permissions = gatePermissions) =>
    world.check({ service: 'shop', sha: released.sha, runId: 1, permissions });
  const text = (of = released.sha) =>
    `/override blockers for production at ${of}: It is about the other shop`;
  const comment = async (login: string, body: string) => {
    const github = await world.as(login);
    const { id } = await github.rest('POST /repos/{owner}/{repo}/issues/{issue_number}/comments', {
      issue_number: released.number,
      body,
    });
    return id;
  };

  it('counts by a maintainer alone: not by the author, a reader, in passing, or edited by anybody', async () => {
    await comment('octocat', text());
    world.server.control.addUser({ login: 'reader', role: 'write' });
    await comment('reader', text());
    world.server.control.addUser({ login: 'reader', role: 'read' });
    await comment('mona', `Somebody could write ${text()}`);
    await comment('mona', text('b'.repeat(40)));
    const forged = await comment('mona', 'Looks good to me');
    await (
      await world.as('octocat')
    ).rest('PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}', { comment_id: forged, body: text() });
    const before = await check();
    expect(before.ok).toBe(false);
    expect(before.gates['blockers']!.notes).toEqual([
      expect.stringContaining('by octocat: who wrote part of the release'),
      expect.stringContaining('by reader: whose role is read'),
      expect.stringContaining('by mona: it is for bbbbbbbbbbbb'),
      expect.stringContaining('by mona: the comment was edited'),
    ]);
    await comment('mona', text());
    const after = await check();
    expect(after.gates['blockers']!.reason).toContain('overridden by mona (maintain)');
    expect(after.verdict).toContain('"by":"mona"');
  });

  it('counts no longer once the maintainer is none, since roles are read live', async () => {
    world.server.control.addUser({ login: 'mona', role: 'read' });
    expect((await check()).ok).toBe(false);
    world.server.control.addUser({ login: 'mona', role: 'maintain' });
    expect((await check()).ok).toBe(true);
  });

  it('does not count without the permission to read pull requests, which is named', async () => {
    const { pull_requests: _, ...permissions } = gatePermissions;
    const { ok, gates } = await check(permissions);
    expect(ok).toBe(false);
    expect(gates['blockers']!.reason).toContain('pull-requests: read');
  });
});
