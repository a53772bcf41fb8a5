import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { observe } from '../../../../../shared/traffic/router.js';
import { caddySchema, type CaddyFileConfig } from '../../../../../shared/traffic/routers/caddy/config.js';
import { planValue, readValue } from '../../../../../shared/traffic/routers/caddy/value.js';
import { blue, caddyStage, green, type CaddyStage } from './stage.js';
import { memoryMachine, move } from '../../transports/memory.js';

const file = '/var/lib/live/shop';
let at: CaddyStage;
beforeEach(async () => {
  at = await caddyStage({ [file]: 'blue\n' });
});
afterEach(() => at.close());

describe('Caddy by a file', () => {
  const values = { blue: 'blue', green: 'green' };
  const section = (node: object = {}) => ({ nodes: [{ name: 'edge-1', ...node }], file, values });
  const router = (probed = false) => at.open(section(probed ? { probe: `http://${at.address}/-/live` } : {}));

  it('is the default, lossless and atomic', () => {
    const { kind, can, warning } = router();
    expect({ kind, can, warning }).toEqual({ kind: 'caddy (file)', can: { atomic: true, weighted: false } });
  });

  it('is read, switched by one write, and switched back; each call may be made twice', async () => {
    expect((await router().read()).weights).toEqual(blue);
    const [call] = router().plan(await router().read(), green);
    await router().apply(call!);
    await router().apply(call!);
    expect(at.machine.files.get(file)).toBe('green\n');
    expect(await move(router(), green)).toEqual([]);
    expect(await move(router(), blue)).toEqual([`edge-1: write blue to ${file}`]);
  });

  it('says addresses where the configuration dials them', async () => {
    at.machine = memoryMachine({ [file]: '10.0.0.11:8080' });
    const dials = at.open({ ...section(), values: { blue: '10.0.0.11:8080', green: '10.0.0.12:8080' } });
    await move(dials, green);
    expect(at.machine.files.get(file)).toBe('10.0.0.12:8080\n');
  });

  it.each([
    [undefined, /does not exist; write blue or green there/],
    ['red', /says "red"; write blue or green there/],
    ['', /says ""/],
  ])('is not guessed from %j', (text, why) => {
    const config = caddySchema.parse({ type: 'caddy', ...section() }) as CaddyFileConfig;
    expect(readValue(config, text)).toEqual({ ok: false, why: expect.stringMatching(why) });
  });

  it('does not overwrite what someone else wrote since it was read', async () => {
    const [call] = router().plan(await router().read(), green);
    at.machine.files.set(file, 'maintenance\n');
    await expect(router().apply(call!)).rejects.toThrow(
      /says "maintenance", and said "blue"; nothing was written/,
    );
    expect(at.machine.files.get(file)).toBe('maintenance\n');
  });

  it('believes the running Caddy, and mends a file that says nothing', async () => {
    at.reply = (_request, _body, response) => response.end(at.machine.files.get(file) ?? 'blue');
    at.machine.files.delete(file);
    expect(await router(true).read()).toMatchObject({ weights: blue, saved: {} });
    await move(router(true), green);
    expect(await router(true).read()).toMatchObject({ weights: green, saved: { 'edge-1': green } });
  });

  it('says what is wrong when Caddy does not follow its file', async () => {
    at.reply = (_request, _body, response) => response.end('blue');
    await expect(move(router(true), green)).rejects.toThrow(
      /shop says green, but http\S+ says "blue"\. Its configuration must read that very file/,
    );
  });

  it('says which Caddy is too old', async () => {
    at.reply = (_request, _body, response) => response.end(`{file.${file}}`);
    await expect(router(true).read()).rejects.toThrow(
      /says "\{file\.\/var\/lib\/live\/shop\}"; it must return .* \(which Caddy before 2\.8 does not know\)/,
    );
  });

  it('has no weighted steps', () => {
    const config = caddySchema.parse({ type: 'caddy', ...section() }) as CaddyFileConfig;
    expect(() => planValue(config, observe({ a: blue }), { blue: 50, green: 50 })).toThrow(
      /all traffic to one colour/,
    );
  });

  it.each([
    { values: { blue: 'x', green: 'x' } },
    { values: { blue: '{env.SECRET}', green: 'green' } },
    { values: { blue: 'a b', green: 'green' } },
    { file: '/a/{x}' },
    { file: 'live' },
    { id: 'shop' },
  ])('refuses the section with %j', (change) => {
    expect(caddySchema.safeParse({ type: 'caddy', ...section(), ...change }).success).toBe(false);
  });
});
