import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import { jobOf } from '../../../rehearsal/story/jobs.js';
import { commitTree, gitIn } from '../../../scripts/release/git.js';
import { publish } from '../../../scripts/release/publish.js';
import { writeReleaseTree } from '../../../scripts/release-tree.js';
import { openGitHub } from '../../../shared/github/client.js';
import { systemClock } from '../../../shared/runner/port.js';
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
});
