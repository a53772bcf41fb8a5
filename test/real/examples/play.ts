import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { until } from '../../support/until.js';
import type { Built, Team } from './team.js';

/** Where an example runs: what of it the play needs to know. */
export interface Place {
  team: Team;
  /** The address of the users. */
  url: string;
  /** A file of the example, with places of this machine for those that it names. */
  here(text: string): string;
  /** What `deploy/deploy` says of a version that does not come up. */
  brokenSays: string;
  /** What `init` says is still to be filled in. */
  yours: RegExp;
  close(): Promise<void>;
}

/** Criteria as `init` writes them, but with times for a test. */
const soon = (criteria: string) =>
  criteria
    .replace('watch: 10m', 'watch: 40s')
    .replace('interval: 5s', 'interval: 1s')
    .replace('warm-up: 10s', 'warm-up: 1s')
    .replace('for: 2m, min-requests: 20', 'for: 3s, min-requests: 8');

/**
 * Plays an example as its page says: init, a first release that is adopted, a second, one that its smoke test stops, one
 * that is live and is rolled back, and a hotfix.
 */
export function playReleases(title: string, start: () => Promise<Place>): void {
  describe(title, () => {
    let place: Place;
    let team: Team;
    /** Number of the incident that the rollback opened. */
    let incident: number;
    beforeAll(async () => {
      place = await start();
      ({ team } = place);
    }, 300_000);
    afterAll(() => place.close());

    /** What users get on a connection of their own. */
    const shown = async () => {
      const answer = await fetch(place.url, { headers: { connection: 'close' } });
      await answer.arrayBuffer();
      return `${answer.status} ${answer.headers.get('x-app-version')}`;
    };
    const deploy = (colour: string, { digest }: Built) =>
      team.script('deploy/deploy', 'shop', 'production', colour, digest);

    /** Gate aside, what promote.yml does before it watches: reserve, deploy, smoke test, switch. */
    async function release(built: Built, kind = 'release', waived: readonly number[] = []) {
      const run = team.startRun();
      const verdict = team.verdict(run, built, kind, waived);
      const reserved = await team.step(run, { mode: 'reserve', ...built, kind, verdict });
      if (!reserved.ok) return { run, reserved, smoke: undefined, switched: undefined };
      const { target = '', 'target-url': url = '' } = reserved.outputs;
      const deployed = await deploy(target, built);
      if (deployed.status !== 0) throw new Error(deployed.stderr);
      const smoke = await team.cli(['smoke', '--base-url', url, '--expect-version', built.version]);
      if (smoke.code !== 0) {
        await team.step(run, { mode: 'revert' });
        return { run, reserved, smoke, switched: undefined };
      }
      const switched = await team.step(run, { mode: 'switch', verdict, kind });
      // What the settle job would do.
      if (!switched.ok) await team.step(run, { mode: 'revert' });
      return { run, reserved, smoke, switched };
    }

    test('init writes what the page says, a second time nothing, and check finds nothing wrong', async () => {
      const written = await team.init();
      expect(written).toMatchObject({ code: 0, err: '' });
      expect(written.out).toMatch(place.yours);
      const again = await team.cli(['init', '--yes']);
      expect([again.code, again.out]).toEqual([0, expect.stringContaining('Nothing to write: all')]);
      expect(await team.cli(['check'])).toMatchObject({ code: 0 });
      for (const path of ['deploy/settings.sh', '.github/traffic/production.yml', '.github/rollback.yml'])
        team.change(path, place.here);
      // How long new connections are looked at; the default is 5 s.
      team.change('.github/traffic/production.yml', (text) =>
        text.replace(/^entry:\n/m, 'entry:\n  for: 500ms\n'),
      );
      team.publish('.github/rollback.yml', soon(team.read('.github/rollback.yml')));
    });

    test('the first version, deployed by hand, is what users get, and doctor finds nothing wrong', async () => {
      const built = await team.build('1.0.0');
      expect(await deploy('blue', built)).toMatchObject({ status: 0, stderr: '' });
      await until(
        async () => (await shown().catch(() => '')) === '200 1.0.0',
        'the first version at the entry',
      );
      let doctor = '';
      await until(async () => {
        const { code, out } = await team.cli(['doctor', '--environment', 'production', '--offline']);
        doctor = out;
        return code === 0;
      }, 'doctor finds nothing wrong, not even that nothing was measured yet');
      expect(doctor).toMatch(/^ok +colour blue identity +version 1\.0\.0, digest sha256:/m);
    });

    test('mode adopt records it', async () => {
      const adopted = await team.step(team.startRun(), { mode: 'adopt' });
      expect(adopted).toMatchObject({
        ok: true,
        outputs: { result: 'adopted' },
        message: expect.stringContaining('1.0.0'),
      });
    });

    test('the second version goes to the other colour, and no new connection fails', async () => {
      const { smoke, switched } = await release(await team.build('1.1.0'));
      expect(smoke).toMatchObject({ code: 0 });
      expect(switched).toMatchObject({
        ok: true,
        outputs: { result: 'switched', 'failed-connections': '0' },
      });
      expect(await shown()).toBe('200 1.1.0');
    });

    test('a version whose pages are gone is stopped by its smoke test, and users stay where they are', async () => {
      team.change('.github/smoke.yml', (suite) =>
        suite.replace(
          '  # yours',
          "      - name: has a page\n        http: { url: / }\n        expect: { status: 200, body: { contains: 'Shop' } }\n  # yours",
        ),
      );
      const { smoke, switched } = await release(
        await team.build('1.2.0', (server) => server.replace("'/': ()", "'/gone': ()")),
      );
      expect([smoke?.code, switched]).toEqual([1, undefined]);
      expect(smoke?.out).toContain('has a page');
      expect(await shown()).toBe('200 1.1.0');
    });

    test('a version that does not come up is not deployed', async () => {
      const { status, stderr } = await deploy('blue', await team.build('1.2.1', () => 'process.exit(1);\n'));
      expect([status, stderr]).toEqual([1, expect.stringContaining(place.brokenSays)]);
    });

    test('a version that breaks under load goes live, is seen by the watch and rolled back, with an incident', async () => {
      const { run, smoke, switched } = await release(
        await team.build('1.3.0', () =>
          team.original.replace("'/': () => [", "'/': () => answered[200] > 9 ? null.x : ["),
        ),
      );
      expect([smoke?.code, switched?.outputs['result']]).toEqual([0, 'switched']);
      const users = setInterval(() => void shown().catch(() => undefined), 50);
      const watched = await team.watch(run);
      clearInterval(users);
      expect(watched).toMatchObject({
        ok: false,
        outputs: {
          result: 'rolled-back',
          'rolled-back-to': '1.1.0',
          incident: expect.stringContaining('/issues/'),
        },
      });
      incident = Number(watched.outputs['incident']!.split('/').at(-1));
      expect(await shown()).toBe('200 1.1.0');
    });

    test('the open incident stops a release and lets a hotfix pass, and what was live before can be gone back to', async () => {
      const fixed = await team.build('1.3.1', () => team.original);
      const { switched: blocked } = await release(fixed);
      expect(blocked).toMatchObject({ ok: false, message: expect.stringContaining(`#${incident}`) });
      const { switched } = await release(fixed, 'hotfix', [incident]);
      expect(switched).toMatchObject({ ok: true, outputs: { result: 'switched' } });
      expect(await shown()).toBe('200 1.3.1');
      const back = await team.step(team.startRun(), { mode: 'revert' });
      expect(back).toMatchObject({ ok: true, outputs: { result: 'reverted' } });
      expect(await shown()).toBe('200 1.1.0');
    });

    test('the idle colour can be removed, twice, and users do not notice', async () => {
      for (const _ of [1, 2])
        expect(await team.script('deploy/remove', 'shop', 'production', 'blue')).toMatchObject({ status: 0 });
      expect(await shown()).toBe('200 1.1.0');
    });
  });
}
