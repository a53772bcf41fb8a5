import { describe, expect, it } from '@jest/globals';
import { claimWatch, releaseWatch } from '../../../actions/auto-rollback/watch-claim.js';
import type { RunFacts } from '../../../shared/ledger/refs/holder.js';
import type { RefStore, StoredState } from '../../../shared/ledger/refs/refs.js';
import { watchInTheWay } from '../../../shared/traffic/recovery/acquire.js';
import { watchFile } from '../../../shared/ledger/refs/watch.js';

/** A ref store in memory with the same compare-and-swap. */
function memory(): RefStore {
  const refs = new Map<string, StoredState>();
  let oid = 0;
  return {
    read: async (ref) => refs.get(ref),
    write: async (ref, before, text) => {
      if (refs.get(ref)?.oid !== before) return { written: false, current: refs.get(ref) };
      refs.set(ref, { oid: `${++oid}`, text });
      return { written: true, oid: `${oid}` };
    },
    remove: async (ref, before) => {
      if (refs.has(ref) && refs.get(ref)?.oid !== before) return { written: false, current: refs.get(ref) };
      refs.delete(ref);
      return { removed: true };
    },
  };
}

const store = memory();
const message: string[] = [];
const claimer = (job: number, facts: RunFacts = alive, own = memory(), runId = 1) => ({
  watch: watchFile(own, 'production', 'shop'),
  me: { runId, attempt: 1, job, actor: 'ana', workflow: '.github/workflows/watch.yml@refs/heads/main' },
  runFacts: async () => facts,
  github: { now: () => 1_000, ahead: () => 0 },
  random: () => 0.5,
  environment: 'production',
  service: 'shop',
  clock: { now: () => 0, sleep: async () => undefined },
  signal: new AbortController().signal,
  timeline: { say: (line: string) => void message.push(line) } as never,
});
const alive: RunFacts = {
  run: { attempt: 1, status: 'in_progress' },
  jobs: [{ id: 11, status: 'in_progress' }],
};

describe('the watch of a release', () => {
  it('is claimed with what it is of and how long it lasts, and ends when it is released', async () => {
    const first = claimer(11);
    const claim = await claimWatch(first, { deployment: 2, untilMs: 61_000 });
    expect(claim).toMatchObject({
      claimed: true,
      held: { state: { deployment: 2, until: '1970-01-01T00:01:01.000Z' } },
    });
    if (claim.claimed) await releaseWatch(first, claim.held);
    expect(await first.watch.read()).toBeUndefined();
  });

  it('is refused while another job that lives has it', async () => {
    await claimWatch(claimer(11, alive, store), { deployment: 2, untilMs: 61_000 });
    const second = await claimWatch(claimer(22, alive, store, 2), { deployment: 2, untilMs: 61_000 });
    expect(second).toMatchObject({ claimed: false, why: expect.stringContaining('run 1 attempt 1 (ana') });
  });

  it.each<[string, RunFacts]>([
    [
      'its job is over',
      { run: { attempt: 1, status: 'in_progress' }, jobs: [{ id: 11, status: 'completed' }] },
    ],
    ['its run is over', { run: { attempt: 1, status: 'completed' }, jobs: [] }],
    ['its run was started again', { run: { attempt: 2, status: 'in_progress' }, jobs: [] }],
    ['its run does not exist', { run: undefined, jobs: [] }],
  ])('is taken over when %s', async (_, facts) => {
    const own = memory();
    await claimWatch(claimer(11, alive, own), { deployment: 2, untilMs: 61_000 });
    const second = await claimWatch(claimer(22, facts, own, 2), { deployment: 3, untilMs: 61_000 });
    expect(second).toMatchObject({ claimed: true, held: { state: { deployment: 3, holder: { job: 22 } } } });
  });

  it('of an earlier step of the same job is taken over', async () => {
    const own = memory();
    await claimWatch(claimer(11, alive, own), { deployment: 2, untilMs: 61_000 });
    expect(await claimWatch(claimer(11, alive, own), { deployment: 3, untilMs: 61_000 })).toMatchObject({
      claimed: true,
    });
  });

  it('that someone else took meanwhile is left to them', async () => {
    const own = memory();
    const first = claimer(11, alive, own);
    const claim = await claimWatch(first, { deployment: 2, untilMs: 61_000 });
    const over: RunFacts = { run: { attempt: 1, status: 'completed' }, jobs: [] };
    await claimWatch(claimer(22, over, own, 2), { deployment: 3, untilMs: 61_000 });
    if (!claim.claimed) throw new Error('not claimed');
    await releaseWatch(first, claim.held);
    expect((await first.watch.read())?.state.deployment).toBe(3);
    expect(message.at(-1)).toContain('left to them');
  });

  describe('between two checks', () => {
    const dead: RunFacts = { run: { attempt: 1, status: 'completed' }, jobs: [] };
    const check = { since: 0, checkedTo: 60_000, criteria: {} };
    const checked = async () => {
      const own = memory();
      const first = claimer(11, alive, own);
      const claim = await claimWatch(first, { deployment: 2, untilMs: 61_000 });
      if (claim.claimed) await first.watch.replace(claim.held, { ...claim.held.state, check }, 'checked');
      return own;
    };

    it('keeps nobody from a release and is not swept away', async () => {
      const own = await checked();
      const other = claimer(22, dead, own, 2);
      expect(await watchInTheWay(other as never)).toBeUndefined();
      expect((await other.watch.read())?.state.check).toEqual(check);
    });

    it('goes on with what was seen of the same Deployment, and anew with another one', async () => {
      const own = await checked();
      const same = await claimWatch(claimer(22, dead, own, 2), { deployment: 2, untilMs: 61_000 });
      expect(same).toMatchObject({ held: { state: { check } } });
      const next = await claimWatch(claimer(33, dead, own, 3), { deployment: 3, untilMs: 61_000 });
      expect(next.claimed && next.held.state.check).toBeUndefined();
    });

    it('stays when a watch of the same Deployment ends', async () => {
      const own = await checked();
      const watching = claimer(22, dead, own, 2);
      const claim = await claimWatch(watching, { deployment: 2, untilMs: 61_000 });
      if (claim.claimed) await releaseWatch(watching, claim.held);
      expect((await watching.watch.read())?.state.check).toEqual(check);
    });

    it('is waited for by a watch that begins, until it is over', async () => {
      const own = await checked();
      let looks = 0;
      const watching = {
        ...claimer(22, alive, own, 2),
        // The check's job ends after the third look.
        runFacts: async () => (++looks < 3 ? alive : dead),
      };
      expect(await claimWatch(watching, { deployment: 2, untilMs: 61_000 })).toMatchObject({ claimed: true });
      expect(looks).toBe(3);
    });
  });
});
