import { readFileSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { action } from '../../../cli/steps/release-candidate.js';
import { greenProofs, type Run } from '../../../cli/steps/release-candidate/green.js';
import { numberOf } from '../../../cli/steps/release-candidate/number.js';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../../actions/gate-check/stage.js';
import { testHost } from '../../support/runner/host.js';

const [here, there] = ['a'.repeat(40), 'b'.repeat(40)];

describe('which number a candidate gets', () => {
  const tags = [
    { name: 'v1.3.0', sha: there },
    { name: 'v1.4.0-rc.1', sha: there },
    { name: 'v1.4.0-rc.9', sha: there },
    { name: 'v1.4.0-rc.10', sha: there },
    { name: 'v1.4.0-beta.77', sha: there },
    { name: 'v1.4.1-rc.55', sha: there },
    { name: 'vacation', sha: here },
  ];
  it.each([
    [
      'one more than the highest, by number and not by letters',
      tags,
      '1.4.0',
      'v',
      { is: 'next', tag: 'v1.4.0-rc.11' },
    ],
    ['the first', [], '2.0.0', 'v', { is: 'next', tag: 'v2.0.0-rc.1' }],
    [
      'that of the commit, where it has one',
      [...tags, { name: 'v1.4.0-rc.2', sha: here }],
      '1.4.0',
      'v',
      { is: 'exists', tag: 'v1.4.0-rc.2' },
    ],
    ['that of its own prefix', tags, '1.4.0', 'shop-v', { is: 'next', tag: 'shop-v1.4.0-rc.1' }],
  ])('%s', (_, known, version, prefix, expected) => {
    expect(numberOf(known, version, prefix, here)).toEqual(expected);
  });

  it.each([
    ['is out already', '1.3.0', /v1\.3\.0 is released already/],
    ['is older than one that is out', '1.2.9', /v1\.3\.0 is newer/],
  ])('none, where the version %s', (_, version, why) => {
    expect(numberOf(tags, version, 'v', here)).toMatchObject({
      is: 'refused',
      why: expect.stringMatching(why),
    });
  });
});

describe('green everywhere', () => {
  const run = (conclusion: string | undefined, number = 1, path = ciPath, branch = 'main'): Run => ({
    path,
    event: 'push',
    branch,
    number,
    status: conclusion === undefined ? 'in_progress' : 'completed',
    conclusion,
  });
  const wrong = (runs: Run[], posted: Parameters<typeof greenProofs>[1] = []) =>
    greenProofs(runs, posted, [ciPath])
      .filter(({ is }) => is === 'wrong')
      .map(({ what }) => what);
  it.each<[string, Run[], string[]]>([
    ['one green run', [run('success')], []],
    ['nothing at all', [], ['required workflows']],
    [
      'a red run after a green one',
      [run('success', 1), run('failure', 2)],
      ['required workflows', 'all green'],
    ],
    ['a green run after a cancelled one', [run('cancelled', 1), run('success', 2)], []],
    [
      'a red run, and a newer green one of a branch that was made of the same commit',
      [run('failure', 1), run('success', 2, ciPath, 'mine')],
      ['all green'],
    ],
    [
      'a run at work',
      [run('success', 1), run(undefined, 2)],
      ['required workflows', 'nothing runs any more'],
    ],
    ['another workflow that is red', [run('success'), run('failure', 1, 'other.yml')], ['all green']],
    ['the required one skipped', [run('skipped')], ['required workflows']],
  ])('%s', (_, runs, expected) => {
    expect(wrong(runs)).toEqual(expected);
  });

  it('what other apps posted counts too', () => {
    expect(wrong([run('success')], [{ name: 'codecov', is: 'red' }])).toEqual(['all green']);
    expect(wrong([run('success')], [{ name: 'codecov', is: 'running' }])).toEqual(['nothing runs any more']);
  });
});

describe('the action', () => {
  let world: GateStage;
  let sha: string;
  beforeEach(async () => {
    world = await gateStage();
    sha = world.push({
      [policyPath]: 'version: 1\nenvironments:\n  production: { gates: { release-candidate: {} } }\n',
    });
  });
  afterEach(() => world.close());

  const prove = async () => {
    world.ran({ sha });
    const runId = world.ran({ sha, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'staging', sha, runId });
  };
  const tags = () => world.git('tag', '--list', 'v*').split('\n').filter(Boolean);
  const run = async (mode: 'check' | 'tag' = 'tag', more: object = {}) => {
    const { token } = world.server.control.addToken({
      actor: 'github-actions[bot]',
      permissions: {
        contents: 'write',
        actions: 'read',
        checks: 'read',
        statuses: 'read',
        deployments: 'read',
      },
    });
    const host = testHost({
      context: {
        apiUrl: world.server.url,
        sha,
        workflowRef: 'acme/shop/.github/workflows/release-candidate.yml@refs/heads/main',
      },
    });
    const given = action.inputs.parse({
      mode,
      version: '1.4.0',
      service: 'shop',
      'github-token': token,
      ...more,
    });
    const outcome = await action.run(given, host);
    return { ...outcome, summary: action.render(outcome.report) };
  };

  it('tags what is green and live in staging, and the gate accepts it', async () => {
    await prove();
    expect((await run('check')).outputs).toEqual({
      result: 'ready',
      tag: 'v1.4.0-rc.1',
      'live-version': '1.0.0',
    });
    expect(tags()).toEqual([]);
    expect((await run()).outputs.result).toBe('tagged');
    expect([tags(), world.git('rev-parse', 'v1.4.0-rc.1')]).toEqual([['v1.4.0-rc.1'], sha]);
    const runId = world.ran({ sha, path: cdPath });
    const { gates } = await world.check({ service: 'shop', sha, runId });
    expect(gates['release-candidate']).toMatchObject({ result: 'pass' });
  });

  it('makes one tag, however often and by how many it is asked', async () => {
    await prove();
    const results = await Promise.all([run(), run(), run()]);
    expect(results.map(({ ok, outputs }) => [ok, outputs.tag])).toEqual(Array(3).fill([true, 'v1.4.0-rc.1']));
    expect(results.filter(({ outputs }) => outputs.result === 'tagged')).toHaveLength(1);
    expect((await run()).outputs.result).toBe('exists');
    expect(tags()).toEqual(['v1.4.0-rc.1']);
  });

  it('gives the next commit the next number, and moves no tag', async () => {
    await prove();
    await run();
    const first = sha;
    sha = world.push({ 'app.txt': '2' });
    await prove();
    expect((await run()).outputs.tag).toBe('v1.4.0-rc.2');
    expect(world.git('rev-parse', 'v1.4.0-rc.1')).toBe(first);
  });

  it('does not count an earlier run of its own that was refused', async () => {
    await prove();
    world.ran({
      sha,
      path: '.github/workflows/release-candidate.yml',
      event: 'workflow_dispatch',
      conclusion: 'failure',
    });
    expect((await run()).outputs.result).toBe('tagged');
  });

  it('is not talked into it by a posted check: a check named as the workflow is no run of it', async () => {
    const runId = world.ran({ sha, path: cdPath });
    await world.deployed({ service: 'shop', environment: 'staging', sha, runId });
    const writer = await world.as('github-actions[bot]', { checks: 'write' });
    await writer.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'test',
      head_sha: sha,
      status: 'completed',
      conclusion: 'success',
    } as never);
    const { ok, summary } = await run();
    expect([ok, tags()]).toEqual([false, []]);
    expect(summary).toMatch(/required workflows.*not green on this commit.*ci\.yml/);
  });

  it('names everything that is not right at once, each with what to do', async () => {
    const { ok, report } = await run();
    expect([ok, tags()]).toEqual([false, []]);
    expect(report.proofs.filter(({ is }) => is === 'wrong').map(({ what }) => what)).toEqual([
      'staging',
      'required workflows',
    ]);
    expect(report.proofs.filter(({ is }) => is === 'wrong').every(({ fix }) => fix !== '')).toBe(true);
  });

  it('refuses what staging has of another tree, a run that may not write its ledger, and a commit of no branch', async () => {
    await prove();
    sha = world.push({ 'app.txt': 'newer' });
    world.ran({ sha });
    expect((await run()).report.message).toMatch(/staging: 1\.0\.0 of commit .* is live/);
    const other = world.ran({ sha, path: '.github/workflows/mine.yml' });
    await world.deployed({ service: 'shop', environment: 'staging', sha, runId: other });
    expect((await run()).report.message).toMatch(/staging: 1\.0\.0 of commit .* is live/);
    world.git('checkout', '-q', '-b', 'side');
    sha = world.push({ 'side.txt': '1' });
    await prove();
    expect((await run()).report.message).toMatch(/branch: part of none of main, develop/);
    expect(tags()).toEqual([]);
  });
});

it('the last job may write and runs nothing of the team', () => {
  const { jobs } = parse(readFileSync('.github/workflows/release-candidate.yml', 'utf8')) as {
    jobs: Record<string, { permissions: Record<string, string>; steps: { uses?: string; run?: string }[] }>;
  };
  for (const { permissions, steps } of Object.values(jobs))
    if (Object.entries(permissions).some(([name, level]) => level === 'write' && name !== 'id-token'))
      expect(steps.filter(({ uses, run }) => run !== undefined || !uses?.startsWith('$/'))).toEqual([]);
});
