import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { lockPath, readLock, type Lock } from '../../cli/init/lock.js';
import type { Proposal } from '../../cli/init/proposal.js';
import { runsBeforeReview } from '../../cli/init/protection/before-review.js';
import { refusalsOfProposal, type Standing } from '../../cli/steps/fleet-update/judge.js';
import { bodyOf } from '../../cli/steps/fleet-update/words.js';
import { inRepository, type Team } from './init/support.js';

const branch = 'devops-actions/fleet-update';
const folders = { python: '.', node: '.', terraform: 'infra' };
const all =
  'ci-python,ci-node,test-pyramid,security-scan,docs,hotfix,migrations,infrastructure,incident-response,release-candidate';
/** Workflows that a pull request starts with a login or a right to write. */
const withLogin = ['ephemeral-environment', 'hotfix', 'infrastructure', 'security-scan'].map(
  (name) => `.github/workflows/${name}.yml`,
);

/** A repository with every part, and what a newer version proposes to it. */
async function proposed(team: Team, change: () => Promise<unknown> = () => Promise.resolve()) {
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=ana', '-c', 'user.email=ana@example.test', ...args], {
      cwd: team.root,
      stdio: 'pipe',
    });
  git('init', '--quiet');
  await team.init({ ...folders, with: all });
  for (const path of ['requirements.txt', 'package-lock.json', 'infra/main.tf', '.github/infrastructure.crt'])
    await team.write(path, '\n');
  await change();
  git('add', '--all');
  git('commit', '-q', '-m', 'Written by init');
  const { code, out } = await team.cli([
    ...['init', '--check', '--proposal', 'proposal.json', '--ref', 'b'.repeat(40), '--version', 'v1.5.0'],
  ]);
  expect(code).toBe(0);
  const proposal = JSON.parse(readFileSync(join(team.root, 'proposal.json'), 'utf8')) as Proposal;
  const lock = readLock(await team.read(lockPath));
  if (!lock.ok) throw new Error('the lock cannot be read');
  const standing = new Map<string, Standing>();
  for (const path of await team.files())
    if (!path.startsWith('.git/')) standing.set(path, { text: await team.read(path), executable: false });
  return { proposal, lock: lock.value as Lock, standing, out };
}

describe('a newer version, for a team with every part', () => {
  test('proposes what starts after a review, and leaves to a person what runs with a login before', () =>
    inRepository(async (team) => {
      const { proposal, lock, standing, out } = await proposed(team);
      expect([...proposal.byHand].sort()).toEqual(withLogin);
      const paths = proposal.files.map(({ path }) => path);
      for (const name of ['cd', 'incident-response', 'release-candidate'])
        expect(paths).toContain(`.github/workflows/${name}.yml`);
      expect(refusalsOfProposal(proposal, lock, standing, branch)).toEqual([]);
      for (const path of withLogin) expect(out).toContain(`BY HAND  ${path}`);
    }));

  test('tells the reviewers which, and how they come', () =>
    inRepository(async (team) => {
      const { proposal, lock } = await proposed(team);
      const body = bodyOf(proposal, lock, 'https://github.com');
      expect(body).toMatch(
        /For a person to bring[^]*`init` of `v1\.5\.0`[^]*`\.github\/workflows\/hotfix\.yml`/,
      );
    }));

  test('does not forget them: as long as nobody brought them, they are proposed to a person again', () =>
    inRepository(async (team) => {
      const { proposal } = await proposed(team);
      for (const { path, text } of proposal.files) await team.write(path, text);
      const { out } = await team.cli(['init', '--check', '--offline']);
      for (const path of withLogin) expect(out).toContain(`${path}:`);
      expect(await team.init({ ref: 'b'.repeat(40), version: 'v1.5.0' })).toMatchObject({ code: 0 });
      expect(await team.cli(['init', '--check', '--offline'])).toMatchObject({ code: 0 });
    }));

  test('that slips one of them in is refused by the version that was pinned', () =>
    inRepository(async (team) => {
      const { proposal, lock, standing } = await proposed(team);
      const [path = ''] = withLogin;
      const text = standing.get(path)!.text.replaceAll('a'.repeat(40), 'b'.repeat(40));
      proposal.files.push({ path, text, executable: false });
      expect(refusalsOfProposal(proposal, lock, standing, branch)).toEqual([
        expect.stringMatching(/^\.github\/workflows\/ephemeral-environment\.yml would run by "pull_request"/),
      ]);
    }));

  test('brings an executable that is gone, and nothing else in its folder', () =>
    inRepository(async (team) => {
      const { proposal, lock, standing } = await proposed(team, () =>
        Promise.resolve(execFileSync('rm', ['-r', join(team.root, 'test')])),
      );
      expect(proposal.files.map(({ path }) => path)).toContain('test/acceptance');
      expect(refusalsOfProposal(proposal, lock, standing, branch)).toEqual([]);
      proposal.files.push({ path: 'test/setup', text: '#!/bin/sh\n', executable: true });
      expect(refusalsOfProposal(proposal, lock, standing, branch)).toEqual([
        expect.stringMatching(/^test\/setup is no file that init writes/),
      ]);
    }));
});

describe('what a workflow of a branch may have before its review', () => {
  const pull = (step: string) =>
    `on: pull_request\npermissions: { contents: read }\njobs: { a: { runs-on: ubuntu-24.04, steps: [${step}] } }\n`;
  test.each<[what: string, step: string, allowed: boolean]>([
    ['the word in a script', "{ run: python -c 'import secrets' }", true],
    ['an expression of another context', '{ run: "echo ${{ github.sha }}" }', true],
    ['a secret', '{ env: { A: "${{ secrets.A }}" } }', false],
    ['a secret in another case', '{ env: { A: "${{ Secrets.A }}" } }', false],
    ['all of them', '{ env: { A: "${{ toJSON(secrets) }}" } }', false],
    [
      'a secret behind a text that looks like an end',
      `{ env: { A: "\${{ format('}}{0}', secrets.A) }}" } }`,
      false,
    ],
    ['a condition', "{ if: secrets.A != '', run: x }", false],
    ['what a call hands on', '{ secrets: inherit }', false],
  ])('%s', (_what, step, allowed) => {
    expect(runsBeforeReview(pull(step), branch) === undefined).toBe(allowed);
  });

  test.each<[what: string, job: string, why: RegExp | undefined]>([
    ["a machine of GitHub's", '{ runs-on: ubuntu-24.04 }', undefined],
    ['a runner of the team', '{ runs-on: self-hosted }', /runner that may be yours/],
    ['one of several labels', '{ runs-on: [self-hosted, linux] }', /runner that may be yours/],
    ['one that an expression names', '{ runs-on: "${{ vars.RUNNER }}" }', /runner that may be yours/],
    [
      'a workflow of the new version that nobody here read',
      '{ uses: acme/devops-actions/.github/workflows/scan.yml@v2 }',
      /calls another workflow/,
    ],
    ['rights that say nothing', '{ runs-on: ubuntu-24.04, permissions: }', /may write/],
  ])('%s', (_what, job, why) => {
    const text = `on: pull_request\npermissions: {}\njobs: { a: ${job} }\n`;
    const refused = runsBeforeReview(text, branch);
    if (why) expect(refused).toMatch(why);
    else expect(refused).toBeUndefined();
  });

  test('an event of an issue runs what stands on the default branch', () => {
    const text = 'on: { issues: { types: [labeled] } }\npermissions: write-all\njobs: {}\n';
    expect(runsBeforeReview(text, branch)).toBeUndefined();
  });
});
