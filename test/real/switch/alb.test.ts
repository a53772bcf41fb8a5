import { afterAll, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { createHttpClient } from '../../../shared/http/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { allTo, liveColour, type Router } from '../../../shared/traffic/router.js';
import { albSchema } from '../../../shared/traffic/routers/alb/config.js';
import { albRouter } from '../../../shared/traffic/routers/alb/router.js';
import { foretoldAndCalled } from '../../support/traffic/foretold.js';
import { pageBlock } from '../../support/traffic/routers/router-page.js';
import { anybody, createBalancer, startMoto, texts, type Balancer, type Moto } from './alb-moto.js';

const colours = ['blue', 'green'];
const pace = { answerWithin: 2_000, pollEvery: 20, repeatAfter: 10 };
const http = createHttpClient();

let moto: Moto;
let count = 0;
let balancer: Balancer;

beforeAll(async () => {
  moto = await startMoto();
}, 600_000);

beforeEach(async () => {
  balancer = await createBalancer(moto, `shop-${++count}`, colours);
});

const elb = (action: string, parameters?: Record<string, string>) =>
  moto.aws('elasticloadbalancing', action, parameters);

afterAll(async () => {
  http.close();
  await moto.stop();
});

function open(variables: Record<string, string> = anybody, more: Record<string, unknown> = {}): Router {
  const config = albSchema.parse({
    type: 'aws-alb',
    nodes: [
      { name: 'default', listener: balancer.listener },
      { name: 'api', rule: balancer.rule },
    ],
    'target-groups': balancer.groups,
    'healthy-within': '200ms',
    endpoint: `${moto.url}/`,
    ...more,
  });
  return albRouter(config, { http, clock: systemClock, variable: (name) => variables[name] }, pace);
}

async function switchTo(router: Router, colour: string): Promise<string[]> {
  const calls = router.plan(await router.read(), allTo(colour, colours));
  for (const call of calls) await router.apply(call);
  return calls.map(({ say }) => say);
}

const describeRule = () => elb('DescribeRules', { 'RuleArns.member.1': balancer.rule });

describe('a load balancer of moto', () => {
  test('is read; the new target group is listed at weight 0 everywhere before any weight moves; it is switched and switched back', async () => {
    const router = open();
    expect((await router.read()).nodes).toEqual({
      default: { blue: 100, green: 0 },
      api: { blue: 100, green: 0 },
    });
    expect(await switchTo(router, 'green')).toEqual([
      'ModifyListener default: list green at weight 0',
      'ModifyRule api: list green at weight 0',
      'ModifyListener default: weights blue 0, green 100',
      'ModifyRule api: weights blue 0, green 100',
    ]);
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
    expect(await switchTo(router, 'green')).toEqual([]);
    expect(await switchTo(router, 'blue')).toHaveLength(2);
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('keeps the stickiness, the order and the conditions of a rule', async () => {
    await switchTo(open(), 'green');
    const after = await describeRule();
    expect(texts(after, 'Enabled')).toEqual(['true']);
    expect(texts(after, 'DurationSeconds')).toEqual(['60']);
    expect(texts(after, 'Order')).toEqual(['1']);
    expect(after).toContain('/api/*');
    expect(texts(after, 'Weight')).toEqual(['0', '100']);
  });

  test('is switched twenty times, each call made twice', async () => {
    const router = open();
    for (let round = 0; round < 20; round++) {
      const target = allTo(round % 2 === 0 ? 'green' : 'blue', colours);
      for (const call of router.plan(await router.read(), target)) {
        await router.apply(call);
        await router.apply(call);
      }
      expect(router.plan(await router.read(), target)).toEqual([]);
    }
  });

  test('takes the whole journal a second time without moving anything back', async () => {
    const router = open();
    const calls = router.plan(await router.read(), allTo('green', colours));
    for (const call of [...calls, ...calls]) await router.apply(call);
    expect((await router.read()).weights).toEqual({ blue: 0, green: 100 });
  });

  test('is called as a dry run foretells', async () => {
    const router = open();
    const { foretold, called } = await foretoldAndCalled(router);
    expect(foretold.flat()).not.toEqual([]);
    expect(foretold).toEqual(called);
  });

  test('takes weighted steps', async () => {
    const router = open();
    for (const green of [10, 50]) {
      const target = { blue: 100 - green, green };
      for (const call of router.plan(await router.read(), target)) await router.apply(call);
      expect((await router.read()).weights).toEqual(target);
    }
  });

  test('is left alone where somebody else moved weights since the plan', async () => {
    const router = open();
    const calls = router.plan(await router.read(), allTo('green', colours));
    const [half] = calls.filter(({ node }) => node === 'api').slice(-1);
    for (const call of router.plan(await router.read(), { blue: 70, green: 30 })) await router.apply(call);
    await expect(router.apply(half!)).rejects.toThrow(
      'was changed by somebody else: it gives blue 70 %, green 30 % now; nothing was done to it',
    );
    expect((await router.read()).weights).toEqual({ blue: 70, green: 30 });
  });

  test('gets no traffic to a target group without targets', async () => {
    await elb('DeregisterTargets', {
      TargetGroupArn: balancer.groups['green']!,
      'Targets.member.1.Id': '10.0.1.1',
      'Targets.member.2.Id': '10.0.1.2',
    });
    const router = open();
    await expect(switchTo(router, 'green')).rejects.toThrow(
      /the target group of green was not healthy within 200 ms: it has no registered targets/,
    );
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });

  test('is refused when a rule does something else than forward', async () => {
    await elb('ModifyRule', {
      RuleArn: balancer.rule,
      'Actions.member.1.Type': 'fixed-response',
      'Actions.member.1.FixedResponseConfig.StatusCode': '503',
    });
    await expect(open().read()).rejects.toThrow(
      /has the actions fixed-response; only a single forward action is switched here/,
    );
  });

  test('is an error that names the ARN’s place when a rule is gone', async () => {
    await elb('DeleteRule', { RuleArn: balancer.rule });
    await expect(open().read()).rejects.toThrow(
      /DescribeRules: RuleNotFound.*check the ARNs in the traffic file/,
    );
  });

  test('that answers late is an error in time, and goes on where it was', async () => {
    const router = open();
    moto.freeze();
    try {
      await expect(router.read()).rejects.toThrow('no complete answer within 2000 ms');
    } finally {
      moto.thaw();
    }
    expect(liveColour((await router.read()).weights)).toBe('blue');
  });
});

describe('with signatures and permissions checked', () => {
  let user: Record<string, string>;

  const checked = (calls: string) =>
    fetch(`${moto.url}/moto-api/reset-auth`, { method: 'POST', body: calls });
  const policy = (...actions: string[]) =>
    moto.aws('iam', 'PutUserPolicy', {
      UserName: 'deployer',
      PolicyName: 'switch',
      PolicyDocument: JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: actions,
            Resource: '*',
          },
        ],
      }),
    });
  interface Policy {
    Statement: { Action: string[] }[];
  }
  const documented = pageBlock<Policy>('aws-alb', ({ Statement }) =>
    Array.isArray(Statement),
  ).Statement.flatMap(({ Action }) => Action);

  beforeAll(async () => {
    await moto.aws('iam', 'CreateUser', { UserName: 'deployer' });
    const made = await moto.aws('iam', 'CreateAccessKey', { UserName: 'deployer' });
    user = {
      AWS_ACCESS_KEY_ID: texts(made, 'AccessKeyId')[0]!,
      AWS_SECRET_ACCESS_KEY: texts(made, 'SecretAccessKey')[0]!,
    };
  });

  test('the documented policy is enough', async () => {
    await policy(...documented);
    await checked('0');
    try {
      expect(await switchTo(open(user), 'green')).toHaveLength(4);
    } finally {
      await checked('Infinity');
    }
  });

  test('a missing permission is named', async () => {
    await policy(...documented.filter((action) => action !== 'elasticloadbalancing:ModifyListener'));
    await checked('0');
    try {
      await expect(switchTo(open(user), 'green')).rejects.toThrow(
        'Add "elasticloadbalancing:ModifyListener" to the Action list of the role\'s policy',
      );
    } finally {
      await checked('Infinity');
    }
  });

  test('a wrong secret is an error of the credentials', async () => {
    await policy(...documented);
    await checked('0');
    try {
      await expect(open({ ...user, AWS_SECRET_ACCESS_KEY: 'wrong' }).read()).rejects.toThrow(
        'SignatureDoesNotMatch',
      );
    } finally {
      await checked('Infinity');
    }
  });
});
