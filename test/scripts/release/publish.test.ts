import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { commitTree, gitIn, remoteRef, type Git } from '../../../scripts/release/git.js';
import type { ReleasePlan } from '../../../scripts/release/plan.js';
import { publish } from '../../../scripts/release/publish.js';
import { openGitHub, type GitHub } from '../../../shared/github/client.js';
import { systemClock } from '../../../shared/runner/port.js';
import { stage, type Stage } from '../../rehearsal/github/support.js';

describe('publishing a release', () => {
  let world: Stage;
  let git: Git;
  let github: GitHub;
  let root: string;
  let tree: string;
  let lines: string[];
  beforeEach(async () => {
    world = await stage();
    root = mkdtempSync(join(tmpdir(), 'release-'));
    gitIn(root)(['clone', '--quiet', world.gitDir, 'sources']);
    git = gitIn(join(root, 'sources'));
    tree = join(root, 'tree');
    mkdirSync(join(tree, 'gate-check'), { recursive: true });
    writeFileSync(join(tree, 'gate-check', 'action.yml'), 'name: gate\n');
    lines = [];
    const { token } = world.server.control.addToken({
      actor: 'releaser',
      permissions: { contents: 'write' },
    });
    github = await openGitHub({
      token,
      at: { owner: world.at.owner, repository: world.at.repo, apiUrl: world.server.url },
      clock: systemClock,
      random: () => 0.5,
    });
  });
  afterEach(async () => {
    const violations = world.server.control.violations();
    await world.close();
    rmSync(root, { recursive: true, force: true });
    expect(violations).toEqual([]);
  });

  const planOf = (version: string, fields: Partial<ReleasePlan> = {}): ReleasePlan => ({
    version,
    tag: `v${version}`,
    moving: 'v1',
    prerelease: false,
    notes: '- Better.',
    ...fields,
  });
  const publishTree = (plan: ReleasePlan, ports: { github?: Pick<GitHub, 'rest'>; git?: Git } = {}) => {
    const source = git(['rev-parse', 'HEAD']);
    const commit = commitTree(git, tree, source, `Release ${plan.tag}`);
    const publication = { plan, commit, source, branch: 'main', remote: 'origin' };
    return publish(publication, { git, github, tell: (line) => lines.push(line), ...ports }).then(
      () => commit,
    );
  };
  const remote = (ref: string) => remoteRef(git, 'origin', ref);
  /** GitHub that refuses one route. */
  const refusing = (route: string): Pick<GitHub, 'rest'> => ({
    rest: (asked, parameters) =>
      asked === route
        ? Promise.reject(new Error(`${route} answers 500`))
        : github.rest(asked, parameters as never),
  });

  it('makes an annotated tag of exactly the tree, a Release, and moves v1 last', async () => {
    const commit = await publishTree(planOf('1.2.3'));
    expect(remote('refs/tags/v1.2.3^{}')).toBe(commit);
    expect(remote('refs/tags/v1')).toBe(commit);
    expect(git(['ls-tree', '-r', '--name-only', commit])).toBe('gate-check/action.yml');
    expect(git(['rev-parse', `${commit}^`])).toBe(git(['rev-parse', 'HEAD']));
    const release = await github.rest('GET /repos/{owner}/{repo}/releases/latest');
    expect(release).toMatchObject({ tag_name: 'v1.2.3', body: '- Better.', draft: false });
    expect(lines).toEqual(['v1.2.3 pushed', 'Release v1.2.3 published', 'v1 moved to v1.2.3']);
  });

  it('moves v1 from one release to the next, and no Release is made of it', async () => {
    await publishTree(planOf('1.2.3'));
    writeFileSync(join(tree, 'gate-check', 'action.yml'), 'name: better\n');
    const next = await publishTree(planOf('1.2.4'));
    expect(remote('refs/tags/v1')).toBe(next);
    const releases = await github.rest('GET /repos/{owner}/{repo}/releases');
    expect(releases.map(({ tag_name }) => tag_name)).toEqual(['v1.2.4', 'v1.2.3']);
  });

  it('leaves v1 alone for a pre-release', async () => {
    const commit = await publishTree(planOf('1.3.0-rc.1', { moving: 'v1-next', prerelease: true }));
    expect(remote('refs/tags/v1')).toBeUndefined();
    expect(remote('refs/tags/v1-next')).toBe(commit);
  });

  it('leaves no tag when the Release is refused', async () => {
    await expect(
      publishTree(planOf('1.2.3'), { github: refusing('POST /repos/{owner}/{repo}/releases') }),
    ).rejects.toThrow('answers 500');
    expect(remote('refs/tags/v1.2.3')).toBeUndefined();
    expect(remote('refs/tags/v1')).toBeUndefined();
    expect(lines.at(-1)).toBe('v1.2.3 taken off again');
  });

  it('leaves no tag when the push is refused', async () => {
    const failing: Git = (args, environment) => {
      if (args[0] === 'push') throw new Error('the remote refused the push');
      return git(args, environment);
    };
    await expect(publishTree(planOf('1.2.3'), { git: failing })).rejects.toThrow('refused the push');
    expect(remote('refs/tags/v1.2.3')).toBeUndefined();
  });

  it('leaves no tag when the push arrives and its answer is lost', async () => {
    const lost: Git = (args, environment) => {
      const said = git(args, environment);
      if (args[0] === 'push' && args.some((arg) => /^[0-9a-f]{40}:refs\/tags/.test(arg)))
        throw new Error('the connection was lost');
      return said;
    };
    await expect(publishTree(planOf('1.2.3'), { git: lost })).rejects.toThrow('connection was lost');
    expect(remote('refs/tags/v1.2.3')).toBeUndefined();
    expect(lines).toEqual(['v1.2.3 taken off again']);
  });

  it('is refused where a newer one was made since its checkout, and moves nothing back', async () => {
    const newest = await publishTree(planOf('1.3.0'));
    await expect(publishTree(planOf('1.2.4'))).rejects.toThrow('v1.3.0 is released already');
    expect([remote('refs/tags/v1'), remote('refs/tags/v1.2.4')]).toEqual([newest, undefined]);
  });

  it('keeps the tag of a Release that is public, says so, and goes on when it is run again', async () => {
    let reads = 0;
    const flaky: Pick<GitHub, 'rest'> = {
      rest: (route, parameters) => {
        if (route.startsWith('GET') && (reads += 1) === 2) return Promise.reject(new Error('lost'));
        return github.rest(route, parameters as never);
      },
    };
    await expect(publishTree(planOf('1.2.3'), { github: flaky })).rejects.toThrow('lost');
    expect(remote('refs/tags/v1.2.3')).toBeDefined();
    expect(remote('refs/tags/v1')).toBeUndefined();
    expect(lines.at(-1)).toContain('run the release again');
    const commit = await publishTree(planOf('1.2.3'));
    expect(remote('refs/tags/v1')).toBe(commit);
  });

  it('refuses a version that is another release already', async () => {
    await publishTree(planOf('1.2.3'));
    writeFileSync(join(tree, 'gate-check', 'action.yml'), 'name: other\n');
    await expect(publishTree(planOf('1.2.3'))).rejects.toThrow('is another release');
  });

  it('refuses sources that are not on the default branch', async () => {
    git([
      '-c',
      'user.name=a',
      '-c',
      'user.email=a@example.com',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'Mine',
    ]);
    await expect(publishTree(planOf('1.2.3'))).rejects.toThrow('nobody reviewed it');
    expect(remote('refs/tags/v1.2.3')).toBeUndefined();
  });

  it('does not overwrite a moving tag that somebody moved meanwhile', async () => {
    const racing: Git = (args, environment) => {
      const ref = args.find((arg) => arg.endsWith(':refs/tags/v1'));
      if (args[0] === 'push' && ref) world.git('tag', '-f', 'v1', world.first.commit);
      return git(args, environment);
    };
    await publishTree(planOf('1.2.3'));
    writeFileSync(join(tree, 'gate-check', 'action.yml'), 'name: better\n');
    await expect(publishTree(planOf('1.2.4'), { git: racing })).rejects.toThrow();
    expect(remote('refs/tags/v1')).toBe(world.first.commit);
  });
});
