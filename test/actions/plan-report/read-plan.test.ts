import { describe, expect, it } from '@jest/globals';
import { readPlan, type Plan } from '../../../actions/plan-report/read-plan.js';
import { created, destroyed, planText, replaced, type Made } from './plans.js';

const read = (changes: Made[], more: object = {}): Plan => {
  const plan = readPlan(planText(changes, more));
  if (typeof plan === 'string') throw new Error(plan);
  return plan;
};
const actionsOf = (changes: Made[]) => read(changes).changes.map(({ action }) => action);

describe('a plan', () => {
  it('says of each resource what becomes of it', () => {
    const update = { address: 'a.u', actions: ['update'], before: { n: 1 }, after: { n: 2 } };
    expect(actionsOf([destroyed('a.d'), replaced('a.r'), update, created('a.c')])).toEqual([
      'destroy',
      'replace',
      'update',
      'create',
    ]);
    expect(actionsOf([{ ...replaced('a.r'), actions: ['create', 'delete'] }])).toEqual(['replace']);
  });

  it('counts what changes the state alone, and leaves out what changes nothing', () => {
    const still = { address: 'a.b', actions: ['no-op'], before: { n: 1 }, after: { n: 1 } };
    expect(actionsOf([still])).toEqual([]);
    expect(actionsOf([{ address: 'data.a.b', actions: ['read'], more: { mode: 'data' } }])).toEqual([]);
    expect(actionsOf([{ ...still, change: { importing: { id: '7' } } }])).toEqual(['other']);
    expect(actionsOf([{ ...still, more: { previous_address: 'a.old' } }])).toEqual(['other']);
    expect(actionsOf([{ ...still, actions: ['forget'] }])).toEqual(['other']);
  });

  it('names outputs that change, and what the tool says there is to apply', () => {
    const outputs = { url: { actions: ['update'] }, name: { actions: ['no-op'] } };
    const plan = read([], { output_changes: outputs, applyable: true });
    expect([plan.outputs, plan.applyable]).toEqual([['url'], true]);
  });

  it.each([
    ['is no JSON', 'Error: no state', 'not JSON'],
    ['is of a format that may mean anything', planText([], { format_version: '2.0' }), 'format_version'],
    ['is no plan', '{"format_version":"1.2","resource_changes":[{}]}', 'resource_changes.0.address'],
    ['ended with an error', planText([], { errored: true }), 'ended with an error'],
    ['has an action that is not known', planText([{ address: 'a.b', actions: ['explode'] }]), 'explode'],
    ['has an output with one', planText([], { output_changes: { a: { actions: ['explode'] } } }), 'output a'],
  ])('cannot be told when it %s', (_, text, why) => {
    expect(readPlan(text)).toEqual(expect.stringContaining(why));
  });
});

describe('what a plan shows', () => {
  it('is what differs, and nothing of what is sensitive', () => {
    const [change] = read([
      {
        address: 'a.b',
        actions: ['update'],
        before: { size: 1, same: 'x', password: 'old-password', tags: ['a'] },
        after: { size: 2, same: 'x', password: 'new-password', tags: ['a', 'b'] },
        unknown: { arn: true },
        beforeSensitive: { password: true },
        afterSensitive: { password: true },
      },
    ]).changes;
    expect(change!.attributes).toEqual([
      { name: 'arn', before: '', after: '(known later)' },
      { name: 'password', before: '(sensitive)', after: '(sensitive)' },
      { name: 'size', before: '1', after: '2' },
      { name: 'tags', before: '["a"]', after: '["a","b"]' },
    ]);
  });

  it('hides what is sensitive wherever it is repeated', () => {
    const url = 'postgres://app:correct-horse@db/shop';
    const plan = read(
      [
        {
          address: 'terraform_data.a',
          actions: ['update'],
          before: { input: { s: 'correct-horse' }, output: { s: 'correct-horse', pin: 73_219 } },
          after: { input: { s: 'battery-staple' }, output: { url } },
          beforeSensitive: { input: { s: true } },
          afterSensitive: { input: { s: true } },
        },
      ],
      {
        variables: { token: { value: 'declared-secret' }, pin: { value: 73_219 } },
        configuration: {
          root_module: { variables: { token: { sensitive: true }, pin: { sensitive: true } } },
        },
        output_changes: { open: { actions: ['create'], before: null, after: 'declared-secret' } },
      },
    );
    const all = JSON.stringify([plan.changes, plan.visible]);
    for (const secret of ['correct-horse', 'battery-staple', 'declared-secret', '73219'])
      expect([secret, all.includes(secret)]).toEqual([secret, false]);
    expect(all).toContain('postgres://app:***@db/shop');
  });

  it('hides what only the state calls sensitive', () => {
    const values = { password: 'from-the-state' };
    const resources = [{ address: 'a.x', values, sensitive_values: { password: true } }];
    const plan = read([{ ...created('a.b'), after: { copy: 'from-the-state' } }], {
      prior_state: { values: { root_module: { child_modules: [{ resources }] } } },
      planned_values: { outputs: { key: { sensitive: true, value: 'from-an-output' } } },
    });
    expect(JSON.stringify(plan.changes)).not.toContain('from-the-state');
    const other = read([{ ...created('a.b'), after: { copy: 'from-an-output' } }], {
      planned_values: { outputs: { key: { sensitive: true, value: 'from-an-output' } } },
    });
    expect(JSON.stringify(other.changes)).not.toContain('from-an-output');
  });

  it('hides it in the keys of addresses, and leaves names that stand in files', () => {
    const password = 'shop-secret';
    const plan = read([
      {
        address: `module.shop-secret.a.b["x ${password}"]`,
        type: 'a',
        actions: ['create'],
        after: { password },
        afterSensitive: { password: true },
      },
    ]);
    expect(plan.changes[0]!.address).toBe('module.shop-secret.a.b["x ***"]');
  });

  it('lists what a provider is asked to do, and takes no plan that is not complete', () => {
    const invoked = [{ address: 'action.aws_lambda_invoke.wipe', type: 'aws_lambda_invoke' }];
    expect(read([], { action_invocations: invoked }).changes).toMatchObject([
      { address: 'action.aws_lambda_invoke.wipe', action: 'update' },
    ]);
    for (const more of [{ complete: false }, { deferred_changes: [{ reason: 'unknown' }] }])
      expect(readPlan(planText([], more))).toContain('the plan is not complete');
    expect(read([], { complete: true, deferred_changes: [] }).changes).toEqual([]);
  });

  it('leaves ordinary words alone where a short one is sensitive', () => {
    const plan = read([
      { ...created('a.b'), after: { pin: 'abc', name: 'abcdef' }, afterSensitive: { pin: true } },
    ]);
    expect(plan.changes[0]!.attributes).toEqual([
      { name: 'name', before: '', after: 'abcdef' },
      { name: 'pin', before: '', after: '(sensitive)' },
    ]);
  });

  it('is cut where it is long', () => {
    const many = Object.fromEntries(Array.from({ length: 60 }, (_, at) => [`k${at}`, 'v'.repeat(500)]));
    const { attributes } = read([{ ...created('a.b'), after: many }]).changes[0]!;
    expect([attributes.length, attributes.at(-1)!.name, attributes[0]!.after.length]).toEqual([
      41,
      '20 more',
      200,
    ]);
  });
});
