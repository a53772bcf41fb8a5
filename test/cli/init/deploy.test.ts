import { spawnSync } from 'node:child_process';
import { readFileSync, readlinkSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { places } from '../../../cli/init/answers.js';
import { fakeTools, inRepository, toolsBeside, type Team } from './support.js';

const digest = `sha256:${'d'.repeat(64)}`;

/** Runs a file of the repository with stand-ins for the tools it calls; gives what it printed and what it called. */
async function run(
  team: Team,
  [file, ...args]: readonly string[],
  tools: Readonly<Record<string, string>> = {},
) {
  const folder = await fakeTools(toolsBeside(team.root), {
    true: '',
    ...tools,
  });
  const { status, stdout, stderr } = spawnSync(join(team.root, file!), args, {
    cwd: team.root,
    encoding: 'utf8',
    env: { PATH: `${folder}:${process.env['PATH'] ?? ''}`, HOME: team.root },
  });
  const log = join(folder, 'calls.log');
  return { status, stdout, stderr, calls: () => readFileSync(log, 'utf8').trim().split('\n') };
}

const commit = (team: Team) => {
  const git = ['-c', 'user.name=dev', '-c', 'user.email=dev@example.com', '-c', 'commit.gpgsign=false'];
  for (const args of [
    ['init', '--quiet'],
    ['add', '--all'],
    ['commit', '--quiet', '--message', 'all'],
  ])
    expect(spawnSync('git', [...git, ...args], { cwd: team.root }).status).toBe(0);
};

const docker = `for last; do :; done; while test "$1" != --metadata-file; do shift; done
echo noise; echo '{"containerimage.digest":"${digest}"}' > "$2"`;

describe('scripts of every place', () => {
  test.each(places)('%s: are bash that parses, and say how they are called', (place) =>
    inRepository(async (team) => {
      await team.init({ place });
      for (const name of ['build', 'deploy', 'remove']) {
        expect(spawnSync('bash', ['-n', join(team.root, 'deploy', name)]).status).toBe(0);
        const { status, stderr } = await run(team, [`deploy/${name}`]);
        expect([status, stderr]).toEqual([1, expect.stringContaining(`usage: deploy/${name} SERVICE`)]);
      }
    }),
  );

  test.each(places)('%s: refuse a service and an environment that the settings do not know', (place) =>
    inRepository(async (team) => {
      await team.init({ place });
      const { status, stderr } = await run(team, ['deploy/remove', 'shop', 'moon', 'blue']);
      expect([status, stderr]).toEqual([1, expect.stringContaining('does not know shop/moon/blue')]);
    }),
  );
});

describe('Kubernetes and ECS: the build', () => {
  test.each([
    ['VERSION', '2.1.0\n', '2.1.0'],
    ['package.json', '{ "version": "3.0.1" }', '3.0.1'],
    ['package.json', '{}', expect.stringMatching(/^0\.0\.0-g[0-9a-f]{12}$/)],
  ])('takes the version of %s %j, pushes once, and prints what the workflow keeps', (file, text, version) =>
    inRepository(async (team) => {
      await team.init({ place: 'kubernetes' });
      await team.write(file, text);
      commit(team);
      const { status, stdout } = await run(team, ['deploy/build', 'shop'], { docker });
      const printed = Object.fromEntries(
        stdout
          .trim()
          .split('\n')
          .map((line) => line.split('=')),
      );
      expect([status, printed]).toEqual([0, { version, digest }]);
    }),
  );

  test('fails where no digest is named, and prints none', () =>
    inRepository(async (team) => {
      await team.init({ place: 'ecs' });
      commit(team);
      const { status, stdout } = await run(team, ['deploy/build', 'shop'], {
        docker: 'while test "$1" != --metadata-file; do shift; done; echo "{}" > "$2"',
      });
      expect([status, stdout]).toEqual([1, '']);
    }));
});

describe('Kubernetes', () => {
  test('deploys the digest to the colour, touches no other Service, and waits until it is ready', () =>
    inRepository(async (team) => {
      await team.init({ place: 'kubernetes' });
      const manifest = join(team.root, 'manifest.yml');
      const kubectl = `if test "$1" = apply; then cat > '${manifest}'; fi`;
      const { status, calls } = await run(team, ['deploy/deploy', 'shop', 'staging', 'green', digest], {
        kubectl,
      });
      expect(status).toBe(0);
      const text = readFileSync(manifest, 'utf8');
      expect(text).toContain(`image: ghcr.io/acme/shop@${digest}`);
      expect(text).toContain(`{ name: APP_DIGEST, value: '${digest}' }`);
      expect(text.match(/kind: Service\nmetadata: \{ name: (\S+),/)?.[1]).toBe('shop-green');
      expect(calls().at(-1)).toContain('rollout status deployment/shop-green --namespace shop-staging');
    }));

  test('fails when the pods are not ready in time, with their last lines', () =>
    inRepository(async (team) => {
      await team.init({ place: 'kubernetes' });
      const kubectl = 'case "$1" in rollout) exit 1 ;; logs) echo "out of memory" ;; esac';
      const { status, stderr } = await run(team, ['deploy/deploy', 'shop', 'staging', 'green', digest], {
        kubectl,
      });
      expect([status, stderr]).toEqual([1, expect.stringMatching(/out of memory\n.*did not become ready/)]);
    }));

  test('does nothing where the migration failed', () =>
    inRepository(async (team) => {
      await team.init({ place: 'kubernetes' });
      await team.write('deploy/migrate', '#!/bin/sh\nexit 3\n');
      spawnSync('chmod', ['+x', join(team.root, 'deploy/migrate')]);
      const { status } = await run(team, ['deploy/deploy', 'shop', 'staging', 'green', digest], {
        kubectl: 'exit 9',
      });
      expect(status).toBe(3);
    }));
});

describe('ECS', () => {
  const definition = JSON.stringify({
    family: 'shop',
    revision: 7,
    taskDefinitionArn: 'arn:7',
    containerDefinitions: [
      { name: 'proxy', image: 'envoy' },
      {
        name: 'app',
        image: 'old',
        environment: [
          { name: 'APP_DIGEST', value: 'old' },
          { name: 'KEEP', value: '1' },
        ],
      },
    ],
  });
  const aws = (root: string, then = 'arn:8') => `case "$2" in
describe-services) if test -f '${root}/updated'; then echo '${then}'; else echo arn:7; fi ;;
describe-task-definition) echo '${definition}' ;;
register-task-definition) echo "$4" > '${root}/registered.json'; echo arn:8 ;;
update-service) touch '${root}/updated' ;;
esac`;

  test('registers the definition with the new image alone changed, and waits until it is stable', () =>
    inRepository(async (team) => {
      await team.init({ place: 'ecs', router: 'aws-alb' });
      const { status, stderr } = await run(team, ['deploy/deploy', 'shop', 'staging', 'blue', digest], {
        aws: aws(team.root),
      });
      expect([status, stderr]).toEqual([0, '']);
      const registered = JSON.parse(await team.read('registered.json')) as { containerDefinitions: object[] };
      expect(registered).not.toHaveProperty('revision');
      expect(registered.containerDefinitions).toEqual([
        { name: 'proxy', image: 'envoy' },
        {
          name: 'app',
          image: `ghcr.io/acme/shop@${digest}`,
          environment: [
            { name: 'KEEP', value: '1' },
            { name: 'APP_DIGEST', value: digest },
            { name: 'APP_COLOUR', value: 'blue' },
          ],
        },
      ]);
    }));

  test('is not fooled by a circuit breaker that went back to the old revision', () =>
    inRepository(async (team) => {
      await team.init({ place: 'ecs', router: 'aws-alb' });
      const { status, stderr } = await run(team, ['deploy/deploy', 'shop', 'staging', 'blue', digest], {
        aws: aws(team.root, 'arn:7'),
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining('runs arn:7 again, not arn:8')]);
    }));

  test('says what is missing where the service of the colour is not there', () =>
    inRepository(async (team) => {
      await team.init({ place: 'ecs', router: 'aws-alb' });
      const { status, stderr } = await run(team, ['deploy/deploy', 'shop', 'staging', 'blue', digest], {
        aws: 'echo None',
      });
      expect([status, stderr]).toEqual([1, expect.stringContaining('has no ECS service shop-blue')]);
    }));
});

describe('a machine', () => {
  const settings = (root: string, text: string) =>
    text.replace('root=/srv', `root=${root}/srv`).replace('local:/srv/artifacts', `local:${root}/store`);
  const prepare = async (team: Team) => {
    await team.init({ place: 'vm' });
    await team.write('deploy/settings.sh', settings(team.root, await team.read('deploy/settings.sh')));
    await team.write('server.js', 'console.log(1)\n');
    await team.write('VERSION', '1.2.3\n');
    commit(team);
  };
  const sudo = 'true "$@"';
  const build = async (team: Team) => {
    const { stdout } = await run(team, ['deploy/build', 'shop']);
    return /^version=1\.2\.3\ndigest=(sha256:[0-9a-f]{64})\n$/.exec(stdout)![1]!;
  };

  test('gets the very artifact that was built, which is the same whenever it is built', () =>
    inRepository(async (team) => {
      await prepare(team);
      const built = await build(team);
      expect(await build(team)).toBe(built);
      const sum = built.slice('sha256:'.length);
      const tools = { sudo, curl: `echo '{"digest":"${built}"}'` };
      const { status, stderr } = await run(
        team,
        ['deploy/deploy', 'shop', 'production', 'green', built],
        tools,
      );
      expect([status, stderr]).toEqual([0, '']);
      const folder = join(team.root, 'srv/shop/green');
      expect(readlinkSync(join(folder, 'current'))).toBe(join(folder, 'releases', sum));
      expect(readFileSync(join(folder, 'current/server.js'), 'utf8')).toBe('console.log(1)\n');
      expect(readFileSync(join(folder, 'env'), 'utf8')).toMatch(
        new RegExp(`^APP_DIGEST=${built}\nAPP_COLOUR=green\nPORT=8091\n$`),
      );
    }));

  test('refuses an artifact that is not what its name says', () =>
    inRepository(async (team) => {
      await prepare(team);
      const built = await build(team);
      await team.write(`store/shop-${built.slice('sha256:'.length)}.tar.gz`, 'something else');
      const { status } = await run(team, ['deploy/deploy', 'shop', 'production', 'green', built], { sudo });
      expect(status).not.toBe(0);
      expect((await team.files()).filter((path) => path.startsWith('srv/'))).toEqual([]);
    }));

  test('is only deployed to when the unit answers with the digest', () =>
    inRepository(async (team) => {
      await prepare(team);
      const built = await build(team);
      const tools = {
        sudo,
        curl: `echo '{"digest":"${digest}"}'`,
        sleep: '',
        systemctl: 'echo "unit is active"',
      };
      const { status, stderr } = await run(
        team,
        ['deploy/deploy', 'shop', 'production', 'green', built],
        tools,
      );
      expect([status, stderr]).toEqual([
        1,
        expect.stringContaining(`did not answer http://127.0.0.1:8091/health with the digest ${built}`),
      ]);
    }));

  test.each(['latest', 'sha256:abc', `${digest}; rm -rf x`])('refuses "%s" as a digest', (wrong) =>
    inRepository(async (team) => {
      await prepare(team);
      const { status, stderr } = await run(team, ['deploy/deploy', 'shop', 'production', 'green', wrong]);
      expect([status, stderr]).toEqual([1, expect.stringContaining('is no digest')]);
    }),
  );

  test('behind ssh gets each command word by word, by the host keys of the repository alone', () =>
    inRepository(async (team) => {
      await prepare(team);
      const text = await team.read('deploy/settings.sh');
      await team.write(
        'deploy/settings.sh',
        text.replaceAll('machines=(local)', 'machines=(deploy@edge-1 deploy@edge-2)'),
      );
      await team.write('.github/known_hosts', '');
      const { status, calls } = await run(team, ['deploy/remove', 'shop', 'production', 'green'], {
        ssh: '',
      });
      expect(status).toBe(0);
      expect(calls()).toEqual(
        ['edge-1', 'edge-2'].map((edge) =>
          expect.stringMatching(`known_hosts -- deploy@${edge} sudo systemctl stop shop-green`),
        ),
      );
    }));
});
