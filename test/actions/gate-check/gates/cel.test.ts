import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadCel, type Judged } from '../../../../actions/gate-check/evidence/rules/cel.js';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { rules } from '../../../../actions/gate-check/evidence/rules/rules.js';
import { judge, known, now, request } from '../facts.js';
import { cdPath, gatePermissions, gateStage, policyPath, type GateStage } from '../stage.js';
import { goodRelease } from '../whole-world.js';

type Rule = EvidenceValue<'rules'>[number];

const policy = `cel: [{ name: small release, sees: [changes], expression: 'evidence.changes.files.size() < 3' }]`;
const ask = (...rules: Rule[]) => judge(policy, { rules: known(rules) }).gates[0]!;

describe('cel', () => {
  it('passes while every rule is true', () => {
    expect(ask({ name: 'small release', is: 'held', value: true })).toMatchObject({
      result: 'pass',
      reason: 'small release',
    });
  });

  it('fails where a rule is false, cannot be evaluated, or was not asked', () => {
    expect(ask({ name: 'small release', is: 'held', value: false })).toMatchObject({
      result: 'fail',
      reason: 'small release: does not hold',
    });
    expect(ask({ name: 'small release', is: 'error', reason: 'field not found: x' })).toMatchObject({
      result: 'fail',
      reason: 'small release: not known, the expression fails: field not found: x',
    });
    expect(ask()).toMatchObject({ result: 'fail' });
    expect(ask({ name: 'another', is: 'held', value: true })).toMatchObject({ result: 'fail' });
    expect(judge(policy, {}).result).toBe('fail');
  });

  it.each([
    ['a kind of evidence that rules may not see', `[{ name: x, sees: [secrets], expression: 'true' }]`],
    ['the same name twice', `[{ name: x, expression: 'true' }, { name: x, expression: 'true' }]`],
    ['no rule', '[]'],
  ])('refuses a policy with %s', (_, rules) => {
    expect(() => judge(`cel: ${rules}`, {})).toThrow();
  });
});

describe('an expression', () => {
  let evaluate: (expression: string, variables: Record<string, unknown>) => Judged;
  beforeAll(async () => {
    evaluate = await loadCel();
  });
  const variables = {
    release: { kind: 'release', service: 'shop' },
    now: '2026-11-27T18:30:00Z',
    evidence: { ...goodRelease },
  };

  it.each([
    [`release.kind == 'release'`, true],
    [`timestamp(now).getDayOfWeek('Europe/Madrid') != 5`, false],
    [`evidence.changes.pulls.all(p, p.reviews.exists(r, r.state == 'approved'))`, true],
    [`evidence.changes.files.map(f, f.added + f.removed + 1).all(n, n < 500)`, true],
    [`evidence.incidents.size() == 0`, true],
    [`evidence.environment.preventSelfReview && !evidence.environment.adminsBypass`, true],
    [`evidence.comparison.live.version != null`, true],
  ])('%s is %s', (expression, value) => {
    expect(evaluate(expression, variables)).toEqual({ is: 'held', value });
  });

  it.each([
    ['a field that is not there', `release.approvedBy == 'ana'`],
    ['a name that is not there', `deployment.sha == ''`],
    ['a field of the language below', `release.constructor.name == 'Map'`],
    ['no truth', `release.kind`],
    ['no expression', `release.kind ==`],
    ['a pattern that does not exist', `release.kind.matches('(')`],
  ])('of %s has no truth, and says why', (_, expression) => {
    expect(evaluate(expression, variables)).toMatchObject({
      is: 'error',
      reason: expect.stringMatching(/./),
    });
  });

  it('ends on a pattern that takes for ever, and has no truth', () => {
    const text = `${'a'.repeat(5_000)}!`;
    expect(evaluate(`text.matches('^(a+)+$')`, { text })).toMatchObject({
      is: 'error',
      reason: expect.stringContaining('stopped'),
    });
  });

  it('is refused for a name that is not there also where it would not be looked at', () => {
    expect(evaluate(`release.kind == 'release' || approved`, variables)).toMatchObject({
      is: 'error',
      reason: 'Unknown variable: approved',
    });
  });
});

it('does not judge by a list that GitHub cut', async () => {
  const value = { ...goodRelease.changes, filesTruncated: true };
  const looked = rules.collect([[{ name: 'x', expression: 'true', sees: ['changes'] }]], {
    request,
    now,
    valueOf: async () => value,
  } as never);
  await expect(looked).rejects.toThrow('only in part');
});

describe('cel as a step', () => {
  let world: GateStage;
  beforeAll(async () => {
    world = await gateStage();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await world.close();
    expect(violations).toEqual([]);
  });

  it('judges what the release brings, and does not pass on what it may not read', async () => {
    const rule = `{ name: no change of infrastructure, sees: [changes], expression: "!evidence.changes.files.exists(f, f.path.startsWith('infra/'))" }`;
    const live = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { cel: [${rule}] } } }\n`,
    });
    const firstRun = world.ran({ sha: live, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'production', sha: live, runId: firstRun });
    const check = (sha: string, permissions = gatePermissions) =>
      world.check({ service: 'shop', sha, runId: world.ran({ sha, path: cdPath }), permissions });

    const code = world.push({ 'app.txt': 'two' });
    expect(await check(code)).toMatchObject({ result: 'pass' });
    const without = Object.fromEntries(
      Object.entries(gatePermissions).filter(([name]) => name !== 'pull_requests'),
    );
    const unread = await check(code, without);
    expect(unread).toMatchObject({ result: 'fail' });
    expect(unread.gates['cel']!.reason).toContain('pull-requests: read');
    const infra = world.push({ 'infra/main.tf': '# more' });
    expect(await check(infra)).toMatchObject({
      result: 'fail',
      gates: { cel: { reason: 'no change of infrastructure: does not hold' } },
    });
  });
});
