import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { allTo, liveColour, observe, type Router, type Weights } from '../../../shared/traffic/router.js';
import { nginxRouter } from '../../../shared/traffic/routers/nginx.js';
import {
  nginxSchema,
  type NginxFlagConfig,
  type NginxIncludeConfig,
} from '../../../shared/traffic/routers/nginx-config.js';
import { planFlags } from '../../../shared/traffic/routers/nginx-flags.js';
import {
  includeHeader,
  parseShares,
  planInclude,
  readInclude,
  renderInclude,
  sharesOf,
} from '../../../shared/traffic/routers/nginx-shares.js';
import { serve, type TestServer } from '../../support/http-server.js';
import { done, memoryMachine, tools, type MemoryMachine } from './transports-memory.js';

const colours = ['blue', 'green'];
const blue = allTo('blue', colours);
const green = allTo('green', colours);
const flagBlue = '/var/lib/live/blue';
const flagGreen = '/var/lib/live/green';
const flagSection = { type: 'nginx', flags: { blue: flagBlue, green: flagGreen } };
const includeSection = {
  type: 'nginx',
  mode: 'include',
  include: '/etc/nginx/live/shop.conf',
  variable: 'shop_live',
  upstreams: { blue: 'shop_blue', green: 'shop_green' },
};

let machines: Record<string, MemoryMachine>;
let probe: TestServer;
/** What the running nginx answers to its probe. */
let answer: () => { status?: number; text: string };
beforeEach(async () => {
  machines = {};
  probe = await serve((_request, response) => {
    const { status = 200, text } = answer();
    response.statusCode = status;
    response.end(text);
  });
});
afterEach(() => probe.close());

function open(section: object, nodes: object[]): Router {
  return nginxRouter(nginxSchema.parse({ ...section, nodes }), tools(), ({ name }) => machines[name]!);
}

async function move(router: Router, target: Weights): Promise<string[]> {
  const calls = router.plan(await router.read(), target);
  for (const call of calls) await router.apply(call);
  return calls.map((call) => `${call.node}: ${call.say}`);
}

describe('nginx by a flag file', () => {
  const router = (probed = false) =>
    open(flagSection, [{ name: 'edge-1', ...(probed ? { probe: `${probe.url}/-/live` } : {}) }]);
  beforeEach(() => {
    machines['edge-1'] = memoryMachine({ [flagBlue]: 'x' });
  });
  const files = () => [...machines['edge-1']!.files.keys()];

  it('is the default, lossless and atomic', () => {
    const { kind, can, warning } = router();
    expect({ kind, can, warning }).toEqual({ kind: 'nginx (flag)', can: { atomic: true, weighted: false } });
  });

  it('is read, switched by one rename, and switched back', async () => {
    expect((await router().read()).weights).toEqual(blue);
    expect(await move(router(), green)).toEqual([`edge-1: rename ${flagBlue} to ${flagGreen}`]);
    expect(files()).toEqual([flagGreen]);
    expect((await router().read()).weights).toEqual(green);
    expect(await move(router(), green)).toEqual([]);
    await move(router(), blue);
    expect(files()).toEqual([flagBlue]);
  });

  it('ends the same when a call is made twice', async () => {
    const [call] = router().plan(await router().read(), green);
    await router().apply(call!);
    await router().apply(call!);
    expect(files()).toEqual([flagGreen]);
  });

  it.each([
    [[], /neither \S+ and \S+ exists; create the one/],
    [[flagBlue, flagGreen], /both exist; remove the one/],
  ])('is not guessed from the files %j', async (there, message) => {
    machines['edge-1'] = memoryMachine(Object.fromEntries(there.map((path) => [path, ''])));
    await expect(router().read()).rejects.toThrow(message);
  });

  it.each([[[]], [[flagBlue, flagGreen]]])(
    'is mended from the files %j where a probe knows',
    async (there) => {
      machines['edge-1'] = memoryMachine(Object.fromEntries(there.map((path) => [path, ''])));
      answer = () => ({ text: files().includes(flagGreen) ? 'green' : 'blue\n' });
      await move(router(true), blue);
      expect(files()).toEqual([flagBlue]);
    },
  );

  it('says why a flag could not be renamed', async () => {
    machines['edge-1']!.command = () => done(1, 'mv: cannot move: Permission denied\n');
    const [call] = router().plan(await router().read(), green);
    await expect(router().apply(call!)).rejects.toThrow(/Permission denied\); its folder must be writable/);
    expect(files()).toEqual([flagBlue]);
  });

  it('believes the running nginx more than its files', async () => {
    answer = () => ({ text: 'blue' });
    machines['edge-1'] = memoryMachine({ [flagGreen]: '' });
    const observed = await router(true).read();
    expect(observed).toMatchObject({ weights: blue, saved: { 'edge-1': green } });
    await expect(move(router(true), green)).rejects.toThrow(
      /green exists, but http\S+ says "blue"\. nginx must test that very file.*open_file_cache must be off/,
    );
  });

  it('waits until nginx shows the change', async () => {
    let looks = 0;
    answer = () => ({ text: files().includes(flagGreen) && ++looks > 3 ? 'green' : 'blue' });
    await move(router(true), green);
    expect(looks).toBeGreaterThan(3);
  });

  it.each([
    [{ text: 'shop_blue' }, /the probe \S+ says "shop_blue"; it must return blue or green/],
    [{ status: 404, text: 'x' }, /answers 404 with 1 characters instead of 200/],
    [{ text: 'x'.repeat(501) }, /answers 200 with 501 characters/],
    [{ text: '::error::x' }, /says "::error::x"/],
  ])('does not understand the answer %j', async (said, message) => {
    answer = () => said;
    await expect(router(true).read()).rejects.toThrow(message);
  });

  it('says which node does not answer', async () => {
    answer = () => ({ text: 'blue' });
    machines['edge-2'] = memoryMachine({ [flagBlue]: '' });
    const dead = await serve(() => undefined);
    await dead.close();
    const both = open(flagSection, [
      { name: 'edge-1', probe: `${probe.url}/` },
      { name: 'edge-2', probe: `${dead.url}/` },
    ]);
    await expect(both.read()).rejects.toMatchObject({
      node: 'edge-2',
      message: expect.stringMatching(/GET \/ on 127\.0\.0\.1:\d+ gave no answer \(ECONNREFUSED\)/),
    });
  });

  it('plans only the nodes that differ', () => {
    const config = nginxSchema.parse({
      ...flagSection,
      nodes: [{ name: 'a' }, { name: 'b' }],
    }) as NginxFlagConfig;
    const half = { a: blue, b: green };
    expect(planFlags(config, observe(half, half), green).map(({ node }) => node)).toEqual(['a']);
    expect(() => planFlags(config, observe(half, half), { blue: 50, green: 50 })).toThrow(/mode "include"/);
  });

  it('does no call of another configuration', async () => {
    const call = { node: 'edge-1', say: 'x' };
    for (const action of [
      { do: 'set-flag', colour: '__proto__' },
      { do: 'reload', shares: 'blue=100 green=0' },
    ] as Record<string, string>[])
      await expect(router().apply({ ...call, action })).rejects.toThrow(
        /does not fit the router configuration/,
      );
    await expect(
      router().apply({ node: 'edge-7', say: 'x', action: { do: 'set-flag', colour: 'blue' } }),
    ).rejects.toThrow(/no nginx node "edge-7" \(known: edge-1\)/);
  });

  it.each([
    { flags: { blue: '/a/blue', green: '/b/green' } },
    { flags: { blue: '/a/x', green: '/a/x' } },
    { flags: { blue: 'blue', green: 'green' } },
    { flags: { blue: '/a/$(id)', green: '/a/green' } },
    { nodes: [{ name: 'edge-1', probe: 'https://edge/live' }] },
    { nodes: [{ name: 'edge-1', probe: 'http://[/' }] },
    { mode: 'reload' },
  ])('refuses the section with %j', (change) => {
    expect(nginxSchema.safeParse({ ...flagSection, nodes: [{ name: 'edge-1' }], ...change }).success).toBe(
      false,
    );
  });
});

describe('nginx by an include file', () => {
  const config = nginxSchema.parse({
    ...includeSection,
    nodes: [{ name: 'edge-1', probe: 'http://127.0.0.1/' }],
  }) as NginxIncludeConfig;
  const path = includeSection.include;
  const text = (weights: Weights) => renderInclude(config, weights);
  const sharesIn = (file: string) => /default "(.*)"/.exec(file)![1]!;
  let loaded: string;
  beforeEach(() => {
    add('edge-1');
    loaded = text(blue);
    answer = () => ({ text: sharesIn(loaded) });
  });
  function add(name: string): MemoryMachine {
    const machine = memoryMachine({ [path]: text(blue) });
    machine.command = ([, , what]) => {
      if (what === 'reload') loaded = machine.files.get(path)!;
      return done();
    };
    return (machines[name] = machine);
  }
  const router = (...names: string[]) =>
    open(
      includeSection,
      (names.length === 0 ? ['edge-1'] : names).map((name) => ({ name, probe: `${probe.url}/-/live` })),
    );

  it('warns with its figure and may be weighted', () => {
    expect(router().can).toEqual({ atomic: false, weighted: true });
    expect(router().warning).toMatch(/147 of 23,550/);
  });

  it('says its shares in a form that is read back', () => {
    const share = fc.integer({ min: 0, max: 10_000 }).map((hundredths) => hundredths / 100);
    const check = fc.property(share, (onBlue) => {
      const weights = { blue: onBlue, green: Number((100 - onBlue).toFixed(2)) };
      expect(parseShares(config, sharesOf(config, weights))).toEqual(weights);
      expect(readInclude(config, text(weights))).toEqual({ ok: true, weights });
    });
    fc.assert(check);
  });

  it.each([
    '',
    'blue',
    'blue=100',
    'blue=60 green=60',
    'blue=100 red=0',
    'blue=-1 green=101',
    'blue=50 blue=50',
  ])('takes "%s" for no shares', (said) => expect(parseShares(config, said)).toBeUndefined());

  it('gives the last lit colour what the others leave, and names none without traffic', () => {
    expect(text({ blue: 70, green: 30 })).toContain('  70% shop_blue;\n  * shop_green;\n');
    expect(text(blue)).toContain('$shop_live {\n  * shop_blue;\n}');
  });

  it('is switched by a tested file and a reload, read back, and switched back', async () => {
    expect(await move(router(), green)).toEqual([
      'edge-1: write blue=0 green=100 to /etc/nginx/live/shop.conf and run nginx -t',
      'edge-1: nginx -s reload, until new connections are served blue=0 green=100',
    ]);
    expect(machines['edge-1']!.ran).toEqual(['nginx -t', 'nginx -s reload']);
    expect(await router().read()).toMatchObject({ weights: green, saved: { 'edge-1': green } });
    expect(await move(router(), green)).toEqual([]);
    await move(router(), { blue: 95, green: 5 });
    expect((await router().read()).weights).toEqual({ blue: 95, green: 5 });
  });

  it('ends the same when every call is made twice', async () => {
    for (const call of router().plan(await router().read(), green)) {
      await router().apply(call);
      await router().apply(call);
    }
    expect(liveColour((await router().read()).weights)).toBe('green');
  });

  it('writes and tests every node before it reloads the first', async () => {
    add('edge-2');
    const calls = router('edge-1', 'edge-2').plan(await router('edge-1', 'edge-2').read(), green);
    expect(calls.map(({ node, action }) => `${action['do']} ${node}`)).toEqual([
      'write-include edge-1',
      'write-include edge-2',
      'reload edge-1',
      'reload edge-2',
    ]);
  });

  it('puts the old file back when nginx refuses the configuration', async () => {
    const before = machines['edge-1']!.files.get(path);
    machines['edge-1']!.command = () =>
      done(1, 'nginx: [emerg] host not found in upstream "x" in /etc/nginx/x:3\n');
    await expect(move(router(), green)).rejects.toThrow(
      /nginx -t refuses .* is as it was: nginx: \[emerg\] host not found/,
    );
    expect(machines['edge-1']!.files.get(path)).toBe(before);
  });

  it('sees a file that was written but not loaded as a change, and mends it', async () => {
    const untouched = await router().read();
    await router().apply(router().plan(untouched, green)[0]!);
    const written = await router().read();
    expect(written).toMatchObject({ weights: blue, saved: { 'edge-1': green } });
    expect(written.version).not.toBe(untouched.version);
    expect(await move(router(), blue)).toEqual([expect.stringMatching(/^edge-1: write blue=100 green=0/)]);
    expect(await router().read()).toEqual(untouched);
  });

  it('does not take the exit code of a reload for its effect', async () => {
    machines['edge-1']!.command = () => done();
    await expect(move(router(), green)).rejects.toThrow(
      /are served "blue=100 green=0" instead of "blue=0 green=100"/,
    );
  });

  it('says how a reload failed', async () => {
    machines['edge-1']!.command = ([, what]) => (what === '-t' ? done() : done(1, 'invalid PID number'));
    await expect(move(router(), green)).rejects.toThrow(/nginx -s reload ended with 1: invalid PID number/);
  });

  it('does not overwrite what someone else wrote since it was read', async () => {
    const [write] = router().plan(await router().read(), green);
    machines['edge-1']!.files.set(path, text({ blue: 50, green: 50 }));
    await expect(router().apply(write!)).rejects.toThrow(
      /changed by someone else since it was read: blue=50 green=50, and was blue=100 green=0; nothing was written/,
    );
    expect(machines['edge-1']!.ran).toEqual([]);
  });

  it.each([
    ['upstream shop { server 10.0.0.1; }\n', /was not written by this suite; put this there/],
    [undefined, /does not exist; put this there/],
  ])('does not touch a file that is not its own: %j', async (foreign, message) => {
    if (foreign === undefined) machines['edge-1']!.files.delete(path);
    else machines['edge-1']!.files.set(path, foreign);
    await expect(router().read()).rejects.toThrow(message);
    const call = planInclude(config, observe({ 'edge-1': blue }), green)[0]!;
    await expect(router().apply(call)).rejects.toThrow(message);
    expect(machines['edge-1']!.files.get(path)).toBe(foreign);
  });

  it('writes a file of its own afresh that was changed by hand or is of another configuration', async () => {
    machines['edge-1']!.files.set(
      path,
      `${includeHeader}\nsplit_clients "$request_id" $shop_live { * other; }\n`,
    );
    await move(router(), blue);
    expect(machines['edge-1']!.files.get(path)).toBe(text(blue));
  });

  it('refuses shares that are no whole, also in a journal', async () => {
    const observed = await router().read();
    expect(() => router().plan(observed, { blue: 50, green: 49 })).toThrow(/add up to 100 %/);
    const action = { do: 'write-include', shares: 'blue=1 green=99; }' };
    await expect(router().apply({ node: 'edge-1', say: 'x', action })).rejects.toThrow(/does not fit/);
  });

  it.each([
    { nodes: [{ name: 'edge-1' }] },
    { upstreams: { blue: 'shop_blue; }', green: 'shop_green' } },
    { upstreams: { 'blue sky': 'shop_blue', green: 'shop_green' } },
    { variable: 'live$' },
    { include: '/etc/nginx/*.conf' },
    { reload: [] },
    { reload: 'nginx -s reload' },
    { test: ['nginx', '-t\n'] },
  ])('refuses the section with %j', (change) => {
    const section = { ...includeSection, nodes: [{ name: 'edge-1', probe: 'http://127.0.0.1:8099/-/live' }] };
    expect(nginxSchema.safeParse(section).success).toBe(true);
    expect(nginxSchema.safeParse({ ...section, ...change }).success).toBe(false);
  });
});
