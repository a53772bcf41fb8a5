import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { liveColour, observe, type Weights } from '../../../../../shared/traffic/router.js';
import { nginxSchema, type NginxIncludeConfig } from '../../../../../shared/traffic/routers/nginx/config.js';
import {
  includeHeader,
  parseShares,
  planInclude,
  readInclude,
  renderInclude,
  sharesOf,
} from '../../../../../shared/traffic/routers/nginx/shares.js';
import { blue, green, nginxStage, type NginxStage } from './stage.js';
import { done, memoryMachine, move, type MemoryMachine } from '../../transports/memory.js';

const includeSection = {
  type: 'nginx',
  mode: 'include',
  include: '/etc/nginx/live/shop.conf',
  variable: 'shop_live',
  upstreams: { blue: 'shop_blue', green: 'shop_green' },
};

let at: NginxStage;
beforeEach(async () => {
  at = await nginxStage();
});
afterEach(() => at.close());

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
    at.answer = () => ({ text: sharesIn(loaded) });
  });
  function add(name: string): MemoryMachine {
    const machine = memoryMachine({ [path]: text(blue) });
    machine.command = ([, , what]) => {
      if (what === 'reload') loaded = machine.files.get(path)!;
      return done();
    };
    return (at.machines[name] = machine);
  }
  const router = (...names: string[]) =>
    at.open(
      includeSection,
      (names.length === 0 ? ['edge-1'] : names).map((name) => ({ name, probe: `${at.probeUrl}/-/live` })),
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
  ])('takes "%s" for no shares', (message) => expect(parseShares(config, message)).toBeUndefined());

  it('gives the last lit colour what the others leave, and names none without traffic', () => {
    expect(text({ blue: 70, green: 30 })).toContain('  70% shop_blue;\n  * shop_green;\n');
    expect(text(blue)).toContain('$shop_live {\n  * shop_blue;\n}');
  });

  it('is switched by a tested file and a reload, read back, and switched back', async () => {
    expect(await move(router(), green)).toEqual([
      'edge-1: write blue=0 green=100 to /etc/nginx/live/shop.conf and run nginx -t',
      'edge-1: nginx -s reload, until new connections are served blue=0 green=100',
    ]);
    expect(at.machines['edge-1']!.ran).toEqual(['nginx -t', 'nginx -s reload']);
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
    const before = at.machines['edge-1']!.files.get(path);
    at.machines['edge-1']!.command = () =>
      done(1, 'nginx: [emerg] host not found in upstream "x" in /etc/nginx/x:3\n');
    await expect(move(router(), green)).rejects.toThrow(
      /nginx -t refuses .* is as it was: nginx: \[emerg\] host not found/,
    );
    expect(at.machines['edge-1']!.files.get(path)).toBe(before);
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
    at.machines['edge-1']!.command = () => done();
    await expect(move(router(), green)).rejects.toThrow(
      /are served "blue=100 green=0" instead of "blue=0 green=100"/,
    );
  });

  it('does not take a few good answers for the end of the old workers', async () => {
    let looks = 0;
    at.answer = () => {
      const late = loaded === text(green) && ++looks > 3 && looks < 8;
      return { text: sharesIn(late ? text(blue) : loaded) };
    };
    await move(router(), green);
    expect(looks).toBeGreaterThanOrEqual(7 + 20);
  });

  it('says how a reload failed', async () => {
    at.machines['edge-1']!.command = ([, what]) => (what === '-t' ? done() : done(1, 'invalid PID number'));
    await expect(move(router(), green)).rejects.toThrow(/nginx -s reload ended with 1: invalid PID number/);
  });

  it('does not overwrite what someone else wrote since it was read', async () => {
    const [write] = router().plan(await router().read(), green);
    at.machines['edge-1']!.files.set(path, text({ blue: 50, green: 50 }));
    await expect(router().apply(write!)).rejects.toThrow(
      /changed by someone else since it was read: blue=50 green=50, and was blue=100 green=0; nothing was written/,
    );
    expect(at.machines['edge-1']!.ran).toEqual([]);
  });

  it.each([
    ['upstream shop { server 10.0.0.1; }\n', /was not written by this suite; put this there/],
    [undefined, /does not exist; put this there/],
  ])('does not touch a file that is not its own: %j', async (foreign, message) => {
    if (foreign === undefined) at.machines['edge-1']!.files.delete(path);
    else at.machines['edge-1']!.files.set(path, foreign);
    await expect(router().read()).rejects.toThrow(message);
    const call = planInclude(config, observe({ 'edge-1': blue }), green)[0]!;
    await expect(router().apply(call)).rejects.toThrow(message);
    expect(at.machines['edge-1']!.files.get(path)).toBe(foreign);
  });

  it('writes a file of its own afresh that was changed by hand or is of another configuration', async () => {
    at.machines['edge-1']!.files.set(
      path,
      `${includeHeader}\nsplit_clients "$request_id" $shop_live { * other; }\n`,
    );
    await move(router(), blue);
    expect(at.machines['edge-1']!.files.get(path)).toBe(text(blue));
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
