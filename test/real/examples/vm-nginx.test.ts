import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { example, page, startMachine, type Built, type Machine } from './machine.js';

let machine: Machine;
beforeAll(async () => {
  machine = await startMachine();
});
afterAll(() => machine.close());

/** What users get on a connection of their own. */
const shown = async () => {
  const answer = await fetch(machine.url, { headers: { connection: 'close' } });
  return `${answer.status} ${answer.headers.get('x-app-version')}`;
};
const deploy = (colour: string, { digest }: Built) =>
  machine.script('deploy/deploy', 'shop', 'production', colour, digest);

/** Gate aside, what promote.yml does: reserve, deploy, smoke test, switch. */
async function release(built: Built, kind = 'release') {
  const run = machine.startRun();
  const verdict = machine.verdict(run, built, kind);
  const reserved = await machine.step(run, { mode: 'reserve', ...built, kind, verdict });
  if (!reserved.ok) return { reserved, smoke: undefined, switched: undefined };
  const { target = '', 'target-url': url = '' } = reserved.outputs;
  const deployed = deploy(target, built);
  if (deployed.status !== 0) throw new Error(deployed.stderr);
  const smoke = await machine.cli(['smoke', '--base-url', url, '--expect-version', built.version]);
  if (smoke.code !== 0) {
    await machine.step(run, { mode: 'revert' });
    return { reserved, smoke, switched: undefined };
  }
  return { reserved, smoke, switched: await machine.step(run, { mode: 'switch', verdict, kind }) };
}

describe(`${example}, as its page says`, () => {
  test('init writes what the page says, and check finds nothing wrong', async () => {
    expect(machine.written).toMatchObject({ code: 0, err: '' });
    const [, path, key] = /`(\S+)`, `(\S+)` is the public address/.exec(page)!;
    expect(machine.written.out).toMatch(
      new RegExp(`${path}:\\d+: ${key!.split('.').at(-1)}: .*yours: the address of the users`),
    );
    expect(await machine.cli(['check'])).toMatchObject({ code: 0 });
  });

  test('the first version, deployed by hand, is what users get, and doctor finds nothing wrong', async () => {
    const built = machine.build('1.0.0');
    expect(deploy('blue', built)).toMatchObject({ status: 0, stderr: '' });
    expect(await shown()).toBe('200 1.0.0');
    const { code, out } = await machine.cli(['doctor', '--environment', 'production', '--offline']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^ok +metrics app +answers for version 1\.0\.0/m)]);
    expect(out).toMatch(/^ok +colour blue identity +version 1\.0\.0, digest sha256:/m);
  });

  test('mode adopt records it, once', async () => {
    const adopted = await machine.step(machine.startRun(), { mode: 'adopt' });
    expect(adopted).toMatchObject({
      ok: true,
      outputs: { result: 'adopted' },
      message: expect.stringContaining('1.0.0'),
    });
  });

  test('the second version goes to the other colour, and no new connection fails', async () => {
    const { smoke, switched } = await release(machine.build('1.1.0'));
    expect(smoke).toMatchObject({ code: 0 });
    expect(switched).toMatchObject({ ok: true, outputs: { result: 'switched', 'failed-connections': '0' } });
    expect(await shown()).toBe('200 1.1.0');
  });

  test('a version whose pages are broken is stopped by its smoke test, and users stay where they are', async () => {
    await machine.change('.github/smoke.yml', (suite) =>
      suite.replace(
        '  # yours',
        "      - name: has a page\n        http: { url: / }\n        expect: { status: 200, body: { contains: 'Shop' } }\n  # yours",
      ),
    );
    const { smoke, switched } = await release(
      machine.build('1.2.0', (server) => server.replace("'/': ()", "'/broken': ()")),
    );
    expect([smoke?.code, switched]).toEqual([1, undefined]);
    expect(smoke?.out).toContain('has a page');
    expect(await shown()).toBe('200 1.1.0');
  });

  test('the same version is not deployed where the unit does not come up', () => {
    const broken = machine.build('1.2.1', () => 'process.exit(1);\n');
    const { status, stderr } = deploy('blue', broken);
    expect([status, stderr]).toEqual([1, expect.stringContaining('did not answer')]);
  });

  test('a hotfix goes the same way, and what was live can be taken back to', async () => {
    const fixed = machine.build('1.2.2', () => machine.original);
    const { switched } = await release(fixed, 'hotfix');
    expect(switched).toMatchObject({ ok: true, outputs: { result: 'switched' } });
    expect(await shown()).toBe('200 1.2.2');
    const back = await machine.step(machine.startRun(), { mode: 'revert' });
    expect(back).toMatchObject({ ok: true, outputs: { result: 'reverted' } });
    expect(await shown()).toBe('200 1.1.0');
  });

  test('the old colour can be removed, twice', () => {
    for (const _ of [1, 2])
      expect(machine.script('deploy/remove', 'shop', 'production', 'blue').status).toBe(0);
  });
});
