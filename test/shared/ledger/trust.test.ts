import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DeploymentPayload } from '../../../shared/contracts/deployment.js';
import { holderIsDead, type Holder, type RunFacts } from '../../../shared/ledger/refs/holder.js';
import type { DeploymentRecord } from '../../../shared/ledger/record.js';
import { readRunFacts } from '../../../shared/ledger/refs/runs.js';
import {
  defaultWriters,
  doubtRun,
  isWriter,
  prover,
  runIsGone,
  type Prove,
  type RunProof,
} from '../../../shared/ledger/proof/trust.js';
import { describeDoubted, firstProved } from '../../../shared/ledger/proof/first-proved.js';
import { ledgerStage, type LedgerStage } from './stage.js';

let shop: LedgerStage;
beforeAll(async () => void (shop = await ledgerStage()));
afterAll(async () => {
  await shop.close();
  expect(shop.server.control.violations()).toEqual([]);
});

describe('a holder', () => {
  const holder: Holder = { runId: 1, attempt: 2, job: 10, actor: 'ana', workflow: 'cd.yml@main' };
  const stranger = { runId: 9, attempt: 1, job: 90 };
  const running = (jobs: RunFacts['jobs'], attempt = 2, status = 'in_progress'): RunFacts => ({
    run: { attempt, status },
    jobs,
  });
  const own = [{ id: 10, status: 'in_progress' }];
  const done = [{ id: 10, status: 'completed' }];
  const dead = (
    facts: RunFacts,
    scope: 'job' | 'run' = 'job',
    me = stranger,
    changed: Partial<Holder> = {},
  ) => holderIsDead({ ...holder, ...changed }, facts, scope, me);

  it.each(['job', 'run'] as const)(
    'of a %s is dead when its run is gone, completed or has a newer attempt',
    (scope) => {
      expect(dead({ run: undefined, jobs: [] }, scope)).toBe(true);
      expect(dead(running(own, 2, 'completed'), scope)).toBe(true);
      expect(dead(running(own, 3), scope)).toBe(true);
    },
  );

  it.each(['queued', 'in_progress', 'waiting', 'requested', 'pending', 'unknown'])(
    'of a job is alive while the run is %s and the job is not completed',
    (status) => {
      expect(dead(running(own, 2, status))).toBe(false);
    },
  );

  it('of a job is dead when the job is completed, though the run goes on', () => {
    expect(dead(running(done))).toBe(true);
    expect(dead(running(done), 'run')).toBe(false);
  });

  it('of a job that GitHub does not list is alive: nothing is known against it', () => {
    expect(dead(running([{ id: 11, status: 'completed' }]))).toBe(false);
    expect(dead(running([]))).toBe(false);
  });

  it('of a run is alive for others as long as the run is, even between two jobs', () => {
    expect(dead(running(done), 'run')).toBe(false);
  });

  it('of a run is dead for the last job of that run, which alone is left', () => {
    const me = { runId: 1, attempt: 2, job: 11 };
    expect(dead(running([...done, { id: 11, status: 'in_progress' }]), 'run', me)).toBe(true);
    expect(dead(running([...own, { id: 11, status: 'in_progress' }]), 'run', me)).toBe(false);
    expect(
      dead(running([...done, { id: 11, status: 'in_progress' }, { id: 12, status: 'queued' }]), 'run', me),
    ).toBe(false);
  });

  it('of a run is not dead for want of facts: no jobs listed, another attempt asks, or the asker does not know its job', () => {
    expect(dead(running([]), 'run', { runId: 1, attempt: 2, job: 11 })).toBe(false);
    expect(dead(running(done), 'run', { runId: 1, attempt: 1, job: 11 })).toBe(false);
    expect(
      dead(running([...done, { id: 0, status: 'in_progress' }]), 'run', { runId: 1, attempt: 2, job: 0 }),
    ).toBe(false);
  });

  it('whose job could not be told is judged by its run', () => {
    expect(dead(running(done), 'job', stranger, { job: 0 })).toBe(false);
    expect(dead(running(done), 'job', { runId: 1, attempt: 2, job: 11 }, { job: 0 })).toBe(true);
  });
});

describe('the facts of a run', () => {
  const addRun = () =>
    shop.server.control.addRun({
      owner: 'acme',
      name: 'shop',
      workflowPath: '.github/workflows/cd.yml',
      workflowName: 'CD',
      event: 'push',
      headSha: shop.sha,
      headBranch: 'main',
      actor: 'octocat',
    });

  it('have the newest attempt, and the jobs of the attempt that was asked for', async () => {
    const { id } = addRun();
    const first = shop.server.control.addJob(id, { name: 'a', key: 'a' });
    shop.server.control.progressJob(first.id, { status: 'completed', conclusion: 'success' });
    shop.server.control.progressRun(id, { status: 'completed', conclusion: 'failure' });
    shop.server.control.addAttempt(id);
    shop.server.control.addJob(id, { name: 'b', key: 'b', attempt: 2 });
    const facts = await readRunFacts(shop.github, id, 1);
    expect(facts.run?.attempt).toBe(2);
    expect(facts.run?.status).not.toBe('completed');
    expect(facts.jobs).toEqual([{ id: first.id, status: 'completed', endedAt: expect.any(Number) }]);
  });

  it('are none for a run that GitHub does not know', async () => {
    expect(await readRunFacts(shop.github, 999_999, 1)).toEqual({ run: undefined, jobs: [] });
  });

  it('are an error when there are more jobs than can be read: one of them may be at work', async () => {
    const many = {
      ...shop.github,
      pages: async () => ({ items: [{ id: 1, status: 'completed' }], truncated: true }) as never,
    };
    await expect(readRunFacts(many, addRun().id, 1)).rejects.toThrow(
      /has more than 1 jobs, so whether one is still at work is unknown\. Fix:/,
    );
  });

  it('that may not be read are an error, never a dead run', async () => {
    const blind = await shop.as('github-actions[bot]', { contents: 'write' });
    await expect(readRunFacts(blind, addRun().id, 1)).rejects.toThrow('actions: read');
    shop.server.control.addFault({ path: '/actions/runs/', status: 502, times: 9 });
    await expect(readRunFacts(shop.github, addRun().id, 1)).rejects.toThrow('502');
    shop.server.control.clearFaults();
  });

  it('make doubts of the records that name it, one look-up for each run', async () => {
    const { id } = addRun();
    const record = (changed: Partial<DeploymentPayload>, distrust: string[] = []) =>
      ({ id: 1, payload: shop.payload(changed), distrust, statuses: [] }) as unknown as DeploymentRecord;
    const before = shop.server.control.requests().length;
    const records = [
      record({ run: { id, attempt: 1 } }),
      record({ run: { id, attempt: 2 } }),
      record({ run: { id, attempt: 1 }, releasedSha: 'd'.repeat(40), builtSha: 'd'.repeat(40) }),
      record({ run: { id: 999_999, attempt: 1 } }, ['known']),
    ];
    const verified = await prover(shop.github)(records, records);
    expect(verified.map(({ distrust }) => distrust)).toEqual([
      [],
      [`run ${id} has no attempt 2`],
      [`run ${id} ran on ${shop.sha}, not on the released commit`],
      ['known', 'run 999999 does not exist'],
    ]);
    expect(shop.server.control.requests().length - before).toBe(2);
  });
});

describe('a decision on records', () => {
  const record = (id: number, runId: number) =>
    ({
      id,
      payload: shop.payload({ run: { id: runId, attempt: 1 } }),
      distrust: [],
      statuses: [],
    }) as unknown as DeploymentRecord;
  let three: DeploymentRecord[] = [];
  beforeAll(() => void (three = [record(3, 9), record(2, 1), record(1, 1)]));
  const asked: number[] = [];
  /** Says of these runs that they do not exist, and of the others what the runner would. */
  const proving = (missing: readonly number[]): Prove => {
    asked.length = 0;
    return async (records) =>
      records.map((one) => {
        asked.push(one.id);
        return missing.includes(one.payload.run.id)
          ? { ...one, distrust: [`run ${one.payload.run.id} does not exist`] }
          : one;
      });
  };

  it('looks no further than to the first record that proves itself', async () => {
    const { found, records } = await firstProved(proving([9]), three, three, () => true);
    expect(found?.id).toBe(2);
    expect(asked).toEqual([3, 2]);
    expect(describeDoubted(records)).toBe('Deployment 3 does not count: run 9 does not exist');
  });

  it('has none when no record proves itself', async () => {
    const { found } = await firstProved(proving([9, 1]), three, three, () => true);
    expect(found).toBeUndefined();
  });

  it('passes over one that proves itself and turns out to be something else', async () => {
    const { found } = await firstProved(proving([]), three, three, ({ id }) => id < 3);
    expect(found?.id).toBe(2);
    expect(asked).toEqual([3, 2]);
  });

  it('tells a run that is gone from one that speaks against its record', async () => {
    const prove = prover(shop.github, undefined, {
      runId: 7,
      proof: {
        repository: 'acme/shop',
        path: 'cd.yml',
        event: 'pull_request',
        headSha: shop.sha,
        attempt: 1,
      },
    });
    const [gone, pullRequest] = await prove([record(1, 999_999), record(2, 7)], []);
    expect([runIsGone(gone!), runIsGone(pullRequest!)]).toEqual([true, false]);
  });

  it('asks nothing about the run that decides, and asks again about one that GitHub did not answer for', async () => {
    const { control } = shop.server;
    const own = { repository: 'acme/shop', path: 'cd.yml', event: 'push', headSha: shop.sha, attempt: 1 };
    const prove = prover(shop.github, undefined, { runId: 7, proof: own });
    const before = control.requests().length;
    expect((await prove([record(1, 7)], []))[0]!.distrust).toEqual([]);
    expect(control.requests()).toHaveLength(before);
    control.addFault({ path: '/actions/runs/', status: 502, times: 9 });
    await expect(prove([record(2, 999_999)], [])).rejects.toThrow('502');
    control.clearFaults();
    expect((await prove([record(2, 999_999)], []))[0]!.distrust).toEqual(['run 999999 does not exist']);
    const answered = control.requests().length;
    await prove([record(3, 999_999)], []);
    expect(control.requests()).toHaveLength(answered);
  });
});

describe('doubts about a run', () => {
  const proof = (): RunProof => ({
    repository: 'acme/shop',
    path: 'cd.yml',
    event: 'push',
    headSha: shop.sha,
    attempt: 3,
  });
  const doubts = (payload: Partial<DeploymentPayload>, changed: Partial<RunProof> = {}) =>
    doubtRun(
      { payload: shop.payload({ run: { id: 1, attempt: 2 }, ...payload }), createdAt: noon },
      { ...proof(), ...changed },
      'Acme/Shop',
    );

  const noon = Date.parse('2026-11-20T12:00:00Z');
  const hour = 3_600_000;
  /** First attempt two hours before noon, the newest, the third, `newest` hours after; over `ended` hours after. */
  const span = (newest: number, ended?: number) => ({
    createdAt: noon - 2 * hour,
    startedAt: noon + newest * hour,
    endedAt: ended === undefined ? undefined : noon + ended * hour,
  });

  it.each<[string, number, number, number | undefined]>([
    ['an earlier attempt, before the newest began', 2, 1, 2],
    ['the newest attempt, which is still at work', 3, -1, undefined],
    ['the newest attempt, before it was over', 3, -1, 1],
  ])('are none when it was written by %s', (_, attempt, newest, ended) => {
    expect(doubts({ run: { id: 1, attempt } }, { span: span(newest, ended) })).toEqual([]);
  });

  const written = 'run 1 was not at work when it was written, at 2026-11-20T12:00:00.000Z: attempt';
  it.each<[string, number, number, number | undefined, string]>([
    ['the run was over', 3, -1, -0.5, `${written} 3 was over at 2026-11-20T11:30:00.000Z`],
    ['the next attempt had begun', 2, -1, undefined, `${written} 2 was over at 2026-11-20T11:00:00.000Z`],
    ['the attempt had not begun', 3, 1, undefined, `${written} 3 began only at 2026-11-20T13:00:00.000Z`],
  ])('are there when it was written while %s', (_, attempt, newest, ended, why) => {
    expect(doubts({ run: { id: 1, attempt } }, { span: span(newest, ended) })).toEqual([why]);
  });

  it('are there when it was written before its run existed', () => {
    const later = { createdAt: noon + hour, startedAt: noon + 2 * hour, endedAt: undefined };
    expect(doubts({}, { span: later })).toEqual([`${written} 2 began only at 2026-11-20T13:00:00.000Z`]);
  });

  it('are none when repository, attempt and commit fit, whatever the case of the name', () =>
    expect(doubts({})).toEqual([]));
  it('are none when the run built what another commit released', () => {
    expect(doubts({ releasedSha: 'd'.repeat(40) })).toEqual([]);
    expect(doubts({ builtSha: 'd'.repeat(40) })).toEqual([]);
  });
  it('leave out the commit for a rollback, which restores an older one', () => {
    expect(doubts({ kind: 'rollback', releasedSha: 'd'.repeat(40), builtSha: 'd'.repeat(40) })).toEqual([]);
  });
  it('come together', () => {
    expect(
      doubts({ run: { id: 1, attempt: 4 } }, { repository: 'evil/shop', headSha: 'e'.repeat(40) }),
    ).toEqual([
      'run 1 is of evil/shop',
      'run 1 has no attempt 4',
      `run 1 ran on ${'e'.repeat(40)}, not on the released commit`,
    ]);
  });
});

describe('who writes the ledger', () => {
  it.each([
    ['github-actions', true, true],
    ['github-actions[bot]', true, true],
    ['github-actions', false, false],
    ['github-actions[bot]', false, false],
    ['my-app', true, false],
    ['octocat', false, false],
  ])('%s (bot: %s): %s', (login, bot, writer) =>
    expect(isWriter({ login, bot }, defaultWriters)).toBe(writer),
  );

  it('is no person, even when one is listed by name', () => {
    expect(isWriter({ login: 'octocat', bot: false }, ['octocat', 'octocat[bot]'])).toBe(false);
  });
});
