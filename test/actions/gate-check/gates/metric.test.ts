import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { askNumber, oneNumberSchema } from '../../../../shared/analysis/sources/one-number.js';
import { createHttpClient } from '../../../../shared/http/client.js';
import { serve, type TestServer } from '../../../support/servers/http.js';
import { changesOf, judge, known, now, request } from '../facts.js';
import { cdPath, gateStage, policyPath, type GateStage } from '../stage.js';

type Metric = EvidenceValue<'metrics'>[number];

const source = '{ type: json, url: "https://slo.test/", value: $.left }';
const budget = (more = '') =>
  `metric: { bounds: [{ name: error budget left, source: ${source}, min: 0.1 }]${more} }`;
const hotfix = { ...request, kind: 'hotfix' as const };
const is = (value: number): Metric => ({ name: 'error budget left', is: 'known', value });

function ask(gates: string, value: Metric[], asked = request) {
  const proof = { changes: known(changesOf()), incidents: known([]) };
  const { gates: judged, verdict } = judge(gates, { metrics: known(value), ...proof }, now, asked);
  return { is: judged[0]!.result, reason: judged[0]!.reason, verdict };
}

describe('metric', () => {
  it.each([
    [0.4, 'pass', 'error budget left is 0.4'],
    [0.1, 'pass', 'error budget left is 0.1'],
    [0.0999, 'fail', 'error budget left is 0.0999, allowed is at least 0.1'],
  ])('of %s at least 0.1: %s', (value, result, reason) => {
    expect(ask(budget(), [is(value)])).toMatchObject({ is: result, reason });
  });

  it('fails on a number above its max', () => {
    const burn = `metric: { bounds: [{ name: burn rate, source: ${source}, max: 14.4 }] }`;
    expect(ask(burn, [{ name: 'burn rate', is: 'known', value: 14.5 }])).toMatchObject({
      is: 'fail',
      reason: 'burn rate is 14.5, allowed is at most 14.4',
    });
  });

  it('fails where the number is not known or was not asked for, also for a hotfix', () => {
    const lost: Metric = { name: 'error budget left', is: 'unknown', reason: 'slo.test answers 503' };
    expect(ask(budget(', let-hotfix: true'), [lost], hotfix)).toMatchObject({
      is: 'fail',
      reason: 'error budget left is not known: slo.test answers 503',
    });
    expect(ask(budget(), [])).toMatchObject({ is: 'fail' });
    expect(ask(budget(), [{ ...is(1), name: 'another' }])).toMatchObject({ is: 'fail' });
  });

  it('lets the hotfix of what burns the budget out, and says so', () => {
    expect(ask(budget(', let-hotfix: true'), [is(0)], hotfix)).toMatchObject({
      is: 'pass',
      verdict: { waivers: [{ gate: 'metric', reason: expect.stringContaining('error budget left is 0') }] },
    });
    expect(ask(budget(), [is(0)], hotfix).is).toBe('fail');
  });

  it.each([
    ['neither min nor max', `{ name: x, source: ${source} }`, 'min, max or both'],
    ['a max below min', `{ name: x, source: ${source}, min: 2, max: 1 }`, 'no number would pass'],
    [
      'the same name twice',
      `{ name: x, source: ${source}, min: 2 }, { name: x, source: ${source}, min: 1 }`,
      'once',
    ],
    ['an unknown source', '{ name: x, min: 1, source: { type: graphite } }', 'json'],
  ])('refuses a policy with %s', (_, bounds, message) => {
    expect(() => judge(`metric: { bounds: [${bounds}] }`, {})).toThrow(message);
  });
});

describe('a number of a server', () => {
  let server: TestServer;
  const answers: Record<string, [number, unknown]> = {};
  const http = createHttpClient();
  beforeAll(async () => {
    server = await serve((incoming, response) => {
      const url = new URL(incoming.url!, 'http://x');
      const key = url.searchParams.get('query') ?? url.pathname;
      const [status, body] = answers[key] ?? [404, {}];
      const wanted = url.pathname === '/secret' && incoming.headers.authorization !== 'Bearer s3cret';
      response.writeHead(wanted ? 401 : status, { 'content-type': 'application/json' });
      response.end(JSON.stringify(body));
    });
  });
  afterAll(async () => {
    http.close();
    await server.close();
  });
  const numberOf = (fields: Record<string, unknown>, variables: Record<string, string> = {}) =>
    askNumber(oneNumberSchema.parse(fields), { http, variable: (name) => variables[name] }, now);
  const prometheus = (query: string) => numberOf({ type: 'prometheus', url: server.url, query });
  const vector = (...values: string[]) => [
    200,
    {
      status: 'success',
      data: {
        resultType: 'vector',
        result: values.map((value, at) => ({ metric: { at: `${at}` }, value: [now / 1_000, value] })),
      },
    },
  ];
  const json = (path: string, more: object = {}) =>
    numberOf({ type: 'json', url: `${server.url}${path}`, value: '$.data.left', ...more });

  it('is what one series of Prometheus says', async () => {
    answers['budget'] = vector('0.25') as never;
    expect(await prometheus('budget')).toEqual({ ok: true, value: 0.25 });
  });

  it.each([
    ['nothing', [], 'finds nothing'],
    ['two series', ['1', '2'], 'finds 2 series instead of one number'],
    ['NaN, as a rate without requests', ['NaN'], 'NaN'],
    ['infinity', ['+Inf'], 'Infinity'],
  ])('is unknown where Prometheus finds %s', async (name, values, why) => {
    answers[name] = vector(...values) as never;
    expect(await prometheus(name)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it('is what the path finds, with a secret of the step', async () => {
    answers['/secret'] = [200, { data: { left: '12.5' } }];
    const headers = { Authorization: { env: 'TOKEN' } };
    expect(await json('/secret', { headers })).toMatchObject({
      ok: false,
      why: expect.stringContaining('TOKEN: ${{ secrets.TOKEN }}'),
    });
    expect(
      await numberOf(
        { type: 'json', url: `${server.url}/secret`, value: '$.data.left', headers },
        { TOKEN: 'Bearer s3cret' },
      ),
    ).toEqual({ ok: true, value: 12.5 });
  });

  it.each([
    ['/none', [200, {}], 'finds'],
    ['/text', [200, { data: { left: 'plenty' } }], 'no number'],
    ['/down', [503, { data: { left: 1 } }], '503'],
  ] as const)('is unknown at %s', async (path, answer, why) => {
    answers[path] = answer as never;
    expect(await json(path)).toMatchObject({ ok: false, why: expect.stringContaining(why) });
  });

  it('is unknown when it was measured too long ago', async () => {
    const at = new Date(now - 3_600_000).toISOString();
    answers['/old'] = [200, { data: { left: 1 }, at }];
    expect(await json('/old', { at: '$.at' })).toMatchObject({
      ok: false,
      why: expect.stringContaining('too long'),
    });
    expect(await json('/old', { at: '$.at', 'max-age': '2h' })).toEqual({ ok: true, value: 1 });
  });
});

describe('metric as a step', () => {
  let world: GateStage;
  let slo: TestServer;
  let left = 0.5;
  beforeAll(async () => {
    slo = await serve((_, response) => response.end(JSON.stringify({ left })));
    world = await gateStage();
  });
  afterAll(async () => {
    const violations = world.server.control.violations();
    await Promise.all([world.close(), slo.close()]);
    expect(violations).toEqual([]);
  });

  it('asks at the release, and its report gives the same verdict again', async () => {
    const bound = `{ name: budget, source: { type: json, url: "${slo.url}", value: $.left }, min: 0.1 }`;
    const sha = world.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { metric: { bounds: [${bound}] } } } }\n`,
    });
    const runId = world.ran({ sha, path: cdPath });
    const check = () => world.check({ service: 'shop', sha, runId });
    expect(await check()).toMatchObject({ result: 'pass', gates: { metric: { reason: 'budget is 0.5' } } });
    left = 0.05;
    const refused = await check();
    expect(refused).toMatchObject({ result: 'fail' });
    expect(refused.summary).toContain('budget is 0.05, allowed is at least 0.1');
    await slo.close();
    expect(await check()).toMatchObject({ result: 'fail', gates: { metric: { result: 'fail' } } });
  });
});
