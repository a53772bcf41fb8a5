import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { jobOf } from '../../../rehearsal/story/jobs.js';
import { commitTree, gitIn } from '../../../scripts/release/git.js';
import { publish } from '../../../scripts/release/publish.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { openGitHub } from '../../../shared/github/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { act } from '../../../cli/act.js';
import { testShell } from '../../cli/terminal.js';
import { stage, type Stage } from '../../rehearsal/github/support.js';
import { openFixture, type Fixture } from '../../rehearsal/runner/fixture.js';
import { serve, type TestServer } from '../../support/servers/http.js';

describe('what people get at v1', () => {
  let world: Stage;
  let fixture: Fixture;
  let app: TestServer;
  let root: string;
  let tag: string;
  beforeAll(async () => {
    world = await stage();
    fixture = await openFixture();
    app = await serve((_, response) => response.end('shop 1.4.2'));
    root = mkdtempSync(join(tmpdir(), 'consumed-'));
    gitIn(root)(['clone', '--quiet', world.gitDir, 'sources']);
    const git = gitIn(join(root, 'sources'));
    const source = git(['rev-parse', 'HEAD']);
    writeReleaseTree(join(root, 'tree'), { repository: 'org/devops-actions', sha: source });
    const { token } = world.server.control.addToken({
      actor: 'releaser',
      permissions: { contents: 'write' },
    });
    const at = { owner: world.at.owner, repository: world.at.repo, apiUrl: world.server.url };
    const plan = { version: '1.0.0', tag: 'v1.0.0', moving: 'v1', prerelease: false, notes: 'First.' };
    await publish(
      {
        plan,
        commit: commitTree(git, join(root, 'tree'), source, 'Release'),
        source,
        branch: 'main',
        remote: 'origin',
      },
      { git, github: await openGitHub({ token, at, clock: systemClock, random: () => 0.5 }), tell: () => {} },
    );
    tag = join(root, 'v1');
    gitIn(root)(['clone', '--quiet', '--depth', '1', '--branch', 'v1', `file://${world.gitDir}`, tag]);
  });
  afterAll(async () => {
    await Promise.all([world.close(), fixture.close(), app.close()]);
    rmSync(root, { recursive: true, force: true });
  });
  const actions = () => ({ 'org/devops-actions': tag });

  it('is every action, each with the bundle that its action.yml names', () => {
    for (const name of [
      'blue-green',
      'blue-green-switch',
      'gate-check',
      'smoke-test',
      'auto-rollback',
      'notify',
    ]) {
      const { runs } = parse(readFileSync(join(tag, name, 'action.yml'), 'utf8')) as {
        runs: { main: string };
      };
      expect([name, existsSync(join(tag, name, runs.main))]).toEqual([name, true]);
    }
  });

  it('is an action that a step uses', async () => {
    const home = { name: 'home', http: { url: '/' }, expect: { status: 200, body: { contains: ['1.4.2'] } } };
    fixture.commit({
      '.github/smoke.yml': stringify({ version: 1, flows: [{ name: 'home', steps: [home] }] }),
    });
    const workflow = (url: string) =>
      stringify({
        on: 'push',
        jobs: {
          main: {
            'runs-on': 'ubuntu-24.04',
            steps: [
              { uses: 'actions/checkout@v4' },
              {
                id: 'smoke',
                uses: 'org/devops-actions/smoke-test@v1',
                with: { suite: '.github/smoke.yml', 'base-url': url },
              },
            ],
          },
        },
      });
    const good = await fixture.run(workflow(app.url), { actions: actions() });
    expect([good.conclusion, JSON.stringify(good.jobs['main']?.steps.map(({ log }) => log))]).toEqual([
      'success',
      expect.stringContaining('home'),
    ]);
    const bad = await fixture.run(workflow('http://127.0.0.1:9'), { actions: actions() });
    expect(bad.conclusion).toBe('failure');
  });

  it('is a workflow that a thin caller calls, which uses the actions beside it', async () => {
    const caller = readFileSync(join(tag, 'workflow-templates', 'reconcile.yml'), 'utf8');
    const run = await fixture.run(caller, {
      actions: actions(),
      event: { name: 'workflow_dispatch' },
    });
    const step = jobOf({ ...run, jobs: run.jobs }, 'staging.reconcile')?.steps.find(
      ({ id }) => id === 'reconcile',
    );
    expect(run.conclusion).toBe('failure');
    expect(step?.annotations.map(({ message }) => message).join('\n')).toContain(
      '.github/traffic/staging.yml',
    );
  });

  describe('under act, through the published transform', () => {
    const suite = 'org/devops-actions@v1';
    const caller = `on: workflow_dispatch
jobs:
  step:
    runs-on: ubuntu-24.04
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - id: smoke
        uses: org/devops-actions/smoke-test@v1
        with: { suite: .github/smoke.yml, base-url: URL }
      - run: test "$RESULT" = pass
        env: { RESULT: '\${{ steps.smoke.outputs.result }}' }
`;
    let told: string[];
    beforeAll(async () => {
      const shell = testShell(root);
      expect(await act.run(['v1', 'for-act', '--suite', suite], shell)).toBe(0);
      told = shell.written;
      const git = gitIn(join(root, 'for-act'));
      git(['init', '--quiet']);
    });

    /** Runs a workflow in a repository of its own; no network is needed, and none is asked. */
    function run(workflow: string): Promise<{ code: number; log: string }> {
      const repository = mkdtempSync(join(root, 'team-'));
      const files: Record<string, string> = {
        '.github/workflows/use.yml': workflow,
        '.github/smoke.yml': stringify({
          version: 1,
          flows: [{ name: 'home', steps: [{ name: 'home', http: { url: '/' }, expect: { status: 200 } }] }],
        }),
      };
      for (const [path, text] of Object.entries(files)) {
        mkdirSync(dirname(join(repository, path)), { recursive: true });
        writeFileSync(join(repository, path), text);
      }
      const git = gitIn(repository);
      git(['init', '--quiet', '--initial-branch', 'main']);
      git(['remote', 'add', 'origin', 'https://github.com/acme/shop']);
      git(['add', '.']);
      git(['-c', 'user.name=ana', '-c', 'user.email=ana@example.test', 'commit', '--quiet', '-m', 'x']);
      const binary = execFileSync('sh', ['scripts/install/act.sh'], { encoding: 'utf8' }).trim();
      const args = [
        ...['workflow_dispatch', '-W', '.github/workflows/use.yml', '-P', 'ubuntu-24.04=-self-hosted'],
        ...['--local-repository', `${suite}=${join(root, 'for-act')}`],
        ...['--env', `GITHUB_API_URL=${world.server.url}`, '-s', 'GITHUB_TOKEN=x'],
      ];
      // act asks at its first start which image it may fetch; a settings file is an answer.
      const home = join(root, 'home');
      mkdirSync(join(home, '.config/act'), { recursive: true });
      writeFileSync(join(home, '.config/act/actrc'), '');
      const env = { PATH: process.env['PATH'], HOME: home, XDG_CONFIG_HOME: join(home, '.config') };
      return new Promise((done) =>
        execFile(binary, args, { cwd: repository, env, timeout: 120_000 }, (error, out, err) =>
          done({ code: error ? 1 : 0, log: `${out}\n${err}` }),
        ),
      );
    }

    it('says of every workflow what act does otherwise', () => {
      const text = told.join('\n');
      expect(text).toMatch(/promote\.yml:\n( {2}.*\n)* {2}line [\d, ]+: act asks no reviewers/);
      expect(text).toMatch(/line [\d, ]+: dropped "deployment"/);
      expect(readFileSync(join(root, 'for-act/.github/workflows/promote.yml'), 'utf8')).not.toMatch(
        /\$\/|deployment: false/,
      );
    });

    it('is an action that a step uses, green where the app answers and red where nobody does', async () => {
      const good = await run(caller.replace('URL', app.url));
      expect([good.code, good.log]).toEqual([0, expect.stringContaining('Smoke test passed')]);
      const bad = await run(caller.replace('URL', 'http://127.0.0.1:9'));
      expect([bad.code, bad.log]).toEqual([1, expect.stringContaining('Smoke test failed')]);
    });

    it('is a workflow that a thin caller calls, which uses the actions beside it', async () => {
      const thin = readFileSync(join(tag, 'workflow-templates', 'reconcile.yml'), 'utf8');
      const { code, log } = await run(thin);
      expect(code).toBe(1);
      expect(log).toContain("subpath 'blue-green/action.yml'");
      expect(log).toContain('.github/traffic/staging.yml');
    });
  });
});
