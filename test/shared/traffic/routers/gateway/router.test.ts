import { describe, expect, test } from '@jest/globals';
import { observe, share, type Observed, type Weights } from '../../../../../shared/traffic/router.js';
import { gatewayRouter } from '../../../../../shared/traffic/routers/gateway/router.js';
import { gatewaySchema } from '../../../../../shared/traffic/routers/gateway/config.js';
import {
  planRoutes,
  readRoute,
  routeSchema,
  refPath,
} from '../../../../../shared/traffic/routers/gateway/route.js';
import { weightPatch, type RulesObserved } from '../../../../../shared/traffic/routers/kube/rules.js';
import { acceptance } from '../../../../../shared/traffic/routers/gateway/status.js';

const config = gatewaySchema.parse({
  type: 'gateway-api',
  nodes: [{ name: 'eu-1', namespace: 'shop', route: 'shop' }],
  backends: { blue: 'shop-blue', green: 'shop-green' },
});

type Ref = Record<string, unknown>;
const ref = (name: string, weight?: number, more: Ref = {}): Ref => ({
  name,
  ...(weight === undefined ? {} : { weight }),
  ...more,
});
const route = (rules: Ref[][], status?: unknown, parentRefs: Ref[] = [{ name: 'edge' }]) =>
  routeSchema.parse({
    metadata: { resourceVersion: '7', generation: 3, namespace: 'shop' },
    spec: { parentRefs, rules: rules.map((backendRefs) => ({ backendRefs })) },
    status,
  });

describe('an HTTPRoute', () => {
  test.each([
    [
      'weights as shares of their sum',
      [[ref('shop-blue', 3), ref('shop-green', 1)]],
      { blue: 75, green: 25 },
    ],
    ['a missing weight as 1', [[ref('shop-blue'), ref('shop-green', 0)]], { blue: 100, green: 0 }],
    ['all zero as no traffic', [[ref('shop-blue', 0), ref('shop-green', 0)]], { blue: 0, green: 0 }],
    [
      'rules that disagree as their mean',
      [
        [ref('shop-blue', 1), ref('shop-green', 0)],
        [ref('shop-green', 1), ref('shop-blue', 0)],
      ],
      { blue: 50, green: 50 },
    ],
    [
      'a rule of one colour as none of ours',
      [[ref('shop-green')], [ref('shop-blue', 1), ref('shop-green', 0)]],
      { blue: 100, green: 0 },
    ],
    [
      'a third backend of weight 0 as nothing',
      [[ref('shop-blue', 1), ref('shop-green', 0), ref('old', 0)]],
      { blue: 100, green: 0 },
    ],
  ])('is read with %s', (_what, rules, weights) => {
    expect(readRoute(config, route(rules))).toMatchObject({ ok: true, weights });
  });

  test.each([
    [
      'no rule with both colours',
      [[ref('shop-blue')], [ref('shop-green')]],
      'has no rule whose backendRefs name all of shop-blue, shop-green',
    ],
    [
      'a third backend with traffic',
      [[ref('shop-blue', 1), ref('shop-green', 0), ref('old')]],
      'also sends requests to "old"',
    ],
    [
      'a colour named twice',
      [[ref('shop-blue', 1), ref('shop-blue', 1), ref('shop-green', 0)]],
      'more than once',
    ],
    [
      'a Service of another namespace',
      [[ref('shop-blue', 1, { namespace: 'other' }), ref('shop-green', 0)]],
      'has no rule',
    ],
    [
      'another kind of the same name',
      [
        [
          ref('shop-blue', 1, { kind: 'ServiceImport', group: 'multicluster.x-k8s.io' }),
          ref('shop-green', 0),
        ],
      ],
      'has no rule',
    ],
    ['no rules', [], 'has no rule'],
  ])('with %s is refused', (_what, rules, expected) => {
    expect(readRoute(config, route(rules))).toEqual({ ok: false, why: expect.stringContaining(expected) });
  });

  test('gets all its weights in one patch that fits one version of it only', () => {
    const reading = readRoute(config, route([[ref('x', 0), ref('shop-green', 0), ref('shop-blue')]]));
    expect(reading.ok && weightPatch(reading.rules, { blue: 10, green: 90 }, '7', refPath)).toEqual([
      { op: 'replace', path: '/metadata/resourceVersion', value: '7' },
      { op: 'add', path: '/spec/rules/0/backendRefs/2/weight', value: 10 },
      { op: 'add', path: '/spec/rules/0/backendRefs/1/weight', value: 90 },
    ]);
  });

  test('needs a call while one of its rules, or its controller, is not there yet', () => {
    const rule = (blue: number, index: number) => ({ index, refs: {}, weights: { blue, green: 100 - blue } });
    const plan = (rules: ReturnType<typeof rule>[], accepted: boolean) =>
      planRoutes(
        config,
        {
          ...observe({ 'eu-1': { blue: 50, green: 50 } }),
          routes: { 'eu-1': { generation: 3, rules, accepted } },
        },
        { blue: 50, green: 50 },
      );
    expect(plan([rule(100, 0), rule(0, 1)], true)).toEqual([
      {
        node: 'eu-1',
        say: 'patch httproute shop/shop: weights shop-blue 50, shop-green 50 in rule 1, 2',
        action: { do: 'weigh', weights: '{"blue":50,"green":50}', generation: '3' },
      },
    ]);
    expect(plan([rule(50, 0)], true)).toEqual([]);
    expect(plan([rule(50, 0)], false)).toHaveLength(1);
  });

  test('is not patched where its state is only assumed', () => {
    const assumed = observe({ 'eu-1': { blue: 100, green: 0 } });
    expect(planRoutes(config, assumed, { blue: 0, green: 100 })).toEqual([]);
  });

  test('takes whole percent that add up to 100 only', () => {
    const observed = { ...observe({ 'eu-1': { blue: 100, green: 0 } }), routes: {} };
    expect(() => planRoutes(config, observed, { blue: 1, green: 1 })).toThrow(RangeError);
    expect(() => planRoutes(config, observed, { blue: 33.5, green: 66.5 })).toThrow(RangeError);
  });
});

describe('a route is accepted', () => {
  const condition = (type: string, status = 'True', observedGeneration = 3) => ({
    type,
    status,
    observedGeneration,
    reason: status === 'True' ? type : 'BackendNotFound',
  });
  const good = [condition('Accepted'), condition('ResolvedRefs')];
  const parents = (...conditions: [string, unknown[]][]) => ({
    parents: conditions.map(([name, list]) => ({
      parentRef: { name },
      controllerName: 'x/y',
      conditions: list,
    })),
  });
  const of = (status: unknown, parentRefs?: Ref[]) => acceptance(route([], status, parentRefs));

  test('when every parent says so of this generation', () => {
    expect(of(parents(['edge', good]))).toEqual({ is: 'accepted' });
    expect(of(parents(['edge', good], ['inner', good]), [{ name: 'edge' }, { name: 'inner' }]).is).toBe(
      'accepted',
    );
  });

  test('whatever a parent says that it no longer names', () => {
    expect(of(parents(['edge', good], ['gone', [condition('Accepted', 'False', 1)]])).is).toBe('accepted');
  });

  test('when the parent is written with its defaults on one side only', () => {
    const status = {
      parents: [
        {
          parentRef: { group: 'gateway.networking.k8s.io', kind: 'Gateway', namespace: 'shop', name: 'edge' },
          conditions: good,
        },
      ],
    };
    expect(of(status).is).toBe('accepted');
  });

  test.each([
    ['no status at all', of(undefined), 'pending', 'no controller has taken it for parent "edge"'],
    [
      'one parent of two',
      of(parents(['edge', good]), [{ name: 'edge' }, { name: 'inner' }]),
      'pending',
      '"inner"',
    ],
    [
      'an older generation',
      of(parents(['edge', [condition('Accepted', 'True', 2), good[1]]])),
      'pending',
      'has not said Accepted of generation 3',
    ],
    [
      'an older refusal',
      of(parents(['edge', [good[0], condition('ResolvedRefs', 'False', 2)]])),
      'pending',
      'has not said ResolvedRefs',
    ],
    [
      'a condition without generation',
      of(parents(['edge', [{ type: 'Accepted', status: 'True' }]])),
      'pending',
      'has not said',
    ],
    ['no conditions', of(parents(['edge', []])), 'pending', 'has not said Accepted'],
    [
      'a refusal',
      of(parents(['edge', [good[0], condition('ResolvedRefs', 'False')]])),
      'refused',
      'x/y says ResolvedRefs is False (BackendNotFound)',
    ],
    [
      'another section of the parent',
      of(parents(['edge', good]), [{ name: 'edge', sectionName: 'https' }]),
      'pending',
      'no controller',
    ],
    ['no parents', of(parents(), []), 'refused', 'names no parentRefs'],
  ])('not with %s', (_what, found, is, why) => {
    expect(found).toEqual({ is, why: expect.stringContaining(why) });
  });
});

test('a dry run goes on from each step: the next is planned as if the controllers had taken the one before', () => {
  const router = gatewayRouter(config, { workspace: '.', clock: {}, variable: () => undefined } as never);
  const rules = [ref('shop-blue', 1), ref('shop-green', 0)];
  const reading = readRoute(config, route([rules, rules]));
  if (!reading.ok) throw new Error(reading.why);
  const state = { generation: 3, accepted: false, rules: reading.rules };
  const start: RulesObserved = { ...observe({ 'eu-1': reading.weights }), routes: { 'eu-1': state } };
  const [ten, all] = [share(10, 'green', 'blue'), { blue: 0, green: 100 }];
  const says = (observed: Observed, target: Weights) => router.plan(observed, target).map(({ say }) => say);
  const afterTen = router.reached(start, ten);
  expect(says(afterTen, ten)).toEqual([]);
  expect(says(afterTen, all)).toEqual([
    'patch httproute shop/shop: weights shop-blue 0, shop-green 100 in rule 1, 2',
  ]);
});
