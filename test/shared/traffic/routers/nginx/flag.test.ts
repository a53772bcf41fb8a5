import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { observe } from '../../../../../shared/traffic/router.js';
import { nginxSchema, type NginxFlagConfig } from '../../../../../shared/traffic/routers/nginx/config.js';
import { planFlags } from '../../../../../shared/traffic/routers/nginx/flags.js';
import { serve } from '../../../../support/servers/http.js';
import { blue, green, nginxStage, type NginxStage } from './stage.js';
import { done, memoryMachine, move } from '../../transports/memory.js';

const flagBlue = '/var/lib/live/blue';
const flagGreen = '/var/lib/live/green';
const flagSection = { type: 'nginx', flags: { blue: flagBlue, green: flagGreen } };

let at: NginxStage;
beforeEach(async () => {
  at = await nginxStage();
});
afterEach(() => at.close());

describe('nginx by a flag file', () => {
  const router = (probed = false) =>
    at.open(flagSection, [{ name: 'edge-1', ...(probed ? { probe: `${at.probeUrl}/-/live` } : {}) }]);
  beforeEach(() => {
    at.machines['edge-1'] = memoryMachine({ [flagBlue]: 'x' });
  });
  const files = () => [...at.machines['edge-1']!.files.keys()];

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
    at.machines['edge-1'] = memoryMachine(Object.fromEntries(there.map((path) => [path, ''])));
    await expect(router().read()).rejects.toThrow(message);
  });

  it.each([[[]], [[flagBlue, flagGreen]]])(
    'is mended from the files %j where a probe knows',
    async (there) => {
      at.machines['edge-1'] = memoryMachine(Object.fromEntries(there.map((path) => [path, ''])));
      at.answer = () => ({ text: files().includes(flagGreen) ? 'green' : 'blue\n' });
      await move(router(true), blue);
      expect(files()).toEqual([flagBlue]);
    },
  );

  it('says why a flag could not be renamed', async () => {
    at.machines['edge-1']!.command = () => done(1, 'mv: cannot move: Permission denied\n');
    const [call] = router().plan(await router().read(), green);
    await expect(router().apply(call!)).rejects.toThrow(/Permission denied\); its folder must be writable/);
    expect(files()).toEqual([flagBlue]);
  });

  it('believes the running nginx more than its files', async () => {
    at.answer = () => ({ text: 'blue' });
    at.machines['edge-1'] = memoryMachine({ [flagGreen]: '' });
    const observed = await router(true).read();
    expect(observed).toMatchObject({ weights: blue, saved: { 'edge-1': green } });
    await expect(move(router(true), green)).rejects.toThrow(
      /green exists, but http\S+ says "blue"\. nginx must test that very file.*open_file_cache must be off/,
    );
  });

  it('waits until nginx shows the change', async () => {
    let looks = 0;
    at.answer = () => ({ text: files().includes(flagGreen) && ++looks > 3 ? 'green' : 'blue' });
    await move(router(true), green);
    expect(looks).toBeGreaterThan(3);
  });

  it.each([
    [{ text: 'shop_blue' }, /the probe \S+ says "shop_blue"; it must return blue or green/],
    [{ status: 404, text: 'x' }, /answers 404 with 1 characters instead of 200/],
    [{ text: 'x'.repeat(501) }, /answers 200 with 501 characters/],
    [{ text: '::error::x' }, /says "::error::x"/],
  ])('does not understand the answer %j', async (answer, message) => {
    at.answer = () => answer;
    await expect(router(true).read()).rejects.toThrow(message);
  });

  it('says which node does not answer', async () => {
    at.answer = () => ({ text: 'blue' });
    at.machines['edge-2'] = memoryMachine({ [flagBlue]: '' });
    const dead = await serve(() => undefined);
    await dead.close();
    const both = at.open(flagSection, [
      { name: 'edge-1', probe: `${at.probeUrl}/` },
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
