import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { action } from '../../../actions/dora-report/main.js';
import { dispatch } from '../../../cli/dispatch.js';
import { openGitHub } from '../../../shared/github/client.js';
import { createDeployment, setDeploymentStatus } from '../../../shared/ledger/deployments.js';
import { inputVariable, readInputs } from '../../../shared/runner/read-inputs.js';
import { inFolder, testShell } from '../../cli/terminal.js';
import { testHost } from '../../support/runner/host.js';
import { historyPlace, type Place } from './history/place.js';
import { epoch } from './ledger-facts.js';

describe('dora-report over several repositories of a GitHub that keeps state', () => {
  let place: Place;
  const clock = { now: () => epoch('03-20 10:00'), sleep: async () => {} };

  beforeAll(async () => {
    place = await historyPlace();
    const first = place.on('01-20 08:00').commit([]);
    await place.deploy('production', first);
    const second = place.on('03-02 08:00').commit([first]);
    const bad = await place.on('03-02 10:00').deploy('production', second);
    await place.on('03-02 11:00').status(bad, 'failure');

    place.server.control.addRepository({
      owner: 'acme',
      name: 'mail',
      gitDir: place.gitDir,
      defaultBranch: 'main',
    });
    const github = await openGitHub({
      token: place.token,
      at: { owner: 'acme', repository: 'mail', apiUrl: place.server.url },
      clock: { now: place.now, sleep: async () => {} },
      random: () => 0.5,
    });
    for (const [at, sha] of [
      ['01-20 09:00', first],
      ['03-05 10:00', second],
    ] as const) {
      place.on(at);
      const id = await createDeployment(github, {
        environment: 'production',
        service: 'mail',
        sha,
        production: true,
        description: 'mail',
        payload: {
          suite: 'devops-actions/deployment@1',
          service: 'mail',
          version: '1.0.0',
          releaseId: '1.0.0',
          builtSha: sha,
          releasedSha: sha,
          tree: place.git('rev-parse', `${sha}^{tree}`),
          digest: `sha256:${'a'.repeat(64)}`,
          kind: 'release',
          colour: 'blue',
          waivers: [],
          run: { id: epoch(at) / 1_000, attempt: 1 },
        },
      });
      await setDeploymentStatus(github, id, 'success', 'live');
    }
    place.on('03-20 10:00');
  });
  afterAll(async () => {
    const violations = place.server.control.violations();
    await place.close();
    expect(violations).toEqual([]);
  });

  const run = (given: Record<string, string>) => {
    const all = Object.entries({ 'github-token': place.token, window: '4w', ...given });
    const raw = Object.fromEntries(all.map(([name, value]) => [inputVariable(name), value]));
    return action.run(
      readInputs(action.inputs, raw),
      testHost({ clock, context: { apiUrl: place.server.url, serverUrl: place.server.url } }),
    );
  };

  it('measures each and all, and the outputs are those of all', async () => {
    const { report, outputs, files } = await run({ repositories: 'acme/shop\nacme/mail' });
    expect(report.services.map(({ service, frequency }) => [service, frequency.n])).toEqual([
      ['acme/shop', 1],
      ['acme/mail', 1],
    ]);
    expect(report.total.frequency.n).toBe(2);
    expect(outputs).toMatchObject({
      result: 'measured',
      'deployments-per-day': String(Math.round((2 / 28) * 1e6) / 1e6),
    });
    // Of mail nobody records failures.
    expect([report.total.changeFailRate.value, report.total.changeFailRate.n]).toEqual([1, 1]);
    expect(Object.keys(files!)).not.toContain('cache');
  });

  it('of one other repository is the report of that one alone', async () => {
    const { report, files } = await run({ repositories: 'acme/mail' });
    expect([report.repositories, report.total.service, report.total.frequency.n]).toEqual([
      undefined,
      'mail',
      1,
    ]);
    expect(report.facts.repositoryUrl).toMatch(/acme\/mail$/);
    expect(files!['cache']!.text).toContain('acme/mail');
  });

  it('names every repository that could not be read, and measures none without them', async () => {
    await expect(run({ repositories: 'acme/shop\nacme/gone\nacme/lost' })).rejects.toThrow(
      /2 of 3 repositories could not be read[\s\S]*acme\/gone: [\s\S]*acme\/lost: [\s\S]*Fix: pass as "github-token"/,
    );
  });

  it('refuses what belongs to one repository, and names that are none or twice', async () => {
    const two = 'acme/shop\nacme/mail';
    await expect(run({ repositories: two, cache: 'c.json', 'incident-exports': 'i.json' })).rejects.toThrow(
      /cache[\s\S]*incident-exports/,
    );
    for (const repositories of ['shop', 'acme/../x', 'acme/..', 'acme/shop\nAcme/Shop'])
      expect(() => run({ repositories })).toThrow(/repositories/);
  });

  it('on a laptop: --repo is repeated, and the saved report is measured again offline', () =>
    inFolder({}, async (folder) => {
      const env = { GITHUB_TOKEN: place.token, GITHUB_API_URL: place.server.url };
      const shell = testShell(folder, { env, clock });
      const asked = [
        'dora',
        '--repo',
        'acme/shop',
        '--repo',
        'acme/mail',
        '--since',
        '28d',
        '--reports',
        'out',
      ];
      expect([await dispatch(asked, shell), shell.errors.join('\n')]).toEqual([
        0,
        expect.stringContaining('acme/mail: read 2 deployments'),
      ]);
      expect(shell.written.join('\n')).toMatch(
        /all 2 repositories[\s\S]*Each repository:\n {2}acme\/shop[\s\S]*\n {2}acme\/mail/,
      );
      const again = testShell(folder);
      expect(await dispatch(['dora', '--replay', 'out/dora-report.json'], again)).toBe(0);
      const figures = (lines: readonly string[]) => lines.filter((line) => !line.startsWith('note: '));
      expect(figures(again.written)).toEqual(figures(shell.written));
    }));
});
