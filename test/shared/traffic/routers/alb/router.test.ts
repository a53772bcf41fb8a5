import { describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../../../../shared/http/client.js';
import { systemClock } from '../../../../../shared/runner/port.js';
import { observe, share, type Observed, type Weights } from '../../../../../shared/traffic/router.js';
import { albRouter } from '../../../../../shared/traffic/routers/alb/router.js';
import { albEndpoint, albSchema } from '../../../../../shared/traffic/routers/alb/config.js';
import {
  forwardParameters,
  planForwards,
  readForward,
  withGroup,
  withShares,
  type AlbObserved,
} from '../../../../../shared/traffic/routers/alb/forward.js';
import { readTargetHealth } from '../../../../../shared/traffic/routers/alb/health.js';
import { members, parseXml } from '../../../../../shared/traffic/routers/alb/xml.js';
import { serve } from '../../../../support/servers/http.js';

const arn = (rest: string, place = 'aws:elasticloadbalancing:eu-west-1:123456789012') =>
  `arn:${place}:${rest}`;
const groups = { blue: arn('targetgroup/shop-blue/0a1'), green: arn('targetgroup/shop-green/0b2') };
const listener = arn('listener/app/shop/0c3/0d4');
const rule = arn('listener-rule/app/shop/0c3/0d4/0e5');
const section = (more: Record<string, unknown> = {}) => ({
  type: 'aws-alb',
  nodes: [
    { name: 'https', listener },
    { name: 'api', rule },
  ],
  'target-groups': groups,
  ...more,
});
const config = albSchema.parse(section());

const groupXml = (group: string, weight?: number) =>
  `<member><TargetGroupArn>${group}</TargetGroupArn>${weight === undefined ? '' : `<Weight>${weight}</Weight>`}</member>`;
const forwardXml = (...weighted: [string, number?][]) =>
  `<member><Type>forward</Type><Order>2</Order><ForwardConfig><TargetGroups>${weighted.map((each) => groupXml(...each)).join('')}</TargetGroups>` +
  '<TargetGroupStickinessConfig><Enabled>true</Enabled><DurationSeconds>60</DurationSeconds></TargetGroupStickinessConfig></ForwardConfig></member>';
const read = (...actions: string[]) =>
  readForward(config, members(parseXml(`<R><Actions>${actions.join('')}</Actions></R>`), 'Actions'));

describe('a forward action', () => {
  test('is read as shares of its weights', () => {
    expect(read(forwardXml([groups.blue, 3], [groups.green, 1]))).toEqual({
      ok: true,
      weights: { blue: 75, green: 25 },
      forward: {
        order: '2',
        groups: [
          { arn: groups.blue, weight: 3 },
          { arn: groups.green, weight: 1 },
        ],
        stickiness: { enabled: 'true', seconds: '60' },
      },
    });
  });

  test('to a single target group, in its short form, gives that all', () => {
    const short = `<member><Type>forward</Type><TargetGroupArn>${groups.green}</TargetGroupArn></member>`;
    expect(read(short)).toMatchObject({ ok: true, weights: { blue: 0, green: 100 } });
  });

  const stranger = arn('targetgroup/old/0f6');

  test.each([
    ['another action', ['<member><Type>redirect</Type></member>'], 'has the actions redirect;'],
    [
      'a login before it',
      ['<member><Type>authenticate-oidc</Type></member>', forwardXml([groups.blue, 1])],
      'has the actions authenticate-oidc, forward;',
    ],
    ['no action', [], 'has the actions (none);'],
    [
      'a target group of no colour',
      [forwardXml([groups.blue, 1], [stranger, 1])],
      `also forwards to ${stranger}`,
    ],
    ['no target group', [forwardXml()], 'not understood'],
    ['a weight that is none', [forwardXml([groups.blue, 1000])], 'not understood'],
  ])('with %s is refused', (_what, actions, expected) => {
    expect(read(...actions)).toEqual({ ok: false, why: expect.stringContaining(expected) });
  });

  test('is sent back whole: order, stickiness and target groups of no traffic included', () => {
    const reading = read(forwardXml([stranger, 0], [groups.blue, 1]));
    const forward = reading.ok
      ? withShares(config, withGroup(reading.forward, groups.green), { blue: 10, green: 90 })
      : undefined;
    const at = 'Actions.member.1.ForwardConfig';
    expect(forwardParameters('Actions', forward!)).toEqual({
      'Actions.member.1.Type': 'forward',
      'Actions.member.1.Order': '2',
      [`${at}.TargetGroups.member.1.TargetGroupArn`]: stranger,
      [`${at}.TargetGroups.member.1.Weight`]: '0',
      [`${at}.TargetGroups.member.2.TargetGroupArn`]: groups.blue,
      [`${at}.TargetGroups.member.2.Weight`]: '10',
      [`${at}.TargetGroups.member.3.TargetGroupArn`]: groups.green,
      [`${at}.TargetGroups.member.3.Weight`]: '90',
      [`${at}.TargetGroupStickinessConfig.Enabled`]: 'true',
      [`${at}.TargetGroupStickinessConfig.DurationSeconds`]: '60',
    });
  });
});

describe('the plan', () => {
  const forward = (...listed: string[]) => ({
    groups: listed.map((group, index) => ({ arn: group, weight: index === 0 ? 1 : 0 })),
  });
  const observed = (https: string[], api: string[]) => ({
    ...observe({ https: { blue: 100, green: 0 }, api: { blue: 100, green: 0 } }),
    forwards: { https: forward(...https), api: forward(...api) },
  });

  test('lists a missing target group on every node before it moves any weight', () => {
    const calls = planForwards(config, observed([groups.blue], [groups.blue, groups.green]), {
      blue: 0,
      green: 100,
    });
    expect(
      calls.map(({ node, action }) => [node, action['do'], action['group'] ?? action['weights']]),
    ).toEqual([
      ['https', 'attach', groups.green],
      ['https', 'weigh', '{"blue":0,"green":100}'],
      ['api', 'weigh', '{"blue":0,"green":100}'],
    ]);
  });

  test('is empty when every node has its weights, even where a colour without traffic is not listed', () => {
    expect(planForwards(config, observed([groups.blue], [groups.blue]), { blue: 100, green: 0 })).toEqual([]);
  });

  test('has no call for a node that could not be read', () => {
    const whole = observed([groups.blue, groups.green], [groups.blue, groups.green]);
    const green = { blue: 0, green: 100 };
    const partial = { ...observe({ api: whole.nodes['api']! }), forwards: { api: whole.forwards.api } };
    expect(planForwards(config, partial, green).map(({ node }) => node)).toEqual(['api']);
    expect(planForwards(config, observe(whole.nodes), green)).toEqual([]);
  });
});

describe('a target group', () => {
  const target = (state: string, more = '') =>
    `<member><Target><Id>10.0.0.1</Id></Target><TargetHealth><State>${state}</State>${more}</TargetHealth></member>`;
  const health = (...targets: string[]) =>
    readTargetHealth(
      parseXml(`<R><TargetHealthDescriptions>${targets.join('')}</TargetHealthDescriptions></R>`),
    );

  test.each([
    ['all targets are healthy', [target('healthy'), target('healthy')]],
    ['the others are being deregistered', [target('draining'), target('healthy')]],
  ])('is healthy when %s', (_what, targets) => {
    expect(health(...targets)).toMatchObject({ healthy: true });
  });

  test.each([
    ['it has none', [], 'no registered targets'],
    ['all are being deregistered', [target('draining')], 'no registered targets'],
    [
      'one is not healthy',
      [target('healthy'), target('unhealthy', '<Reason>Target.Timeout</Reason>')],
      '1 of 2 targets are not healthy (10.0.0.1 is unhealthy, Target.Timeout)',
    ],
    ['one is new', [target('initial')], 'is initial'],
    ['no listener names it', [target('unused', '<Reason>Target.NotInUse</Reason>')], 'is unused'],
    [
      'nobody checks',
      [target('unavailable', '<Reason>Target.HealthCheckDisabled</Reason>')],
      'enable the health check',
    ],
    ['a state is unknown', [target('great')], 'is great'],
  ])('is not healthy when %s', (_what, targets, expected) => {
    expect(health(...targets)).toMatchObject({ healthy: false, why: expect.stringContaining(expected) });
  });
});

describe('an ALB section', () => {
  test.each([
    [
      'two regions',
      {
        'target-groups': {
          ...groups,
          green: arn('targetgroup/g/0b2', 'aws:elasticloadbalancing:us-east-1:123456789012'),
        },
      },
    ],
    [
      'two accounts',
      {
        'target-groups': {
          ...groups,
          green: arn('targetgroup/g/0b2', 'aws:elasticloadbalancing:eu-west-1:999999999999'),
        },
      },
    ],
    ['a listener and a rule in one node', { nodes: [{ name: 'a', listener, rule }] }],
    ['neither', { nodes: [{ name: 'a' }] }],
    ['a network load balancer', { nodes: [{ name: 'a', listener: arn('listener/net/shop/0c3/0d4') }] }],
    [
      'one listener twice',
      {
        nodes: [
          { name: 'a', listener },
          { name: 'b', listener },
        ],
      },
    ],
    ['one target group for both colours', { 'target-groups': { blue: groups.blue, green: groups.blue } }],
    ['an API without TLS', { endpoint: 'http://10.0.0.1/' }],
  ])('with %s is refused', (_what, more) => {
    expect(albSchema.safeParse(section(more)).success).toBe(false);
  });

  test('says region and address of the API by its ARNs', () => {
    expect(albEndpoint(config)).toEqual({
      region: 'eu-west-1',
      url: 'https://elasticloadbalancing.eu-west-1.amazonaws.com/',
    });
    const inChina = JSON.parse(
      JSON.stringify(section()).replaceAll('arn:aws:', 'arn:aws-cn:').replaceAll('eu-west-1', 'cn-north-1'),
    ) as unknown;
    expect(albEndpoint(albSchema.parse(inChina)).url).toBe(
      'https://elasticloadbalancing.cn-north-1.amazonaws.com.cn/',
    );
  });
});

test.each([
  ['true', [expect.stringMatching(/^node "api" keeps clients .* up to 1 min after a switch$/)]],
  ['false', []],
])('clients that a load balancer keeps on their colour (stickiness %s) are said', async (sticky, notes) => {
  const actions = forwardXml([groups.blue, 100]).replace('<Enabled>true', `<Enabled>${sticky}`);
  const answer = `<DescribeRulesResponse><DescribeRulesResult><Rules><member><RuleArn>${rule}</RuleArn><Actions>${actions}</Actions></member></Rules></DescribeRulesResult></DescribeRulesResponse>`;
  const server = await serve((_request, response) => void response.end(answer));
  const http = createHttpClient();
  const alone = albSchema.parse(section({ nodes: [{ name: 'api', rule }], endpoint: `${server.url}/` }));
  const router = albRouter(alone, { http, clock: systemClock, variable: () => 'AKIDEXAMPLE' });
  expect(await router.inspect!()).toEqual({ obstacles: [], notes });
  http.close();
  await server.close();
});

test('a dry run goes on from each step: a target group that the first lists is listed, and every step is weighed', () => {
  const router = albRouter(config, {} as never);
  const reading = read(forwardXml([groups.blue, 1]));
  if (!reading.ok) throw new Error(reading.why);
  const { weights, forward } = reading;
  const start: AlbObserved = {
    ...observe({ https: weights, api: weights }),
    forwards: { https: forward, api: forward },
  };
  const [ten, half, all] = [share(10, 'green', 'blue'), share(50, 'green', 'blue'), { blue: 0, green: 100 }];
  const says = (observed: Observed, target: Weights) => router.plan(observed, target).map(({ say }) => say);
  expect(says(start, ten)).toEqual([
    'ModifyListener https: list green at weight 0',
    'ModifyRule api: list green at weight 0',
    'ModifyListener https: weights blue 90, green 10',
    'ModifyRule api: weights blue 90, green 10',
  ]);
  const afterTen = router.reached(start, ten);
  expect(says(afterTen, half)).toEqual([
    'ModifyListener https: weights blue 50, green 50',
    'ModifyRule api: weights blue 50, green 50',
  ]);
  expect(says(router.reached(afterTen, half), all)).toEqual([
    'ModifyListener https: weights blue 0, green 100',
    'ModifyRule api: weights blue 0, green 100',
  ]);
  expect(says(router.reached(afterTen, all), all)).toEqual([]);
});
