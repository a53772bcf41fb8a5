import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { EvidenceValue } from '../../../../actions/gate-check/evidence/registry.js';
import { judge, known, minutesAgo, otherSha, request, sha, unknown } from '../facts.js';
import { cdPath, ciPath, gateStage, policyPath, type GateStage } from '../stage.js';

type Run = EvidenceValue<'migrations'>[number];
type Job = Run['jobs'][number];

const job = (fields: Partial<Job> = {}): Job => ({
  name: 'migrations',
  attempt: 1,
  status: 'completed',
  conclusion: 'success',
  startedAt: minutesAgo(10),
  url: 'https://github.example/acme/shop/actions/runs/7/job/1',
  ...fields,
});
const run = (fields: Partial<Run> = {}): Run => ({
  id: 7,
  number: 70,
  path: cdPath,
  event: 'push',
  headSha: sha,
  jobs: [job()],
  ...fields,
});
const live = {
  deployment: 3,
  sha: otherSha,
  version: '1.4.1',
  since: minutesAgo(60),
  status: 'ahead',
} as const;
const gates = `migration: { workflow: ${cdPath}, job: migrations }`;
const judged = (runs: Run[], since: number | null = live.since) => {
  const evidence = {
    migrations: known(runs),
    comparison: known({ live: since === null ? null : { ...live, since } }),
  };
  return judge(gates, evidence).gates[0]!;
};

describe('the gate migration', () => {
  it('passes where the job succeeded after the live release went live', () => {
    expect(judged([run()])).toMatchObject({
      result: 'pass',
      reason: 'migrations of run #70 (push): safe or waived, compared with 1.4.1',
    });
  });

  it('passes a first deployment', () => expect(judged([run()], null).result).toBe('pass'));

  it('takes the run that asks, while that is not complete', () => {
    expect(judged([run({ id: request.run.id })]).result).toBe('pass');
  });

  it.each([
    ['another release went live since', [run()], minutesAgo(5), 'compared with another release'],
    ['nobody judged', [], live.since, 'nobody judged'],
    ['it is of another workflow', [run({ path: ciPath })], live.since, 'nobody judged'],
    ['it is of another commit', [run({ headSha: otherSha })], live.since, 'nobody judged'],
    [
      'it is of an event that does not count',
      [run({ event: 'pull_request_target' })],
      live.since,
      'nobody judged',
    ],
    ['it failed', [run({ jobs: [job({ conclusion: 'failure' })] })], live.since, 'failure'],
    ['it was skipped', [run({ jobs: [job({ conclusion: 'skipped' })] })], live.since, 'let it run always'],
    ['it was cancelled', [run({ jobs: [job({ conclusion: 'cancelled' })] })], live.since, 'cancelled'],
    [
      'the job has another name',
      [run({ jobs: [job({ name: 'migration' })] })],
      live.since,
      'has no job "migrations"',
    ],
    [
      'two jobs have the name',
      [run({ jobs: [job(), job({ conclusion: 'failure' })] })],
      live.since,
      'has 2 jobs',
    ],
    [
      'two jobs have the name, and the one that passed was run again',
      [run({ jobs: [job(), job({ conclusion: 'failure' }), job({ attempt: 2 })] })],
      live.since,
      'has 2 jobs',
    ],
    [
      'only an older attempt succeeded',
      [run({ jobs: [job(), job({ attempt: 2, conclusion: 'failure' })] })],
      live.since,
      'failure',
    ],
    [
      'only an older run succeeded',
      [run(), run({ id: 8, number: 71, jobs: [job({ conclusion: 'failure' })] })],
      live.since,
      '#71',
    ],
    ['nobody knows when it began', [run({ jobs: [job({ startedAt: null })] })], live.since, 'run it again'],
  ])('fails where %s', (_, runs, since, why) => {
    const gate = judged(runs, since);
    expect(gate.result).toBe('fail');
    expect(gate.reason).toContain(why);
  });

  it('holds while the job runs', () => {
    expect(judged([run({ jobs: [job({ status: 'in_progress', conclusion: null })] })]).result).toBe('hold');
  });

  it('fails where the runs or what is live cannot be read', () => {
    expect(judge(gates, { migrations: unknown, comparison: known({ live }) }).gates[0]!.result).toBe('fail');
    expect(judge(gates, { migrations: known([run()]), comparison: unknown }).gates[0]!.result).toBe('fail');
  });

  it('is no gate that a hotfix or a person may pass', () => {
    expect(() => judge(`migration: { workflow: ${cdPath}, job: m, let-hotfix: true }`, {})).toThrow(
      /let-hotfix/,
    );
  });
});

describe('the gate migration against the stand-in', () => {
  let at: GateStage;
  let sha: string;
  beforeAll(async () => {
    at = await gateStage();
    sha = at.push({
      [policyPath]: `version: 1\nenvironments: { production: { gates: { ${gates} } } }\n`,
      [cdPath]: 'on: workflow_dispatch\n',
    });
  });
  afterAll(() => at.close());

  const asking = () => at.ran({ sha, path: cdPath, event: 'workflow_dispatch', job: 'gate' });
  const gate = async () => {
    const runId = asking();
    at.server.control.addJob(runId, { name: 'later', key: 'later' });
    return (await at.check({ service: 'shop', sha, runId })).gates['migration']!;
  };

  it('ignores a job and a check of the name in other workflows, and believes the named one', async () => {
    at.ran({ sha, path: ciPath, job: 'migrations' });
    const other = await as();
    await other.rest('POST /repos/{owner}/{repo}/check-runs', {
      name: 'migrations',
      head_sha: sha,
      status: 'completed',
      conclusion: 'success',
    });
    expect(await gate()).toMatchObject({ result: 'fail' });
    const runId = at.ran({ sha, path: cdPath, event: 'workflow_dispatch', job: 'migrations' });
    const { gates: passed } = await at.check({ service: 'shop', sha, runId });
    expect(passed['migration']).toMatchObject({ result: 'pass' });
  });

  it('names the permission that is missing', async () => {
    const { gates: answered } = await at.check({
      service: 'shop',
      sha,
      runId: asking(),
      permissions: { contents: 'read', deployments: 'read' },
    });
    expect(answered['migration']).toMatchObject({
      result: 'fail',
      reason: expect.stringContaining('actions: read') as unknown,
    });
  });

  const as = () => at.as('github-actions[bot]', { checks: 'write' });
});
