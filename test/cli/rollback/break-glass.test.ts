import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { dispatch } from '../../../cli/dispatch.js';
import { journalName } from '../../../cli/rollback/journal.js';
import { moveAlone } from '../../../cli/rollback/move.js';
import { breakGlassSchema, type BreakGlass } from '../../../shared/contracts/break-glass.js';
import { outcomeOf } from '../../../shared/ledger/record.js';
import { isoInstant } from '../../../shared/time/instant.js';
import { systemClock } from '../../../shared/runner/port.js';
import type { OpenTraffic } from '../../../shared/traffic/open-control.js';
import { trafficStage, type TrafficStage } from '../../support/traffic/stage.js';
import { twoReleases } from '../../support/traffic/two-releases.js';
import { testShell } from '../terminal.js';

/** One stage for all: only the last test moves traffic. */
let at: TrafficStage;
beforeAll(async () => {
  at = await trafficStage();
  const { next } = await twoReleases(at, at.startRun());
  at.finishRun(next);
});
afterAll(() => at.close());

/** 3.0.0 is live on blue, 2.0.0 is kept on green; GitHub is not named to the command at all. */
async function breakGlass(options: string[] = [], overrides: Parameters<typeof testShell>[1] = {}) {
  const shell = testShell(at.workspace, { env: { USER: 'mona' }, ...overrides });
  const args = ['--environment', 'production', '--service', 'shop', '--traffic', 'traffic.yml'];
  const code = await dispatch(
    ['rollback', '--break-glass', ...args, '--reason', 'it sells nothing', ...options],
    shell,
  );
  return { code, out: shell.written.join('\n'), err: shell.errors.join('\n') };
}

const journals = () => readdirSync(at.workspace).filter((name) => name.startsWith('break-glass-'));
const journal = (): BreakGlass =>
  breakGlassSchema.parse(JSON.parse(readFileSync(join(at.workspace, journals()[0]!), 'utf8')));
const reconcile = (text: string) => at.step(at.startRun(), { mode: 'reconcile', 'break-glass': text });
const outcomes = async () =>
  (await at.deployments()).map(({ payload, ...record }) => [
    payload.kind,
    payload.version,
    outcomeOf({ ...record }).is,
  ]);

describe('rollback --break-glass', () => {
  it('asks for the colour first, and moves nothing on another word', async () => {
    const asked: string[] = [];
    const ask = (word: string | undefined) => async (question: string) => (asked.push(question), word);
    for (const word of ['blue', 'y', undefined])
      expect(await breakGlass([], { ask: ask(word) })).toMatchObject({ code: 1 });
    expect(await breakGlass()).toMatchObject({ code: 1, err: expect.stringContaining('write --yes') });
    expect(await breakGlass(['--dry-run'])).toMatchObject({ code: 0 });
    expect([at.live(), journals(), asked.length]).toEqual(['blue', [], 3]);
  });

  it('gives nothing to a colour that is not well, or that runs something else than was named', async () => {
    expect(await breakGlass(['--yes', '--version', '1.0.0'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('green says it runs 2.0.0, and --version says 1.0.0'),
    });
    at.green.well = false;
    expect(await breakGlass(['--yes'])).toMatchObject({
      code: 1,
      err: expect.stringContaining('Nothing was moved: green must get no traffic'),
    });
    at.green.well = true;
    expect([at.live(), journals()]).toEqual(['blue', []]);
  });

  it('keeps what another rollback wrote down, and knows the colours', async () => {
    writeFileSync(join(at.workspace, 'mine.json'), '{}');
    expect(await breakGlass(['--yes', '--journal', 'mine.json'])).toMatchObject({ code: 2 });
    expect(await breakGlass(['--yes', '--to', 'red'])).toMatchObject({
      code: 2,
      err: expect.stringContaining('--to red: the traffic file has blue, green'),
    });
    expect(at.live()).toBe('blue');
  });
});

describe('the journal', () => {
  it('is a file of the folder, whatever environment and service are called', () => {
    expect(journalName({ environment: 'eu/prod', service: 'the shop', at: '2026-11-29T10:00:00Z' })).toBe(
      'break-glass-eu-prod-the-shop-20261129T100000Z.json',
    );
  });

  it('must be written before anything moves', async () => {
    expect(await breakGlass(['--yes', '--journal', 'no/such/folder.json'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/nothing was moved.*name another file with --journal/is),
    });
    expect(at.live()).toBe('blue');
  });

  it('that can no longer be written stops no call, and is said', async () => {
    const said: string[] = [];
    const start = { ...forgedJournal, state: 'moving', calls: [call('a'), call('b')] } as BreakGlass;
    const applied: string[] = [];
    let writes = 0;
    const end = await moveAlone(
      {
        router: {
          apply: async ({ node }: { node: string }) => void applied.push(node),
          survey: async () => ({
            observed: { weights: { green: 100 } },
            partial: { weights: {} },
            nodes: [],
          }),
          plan: () => [],
        },
        colours: ['blue', 'green'],
        config: { entry: { within: 0 } },
      } as unknown as OpenTraffic,
      { ...start, to: { colour: 'green' } },
      {
        clock: systemClock,
        say: (line) => void said.push(line),
        write: () => {
          writes += 1;
          if (writes > 1) throw new Error('no space left on device');
        },
      },
    );
    expect([applied, end.state, end.done]).toEqual([['a', 'b'], 'restored', [0, 1]]);
    expect(said.join('\n')).not.toContain('Call failed');
    expect(said.join('\n')).toContain('The journal could not be written: no space left on device');
  });
});

const call = (node: string) => ({ node, say: 'all to green', action: {} });
const forgedJournal = {
  schema: 'devops-actions/break-glass@1',
  environment: 'production',
  service: 'shop',
  at: '2026-11-29T10:00:00Z',
  by: 'mona',
  reason: 'forged',
  to: { colour: 'green', version: '2.0.0' },
  calls: [],
  done: [],
  state: 'restored',
};

describe('mode reconcile', () => {
  const forged = (changes: Partial<BreakGlass>) => JSON.stringify({ ...forgedJournal, ...changes });

  it('records nothing that the router does not bear out, and nothing of another service', async () => {
    const lie = await reconcile(forged({}));
    expect(lie).toMatchObject({ ok: false, result: 'drift' });
    expect(lie.message).toContain('the router says blue now');
    expect(await reconcile(forged({ service: 'other' }))).toMatchObject({ ok: true, result: 'nothing' });
    expect(await outcomes()).toHaveLength(2);
  });

  it('takes a journal or nothing: anything else is an error of the input', async () => {
    await expect(reconcile('{"schema": 1}')).rejects.toThrow(
      /the whole file that rollback --break-glass wrote/,
    );
    await expect(reconcile('nonsense')).rejects.toThrow(/this is not JSON/);
    expect(await reconcile('')).toMatchObject({ ok: true, result: 'nothing' });
  });

  it('tells the ledger what was done by the router alone, once the colour bears it out', async () => {
    const ask = async () => 'green';
    const { code, out, err } = await breakGlass([], { ask });
    expect([code, at.live()]).toEqual([0, 'green']);
    expect(out).toMatch(/^RESTORED {2}green has all traffic, read back from the router/);
    expect(out).toContain('gh workflow run reconcile.yml -f break-glass=');
    expect(err).toContain('make sure that no migration since then forbids it');
    const written = journal();
    expect(written).toMatchObject({
      by: 'mona',
      reason: 'it sells nothing',
      from: { colour: 'blue', version: '3.0.0' },
      to: { colour: 'green', version: '2.0.0' },
      state: 'restored',
    });
    expect(written.done).toEqual(written.calls.map((_, index) => index));
    // Without the journal reconcile is red, and moves nothing.
    expect(await reconcile('')).toMatchObject({ ok: false, result: 'drift' });

    at.green.version = '6.6.6';
    const lie = await reconcile(JSON.stringify(written));
    expect(lie.message).toContain('knows no good release that ran on green as 6.6.6 does');
    expect([lie.ok, (await outcomes()).length]).toEqual([false, 2]);
    at.green.version = '2.0.0';

    // Times of another day would be those of the incident, and of every figure that rests on it.
    const [early, late] = [-86_400_000, 86_400_000].map((ms) => isoInstant(Date.parse(written.at) + ms));
    for (const [changes, why] of [
      [{ at: early }, /went live after that. The journal is of an earlier release/],
      [{ at: late }, /that is in the future/],
      [{ restoredAt: early }, /it ended before it began/],
      [{ restoredAt: late }, /that is in the future/],
    ] as const)
      expect(await reconcile(JSON.stringify({ ...written, ...changes }))).toMatchObject({
        ok: false,
        message: expect.stringMatching(why),
      });
    expect(await outcomes()).toHaveLength(2);

    const told = await reconcile(JSON.stringify(written));
    expect(told.message).toContain('Recorded: 2.0.0 is live again, and 3.0.0 was taken back');
    expect(told.ok).toBe(true);
    expect((await outcomes()).slice(0, 2)).toEqual([
      ['rollback', '2.0.0', 'succeeded'],
      ['release', '3.0.0', 'taken-back'],
    ]);
    expect([at.live(), await at.refs()]).toEqual(['green', []]);
    const { data } = await at.stand
      .octokit('octocat')
      .rest.issues.listForRepo({ owner: 'acme', repo: 'shop' });
    expect(data.map(({ title }) => title)).toEqual([
      'shop 3.0.0 was rolled back in production from a laptop',
    ]);

    const again = await reconcile(JSON.stringify(written));
    expect(again.message).toContain('The ledger says that 2.0.0 is live there already');
    expect([again.ok, again.result, (await outcomes()).length]).toEqual([true, 'nothing', 3]);
  });
});
